//! Combining pixels of lattices that nest: exact, and blind to invalid pixels.

use super::pixel::Real;
use crate::{Pixel, Resampling};
use ecotone_core::Window;

/// Which values count, and what a computed value becomes.
#[derive(Clone, Copy)]
struct Rule<T> {
    sentinel: Option<T>,
    /// What stands where nothing counts.
    fill: T,
    /// What a mean that happens to equal the sentinel becomes: its neighbour.
    spare: T,
}

impl<T: Pixel> Rule<T> {
    fn new(sentinel: Option<T>, fill: T) -> Self {
        let value: f64 = sentinel.unwrap_or(T::FILL).into();
        let below = T::from_f64(value - 1.0);
        let spare = if sentinel == Some(below) { T::from_f64(value + 1.0) } else { below };
        Self { sentinel, fill, spare }
    }

    fn counts(&self, value: T) -> bool {
        !value.is_nan() & (self.sentinel != Some(value))
    }

    /// A computed value that is not mistaken for the sentinel.
    fn avoid(&self, made: T) -> T {
        if self.sentinel == Some(made) && !T::TYPE.is_float() { self.spare } else { made }
    }
}

/// Blocks of `factor` x `factor` pixels, in rows of `cols`, as one pixel each: their mean, mode or middle.
///
/// A block without a valid pixel becomes nodata.
pub(crate) fn shrink<T: Pixel>(
    source: &[T],
    cols: usize,
    nodata: Option<T>,
    factor: usize,
    resampling: Resampling,
    made: &mut [T],
) {
    let rule = Rule::new(nodata, nodata.unwrap_or(T::FILL));
    let rows = source.chunks_exact((cols * factor).max(1)).zip(made.chunks_exact_mut((cols / factor).max(1)));
    match resampling {
        // GDAL's choice too: the pixel under the centre, or right and below of it where that is a corner.
        Resampling::Nearest => {
            for (rows, made) in rows {
                let middles = rows[factor / 2 * cols..][..cols].iter().skip(factor / 2).step_by(factor);
                made.iter_mut().zip(middles).for_each(|(made, value)| *made = *value);
            }
        }
        Resampling::Mode => {
            let mut counts = Vec::new();
            for (rows, made) in rows {
                for (made, col) in made.iter_mut().zip((0..cols).step_by(factor)) {
                    let block = rows.chunks_exact(cols).flat_map(|row| &row[col..col + factor]).copied();
                    *made = mode(block.filter(|v| rule.counts(*v)), &mut counts).unwrap_or(rule.fill);
                }
            }
        }
        Resampling::Average | Resampling::Bilinear | Resampling::Cubic => {
            let mut line = Line::new(cols);
            for (rows, made) in rows {
                match factor {
                    // So that the compiler knows the number and unrolls.
                    2 => line.means(rows, 2, &rule, made),
                    _ => line.means(rows, factor, &rule, made),
                }
            }
        }
    }
}

/// The most frequent value, of equals the one first seen.
fn mode<T: Pixel>(values: impl Iterator<Item = T>, counts: &mut Vec<(T, u32)>) -> Option<T> {
    counts.clear();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(value, _)| *value)
}

/// The source pixels that a window of the finer lattice needs, one more on each side for interpolation.
pub(crate) fn sources(fine: Window, factor: usize) -> Window {
    let k = factor as i64;
    let (row, col) = (fine.row.div_euclid(k), fine.col.div_euclid(k));
    let rows = (fine.row_end() - 1).div_euclid(k) - row + 1;
    let cols = (fine.col_end() - 1).div_euclid(k) - col + 1;
    Window::new(row, col, rows.max(0) as usize, cols.max(0) as usize).pad(1)
}

/// Pixels of a lattice, row by row.
pub(crate) struct Source<'a, T> {
    pub(crate) values: &'a [T],
    /// Where they lie on it.
    pub(crate) inside: Window,
    pub(crate) nodata: Option<T>,
}

/// `source` on a lattice cut `factor` times as fine, under `fine`, into memory of that size.
///
/// A pixel is valid where the source pixel that it lies in is; invalid neighbours give their weight to valid ones.
pub(crate) fn enlarge<T: Pixel>(
    &Source { values, inside, nodata }: &Source<'_, T>,
    fine: Window,
    factor: usize,
    resampling: Resampling,
    fill: T,
    made: &mut [T],
) {
    let rule = Rule::new(nodata, fill);
    let row_of = |row: usize| &values[row * inside.cols..(row + 1) * inside.cols];
    let down = taps::<T::Real>(fine.row, fine.rows, inside.row, inside.rows, factor);
    let across = taps::<T::Real>(fine.col, fine.cols, inside.col, inside.cols, factor);
    // A source row serves several fine rows, each between two source rows that follow each other.
    let mut lines = [Line::new(fine.cols), Line::new(fine.cols)];
    for (tap, line) in down.iter().zip(made.chunks_exact_mut(fine.cols.max(1))) {
        let Some(under) = tap.under else {
            line.fill(fill);
            continue;
        };
        if resampling != Resampling::Bilinear {
            let row = row_of(under);
            let pixels = line.iter_mut().zip(&across);
            pixels.for_each(|(pixel, tap)| *pixel = tap.under.map_or(fill, |col| row[col]));
            continue;
        }
        for row in tap.near {
            lines[row % 2].interpolate(row, row_of(row), &across, &rule);
        }
        let ([upper, lower], [above, below]) = (tap.near.map(|row| &lines[row % 2]), tap.weight);
        // Two plain loops, the first over invalid pixels too, since a loop without a branch is many times as fast.
        let sums = upper.sums.iter().zip(&lower.sums);
        let weights = upper.weights.iter().zip(&lower.weights);
        for ((pixel, (a, b)), (c, d)) in line.iter_mut().zip(sums).zip(weights) {
            *pixel = T::from_real((above * *a + below * *b) / (above * *c + below * *d));
        }
        for (pixel, valid) in line.iter_mut().zip(&lines[under % 2].valid) {
            *pixel = if *valid { rule.avoid(*pixel) } else { fill };
        }
    }
}

/// Where a fine pixel lies along one axis, in source pixels.
struct Tap<R> {
    /// The source pixel that it lies in, where there is one; always one of the two nearest.
    under: Option<usize>,
    /// The two source pixels nearest to its centre; both the same at an edge.
    near: [usize; 2],
    /// Their weights.
    weight: [R; 2],
}

fn taps<R: Real>(start: i64, count: usize, first: i64, length: usize, factor: usize) -> Vec<Tap<R>> {
    let last = length as i64 - 1;
    (start..start + count as i64)
        .map(|fine| {
            let centre = (fine as f64 + 0.5) / factor as f64 - 0.5;
            let share = centre - centre.floor();
            let left = centre.floor() as i64 - first;
            let under = fine.div_euclid(factor as i64) - first;
            Tap {
                under: usize::try_from(under).ok().filter(|under| *under < length),
                near: [left, left + 1].map(|i| i.clamp(0, last) as usize),
                weight: [1.0 - share, share].map(R::from_f64),
            }
        })
        .collect()
}

/// Sums of valid values by weight along a row, and the weights.
struct Line<R> {
    row: Option<usize>,
    sums: Vec<R>,
    weights: Vec<R>,
    /// Where the pixel under the centre counts.
    valid: Vec<bool>,
}

impl<R: Real> Line<R> {
    fn new(cols: usize) -> Self {
        Self { row: None, sums: vec![R::ZERO; cols], weights: vec![R::ZERO; cols], valid: vec![false; cols] }
    }

    /// Adds up `factor` rows, then `factor` columns.
    #[inline(always)]
    fn means<T: Pixel<Real = R>>(&mut self, rows: &[T], factor: usize, rule: &Rule<T>, made: &mut [T]) {
        self.sums.fill(R::ZERO);
        self.weights.fill(R::ZERO);
        for row in rows.chunks_exact(self.sums.len()) {
            for ((sum, weight), value) in self.sums.iter_mut().zip(&mut self.weights).zip(row) {
                let counts = rule.counts(*value);
                *sum += if counts { value.to_real() } else { R::ZERO };
                *weight += if counts { R::ONE } else { R::ZERO };
            }
        }
        let total = |parts: &[R]| parts.iter().fold(R::ZERO, |sum, part| sum + *part);
        let blocks = self.sums.chunks_exact(factor).zip(self.weights.chunks_exact(factor));
        for (made, (sums, weights)) in made.iter_mut().zip(blocks) {
            let weight = total(weights);
            *made =
                if weight == R::ZERO { rule.fill } else { rule.avoid(T::from_real(total(sums) / weight)) };
        }
    }

    /// Interpolates a source row, unless it is this one already.
    fn interpolate<T: Pixel<Real = R>>(
        &mut self,
        row: usize,
        values: &[T],
        across: &[Tap<R>],
        rule: &Rule<T>,
    ) {
        if self.row.replace(row) == Some(row) {
            return;
        }
        for (i, tap) in across.iter().enumerate() {
            let (mut sum, mut weight) = (R::ZERO, R::ZERO);
            for (col, share) in tap.near.into_iter().zip(tap.weight) {
                let counts = rule.counts(values[col]);
                sum += if counts { share * values[col].to_real() } else { R::ZERO };
                weight += if counts { share } else { R::ZERO };
            }
            (self.sums[i], self.weights[i]) = (sum, weight);
            self.valid[i] = tap.under.is_some_and(|col| rule.counts(values[col]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata, Raster, Shape2d, XY};
    use proptest::prelude::*;

    fn raster(rows: usize, cols: usize, data: Vec<i16>) -> Raster<i16> {
        let grid = GeoTransform::north_up(XY::new(0.0, 0.0), 20.0);
        let grid = GeoBox::new(Shape2d::new(rows, cols), grid, Crs::epsg(32633));
        Raster::new(grid, 1, data, Some(Nodata::new(-1.0))).unwrap()
    }

    fn enlarged(
        source: &Raster<i16>,
        inside: Window,
        fine: Window,
        factor: usize,
        how: Resampling,
    ) -> Vec<i16> {
        let source = Source { values: source.data(), inside, nodata: Some(-1) };
        let mut made = vec![7; fine.shape().len()];
        enlarge(&source, fine, factor, how, -1, &mut made);
        made
    }

    fn shrunk(source: &Raster<i16>, factor: usize, resampling: Resampling) -> Vec<i16> {
        let mut made = vec![7; source.data().len() / (factor * factor)];
        shrink(source.data(), source.shape().cols, Some(-1), factor, resampling, &mut made);
        made
    }

    proptest! {
        #[test]
        fn enlarging_then_shrinking_gives_the_source(data in prop::collection::vec(-1i16..50, 30), factor in 2usize..5) {
            let source = raster(5, 6, data.clone());
            let (inside, fine) = (Window::new(0, 0, 5, 6), Window::new(0, 0, 5 * factor, 6 * factor));
            let large = raster(5 * factor, 6 * factor, enlarged(&source, inside, fine, factor, Resampling::Nearest));
            for resampling in [Resampling::Nearest, Resampling::Average, Resampling::Mode] {
                prop_assert_eq!(&shrunk(&large, factor, resampling), &data);
            }
        }

        #[test]
        fn a_part_is_made_as_in_the_whole(
            data in prop::collection::vec(-1i16..50, 30), row in -3i64..9, col in -3i64..9, rows in 1usize..6, cols in 1usize..6,
        ) {
            let source = raster(5, 6, data);
            let make = |fine: Window| {
                let inside = Window::new(0, 0, 5, 6).intersection(sources(fine, 2));
                let Some(inside) = inside else { return vec![-1; fine.shape().len()] };
                enlarged(&source.crop(inside).unwrap(), inside, fine, 2, Resampling::Bilinear)
            };
            let (whole, part) = (Window::new(-4, -4, 24, 24), Window::new(row, col, rows, cols));
            let (all, made) = (make(whole), make(part));
            let place = part.relative_to(whole);
            for y in 0..rows {
                let start = (place.row as usize + y) * 24 + place.col as usize;
                prop_assert_eq!(&made[y * cols..(y + 1) * cols], &all[start..start + cols]);
            }
        }
    }

    #[test]
    fn bilinear_is_exact_on_a_plane_and_flat_beyond_the_last_centre() {
        let source = raster(1, 3, vec![0, 40, 80]);
        let fine = Window::new(0, 0, 2, 6);
        let made = enlarged(&source, Window::new(0, 0, 1, 3), fine, 2, Resampling::Bilinear);
        assert_eq!(made, [[0, 10, 30, 50, 70, 80], [0, 10, 30, 50, 70, 80]].concat());
    }

    #[test]
    fn a_mean_is_not_mistaken_for_nodata() {
        assert_eq!(shrunk(&raster(2, 2, vec![-2, 0, -2, 0]), 2, Resampling::Average), [-2]);
        assert_eq!(shrunk(&raster(2, 2, vec![-1; 4]), 2, Resampling::Average), [-1]);
    }

    #[test]
    fn of_equal_counts_the_first_wins() {
        assert_eq!(shrunk(&raster(2, 2, vec![7, 3, 3, 7]), 2, Resampling::Mode), [7]);
        assert_eq!(shrunk(&raster(2, 2, vec![-1, -1, -1, 5]), 2, Resampling::Mode), [5]);
    }
}
