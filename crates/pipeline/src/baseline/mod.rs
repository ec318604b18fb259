//! Simpler methods on the same test pixels as the network: a random forest, the nearest centroid, the majority class, and
//! the labels themselves where the truth is known; each with its difference to the network.

mod centroid;
mod forest;
mod known;
mod page;
mod tables;
mod verdict;

pub(crate) use known::Known;
pub(crate) use verdict::{Verdict, verdict_in_words};

use crate::Result;
use centroid::Centroids;
use ecotone_assessment::{BlockTable, DifferenceLine, differences};
use ecotone_core::Legend;
use ecotone_curation::UNLABELLED;
use ecotone_metrics::{BlockBootstrap, ConfusionMatrix};
use forest::{Growing, PixelForest};
use known::{class_counts, majority_class};

/// The forest's name, by which its line is found.
const FOREST: &str = "random forest";
/// The name of the labels as a method.
const LABELS: &str = "the labels themselves";
/// Share of the scored pixels that labels must cover to be a map of them.
const COVERED: f64 = 0.95;

/// A simpler method, and how it compares.
#[derive(Debug)]
pub(crate) struct Baseline {
    /// What it is.
    pub(crate) name: &'static str,
    /// How it was made; may be empty.
    pub(crate) about: String,
    /// Rows = its map, columns = reference.
    pub(crate) confusion: ConfusionMatrix,
    /// Network less baseline.
    pub(crate) differences: Vec<DifferenceLine>,
}

/// All of them, and the network on the same pixels.
#[derive(Debug)]
pub(crate) struct Baselines {
    /// Whether the truth is what they are scored against; else the labels.
    pub(crate) truth: bool,
    /// Years whose test pixels are counted together.
    pub(crate) years: usize,
    /// Test blocks.
    pub(crate) blocks: usize,
    /// Of the network: rows = its map, columns = reference.
    pub(crate) network: ConfusionMatrix,
    pub(crate) methods: Vec<Baseline>,
}

/// What is asked of the baselines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Whether the reference is the truth, so that the labels are a map beside it.
    pub(crate) truth: bool,
    /// Years that the areas are of.
    pub(crate) years: usize,
    /// Training pixels that the forest learns from at most; 0: no forest.
    pub(crate) forest_pixels: usize,
    /// Decides every draw of the forest.
    pub(crate) seed: u64,
}

impl Baselines {
    /// Learns from all areas and years together, and scores each method where the network is scored.
    pub(crate) fn of(areas: &[Known<'_>], legend: &Legend, asked: &Asked) -> Result<Self> {
        let classes = legend.len();
        let majority = majority_class(&class_counts(areas, classes));
        let network = Scores::of(areas, legend, |area| Ok(area.map.to_vec()))?;
        let mut found = Self {
            truth: asked.truth,
            years: asked.years,
            blocks: network.blocks(legend)?,
            network: network.confusion.clone(),
            methods: Vec::new(),
        };
        let mut add = |name, about: String, map: &dyn Fn(&Known<'_>) -> Result<Vec<u8>>| {
            let scores = Scores::of(areas, legend, map)?;
            let differences = network.less(&scores, legend)?;
            found.methods.push(Baseline { name, about, confusion: scores.confusion, differences });
            Ok::<_, crate::Error>(())
        };
        let growing = Growing { classes, most: asked.forest_pixels, seed: asked.seed };
        if let Some(forest) = PixelForest::learn(areas, &growing)? {
            add(FOREST, forest.in_words(), &|area| forest.map(area, majority))?;
        }
        let centroids = Centroids::learn(areas, classes);
        add("nearest centroid, pixel by pixel", String::new(), &|area| Ok(centroids.map(area, majority)))?;
        add("majority class", String::new(), &|area| {
            let pixels = area.scored();
            Ok(area.map_of(&pixels, pixels.iter().map(|_| majority)))
        })?;
        if asked.truth && covered(areas) {
            add(LABELS, String::new(), &|area| Ok(area.labels.to_vec()))?;
        }
        Ok(found)
    }

    /// The forest, where there is one.
    pub(crate) fn forest(&self) -> Option<&Baseline> {
        self.methods.iter().find(|method| method.name == FOREST)
    }
}

impl Baseline {
    /// Network less baseline in a figure of all classes.
    pub(crate) fn difference(&self, measure: &str) -> Option<&DifferenceLine> {
        self.differences.iter().find(|line| line.code.is_none() && line.measure == measure)
    }
}

/// The counts of a map of all areas and years.
struct Scores {
    confusion: ConfusionMatrix,
    table: BlockTable,
}

impl Scores {
    fn of(areas: &[Known<'_>], legend: &Legend, map: impl Fn(&Known<'_>) -> Result<Vec<u8>>) -> Result<Self> {
        let (mut confusion, mut table) = (ConfusionMatrix::new(legend.len()), BlockTable::default());
        for area in areas {
            let map = map(area)?;
            confusion.add_many(&map, area.reference)?;
            table.add(legend, area.blocks, &map, area.reference);
        }
        Ok(Self { confusion, table })
    }

    fn blocks(&self, legend: &Legend) -> Result<usize> {
        Ok(BlockTable::landscape(&[&self.table], &[], &codes(legend))?.first[0].blocks())
    }

    /// These scores less others, on the same blocks.
    fn less(&self, other: &Self, legend: &Legend) -> Result<Vec<DifferenceLine>> {
        let codes = codes(legend);
        let landscape = BlockTable::landscape(&[&self.table], &[&other.table], &codes)?;
        Ok(differences(&codes, &[landscape], &BlockBootstrap::default())?)
    }
}

/// The codes of a legend, ascending.
fn codes(legend: &Legend) -> Vec<u8> {
    let mut codes: Vec<u8> = legend.entries().iter().map(|entry| entry.code.0).collect();
    codes.sort_unstable();
    codes
}

/// Whether the labels are a map of what is scored.
fn covered(areas: &[Known<'_>]) -> bool {
    let (mut scored, mut labelled) = (0usize, 0usize);
    for area in areas {
        let pixels = area.scored();
        scored += pixels.len();
        labelled += pixels.iter().filter(|pixel| area.labels[**pixel] != UNLABELLED).count();
    }
    labelled > 0 && labelled as f64 >= COVERED * scored as f64
}

#[cfg(test)]
mod tests;
