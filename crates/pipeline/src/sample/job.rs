//! A catalogue to simulate, and what was written of it.

use crate::Result;
use ecotone_jobs::Error as JobError;
use std::path::PathBuf;

/// A catalogue to simulate.
#[derive(Debug, Clone)]
pub struct SimulateJob {
    /// The landscape: `forest`, `amazon`, `roads` or `multiyear`.
    pub preset: String,
    /// Where the catalogue goes.
    pub out: PathBuf,
    /// Side in pixels: of 20 m for `forest`, else of 10 m. By default the preset's own.
    pub size: Option<usize>,
    /// Its seed.
    pub seed: u64,
    /// Years of scenes: 1 to 10 for `forest`, 2 to 5 for `multiyear`, 1 for the others. By default the preset's own.
    pub years: Option<u32>,
    /// Every how many-th acquisition is kept; `roads` always has its three.
    pub every: usize,
    /// Whether a catalogue in the folder is replaced.
    pub replace: bool,
}

/// What was written.
pub(super) struct Made {
    pub(super) scenes: usize,
    pub(super) fingerprint: String,
}

impl SimulateJob {
    /// Days between scenes where one pass is `pass` days after the other, and the landscape allows `most` days.
    pub(super) fn revisit_days(&self, pass: u32, most: u32) -> Result<u32> {
        match u32::try_from(self.every) {
            Ok(every) if (1..=most / pass).contains(&every) => Ok(pass * every),
            _ => {
                let expected = format!("1 to {}", most / pass);
                Err(JobError::Value { key: "--every", found: self.every.to_string(), expected }.into())
            }
        }
    }

    /// Refuses more than one year.
    pub(super) fn one_year(&self) -> Result<()> {
        match self.years {
            None | Some(1) => Ok(()),
            Some(years) => {
                let expected = format!("1: the preset {} is one year", self.preset);
                Err(JobError::Value { key: "years", found: years.to_string(), expected }.into())
            }
        }
    }
}
