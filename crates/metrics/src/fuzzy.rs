//! Agreement of maps where classes may lie a few pixels off.

use crate::{Error, Haloed, IGNORE, Result};

/// Counts of pixels that agree within a tolerance, window by window in any order.
///
/// A pixel agrees when the second map has the first map's class within the tolerance of it, **and** the first map has
/// the second's: the two-way comparison of Hagen (2003), with a neighbourhood that counts fully up to the tolerance
/// and not at all beyond. Distances are between pixel centres, in pixels (Euclidean). A tolerance of 0 is plain
/// agreement.
///
/// It tells shifts and ragged edges from real differences. It rises with the tolerance whatever the maps show, and
/// more so where classes are mingled: compare it only at equal tolerance and pixel size.
///
/// ```
/// use ecotone_core::Shape2d;
/// use ecotone_metrics::{FuzzyAgreement, Haloed};
///
/// // A road moved by one pixel, with a halo of one pixel around the two pixels that count.
/// let frame = Haloed::around(Shape2d::new(1, 2), 1);
/// let first = [255, 255, 255, 255, 0, 1, 1, 0, 255, 255, 255, 255];
/// let second = [255, 255, 255, 255, 0, 0, 1, 1, 255, 255, 255, 255];
/// let mut fuzzy = FuzzyAgreement::new(2, 1);
/// fuzzy.add(&first, &second, frame)?;
/// assert_eq!(fuzzy.overall(), Some(1.0)); // plain agreement is 0.5
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FuzzyAgreement {
    tolerance: usize,
    pixels: u64,
    agreeing: u64,
    /// By class: pixels in the first map, and those found near in the second.
    first: Vec<Found>,
    second: Vec<Found>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Found {
    pixels: u64,
    near: u64,
}

impl FuzzyAgreement {
    /// Without any count; `tolerance` is the farthest distance at which a class still counts as there, in pixels.
    pub fn new(classes: usize, tolerance: usize) -> Self {
        let none = vec![Found::default(); classes];
        Self { tolerance, pixels: 0, agreeing: 0, first: none.clone(), second: none }
    }

    /// Pixels of halo that a window needs on each side.
    pub const fn halo(&self) -> usize {
        self.tolerance
    }

    /// Counts one window of two maps; both arrays have the frame's shape, row by row.
    ///
    /// Class indices; a pixel that is [`IGNORE`] in either map is left out, and no class is found there.
    ///
    /// # Errors
    /// When the arrays do not have the frame's shape, the halo is smaller than the tolerance, or a class index is too
    /// large; nothing is counted then.
    pub fn add(&mut self, first: &[u8], second: &[u8], frame: Haloed) -> Result<()> {
        frame.check(self.tolerance, &[first, second])?;
        let classes = self.first.len();
        let outside = |class: &&u8| **class != IGNORE && usize::from(**class) >= classes;
        for (map, array) in [first, second].into_iter().enumerate() {
            if let Some(class) = array.iter().find(outside) {
                return Err(Error::MapClass { map, index: usize::from(*class), classes });
            }
        }
        let offsets = self.offsets(frame.shape.cols);
        for place in frame.places() {
            let (a, b) = (first[place], second[place]);
            if a == IGNORE || b == IGNORE {
                continue;
            }
            // A place inside the halo never leaves the array by an offset within the tolerance.
            let near = |array: &[u8], class: u8| {
                offsets.iter().any(|offset| array[place.wrapping_add_signed(*offset)] == class)
            };
            let (a_found, b_found) = if a == b { (true, true) } else { (near(second, a), near(first, b)) };
            self.pixels += 1;
            self.agreeing += u64::from(a_found && b_found);
            self.first[usize::from(a)].count(a_found);
            self.second[usize::from(b)].count(b_found);
        }
        Ok(())
    }

    /// Steps through an array of so many columns to every pixel within the tolerance, nearest first.
    fn offsets(&self, cols: usize) -> Vec<isize> {
        let reach = self.tolerance as isize;
        let mut steps: Vec<(isize, isize)> = (-reach..=reach)
            .flat_map(|row| {
                (-reach..=reach).map(move |col| (row * row + col * col, row * cols as isize + col))
            })
            .filter(|(squared, _)| *squared <= reach * reach)
            .collect();
        steps.sort_unstable();
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// Adds the counts of another.
    ///
    /// # Errors
    /// When the two differ in classes or tolerance.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.first.len() != other.first.len() {
            return Err(Error::Classes { expected: self.first.len(), found: other.first.len() });
        }
        if self.tolerance != other.tolerance {
            let (expected, found) = (self.tolerance as f64, other.tolerance as f64);
            return Err(Error::Unlike { what: "tolerances", expected, found });
        }
        self.pixels += other.pixels;
        self.agreeing += other.agreeing;
        let mine = self.first.iter_mut().chain(&mut self.second);
        for (mine, theirs) in mine.zip(other.first.iter().chain(&other.second)) {
            mine.pixels += theirs.pixels;
            mine.near += theirs.near;
        }
        Ok(())
    }

    /// Pixels with a class in both maps.
    pub const fn pixels(&self) -> u64 {
        self.pixels
    }

    /// Share of the pixels that agree within the tolerance, 0 to 1.
    pub fn overall(&self) -> Option<f64> {
        share(self.agreeing, self.pixels)
    }

    /// One class's agreement within the tolerance, 0 to 1: pixels of it, in either map, that the other has near.
    ///
    /// At a tolerance of 0 this is [`ClassAgreement::agreement`](crate::ClassAgreement::agreement). `None` where
    /// neither map has the class.
    pub fn class(&self, class: usize) -> Option<f64> {
        let (first, second) = (self.first.get(class)?, self.second.get(class)?);
        share(first.near + second.near, first.pixels + second.pixels)
    }

    /// Share of a class in the first map that the second has near, 0 to 1.
    pub fn share_of_first(&self, class: usize) -> Option<f64> {
        self.first.get(class).and_then(|found| share(found.near, found.pixels))
    }

    /// Share of a class in the second map that the first has near, 0 to 1.
    pub fn share_of_second(&self, class: usize) -> Option<f64> {
        self.second.get(class).and_then(|found| share(found.near, found.pixels))
    }
}

impl Found {
    fn count(&mut self, near: bool) {
        self.pixels += 1;
        self.near += u64::from(near);
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests;
