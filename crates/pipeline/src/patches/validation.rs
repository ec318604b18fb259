//! Validation patches: the windows of the map, as far as they hold validation pixels.

use super::Ground;
use ecotone_core::Window;
use ecotone_curation::UNLABELLED;
use ecotone_models::{Patch, PatchError, PatchSource};
use ecotone_tiling::{HaloWindow, Part, WindowGrid};
use std::collections::BTreeSet;

/// The windows in which the map is made and whose cores hold labelled validation pixels, once a year, the same in every
/// epoch. They read whatever lies under them in the areas, as the map does, and score what some scene saw. What lies in no
/// area is as if no scene had seen it: only there the map, which reads the scenes beyond the areas, may know more.
///
/// So a network is judged as it maps: on windows of that size, at the same places, by the pixels that it is trusted with
/// there. Where windows are blended, the map has at their borders a mean of what neighbours say, which is not asked here.
pub(crate) struct ValidationPatches<'a> {
    ground: Ground<'a>,
    /// The year and the window.
    windows: Vec<(usize, HaloWindow)>,
    /// Of a network that looks at single pixels no others are shown.
    single_pixels: bool,
    /// Validated after every so many epochs.
    every: usize,
}

impl<'a> ValidationPatches<'a> {
    /// In the windows of `grid`; `single_pixels` where a network looks at no neighbours, so that a pixel gets the same class
    /// in whatever patch it is.
    pub(crate) fn new(ground: Ground<'a>, grid: &WindowGrid, single_pixels: bool) -> Self {
        let near = ground.areas().areas().iter().flat_map(|area| grid.reaching(*area, false));
        // A window may hold a part of several areas.
        let near: BTreeSet<HaloWindow> = near.collect();
        let years = 0..ground.labels.len();
        let windows = years.flat_map(|year| near.iter().map(move |window| (year, *window)));
        let windows = windows.filter(|(year, window)| scored(&ground, *year, window.core) > 0).collect();
        Self { ground, windows, single_pixels, every: 1 }
    }

    /// Asked for so seldom that it predicts no more pixels than the training learns from, `trained` an epoch, which takes a
    /// third of the training's time: to learn is to predict, and to go back at twice that; of some `epochs`.
    #[must_use]
    pub(crate) fn beside(self, trained: usize, epochs: usize) -> Self {
        let every = self.pixels().div_ceil(trained.max(1)).clamp(1, epochs.max(1));
        Self { every, ..self }
    }

    /// Pixels that are predicted to validate once.
    pub(crate) fn pixels(&self) -> usize {
        let of = |(year, window): &(usize, HaloWindow)| match self.single_pixels {
            true => scored(&self.ground, *year, window.core),
            false => window.read.shape().len(),
        };
        self.windows.iter().map(of).sum()
    }

    /// Whether there is nothing to validate with: blocks are few, or gap and fields took what they had.
    pub(crate) fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// After how many epochs each it is asked for.
    pub(crate) const fn every(&self) -> usize {
        self.every
    }
}

/// Labelled validation pixels of a year in a window that some scene saw.
fn scored(ground: &Ground<'_>, year: usize, window: Window) -> usize {
    let mut count = 0;
    for (number, area) in ground.areas().areas().iter().enumerate() {
        let Some(shared) = window.intersection(*area) else { continue };
        let within = shared.relative_to(*area);
        for row in within.row as usize..within.row_end() as usize {
            let first = ground.areas().part(number).start + row * area.cols + within.col as usize;
            let counts = |col: &usize| ground.is_labelled(year, first + col, Part::Validation);
            count += (0..within.cols).filter(counts).count();
        }
    }
    count
}

/// The labelled pixels of a patch as a patch of one row.
fn labelled_alone(patch: Patch) -> Patch {
    let size = patch.rows * patch.cols;
    let kept: Vec<usize> = (0..size).filter(|pixel| patch.target[*pixel] != UNLABELLED).collect();
    let values = patch.values.chunks_exact(size).flat_map(|plane| kept.iter().map(|pixel| plane[*pixel]));
    let valid = patch.valid.chunks_exact(size).flat_map(|plane| kept.iter().map(|pixel| plane[*pixel]));
    Patch {
        values: values.collect(),
        valid: valid.collect(),
        target: kept.iter().map(|pixel| patch.target[*pixel]).collect(),
        rows: 1,
        cols: kept.len(),
        ..patch
    }
}

impl PatchSource for ValidationPatches<'_> {
    fn epoch_len(&self) -> usize {
        self.windows.len()
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.windows.len()).collect()
    }

    fn patch(&self, id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        let (year, window) = self.windows[id];
        let mut patch = self.ground.cut(year, window.read, Part::Validation, None);
        let core = window.core.relative_to(window.read);
        for (pixel, target) in patch.target.iter_mut().enumerate() {
            let (row, col) = ((pixel / patch.cols) as i64, (pixel % patch.cols) as i64);
            if !core.contains(Window::new(row, col, 1, 1)) {
                *target = UNLABELLED;
            }
        }
        Ok(if self.single_pixels { labelled_alone(patch) } else { patch })
    }

    fn is_watched(&self, epoch: usize) -> bool {
        epoch.is_multiple_of(self.every)
    }
}

#[cfg(test)]
mod tests;
