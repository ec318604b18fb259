//! The parts of a split, and how much of the ground each gets.

use crate::{Error, Result};
use std::fmt;

/// What a pixel is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Part {
    /// For nothing: in a gap, or in a block without labels.
    Unused = 0,
    /// Learnt from.
    Train = 1,
    /// Watched while learning, to stop in time.
    Validation = 2,
    /// Held back for the final score.
    Test = 3,
}

impl Part {
    /// All but [`Part::Unused`], in the order of their codes.
    pub const USED: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The code in a split raster: 0 unused, 1 training, 2 validation, 3 test.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "unused",
            Self::Train => "training",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

/// How much of the labelled ground each part gets, before gaps; shares that add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fractions {
    /// For training; more than 0.
    pub train: f64,
    /// For validation.
    pub validation: f64,
    /// For testing.
    pub test: f64,
}

impl Fractions {
    /// Refuses what are no shares.
    ///
    /// # Errors
    /// A share outside 0 to 1, no training share, or shares that do not add up to 1.
    pub fn check(self) -> Result<()> {
        let Self { train, validation, test } = self;
        let shares = [train, validation, test].iter().all(|share| (0.0..=1.0).contains(share));
        if shares && train > 0.0 && ((train + validation + test) - 1.0).abs() < 1e-6 {
            Ok(())
        } else {
            Err(Error::Fractions { train, validation, test })
        }
    }
}
