//! The runs of a comparison, put together by the ground that they were tested on.

use super::job::CompareJob;
use crate::block_table::{BLOCKS, BlockTable};
use crate::{Error, Result};
use ecotone_metrics::Landscape;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Pixels of each class of the reference, by block.
type Reference = BTreeMap<(u32, u8), u64>;

/// By how much the shares of test pixels without a class may differ between runs of a landscape: more pixels of a kind that
/// is hard to map, such as those under clouds, change scores by as much as methods do.
const MOST_HOLES: f64 = 0.01;

/// A run and its counts.
pub(super) struct Run {
    /// Its folder.
    pub(super) path: PathBuf,
    /// Of the first side; else of the second.
    pub(super) first: bool,
    /// Which landscape, from 0.
    pub(super) landscape: usize,
    pub(super) table: BlockTable,
}

/// All runs, and the ground that they share.
pub(super) struct Runs {
    pub(super) runs: Vec<Run>,
    /// Codes of all classes, ascending.
    pub(super) codes: Vec<u8>,
    /// One a landscape, in the order of their first runs.
    pub(super) landscapes: Vec<Landscape>,
}

impl Runs {
    /// Reads the counts of each run. Runs are of one landscape where their references are alike, block by block.
    ///
    /// # Errors
    /// When a run has no counts, or its landscape no run of the other side.
    pub(super) fn read(job: &CompareJob) -> Result<Self> {
        let mut references: Vec<Reference> = Vec::new();
        let mut runs = Vec::new();
        twice(&job.first)?;
        twice(&job.second)?;
        let sides =
            job.first.iter().map(|path| (path, true)).chain(job.second.iter().map(|path| (path, false)));
        for (path, first) in sides {
            let table = BlockTable::read(path)?;
            let reference = table.reference();
            let known = references.iter().position(|known| *known == reference);
            let landscape = known.unwrap_or_else(|| {
                references.push(reference);
                references.len() - 1
            });
            runs.push(Run { path: path.clone(), first, landscape, table });
        }
        let alone = runs.iter().find(|run| {
            !runs.iter().any(|other| other.first != run.first && other.landscape == run.landscape)
        });
        if let Some(run) = alone {
            return Err(apart(run, &runs, &references));
        }
        unlike_holes(&runs)?;
        let codes: Vec<u8> =
            runs.iter().flat_map(|run| run.table.codes()).collect::<BTreeSet<u8>>().into_iter().collect();
        let landscapes = (0..references.len()).map(|place| {
            let side = |first: bool| -> Vec<&BlockTable> {
                let own = runs.iter().filter(|run| run.landscape == place && run.first == first);
                own.map(|run| &run.table).collect()
            };
            BlockTable::landscape(&side(true), &side(false), &codes)
        });
        let landscapes = landscapes.collect::<Result<_>>()?;
        Ok(Self { runs, codes, landscapes })
    }

    /// The run with the largest share of test pixels without a class, and that share; `None` where no map has a hole.
    pub(super) fn holed(&self) -> Option<(&Run, f64)> {
        let share = |run| (run, holes(run));
        self.runs.iter().map(share).filter(|(_, share)| *share > 0.0).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Test blocks of all landscapes.
    pub(super) fn blocks(&self) -> usize {
        self.landscapes.iter().map(|landscape| landscape.first[0].blocks()).sum()
    }
}

/// The share of a run's test pixels that its map has no class for.
fn holes(run: &Run) -> f64 {
    run.table.unmapped() as f64 / run.table.reference().values().sum::<u64>().max(1) as f64
}

/// Refuses runs of one landscape that were scored on pixels too different in number for a paired comparison.
fn unlike_holes(runs: &[Run]) -> Result<()> {
    for (place, run) in runs.iter().enumerate() {
        for other in runs[..place].iter().filter(|other| other.landscape == run.landscape) {
            let (here, there) = (holes(other), holes(run));
            if (here - there).abs() > MOST_HOLES {
                let (first, second) = (other.path.clone(), run.path.clone());
                return Err(Error::OtherHoles { first, second, shares: [100.0 * here, 100.0 * there] });
            }
        }
    }
    Ok(())
}

impl Run {
    /// The file that was read.
    pub(super) fn file(path: &Path) -> PathBuf {
        path.join(BLOCKS)
    }
}

/// Refuses a side that names a run twice, be it by another path: it would count double, as if it had been trained again.
fn twice(side: &[PathBuf]) -> Result<()> {
    let mut known = BTreeSet::new();
    for run in side {
        // What cannot be found is told where it is read.
        if !known.insert(run.canonicalize().unwrap_or_else(|_| run.clone())) {
            return Err(Error::RunTwice { run: run.clone() });
        }
    }
    Ok(())
}

/// The error of a run without a partner: how it differs from the run of the other side that is most like it.
fn apart(run: &Run, runs: &[Run], references: &[Reference]) -> Error {
    let own = &references[run.landscape];
    let alike = |other: &&Run| {
        references[other.landscape].iter().filter(|(place, pixels)| own.get(place) == Some(pixels)).count()
    };
    let others = runs.iter().filter(|other| other.first != run.first);
    // Both sides have a run.
    let nearest = others.rev().max_by_key(alike).unwrap_or(run);
    let difference = in_words(own, &references[nearest.landscape]);
    Error::OtherBlocks { first: run.path.clone(), second: nearest.path.clone(), difference }
}

/// The first difference of two references: in their blocks, else in the pixels of a class.
fn in_words(first: &Reference, second: &Reference) -> String {
    let blocks =
        |reference: &Reference| -> BTreeSet<u32> { reference.keys().map(|(block, _)| *block).collect() };
    let (here, there) = (blocks(first), blocks(second));
    if here != there {
        let shared = here.intersection(&there).count();
        let lists = [here.difference(&there).next(), there.difference(&here).next()];
        let only = match lists {
            [Some(block), _] => format!("block {block} is tested by the first only"),
            [_, Some(block)] => format!("block {block} is tested by the second only"),
            _ => String::new(),
        };
        return format!("{} and {} blocks, {shared} of them shared; {only}", here.len(), there.len());
    }
    let places: BTreeSet<&(u32, u8)> = first.keys().chain(second.keys()).collect();
    let pixels = |reference: &Reference, place| reference.get(place).copied().unwrap_or(0);
    let differs = places.into_iter().find(|place| pixels(first, place) != pixels(second, place));
    differs.map_or_else(String::new, |place| {
        let (block, code) = place;
        let (here, there) = (pixels(first, place), pixels(second, place));
        format!("block {block} has {here} test pixels of class {code} in the first and {there} in the second")
    })
}
