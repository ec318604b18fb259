//! Predictions of windows joined to one map, strip by strip.

use crate::blend::weights;
use crate::{Blend, Error, HaloWindow, Result, WindowGrid};
use ecotone_core::Window;
use std::collections::BTreeMap;

/// Rows of the finished map.
#[derive(Debug, Clone, PartialEq)]
pub struct Strip {
    /// Where they lie in the map.
    pub window: Window,
    /// Values `[channel, y, x]`.
    pub data: Vec<f32>,
}

/// Joins the predictions of overlapping windows over a region of a map.
///
/// It holds `channels x (window + 2 halo) x columns of the region` values, whatever the height of the region, and the
/// predictions that came before their turn. Sums run in the fixed order of [`windows`](Self::windows), so that the
/// order in which predictions arrive changes no bit. Regions that are stitched apart equal one that holds them, be they
/// of one map or of several on the same lattice.
///
/// Predictions must be finite: a NaN would spread to its neighbours. What cannot be predicted is masked afterwards.
///
/// ```
/// use ecotone_core::{Shape2d, Window};
/// use ecotone_tiling::{Blend, Stitcher, WindowGrid};
///
/// let shape = Shape2d::new(50, 70);
/// let grid = WindowGrid::new(shape, 32, 4)?;
/// let mut stitcher = Stitcher::new(grid, Window::whole(shape), 1, Blend::Cosine);
/// let mut rows = 0;
/// for window in stitcher.windows().to_vec() {
///     let prediction = vec![0.25; window.read.shape().len()];
///     for strip in stitcher.push(window, prediction)? {
///         assert!(strip.data.iter().all(|value| (value - 0.25).abs() < 1e-6));
///         rows += strip.window.rows;
///     }
/// }
/// stitcher.finish()?;
/// assert_eq!(rows, 50);
/// # Ok::<(), ecotone_tiling::Error>(())
/// ```
#[derive(Debug)]
pub struct Stitcher {
    grid: WindowGrid,
    region: Window,
    channels: usize,
    blend: Blend,
    /// Of a window's rows, and of its columns.
    weights: Vec<f32>,
    windows: Vec<HaloWindow>,
    /// Windows added so far.
    done: usize,
    /// Predictions ahead of their turn, by place in `windows`.
    early: BTreeMap<usize, Vec<f32>>,
    /// First map row in the buffer; all above are finished.
    first_row: i64,
    /// Weighted sums `[channel, rows in flight, columns of the region]`.
    sums: Vec<f32>,
    rows_in_flight: usize,
}

impl Stitcher {
    /// For a region of the lattice of `grid`, which may reach over the map's edge, and predictions of so many channels.
    pub fn new(grid: WindowGrid, region: Window, channels: usize, blend: Blend) -> Self {
        let rows_in_flight = grid.read_side().min(region.rows);
        Self {
            weights: weights(blend, grid.window(), grid.halo()),
            windows: grid.reaching(region, blend == Blend::Cosine),
            done: 0,
            early: BTreeMap::new(),
            first_row: region.row,
            sums: vec![0.0; channels * rows_in_flight * region.cols],
            rows_in_flight,
            grid,
            region,
            channels,
            blend,
        }
    }

    /// The windows whose predictions are needed, in the order that holds least in memory.
    pub fn windows(&self) -> &[HaloWindow] {
        &self.windows
    }

    /// How many of them, from the first, were joined.
    pub const fn joined(&self) -> usize {
        self.done
    }

    /// Takes the prediction `[channel, y, x]` for all pixels that a window reads, and gives the rows that are finished
    /// by it, from top to bottom.
    ///
    /// # Errors
    /// When the prediction has the wrong length or a value that is not finite, or the window is not expected.
    pub fn push(&mut self, window: HaloWindow, prediction: Vec<f32>) -> Result<Vec<Strip>> {
        let expected = self.channels * window.read.shape().len();
        if prediction.len() != expected {
            let (read, channels, found) = (window.read, self.channels, prediction.len());
            return Err(Error::Prediction { read, channels, expected, found });
        }
        if !prediction.iter().all(|value| value.is_finite()) {
            return Err(Error::NotFinite { read: window.read });
        }
        let place = self.windows.binary_search(&window).ok().filter(|place| *place >= self.done);
        let place = place.ok_or(Error::Unexpected { row: window.row, col: window.col })?;
        if self.early.insert(place, prediction).is_some() {
            return Err(Error::Unexpected { row: window.row, col: window.col });
        }
        let mut strips = Vec::new();
        while let Some(prediction) = self.early.remove(&self.done) {
            self.add(self.windows[self.done], &prediction);
            self.done += 1;
            strips.extend(self.take_finished());
        }
        Ok(strips)
    }

    /// Makes sure that every window was given.
    ///
    /// # Errors
    /// When predictions are missing.
    pub fn finish(self) -> Result<()> {
        let (windows, missing) = (self.windows.len(), self.windows.len() - self.done);
        if missing == 0 { Ok(()) } else { Err(Error::Unfinished { missing, windows }) }
    }

    fn add(&mut self, window: HaloWindow, prediction: &[f32]) {
        let Some(shared) = window.read.intersection(self.region) else { return };
        let (from, to) = (shared.relative_to(window.read), shared.relative_to(self.region));
        let (from_row, from_col, to_col) = (from.row as usize, from.col as usize, to.col as usize);
        let side = self.grid.read_side();
        for y in 0..shared.rows {
            let weight = self.weights[from_row + y];
            if weight == 0.0 {
                continue;
            }
            let held = (shared.row + y as i64 - self.first_row) as usize;
            for channel in 0..self.channels {
                let start = (channel * side + from_row + y) * side + from_col;
                let values = &prediction[start..start + shared.cols];
                let start = (channel * self.rows_in_flight + held) * self.region.cols + to_col;
                let sums = &mut self.sums[start..start + shared.cols];
                for ((sum, value), across) in sums.iter_mut().zip(values).zip(&self.weights[from_col..]) {
                    *sum += weight * across * value;
                }
            }
        }
    }

    /// The rows above which no further window reaches.
    fn take_finished(&mut self) -> Option<Strip> {
        let last = self.windows[self.done - 1];
        let end = match self.windows.get(self.done) {
            Some(next) if next.row == last.row => return None,
            Some(next) if self.blend == Blend::Cosine => next.read.row,
            Some(next) => next.read.row + self.grid.halo() as i64,
            None => self.region.row_end(),
        };
        let rows = usize::try_from(end - self.first_row).ok().filter(|rows| *rows > 0)?;
        let cols = self.region.cols;
        let (plane, finished) = (self.rows_in_flight * cols, rows * cols);
        let mut data = Vec::with_capacity(self.channels * finished);
        for sums in self.sums.chunks_exact_mut(plane.max(1)) {
            data.extend_from_slice(&sums[..finished]);
            sums.copy_within(finished.., 0);
            sums[plane - finished..].fill(0.0);
        }
        let window = Window::new(self.first_row, self.region.col, rows, cols);
        self.first_row = end;
        Some(Strip { window, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Shape2d;
    use proptest::prelude::*;

    /// What a window reads of a map `[channel, y, x]`; outside the map something that must not come through.
    fn split(map: &[f32], shape: Shape2d, channels: usize, read: Window) -> Vec<f32> {
        let mut values = Vec::new();
        for channel in 0..channels {
            for y in read.row..read.row_end() {
                for x in read.col..read.col_end() {
                    let inside = Window::whole(shape).contains(Window::new(y, x, 1, 1));
                    let place = || (channel * shape.rows + y as usize) * shape.cols + x as usize;
                    values.push(if inside { map[place()] } else { 1e9 });
                }
            }
        }
        values
    }

    fn map(shape: Shape2d, channels: usize) -> Vec<f32> {
        (0..channels * shape.len()).map(|i| (i as f32 * 12.9898).sin()).collect()
    }

    /// Windows that disagree, as networks do near their edge; each says the same in every map.
    fn disagreeing(w: HaloWindow) -> Vec<f32> {
        (0..2 * w.read.shape().len() as i64)
            .map(|i| ((i * 7 + w.row * 31 + w.col * 17) as f32).sin())
            .collect()
    }

    /// The values `[channel, y, x]` of a window within a larger one.
    fn cut(values: &[f32], outer: Window, window: Window) -> Vec<f32> {
        let inner = window.relative_to(outer);
        let line = |plane: usize, row: usize| {
            let start =
                plane * outer.shape().len() + (inner.row as usize + row) * outer.cols + inner.col as usize;
            values[start..start + inner.cols].iter().copied()
        };
        (0..2).flat_map(|plane| (0..inner.rows).flat_map(move |row| line(plane, row))).collect()
    }

    /// Stitches a region with the windows in a given order; `[channel, y, x]`.
    fn stitch(
        grid: WindowGrid,
        region: Window,
        blend: Blend,
        order: impl Fn(&mut Vec<HaloWindow>),
        predict: impl Fn(HaloWindow) -> Vec<f32>,
    ) -> Vec<f32> {
        let mut stitcher = Stitcher::new(grid, region, 2, blend);
        let mut windows = stitcher.windows().to_vec();
        order(&mut windows);
        let mut out = vec![f32::NAN; 2 * region.shape().len()];
        for window in windows {
            for strip in stitcher.push(window, predict(window)).unwrap() {
                let size = strip.window.shape().len();
                let first = strip.window.relative_to(region).row as usize * region.cols;
                for channel in 0..2 {
                    let to = channel * region.shape().len() + first;
                    out[to..to + size].copy_from_slice(&strip.data[channel * size..(channel + 1) * size]);
                }
            }
        }
        stitcher.finish().unwrap();
        out
    }

    proptest! {
        #[test]
        fn stitching_what_was_split_gives_the_map(
            rows in 1usize..50, cols in 1usize..50, window in 1usize..30, halo in 0usize..20,
        ) {
            let shape = Shape2d::new(rows, cols);
            let (grid, map) = (WindowGrid::new(shape, window, halo).unwrap(), map(shape, 2));
            for blend in [Blend::Crop, Blend::Cosine] {
                let whole = Window::whole(shape);
                let out = stitch(grid, whole, blend, |_| (), |w| split(&map, shape, 2, w.read));
                let worst = out.iter().zip(&map).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                // A halo beyond half a window sums hundreds of f32 terms a pixel.
                let tolerance = if 2 * halo <= window { 1e-6 } else { 1e-5 };
                prop_assert!(worst < tolerance, "{blend}: {worst}");
            }
        }

        #[test]
        fn order_and_regions_change_no_bit(
            cols in 1usize..40, window in 3usize..12, halo in 0usize..9, cut in 1usize..29, turn in 0usize..50,
            first_row in -50i64..50, first_col in -50i64..50,
        ) {
            let shape = Shape2d::new(30, cols);
            let grid = WindowGrid::new(shape, window, halo).unwrap().at(first_row, first_col);
            for blend in [Blend::Crop, Blend::Cosine] {
                let whole = stitch(grid, Window::whole(shape), blend, |_| (), disagreeing);
                let shuffle = |windows: &mut Vec<HaloWindow>| { let n = windows.len(); windows.rotate_left(turn % n); windows.reverse() };
                prop_assert_eq!(&stitch(grid, Window::whole(shape), blend, shuffle, disagreeing), &whole);
                let top = stitch(grid, Window::new(0, 0, cut, cols), blend, |_| (), disagreeing);
                let bottom = stitch(grid, Window::new(cut as i64, 0, 30 - cut, cols), blend, |_| (), disagreeing);
                let size = cut * cols;
                prop_assert_eq!(&top[..size], &whole[..size]);
                prop_assert_eq!(&bottom[..30 * cols - size], &whole[size..30 * cols]);
            }
        }

        /// Issue 15: neighbouring maps are to agree on what they share.
        #[test]
        fn a_map_of_a_part_is_the_part_of_the_map(
            window in 3usize..12, halo in 0usize..9, first_row in -50i64..50, first_col in -50i64..50,
            row in -6i64..25, col in -6i64..25, rows in 1usize..20, cols in 1usize..20, edge in 0usize..7,
        ) {
            let shape = Shape2d::new(30, 34);
            let whole = WindowGrid::new(shape, window, halo).unwrap().at(first_row, first_col);
            let part = WindowGrid::new(Shape2d::new(rows, cols), window, halo).unwrap();
            let part = part.at(first_row + row, first_col + col);
            // Both with some ground beyond their edges, as filters want.
            let (all, here) = (Window::whole(shape).pad(edge + 8), Window::new(0, 0, rows, cols).pad(edge));
            let Some(shared) = all.intersection(Window::new(row, col, rows, cols).pad(edge)) else { return Ok(()) };
            for blend in [Blend::Crop, Blend::Cosine] {
                let whole = stitch(whole, all, blend, |_| (), disagreeing);
                let part = stitch(part, here, blend, |_| (), disagreeing);
                let values = |values: &[f32], outer: Window, corner: (i64, i64)| -> Vec<u32> {
                    let own = Window::new(shared.row - corner.0, shared.col - corner.1, shared.rows, shared.cols);
                    cut(values, outer, own).into_iter().map(f32::to_bits).collect()
                };
                prop_assert_eq!(values(&part, here, (row, col)), values(&whole, all, (0, 0)), "{}", blend);
            }
        }
    }

    #[test]
    fn cropping_passes_every_bit_of_the_own_window() {
        let shape = Shape2d::new(20, 20);
        let grid = WindowGrid::new(shape, 8, 3).unwrap();
        let own = |w: HaloWindow| vec![(w.row * 3 + w.col) as f32; 2 * w.read.shape().len()];
        let out = stitch(grid, Window::whole(shape), Blend::Crop, |_| (), own);
        assert_eq!((out[0], out[7], out[8], out[19 * 20 + 19]), (0.0, 0.0, 1.0, 8.0));
    }

    #[test]
    fn memory_is_bounded_by_the_strip() {
        let grid = WindowGrid::new(Shape2d::new(100_000, 64), 32, 8).unwrap();
        let stitcher = Stitcher::new(grid, Window::new(5_000, 0, 90_000, 64), 3, Blend::Cosine);
        assert_eq!(stitcher.sums.len(), 3 * 48 * 64);
    }

    #[test]
    fn wrong_predictions_are_refused() {
        let shape = Shape2d::new(20, 20);
        let grid = WindowGrid::new(shape, 8, 2).unwrap();
        let mut stitcher = Stitcher::new(grid, Window::whole(shape), 1, Blend::Cosine);
        let windows = stitcher.windows().to_vec();
        assert!(matches!(stitcher.push(windows[0], vec![0.0; 143]), Err(Error::Prediction { .. })));
        assert!(matches!(stitcher.push(windows[0], vec![f32::NAN; 144]), Err(Error::NotFinite { .. })));
        stitcher.push(windows[0], vec![0.0; 144]).unwrap();
        assert!(matches!(stitcher.push(windows[0], vec![0.0; 144]), Err(Error::Unexpected { .. })));
        let message = stitcher.finish().unwrap_err().to_string();
        assert_eq!(message, "15 of 16 windows have no prediction yet");
    }
}
