//! Random draws of so many samples of each class.

use crate::{Error, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// How a draw is shared out among the classes.
#[derive(Debug, Clone, PartialEq)]
pub enum Shares {
    /// As many of each class.
    Balanced,
    /// In proportion to these, one a class: pixels or areas of the source map.
    Proportional(Vec<f64>),
}

impl Shares {
    /// How many of `count` samples each class gets; they sum to `count`.
    ///
    /// # Errors
    /// Shares that are not one a class, negative, or all 0.
    pub fn of(&self, classes: usize, count: usize) -> Result<Vec<usize>> {
        match self {
            Self::Balanced => allocate(&vec![1.0; classes], count),
            Self::Proportional(shares) if shares.len() == classes => allocate(shares, count),
            Self::Proportional(shares) => Err(Error::Shares { classes, found: shares.len() }),
        }
    }
}

/// What was drawn of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassDraw {
    /// Its part of the draw.
    pub wanted: usize,
    /// Samples that there are.
    pub available: usize,
    /// Samples drawn: what was wanted, or all.
    pub drawn: usize,
}

/// A stratified random draw without replacement.
///
/// ```
/// use ecotone_labeling::{Draw, Shares};
///
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
/// let draw = Draw::new(&labels, 3, 6, &Shares::Balanced, 1)?;
/// assert_eq!(draw.classes.iter().map(|class| class.drawn).collect::<Vec<_>>(), [2, 2, 1]);
/// let draw = Draw::new(&labels, 3, 5, &Shares::Proportional(vec![60.0, 35.0, 5.0]), 1)?;
/// assert_eq!(draw.classes.iter().map(|class| class.drawn).collect::<Vec<_>>(), [3, 2, 0]);
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Rows that were drawn, ascending.
    pub rows: Vec<usize>,
    /// One entry a class. Where a class has fewer samples than wanted, the others do not make up for it.
    pub classes: Vec<ClassDraw>,
}

impl Draw {
    /// Draws `count` of the samples with these class indices.
    ///
    /// # Errors
    /// A label that is none of the classes, or shares that are not one a class, negative, or all 0.
    pub fn new(labels: &[usize], classes: usize, count: usize, shares: &Shares, seed: u64) -> Result<Self> {
        if let Some(row) = labels.iter().position(|class| *class >= classes) {
            return Err(Error::Class { row, class: labels[row], classes });
        }
        let wanted = shares.of(classes, count)?;
        let mut rows = vec![];
        let mut found = vec![];
        for (class, wanted) in wanted.into_iter().enumerate() {
            let mut own: Vec<usize> = (0..labels.len()).filter(|row| labels[*row] == class).collect();
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(class as u64);
            own.shuffle(&mut random);
            let (available, drawn) = (own.len(), wanted.min(own.len()));
            rows.extend_from_slice(&own[..drawn]);
            found.push(ClassDraw { wanted, available, drawn });
        }
        rows.sort_unstable();
        Ok(Self { rows, classes: found })
    }
}

/// Whole numbers that sum to `count`, in proportion to `shares`: rounded down, and the largest remainders one more
/// (Hamilton's method), the first of equal ones.
fn allocate(shares: &[f64], count: usize) -> Result<Vec<usize>> {
    if let Some((class, &share)) = shares.iter().enumerate().find(|(_, s)| !(s.is_finite() && **s >= 0.0)) {
        return Err(Error::Share { class, share });
    }
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 {
        return Err(Error::Share { class: 0, share: 0.0 });
    }
    let exact: Vec<f64> = shares.iter().map(|share| share / sum * count as f64).collect();
    let mut whole: Vec<usize> = exact.iter().map(|exact| *exact as usize).collect();
    let mut order: Vec<usize> = (0..shares.len()).filter(|class| shares[*class] > 0.0).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let left = count.saturating_sub(whole.iter().sum());
    order.iter().cycle().take(left).for_each(|class| whole[*class] += 1);
    Ok(whole)
}
