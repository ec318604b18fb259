//! Counts by block of ground, and their file blocks.csv: what `ecotone compare` reads of a run.

use crate::{Error, Result};
use ecotone_core::{IGNORE, Legend};
use ecotone_jobs::Error as JobError;
use ecotone_metrics::{BlockCounts, Landscape};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The file of a run folder.
pub const BLOCKS: &str = "blocks.csv";

const HEADER: [&str; 4] = ["block", "map", "reference", "pixels"];

/// How often a map says a class where the reference says one, in each block that was tested.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockTable {
    /// Pixels by block, class code of the map (`None` where it has no class) and of the reference.
    counts: BTreeMap<(u32, Option<u8>, u8), u64>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    block: u32,
    map: Option<u8>,
    reference: u8,
    pixels: u64,
}

impl BlockTable {
    /// Counts pixels by the number of their block and class indices of map and reference; one without a reference
    /// ([`IGNORE`]) is left out, one without a class on the map is kept as such.
    pub fn add(&mut self, legend: &Legend, blocks: &[u32], map: &[u8], reference: &[u8]) {
        let code = |index: u8| legend.entries().get(usize::from(index)).map(|entry| entry.code.0);
        for ((block, map), reference) in blocks.iter().zip(map).zip(reference) {
            if let Some(reference) = Some(*reference).filter(|index| *index != IGNORE).and_then(code) {
                let map = Some(*map).filter(|index| *index != IGNORE).and_then(code);
                *self.counts.entry((*block, map, reference)).or_default() += 1;
            }
        }
    }

    /// Writes the columns `block,map,reference,pixels`; `map` is empty where the map has no class.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let line = |(&(block, map, reference), &pixels): (&(u32, Option<u8>, u8), &u64)| Line {
            block,
            map,
            reference,
            pixels,
        };
        Ok(ecotone_io::write_csv(path, &HEADER, self.counts.iter().map(line))?)
    }

    /// Reads the file of a run folder.
    ///
    /// # Errors
    /// When the folder has none, or it is no such table, an empty one, or one of more pixels than 64 bits count.
    pub fn read(run: &Path) -> Result<Self> {
        let path = run.join(BLOCKS);
        if !path.is_file() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            let what = "counts by test block that `ecotone train` leaves,";
            return Err(JobError::ReadFile { what, path, source }.into());
        }
        let mut counts = BTreeMap::new();
        let mut all = 0u64;
        for Line { block, map, reference, pixels } in ecotone_io::read_csv::<Line>(&path)? {
            // Where all of them can be counted, so can any of them.
            let Some(more) = all.checked_add(pixels) else { return Err(Error::TooManyPixels { path }) };
            all = more;
            *counts.entry((block, map, reference)).or_default() += pixels;
        }
        match counts.values().all(|pixels| *pixels == 0) {
            true => Err(Error::AllZero { path, what: "counts" }),
            false => Ok(Self { counts }),
        }
    }

    /// Codes of the classes that occur, ascending.
    pub fn codes(&self) -> BTreeSet<u8> {
        self.counts.keys().flat_map(|(_, map, reference)| map.iter().copied().chain([*reference])).collect()
    }

    /// Pixels of each class of the reference in each block, those without a class on the map among them: the same for
    /// every map of one landscape.
    pub fn reference(&self) -> BTreeMap<(u32, u8), u64> {
        let mut found = BTreeMap::new();
        for ((block, _, reference), pixels) in &self.counts {
            *found.entry((*block, *reference)).or_default() += pixels;
        }
        found
    }

    /// Pixels that have a class of the reference and none on the map.
    pub fn unmapped(&self) -> u64 {
        self.counts.iter().filter(|((_, map, _), _)| map.is_none()).map(|(_, pixels)| pixels).sum()
    }

    /// The counts by indices of these codes and blocks, both ascending; what the map has no class for is left out.
    fn counts(&self, codes: &[u8], blocks: &[u32]) -> Result<BlockCounts> {
        let mut counts = BlockCounts::new(codes.len(), blocks.len());
        let place = |code: u8| codes.binary_search(&code).unwrap_or(codes.len());
        for ((block, map, reference), pixels) in &self.counts {
            if let Some(map) = map {
                let block = blocks.binary_search(block).unwrap_or(blocks.len());
                counts.add(block, place(*map), place(*reference), *pixels)?;
            }
        }
        Ok(counts)
    }

    /// Runs of two sides on the blocks of one landscape, classes in the order of `codes`.
    ///
    /// # Errors
    /// When a code is none of `codes`, which are ascending.
    pub fn landscape(first: &[&Self], second: &[&Self], codes: &[u8]) -> Result<Landscape> {
        let all = first.iter().chain(second).flat_map(|table| table.counts.keys().map(|(block, ..)| *block));
        let blocks: Vec<u32> = all.collect::<BTreeSet<u32>>().into_iter().collect();
        let side = |tables: &[&Self]| -> Result<Vec<BlockCounts>> {
            tables.iter().map(|table| table.counts(codes, &blocks)).collect()
        };
        Ok(Landscape { first: side(first)?, second: side(second)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEGEND: &str = "code,name,color\n3,a,#ff0000\n1,b,#00ff00\n";

    #[test]
    fn what_is_written_is_read_and_holes_of_the_map_are_kept_apart() {
        let legend = Legend::from_csv(LEGEND.as_bytes()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut table = BlockTable::default();
        // Indices 0 and 1 are the codes 3 and 1.
        table.add(&legend, &[7, 7, 7, 2, 2], &[0, 0, IGNORE, 1, 1], &[0, 1, 1, IGNORE, 0]);
        table.write(&folder.path().join(BLOCKS)).unwrap();
        let text = std::fs::read_to_string(folder.path().join(BLOCKS)).unwrap();
        assert_eq!(text, "block,map,reference,pixels\n2,1,3,1\n7,,1,1\n7,3,1,1\n7,3,3,1\n");
        let back = BlockTable::read(folder.path()).unwrap();
        assert_eq!(back, table);
        assert_eq!(back.codes().into_iter().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(back.reference(), [((2, 3), 1), ((7, 1), 2), ((7, 3), 1)].into());
        assert_eq!(back.unmapped(), 1);
        let landscape = BlockTable::landscape(&[&back], &[&back], &[1, 3]).unwrap();
        let accuracy = landscape.first[0].measure(ecotone_metrics::BlockMeasure::OverallAccuracy);
        assert_eq!((accuracy, landscape.first[0].blocks()), (Some(1.0 / 3.0), 2));
    }

    #[test]
    fn a_folder_without_the_table_says_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let told = BlockTable::read(folder.path()).unwrap_err().to_string();
        assert!(told.contains("blocks.csv") && told.contains("ecotone train"), "{told}");
        std::fs::write(folder.path().join(BLOCKS), "block,map,reference,pixels\n").unwrap();
        assert!(BlockTable::read(folder.path()).unwrap_err().to_string().contains("all counts are 0"));
        let many = format!("block,map,reference,pixels\n1,1,1,{}\n1,2,1,1\n", u64::MAX);
        std::fs::write(folder.path().join(BLOCKS), many).unwrap();
        let told = BlockTable::read(folder.path()).unwrap_err().to_string();
        assert!(told.contains("blocks.csv") && told.contains("64 bits"), "{told}");
    }
}
