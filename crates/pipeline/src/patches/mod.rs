//! What a network learns from and is watched with: pieces of the series with their labels.

mod open;
mod reach;
mod training;
mod validation;
mod weights;

pub(crate) use reach::unreached;
pub(crate) use training::TrainingPatches;
pub(crate) use validation::ValidationPatches;

use ecotone_core::{AreaGrid, Cube, Window};
use ecotone_curation::UNLABELLED;
use ecotone_models::Patch;
use ecotone_tiling::{BlockSplit, Part};
use std::sync::Arc;

/// What patches are cut from: normalised series, labels and the split, all over the same areas of one grid.
#[derive(Clone)]
pub(crate) struct Ground<'a> {
    /// The series of each area, one or more: patches are cut from them in turn. First those that are mapped, one a year,
    /// then as many again of the same years where the network learns from another kind of series, too.
    cubes: Vec<Vec<&'a Cube<f32>>>,
    /// Class indices of each year, 255 for none.
    labels: Vec<&'a [u8]>,
    /// Which pixels are trained on.
    split: &'a BlockSplit,
    /// For each year a plane: whether any date of the series that is mapped saw the pixel. Where none did the map shows nothing,
    /// so that there is nothing to learn or to score.
    seen: Arc<Vec<Vec<bool>>>,
}

impl<'a> Ground<'a> {
    /// From the series of each area, the labels of each year, and the split.
    pub(crate) fn new(cubes: Vec<Vec<&'a Cube<f32>>>, labels: Vec<&'a [u8]>, split: &'a BlockSplit) -> Self {
        let of_year = |year: usize| -> Vec<bool> {
            cubes.iter().flat_map(|cubes| cubes[year].observations()).map(|dates| dates > 0).collect()
        };
        let seen = Arc::new((0..labels.len()).map(of_year).collect());
        Self { cubes, labels, split, seen }
    }

    /// The labels of each year that some date saw; 255 for the others.
    pub(crate) fn seen_labels(&self) -> Vec<Vec<u8>> {
        let of = |(labels, seen): (&&[u8], &Vec<bool>)| {
            labels.iter().zip(seen).map(|(label, seen)| if *seen { *label } else { UNLABELLED }).collect()
        };
        self.labels.iter().zip(self.seen.iter()).map(of).collect()
    }

    fn areas(&self) -> &'a AreaGrid {
        self.split.areas()
    }

    /// How many series there are.
    fn turns(&self) -> usize {
        self.cubes[0].len()
    }

    /// The labels of the `turn`th series.
    fn labels(&self, turn: usize) -> &'a [u8] {
        self.labels[turn % self.labels.len()]
    }

    /// Whether a pixel, by its place in the plane, is of a part and was seen in the year of a series.
    fn is_seen(&self, turn: usize, place: usize, part: Part) -> bool {
        self.split.codes()[place] == part.code() && self.seen[turn % self.seen.len()][place]
    }

    /// Whether it is labelled, too: what patches are drawn around, learnt from, scored by and counted as.
    fn is_labelled(&self, turn: usize, place: usize, part: Part) -> bool {
        self.labels(turn)[place] != UNLABELLED && self.is_seen(turn, place, part)
    }

    /// The `turn`th series under a window, and the labels of the pixels of a part. What is not `open`, a plane, or lies in
    /// no area is as if no scene had ever seen it: 0, not valid, without a label.
    fn cut(&self, turn: usize, window: Window, part: Part, open: Option<&[bool]>) -> Patch {
        let first = self.cubes[0][turn];
        let (steps, channels, size) = (first.timeline().steps(), first.bands().len(), window.shape().len());
        let mut patch = Patch {
            steps,
            channels,
            rows: window.rows,
            cols: window.cols,
            values: vec![0.0; steps * channels * size],
            valid: vec![false; steps * size],
            target: vec![UNLABELLED; size],
        };
        for (number, area) in self.areas().areas().iter().enumerate() {
            let Some(shared) = window.intersection(*area) else { continue };
            let (cube, start) = (self.cubes[number][turn], self.areas().part(number).start);
            let (place, within) = (shared.relative_to(window), shared.relative_to(*area));
            for row in 0..shared.rows {
                let to = (place.row as usize + row) * window.cols + place.col as usize;
                let from = (within.row as usize + row) * area.cols + within.col as usize;
                copy_row(&mut patch, to, cube, from, shared.cols);
                for (i, target) in patch.target[to..to + shared.cols].iter_mut().enumerate() {
                    let pixel = start + from + i;
                    if self.is_labelled(turn, pixel, part) {
                        *target = self.labels(turn)[pixel];
                    }
                    if open.is_some_and(|open| !open[pixel]) {
                        hide(&mut patch.values, &mut patch.valid, size, to + i);
                    }
                }
            }
        }
        patch
    }
}

/// Copies so many pixels of a row of all steps and channels of a cube into a patch.
fn copy_row(patch: &mut Patch, to: usize, cube: &Cube<f32>, from: usize, cols: usize) {
    let size = patch.rows * patch.cols;
    for step in 0..patch.steps {
        for channel in 0..patch.channels {
            let plane = (step * patch.channels + channel) * size;
            patch.values[plane + to..plane + to + cols]
                .copy_from_slice(&cube.layer(step, channel)[from..from + cols]);
        }
        patch.valid[step * size + to..step * size + to + cols]
            .copy_from_slice(&cube.valid_at(step)[from..from + cols]);
    }
}

/// Leaves nothing of a pixel in planes of `size` pixels.
fn hide(values: &mut [f32], valid: &mut [bool], size: usize, pixel: usize) {
    values.iter_mut().skip(pixel).step_by(size).for_each(|value| *value = 0.0);
    valid.iter_mut().skip(pixel).step_by(size).for_each(|valid| *valid = false);
}

#[cfg(test)]
mod fixtures;
