//! Splits by blocks of ground, so that neighbouring pixels never stand on both sides.

use crate::stratify::stratify_some;
use crate::{Error, Result};
use ecotone_core::{AreaGrid, Shape2d, Window};
use std::collections::BTreeMap;
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

/// How to split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitConfig {
    /// Side of a block, in pixels. Training patches must fit between held-out blocks: take at least twice a patch.
    pub block: usize,
    /// Pixels left unused between blocks of different parts.
    pub gap: usize,
    /// Shares of the parts.
    pub fractions: Fractions,
    /// Decides between blocks that serve equally well.
    pub seed: u64,
}

/// How to split for one of several rounds, in which every block tests once (k-fold cross-validation).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldConfig {
    /// Side of a block, in pixels.
    pub block: usize,
    /// Pixels left unused between blocks of different parts.
    pub gap: usize,
    /// Number of folds, at least 3.
    pub folds: usize,
    /// The fold that tests, from 0; the next one validates, the others train.
    pub fold: usize,
    /// Deals the blocks; the same in all rounds.
    pub seed: u64,
}

/// A class of the labels that a part lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingClass {
    /// Its index.
    pub class: usize,
    /// The part without a pixel of it.
    pub part: Part,
}

/// A map's pixels split into training, validation and test by square blocks with gaps between.
///
/// Between two pixels of different parts lie at least `gap` pixels in rows or in columns. Gaps are cut from training
/// first and from validation next: test blocks keep all their pixels. `Display` gives a summary to log.
///
/// Blocks are counted from the map's first pixel. Of a map with areas only their pixels are split: labels and codes are
/// planes over an [`AreaGrid`], and the areas get the blocks that they would get in the whole map.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockSplit {
    areas: AreaGrid,
    block: usize,
    gap: usize,
    blocks: Vec<Part>,
    codes: Vec<u8>,
    missing: Vec<MissingClass>,
}

impl BlockSplit {
    /// Splits a map by area alone.
    ///
    /// # Errors
    /// When the block has no pixel, or the fractions are no shares.
    pub fn new(shape: Shape2d, config: &SplitConfig) -> Result<Self> {
        Self::stratified(shape, config, 1, &vec![0; shape.len()])
    }

    /// Splits a map so that every part gets its fraction of each class, as well as blocks allow.
    ///
    /// `labels` are class indices, a plane over `ground` (the map, or areas on it), 255 where there is none. Blocks without a label stay unused. A class that
    /// occurs in two blocks reaches training and test, one in three blocks or more every part; see
    /// [`missing_classes`](Self::missing_classes) for those that do not.
    ///
    /// # Errors
    /// When the block has no pixel, the fractions are no shares, or the labels do not fill the ground or name a class
    /// that there is not.
    pub fn stratified(
        ground: impl Into<AreaGrid>,
        config: &SplitConfig,
        classes: usize,
        labels: &[u8],
    ) -> Result<Self> {
        let areas = ground.into();
        config.fractions.check()?;
        let Fractions { train, validation, test } = config.fractions;
        // In order of precedence: what cannot be learnt or tested is worse off than what cannot be watched.
        const ORDER: [Part; 3] = [Part::Train, Part::Test, Part::Validation];
        let counted = Counted::of(&areas, config.block, classes, labels)?;
        let blocks = counted.dealt(&[train, test, validation], config.seed, |part| ORDER[part]);
        let wanted = Part::USED.into_iter().zip([train, validation, test]);
        let wanted: Vec<Part> = wanted.filter(|(_, share)| *share > 0.0).map(|(part, _)| part).collect();
        Ok(Self::of_blocks(areas, config.block, config.gap, blocks).lacking(&wanted, classes, labels))
    }

    /// Splits a map for one round of cross-validation. The folds hold about the same share of each class; over all
    /// rounds each labelled block tests once.
    ///
    /// # Errors
    /// When there are fewer than three folds or none of this number, and as [`stratified`](Self::stratified).
    pub fn fold(
        ground: impl Into<AreaGrid>,
        config: &FoldConfig,
        classes: usize,
        labels: &[u8],
    ) -> Result<Self> {
        let areas = ground.into();
        let FoldConfig { block, gap, folds, fold, seed } = *config;
        if folds < 3 || fold >= folds {
            return Err(Error::Fold { folds, fold });
        }
        let counted = Counted::of(&areas, block, classes, labels)?;
        let part = |dealt: usize| match dealt {
            dealt if dealt == fold => Part::Test,
            dealt if dealt == (fold + 1) % folds => Part::Validation,
            _ => Part::Train,
        };
        let blocks = counted.dealt(&vec![1.0 / folds as f64; folds], seed, part);
        Ok(Self::of_blocks(areas, block, gap, blocks).lacking(&Part::USED, classes, labels))
    }

    fn of_blocks(areas: AreaGrid, block: usize, gap: usize, blocks: Vec<Part>) -> Self {
        let mut split = Self { areas, block, gap, blocks, codes: Vec::new(), missing: Vec::new() };
        split.codes = split.areas.areas().iter().flat_map(|area| split.cut_gaps(*area)).collect();
        split
    }

    /// The same without the pixels of its plane that are not `kept`, such as those beyond an outline.
    #[must_use]
    pub fn only(mut self, kept: &[bool]) -> Self {
        let dropped = self.codes.iter_mut().zip(kept).filter(|(_, kept)| !**kept);
        dropped.for_each(|(code, _)| *code = Part::Unused.code());
        self
    }

    /// The map's size.
    pub const fn shape(&self) -> Shape2d {
        self.areas.shape()
    }

    /// The areas of the map.
    pub const fn areas(&self) -> &AreaGrid {
        &self.areas
    }

    /// Pixels left unused between blocks of different parts.
    pub const fn gap(&self) -> usize {
        self.gap
    }

    /// The codes of [`Part::code`] for every pixel: a plane over the areas, of a whole map `[y, x]`.
    pub fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// What a pixel is used for; [`Part::Unused`] outside the areas.
    pub fn part_at(&self, row: usize, col: usize) -> Part {
        let code = self.areas.place(row, col).map(|place| self.codes[place]);
        Part::USED.into_iter().find(|part| Some(part.code()) == code).unwrap_or(Part::Unused)
    }

    /// The blocks and their parts, row by row. Pixels of a block that lie in a gap are unused all the same.
    pub fn blocks(&self) -> impl Iterator<Item = (Window, Part)> {
        let cols = self.shape().cols.div_ceil(self.block);
        self.blocks.iter().enumerate().map(move |(i, part)| (self.block_window(i / cols, i % cols), *part))
    }

    /// Pixels of a part.
    pub fn pixels(&self, part: Part) -> usize {
        self.codes.iter().filter(|code| **code == part.code()).count()
    }

    /// Pixels of a part as a share of all pixels in use; 0 where none is.
    pub fn share(&self, part: Part) -> f64 {
        let used: usize = Part::USED.into_iter().map(|part| self.pixels(part)).sum();
        self.pixels(part) as f64 / used.max(1) as f64
    }

    /// Classes that occur among the labels but not in each part that was to have a share.
    ///
    /// In a split by area alone class 0 stands for all ground.
    pub fn missing_classes(&self) -> &[MissingClass] {
        &self.missing
    }

    /// True where a patch lies in an area (or the map) and, grown by the gap, touches no block of another part.
    ///
    /// A training patch that is allowed thus reads no pixel of a held-out block, nor of the gap around it. Blocks
    /// without labels belong to no part and may be touched.
    pub fn patch_allowed(&self, patch: Window, part: Part) -> bool {
        !patch.shape().is_empty() && self.areas.area_of(patch).is_some() && self.touches_only(patch, part)
    }

    fn touches_only(&self, patch: Window, part: Part) -> bool {
        let mut near = self.blocks_near(patch);
        near.all(|number| self.blocks[number] == part || self.blocks[number] == Part::Unused)
    }

    /// All allowed patches of a size whose corners lie `step` pixels apart on the map, row by row.
    pub fn patches(&self, size: Shape2d, step: usize, part: Part) -> Vec<Window> {
        let starts = |first: i64, extent: usize, side: usize| {
            let (first, step) = (first as usize, step.max(1));
            (first.next_multiple_of(step)..(first + extent + 1).saturating_sub(side)).step_by(step)
        };
        let of_area = |area: &Window| {
            let cols = starts(area.col, area.cols, size.cols);
            starts(area.row, area.rows, size.rows)
                .flat_map(move |row| cols.clone().map(move |col| (row as i64, col as i64)))
                .map(|(row, col)| Window::new(row, col, size.rows, size.cols))
        };
        let patches = self.areas.areas().iter().flat_map(of_area).filter(|patch| !patch.shape().is_empty());
        let mut patches: Vec<Window> = patches.filter(|patch| self.touches_only(*patch, part)).collect();
        // Areas may lie side by side.
        patches.sort_unstable();
        patches
    }

    fn block_window(&self, row: usize, col: usize) -> Window {
        let (y, x) = (row * self.block, col * self.block);
        let Shape2d { rows, cols } = self.shape();
        Window::new(y as i64, x as i64, (rows - y).min(self.block), (cols - x).min(self.block))
    }

    /// The numbers of the blocks that a window, grown by the gap, touches.
    fn blocks_near(&self, window: Window) -> impl Iterator<Item = usize> + use<> {
        let near = window.pad(self.gap).intersection(Window::whole(self.shape()));
        let near = near.unwrap_or(Window::new(0, 0, 0, 0));
        let (rows, cols) = (self.block_range(near.row, near.rows), self.block_range(near.col, near.cols));
        let across = self.shape().cols.div_ceil(self.block);
        rows.flat_map(move |row| cols.clone().map(move |col| row * across + col))
    }

    /// The rows (or columns) of blocks that a run of pixels inside the map touches.
    fn block_range(&self, first: i64, length: usize) -> std::ops::Range<usize> {
        let first = first as usize;
        first / self.block..(first + length).div_ceil(self.block)
    }

    /// The codes of an area, `[y, x]`.
    fn cut_gaps(&self, area: Window) -> Vec<u8> {
        let across = self.shape().cols.div_ceil(self.block);
        let mut codes = vec![Part::Unused.code(); area.shape().len()];
        // Later parts cut their surroundings out of the earlier ones: test blocks stay whole.
        for part in Part::USED {
            let mine = self.blocks_near(area).filter(|number| self.blocks[*number] == part);
            let mine: Vec<Window> =
                mine.map(|number| self.block_window(number / across, number % across)).collect();
            for window in &mine {
                paint(&mut codes, area, window.pad(self.gap), Part::Unused);
            }
            for window in &mine {
                paint(&mut codes, area, *window, part);
            }
        }
        codes
    }

    /// Notes the classes that each of the `wanted` parts lacks.
    fn lacking(mut self, wanted: &[Part], classes: usize, labels: &[u8]) -> Self {
        let mut seen = vec![[false; 4]; classes];
        for (label, code) in labels.iter().zip(&self.codes).filter(|(label, _)| **label != 255) {
            seen[usize::from(*label)][usize::from(*code)] = true;
        }
        for (class, seen) in seen.iter().enumerate().filter(|(_, seen)| seen.contains(&true)) {
            let lacks = wanted.iter().filter(|part| !seen[usize::from(part.code())]);
            self.missing.extend(lacks.map(|part| MissingClass { class, part: *part }));
        }
        self
    }
}

impl fmt::Display for BlockSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: Part| {
            let blocks = self.blocks.iter().filter(|p| **p == part).count();
            format!("{part} {blocks} blocks, {} px ({:.0} %)", self.pixels(part), 100.0 * self.share(part))
        };
        let parts = Part::USED.map(part).join("; ");
        write!(
            f,
            "blocks of {} px, gap {} px: {parts}; unused {} px",
            self.block,
            self.gap,
            self.pixels(Part::Unused)
        )
    }
}

/// Gives the pixels of an area `[y, x]` that lie in a window to a part.
fn paint(codes: &mut [u8], area: Window, window: Window, part: Part) {
    let Some(window) = window.intersection(area) else { return };
    let window = window.relative_to(area);
    for row in window.row as usize..window.row_end() as usize {
        let start = row * area.cols + window.col as usize;
        codes[start..start + window.cols].fill(part.code());
    }
}

/// The labels of blocks.
struct Counted {
    /// Blocks of the whole map.
    blocks: usize,
    /// Pixels of each class in the blocks that hold a label.
    classes: BTreeMap<usize, Vec<u64>>,
}

impl Counted {
    fn of(areas: &AreaGrid, block: usize, classes: usize, labels: &[u8]) -> Result<Self> {
        let Shape2d { rows, cols } = areas.shape();
        if block == 0 {
            return Err(Error::Empty { what: "block" });
        }
        if labels.len() != areas.len() {
            return Err(Error::Labels { rows, cols, expected: areas.len(), found: labels.len() });
        }
        if let Some(label) = labels.iter().find(|label| **label != 255 && usize::from(**label) >= classes) {
            return Err(Error::Label { label: *label, classes });
        }
        let across = cols.div_ceil(block);
        let mut counts: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (area, labels) in areas.parts(labels) {
            for (row, line) in labels.chunks_exact(area.cols.max(1)).enumerate() {
                let first = (area.row as usize + row) / block * across;
                for (col, label) in line.iter().enumerate().filter(|(_, label)| **label != 255) {
                    let number = first + (area.col as usize + col) / block;
                    counts.entry(number).or_insert_with(|| vec![0; classes])[usize::from(*label)] += 1;
                }
            }
        }
        Ok(Self { blocks: rows.div_ceil(block) * across, classes: counts })
    }

    /// The part of every block of the map; those without a label get none.
    fn dealt(self, fractions: &[f64], seed: u64, part: impl Fn(usize) -> Part) -> Vec<Part> {
        let (numbers, counts): (Vec<usize>, Vec<Vec<u64>>) = self.classes.into_iter().unzip();
        let mut blocks = vec![Part::Unused; self.blocks];
        for (number, dealt) in
            numbers.iter().zip(stratify_some(self.blocks, &numbers, &counts, fractions, seed))
        {
            blocks[*number] = dealt.map_or(Part::Unused, &part);
        }
        blocks
    }
}

#[cfg(test)]
mod tests;
