//! The maps of all years as they came to disk, beside what is known of the test blocks.

use super::job::Prepared;
use crate::Result;
use crate::baseline::Known;
use ecotone_assessment::BlockTable;
use ecotone_core::Legend;
use ecotone_curation::UNLABELLED;
use ecotone_jobs::{Codes, RunFolder};
use ecotone_tiling::Part;
use std::path::Path;

/// The maps of all years and what they are scored against, planes over the areas.
pub(super) struct Tested {
    /// Class indices of each year's map.
    pub(super) maps: Vec<Vec<u8>>,
    /// Whether the reference is the truth; else the labels as they came.
    pub(super) truth: bool,
    /// The reference of each year in the test blocks.
    references: Vec<Vec<u8>>,
    /// The same where the map has a class: what methods are scored on, so that all are on the same pixels.
    scored: Vec<Vec<u8>>,
    /// The number of the block that each pixel counts in: of a field that reaches over a border, the one at home.
    blocks: Vec<u32>,
}

impl Tested {
    /// Reads the maps back, one a year.
    pub(super) fn read(prepared: &Prepared, folders: &[RunFolder]) -> Result<Self> {
        let maps = folders.iter().map(|folder| map_indices(&folder.file("map.tif"), prepared));
        let maps = maps.collect::<Result<Vec<_>>>()?;
        let truth = prepared.years.iter().all(|year| year.truth.is_some());
        let parts = prepared.split.codes();
        let only = |plane: &[u8], wanted: &dyn Fn(usize) -> bool| -> Vec<u8> {
            plane.iter().enumerate().map(|(at, class)| if wanted(at) { *class } else { UNLABELLED }).collect()
        };
        let references: Vec<Vec<u8>> = prepared
            .years
            .iter()
            .map(|year| {
                let known = year.truth.as_deref().filter(|_| truth).unwrap_or(&year.labels.indices);
                only(known, &|at| parts[at] == Part::Test.code())
            })
            .collect();
        let scored =
            references.iter().zip(&maps).map(|(known, map)| only(known, &|at| map[at] != UNLABELLED));
        let scored = scored.collect();
        Ok(Self { maps, truth, scored, references, blocks: prepared.split.units() })
    }

    /// The counts of blocks.csv, of all years together.
    pub(super) fn table(&self, legend: &Legend) -> BlockTable {
        let mut table = BlockTable::default();
        for (map, reference) in self.maps.iter().zip(&self.references) {
            table.add(legend, &self.blocks, map, reference);
        }
        table
    }

    /// What baselines learn from and are scored on, area by area and year by year.
    pub(super) fn known<'a>(&'a self, prepared: &'a Prepared) -> Vec<Known<'a>> {
        let mut known = Vec::new();
        for (place, cubes) in prepared.cubes.iter().enumerate() {
            let part = prepared.split.areas().part(place);
            // The masked series of each year come first.
            for (at, (year, cube)) in prepared.years.iter().zip(cubes).enumerate() {
                known.push(Known {
                    cube,
                    learnt: &year.learnt[part.clone()],
                    parts: &prepared.split.codes()[part.clone()],
                    labels: &year.labels.indices[part.clone()],
                    map: &self.maps[at][part.clone()],
                    reference: &self.scored[at][part.clone()],
                    blocks: &self.blocks[part.clone()],
                });
            }
        }
        known
    }
}

/// Class indices of a map as it came to disk, a plane over the areas.
pub(super) fn map_indices(path: &Path, prepared: &Prepared) -> Result<Vec<u8>> {
    let map = Codes::open(path, &prepared.legend, &[])?;
    Ok(prepared.labels().site.plane(|grid| map.read_indices(grid, &prepared.legend))?)
}
