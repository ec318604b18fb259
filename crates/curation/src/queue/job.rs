//! A queue that is asked for.

use crate::Result;
use crate::survey::Survey;
use ecotone_assessment::ChipsJob;
use ecotone_jobs::{Error as JobError, fresh};
use std::path::PathBuf;

/// A queue to make.
#[derive(Debug, Clone)]
pub struct QueueJob {
    /// The folder of the round whose forest is asked.
    pub round: PathBuf,
    /// The recipe that the round was made with.
    pub survey: Survey,
    /// How many places.
    pub count: usize,
    /// entropy, margin, disagreement or random.
    pub by: String,
    /// Least distance of places from each other and from labels, in metres; 0 for none.
    pub spread: f64,
    /// Whether places are chosen to differ in their features, too.
    pub diverse: bool,
    /// Files of points that are known or not to be asked about.
    pub exclude: Vec<PathBuf>,
    /// Only pixels where a raster has a value are asked about.
    pub mask: Option<(PathBuf, u8)>,
    /// Side of the windows that are read at a time, in pixels.
    pub window: usize,
    /// Decides between pixels of one score, and the committee.
    pub seed: u64,
    /// Tell the operator what the map shows.
    pub with_map_class: bool,
    /// Pictures and plots of the places, in a folder beside the file.
    pub chips: Option<ChipsJob>,
    /// The points: .gpkg, .geojson or .csv.
    pub out: PathBuf,
    /// Replace them where they exist.
    pub replace: bool,
}

/// What a place is scored by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Entropy,
    Margin,
    Disagreement,
    Random,
}

impl By {
    const WORDS: [(&'static str, Self); 4] = [
        ("entropy", Self::Entropy),
        ("margin", Self::Margin),
        ("disagreement", Self::Disagreement),
        ("random", Self::Random),
    ];

    fn parse(text: &str) -> Result<Self> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, by)| *by);
        found.ok_or_else(|| JobError::word("--by", text, &Self::WORDS.map(|(word, _)| word)).into())
    }
}

impl QueueJob {
    /// Refuses what makes no sense before any work is done.
    pub(super) fn check(&self) -> Result<By> {
        let wrong = |key, found: String, expected: &str| {
            Err(JobError::Value { key, found, expected: expected.to_owned() }.into())
        };
        if self.count == 0 {
            return wrong("--count", "0".to_owned(), "1 or more");
        }
        if self.window == 0 {
            return wrong("--window", "0".to_owned(), "1 pixel or more");
        }
        if !(self.spread.is_finite() && self.spread >= 0.0) {
            return wrong("--spread", self.spread.to_string(), "a distance of 0 or more");
        }
        let round = ["forest.bin", "samples.csv"].map(|name| self.round.join(name));
        let files = self.exclude.iter().chain(self.mask.as_ref().map(|(path, _)| path)).cloned();
        let inputs: Vec<PathBuf> = self.survey.files.iter().cloned().chain(files).chain(round).collect();
        fresh(&[&self.out], self.replace, &inputs)?;
        for name in ["forest.bin", "samples.csv"] {
            if !self.round.join(name).is_file() {
                let found = self.round.display().to_string();
                return wrong("ROUND", found, "a folder that `ecotone label forest` made");
            }
        }
        By::parse(&self.by)
    }
}
