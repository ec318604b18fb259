//! Splits by blocks of ground, so that neighbouring pixels never stand on both sides.

use crate::counted::{Counted, Strays, block_numbers};
use crate::fields::Fields;
use crate::gaps;
use crate::part::{Fractions, Part};
use crate::{Error, Result};
use ecotone_core::{AreaGrid, Shape2d, Window};
use std::fmt;

/// How to split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitConfig {
    /// Side of a block, in pixels: larger than fields and stands are.
    pub block: usize,
    /// Pixels left unused between pixels of different parts.
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
    /// Pixels left unused between pixels of different parts.
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
/// A field that a block could hold lies wholly in the part of the block that holds most of it; what is larger is cut at
/// the borders of blocks. Between two pixels of different parts lie at least `gap` pixels in rows or in columns. Gaps are
/// cut from training first and from validation next: test keeps all its pixels. `Display` gives a summary to log.
///
/// Blocks are counted from the map's first pixel. Of a map with areas only their pixels are split: labels, fields and
/// codes are planes over an [`AreaGrid`], and the areas get the blocks that they would get in the whole map.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockSplit {
    areas: AreaGrid,
    block: usize,
    gap: usize,
    blocks: Vec<Part>,
    /// The parts before gaps as a plane over the areas; empty where every pixel has that of its block.
    parts: Vec<u8>,
    strays: Strays,
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
        Self::stratified_by_fields(ground, config, classes, labels, &Fields::none())
    }

    /// The same with no field of at most a block's size in two parts.
    ///
    /// # Errors
    /// As [`stratified`](Self::stratified), and when the fields are of other ground.
    pub fn stratified_by_fields(
        ground: impl Into<AreaGrid>,
        config: &SplitConfig,
        classes: usize,
        labels: &[u8],
        fields: &Fields,
    ) -> Result<Self> {
        let areas = ground.into();
        config.fractions.check()?;
        let Fractions { train, validation, test } = config.fractions;
        // In order of precedence: what cannot be learnt or tested is worse off than what cannot be watched.
        const ORDER: [Part; 3] = [Part::Train, Part::Test, Part::Validation];
        let counted = Counted::of(&areas, config.block, classes, labels, fields)?;
        let dealt = counted.dealt(&[train, test, validation], config.seed, |part| ORDER[part]);
        let wanted = Part::USED.into_iter().zip([train, validation, test]);
        let wanted: Vec<Part> = wanted.filter(|(_, share)| *share > 0.0).map(|(part, _)| part).collect();
        Ok(Self::of_blocks(areas, config.block, config.gap, dealt).lacking(&wanted, classes, labels))
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
        Self::fold_by_fields(ground, config, classes, labels, &Fields::none())
    }

    /// The same with no field of at most a block's size in two folds.
    ///
    /// # Errors
    /// As [`fold`](Self::fold), and when the fields are of other ground.
    pub fn fold_by_fields(
        ground: impl Into<AreaGrid>,
        config: &FoldConfig,
        classes: usize,
        labels: &[u8],
        fields: &Fields,
    ) -> Result<Self> {
        let areas = ground.into();
        let FoldConfig { block, gap, folds, fold, seed } = *config;
        if folds < 3 || fold >= folds {
            return Err(Error::Fold { folds, fold });
        }
        let counted = Counted::of(&areas, block, classes, labels, fields)?;
        let part = |dealt: usize| match dealt {
            dealt if dealt == fold => Part::Test,
            dealt if dealt == (fold + 1) % folds => Part::Validation,
            _ => Part::Train,
        };
        let dealt = counted.dealt(&vec![1.0 / folds as f64; folds], seed, part);
        Ok(Self::of_blocks(areas, block, gap, dealt).lacking(&Part::USED, classes, labels))
    }

    fn of_blocks(areas: AreaGrid, block: usize, gap: usize, (blocks, strays): (Vec<Part>, Strays)) -> Self {
        let (parts, codes, missing) = (Vec::new(), Vec::new(), Vec::new());
        let mut split = Self { areas, block, gap, blocks, parts, strays, codes, missing };
        if !split.strays.is_empty() {
            split.parts = split.areas.areas().iter().flat_map(|area| split.given(*area)).collect();
            for (pixel, home) in &split.strays {
                split.parts[*pixel as usize] = split.blocks[*home as usize].code();
            }
        }
        let cut = |area: &Window| {
            let around = split.around(*area);
            gaps::cut(&split.given(around), around, *area, gap)
        };
        split.codes = split.areas.areas().iter().flat_map(cut).collect();
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

    /// Side of a block, in pixels.
    pub const fn block(&self) -> usize {
        self.block
    }

    /// The areas of the map.
    pub const fn areas(&self) -> &AreaGrid {
        &self.areas
    }

    /// Pixels left unused between pixels of different parts.
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

    /// The part of the block that a pixel of the map lies in; the pixel itself may be of another part, where a field of that
    /// reaches in, or of none, where it lies in a gap.
    ///
    /// # Panics
    /// Outside the map.
    pub fn block_part(&self, row: usize, col: usize) -> Part {
        self.blocks[row / self.block * self.shape().cols.div_ceil(self.block) + col / self.block]
    }

    /// The block that each pixel of the areas counts in, counted row by row over the whole map: the one it lies in, or of a
    /// field that a block could hold the one that holds most of it. What is judged as a whole, as pixels that err together.
    pub fn units(&self) -> Vec<u32> {
        let mut units: Vec<u32> = block_numbers(&self.areas, self.block).collect();
        self.strays.iter().for_each(|(pixel, home)| units[*pixel as usize] = *home);
        units
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

    fn block_window(&self, row: usize, col: usize) -> Window {
        let (y, x) = (row * self.block, col * self.block);
        let Shape2d { rows, cols } = self.shape();
        Window::new(y as i64, x as i64, (rows - y).min(self.block), (cols - x).min(self.block))
    }

    /// A window grown by the gap, as far as the map reaches.
    fn around(&self, window: Window) -> Window {
        let whole = Window::whole(self.shape());
        window.pad(self.gap).intersection(whole).unwrap_or(Window::new(0, 0, 0, 0))
    }

    /// The codes of the parts before gaps in a window of the map, `[y, x]`.
    fn given(&self, window: Window) -> Vec<u8> {
        let across = self.shape().cols.div_ceil(self.block);
        let block = |at: i64| at as usize / self.block;
        let mut codes = Vec::with_capacity(window.shape().len());
        for row in window.row..window.row_end() {
            let line = &self.blocks[block(row) * across..];
            codes.extend((window.col..window.col_end()).map(|col| line[block(col)].code()));
        }
        if self.parts.is_empty() {
            return codes;
        }
        // Fields lie in areas alone.
        for (area, parts) in self.areas.parts(&self.parts) {
            let Some(shared) = area.intersection(window) else { continue };
            let (from, to) = (shared.relative_to(area), shared.relative_to(window));
            for row in 0..shared.rows {
                let from = (from.row as usize + row) * area.cols + from.col as usize;
                let to = (to.row as usize + row) * window.cols + to.col as usize;
                codes[to..to + shared.cols].copy_from_slice(&parts[from..from + shared.cols]);
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

#[cfg(test)]
mod tests;
