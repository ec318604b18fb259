//! What the blocks of a map hold, and which part each gets.

use crate::fields::Fields;
use crate::part::Part;
use crate::stratify::stratify_some;
use crate::{Error, Result};
use ecotone_core::{AreaGrid, Shape2d};
use std::collections::BTreeMap;

/// The labels of blocks. A field that a block could hold is counted where most of it lies.
pub(crate) struct Counted {
    /// Blocks of the whole map.
    blocks: usize,
    /// Pixels of each class in the blocks that hold a label.
    classes: BTreeMap<usize, Vec<u64>>,
    strays: Strays,
}

/// Pixels, by their place in a plane, that count in another block than they lie in, with that block.
pub(crate) type Strays = Vec<(u32, u32)>;

impl Counted {
    /// Of labels (class indices, 255 for none) in square blocks of `block` pixels.
    ///
    /// # Errors
    /// A block without a pixel, or more blocks than 32 bits count; labels or fields that do not fill the areas; a label that is no class.
    pub(crate) fn of(
        areas: &AreaGrid,
        block: usize,
        classes: usize,
        labels: &[u8],
        fields: &Fields,
    ) -> Result<Self> {
        let Shape2d { rows, cols } = areas.shape();
        if block == 0 {
            return Err(Error::Empty { what: "block" });
        }
        let blocks = rows.div_ceil(block).saturating_mul(cols.div_ceil(block));
        if u32::try_from(blocks).is_err() {
            return Err(Error::TooManyBlocks { blocks, block });
        }
        if labels.len() != areas.len() {
            return Err(Error::Labels { rows, cols, expected: areas.len(), found: labels.len() });
        }
        if let Some(label) = labels.iter().find(|label| **label != 255 && usize::from(**label) >= classes) {
            return Err(Error::Label { label: *label, classes });
        }
        if !fields.numbers().is_empty() && fields.numbers().len() != labels.len() {
            return Err(Error::Fields { expected: labels.len(), found: fields.numbers().len() });
        }
        let small = fields.no_larger_than(block, labels);
        let homes = small.homes(block_numbers(areas, block));
        let mut counts: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut strays = Vec::new();
        for ((pixel, label), own) in labels.iter().enumerate().zip(block_numbers(areas, block)) {
            if *label == 255 {
                continue;
            }
            let home = small.of(pixel).map_or(own, |field| homes.of(field));
            if home != own {
                // Fields are numbered in planes of at most as many pixels.
                strays.push((pixel as u32, home));
            }
            counts.entry(home as usize).or_insert_with(|| vec![0; classes])[usize::from(*label)] += 1;
        }
        Ok(Self { blocks, classes: counts, strays })
    }

    /// The part of every block of the map, those without a label get none; and the strays.
    pub(crate) fn dealt(
        self,
        fractions: &[f64],
        seed: u64,
        part: impl Fn(usize) -> Part,
    ) -> (Vec<Part>, Strays) {
        let (numbers, counts): (Vec<usize>, Vec<Vec<u64>>) = self.classes.into_iter().unzip();
        let mut blocks = vec![Part::Unused; self.blocks];
        for (number, dealt) in
            numbers.iter().zip(stratify_some(self.blocks, &numbers, &counts, fractions, seed))
        {
            blocks[*number] = dealt.map_or(Part::Unused, &part);
        }
        (blocks, self.strays)
    }
}

/// In which block each pixel of a plane lies; blocks are counted row by row over the whole map, and 32 bits count them.
pub(crate) fn block_numbers(areas: &AreaGrid, block: usize) -> impl Iterator<Item = u32> + Clone {
    let across = areas.shape().cols.div_ceil(block);
    areas.areas().iter().flat_map(move |area| {
        let cols = area.col as usize..area.col_end() as usize;
        (area.row as usize..area.row_end() as usize)
            .flat_map(move |row| cols.clone().map(move |col| (row / block * across + col / block) as u32))
    })
}
