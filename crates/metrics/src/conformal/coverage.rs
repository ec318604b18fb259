//! Whether conformal sets keep what they promise.

use super::ConformalSets;
use super::scores::check_blocks;
use crate::probability::for_each_referenced;
use crate::{Error, Probability, Result};
use std::collections::BTreeMap;

/// How often sets held the reference's class, on blocks that calibrated nothing; windows of any size in any order.
///
/// Sets promise a share of a new block's pixels, so that coverage is the mean over blocks of the share that is covered in
/// each. Well below `1 - alpha` it says that these blocks are not like the calibration blocks; the fewer blocks, the more
/// it varies by chance.
///
/// ```
/// # use ecotone_metrics::{ConformalCoverage, ConformalScores, ConformalSets, Levels};
/// # let mut calibration = ConformalScores::new(2, Levels::Fine);
/// # calibration.add(&[0.6, 0.4, 0.4, 0.6], &[0, 1], &[0, 1])?;
/// let sets = ConformalSets::new(&calibration, 0.5, 1)?; // least probability 0.6 of either class
/// let mut coverage = ConformalCoverage::new(2);
/// coverage.add(&sets, &[0.7, 0.5, 0.1, 0.3, 0.5, 0.9], &[0, 0, 1], &[4, 4, 5])?; // [class, pixel]
/// assert_eq!((coverage.class(0), coverage.class(1)), (Some(0.5), Some(1.0)));
/// assert_eq!(coverage.overall(), Some(0.75)); // half of block 4, all of block 5
/// assert_eq!(coverage.sizes(), [1, 2, 0]); // one empty set, two with one class
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConformalCoverage {
    /// `(block, samples and those covered)`, by class.
    classes: Vec<BTreeMap<u64, Covered>>,
    sizes: Vec<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Covered {
    samples: u64,
    covered: u64,
}

impl ConformalCoverage {
    /// Without any count.
    pub fn new(classes: usize) -> Self {
        Self { classes: vec![BTreeMap::new(); classes], sizes: vec![0; classes + 1] }
    }

    /// Counts a window, as [`ConformalScores::add`](crate::ConformalScores::add) takes it.
    ///
    /// # Errors
    /// When the sets are of another number of classes, or as there; nothing is counted then.
    pub fn add<T: Probability>(
        &mut self,
        sets: &ConformalSets,
        probabilities: &[T],
        reference: &[u8],
        blocks: &[u64],
    ) -> Result<()> {
        let classes = self.classes.len();
        if sets.classes.len() != classes {
            return Err(Error::Classes { expected: classes, found: sets.classes.len() });
        }
        check_blocks(reference, blocks)?;
        for_each_referenced(classes, probabilities, reference, |pixel, truth, vector| {
            let covered = u64::from(sets.contains(truth, vector[truth]));
            self.classes[truth].entry(blocks[pixel]).or_default().add(Covered { samples: 1, covered });
            self.sizes[sets.size(vector)] += 1;
        })
    }

    /// Adds the counts of another.
    ///
    /// # Errors
    /// When the two differ in classes.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.classes.len() != other.classes.len() {
            return Err(Error::Classes { expected: self.classes.len(), found: other.classes.len() });
        }
        for (mine, theirs) in self.classes.iter_mut().zip(&other.classes) {
            theirs.iter().for_each(|(block, counts)| mine.entry(*block).or_default().add(*counts));
        }
        self.sizes.iter_mut().zip(&other.sizes).for_each(|(mine, theirs)| *mine += theirs);
        Ok(())
    }

    /// Blocks that hold samples of a class; 0 for one that there is not.
    pub fn blocks(&self, class: usize) -> u64 {
        self.classes.get(class).map_or(0, |blocks| blocks.len() as u64)
    }

    /// Samples of a class; 0 for one that there is not.
    pub fn samples(&self, class: usize) -> u64 {
        self.classes.get(class).map_or(0, |blocks| blocks.values().map(|block| block.samples).sum())
    }

    /// Mean over the blocks that hold a class of the share of its samples there whose set holds it, 0 to 1.
    pub fn class(&self, class: usize) -> Option<f64> {
        mean_share(self.classes.get(class)?)
    }

    /// Mean over all blocks of the share of their samples whose set holds their class, 0 to 1.
    pub fn overall(&self) -> Option<f64> {
        let mut all: BTreeMap<u64, Covered> = BTreeMap::new();
        for (block, counts) in self.classes.iter().flatten() {
            all.entry(*block).or_default().add(*counts);
        }
        mean_share(&all)
    }

    /// Samples by the number of classes in their set, from 0.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Mean number of classes in the set of a sample; at equal coverage the smaller the better.
    pub fn mean_size(&self) -> Option<f64> {
        let samples: u64 = self.sizes.iter().sum();
        let all: u128 = (0u128..).zip(&self.sizes).map(|(size, samples)| size * u128::from(*samples)).sum();
        (samples > 0).then(|| all as f64 / samples as f64)
    }
}

impl Covered {
    fn add(&mut self, other: Self) {
        self.samples += other.samples;
        self.covered += other.covered;
    }
}

fn mean_share(blocks: &BTreeMap<u64, Covered>) -> Option<f64> {
    let share = |block: &Covered| block.covered as f64 / block.samples as f64;
    (!blocks.is_empty()).then(|| blocks.values().map(share).sum::<f64>() / blocks.len() as f64)
}
