//! Exact Euclidean distances to the nearest marked pixel.

use crate::Result;
use crate::halo::check_pixels;
use ecotone_core::{Resolution, Shape2d};

/// Distance of each pixel centre to that of the nearest marked pixel, row by row, in the unit of the pixel's sides.
///
/// 0 for a marked pixel, infinite everywhere where none is marked. Exact, in time linear in the pixels (Felzenszwalb &
/// Huttenlocher 2012). Of a part of a map, distances up to its halo are those of the whole map; greater ones may come
/// out too great. Sides in degrees give degrees: use a projected grid.
///
/// ```
/// use ecotone_core::{Resolution, Shape2d};
/// use ecotone_metrics::distance_transform;
///
/// let marked = [false, false, true, false, false, false];
/// let metres = distance_transform(&marked, Shape2d::new(2, 3), Resolution::square(10.0).unwrap())?;
/// assert_eq!(metres[..3], [20.0, 10.0, 0.0]);
/// assert_eq!(metres[4], 200f64.sqrt());
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When `marked` does not have the shape's number of pixels.
pub fn distance_transform(marked: &[bool], shape: Shape2d, resolution: Resolution) -> Result<Vec<f64>> {
    check_pixels(marked.len(), shape)?;
    let cols = shape.cols;
    let mut squared = along_columns(marked, cols, resolution.y());
    if cols > 0 {
        let mut envelope = Envelope::new(cols, resolution.x());
        for row in squared.chunks_mut(cols) {
            envelope.lower(row);
        }
    }
    squared.iter_mut().for_each(|distance| *distance = distance.sqrt());
    Ok(squared)
}

/// Squared distance to the nearest marked pixel of the same column: down, then up.
fn along_columns(marked: &[bool], cols: usize, height: f64) -> Vec<f64> {
    let mut steps: Vec<f64> = marked.iter().map(|marked| if *marked { 0.0 } else { f64::INFINITY }).collect();
    for pixel in cols..steps.len() {
        steps[pixel] = steps[pixel].min(steps[pixel - cols] + 1.0);
    }
    for pixel in (cols..steps.len()).rev() {
        steps[pixel - cols] = steps[pixel - cols].min(steps[pixel] + 1.0);
    }
    steps.iter_mut().for_each(|steps| *steps = (*steps * height).powi(2));
    steps
}

/// The parabolas that are lowest somewhere along a row, from left to right.
struct Envelope {
    width: f64,
    /// Column and height of each parabola's foot.
    feet: Vec<(f64, f64)>,
    /// From which column on each is the lowest.
    from: Vec<f64>,
}

impl Envelope {
    fn new(cols: usize, width: f64) -> Self {
        Self { width, feet: Vec::with_capacity(cols), from: Vec::with_capacity(cols) }
    }

    /// Lowers each value to the least parabola over it.
    fn lower(&mut self, row: &mut [f64]) {
        self.feet.clear();
        self.from.clear();
        for (col, height) in row.iter().enumerate().filter(|(_, height)| height.is_finite()) {
            let foot = (col as f64, *height);
            let mut start = f64::NEG_INFINITY;
            while let (Some(last), Some(from)) = (self.feet.last(), self.from.last()) {
                start = self.crossing(*last, foot);
                if start > *from {
                    break;
                }
                self.feet.pop();
                self.from.pop();
                start = f64::NEG_INFINITY;
            }
            self.feet.push(foot);
            self.from.push(start);
        }
        if self.feet.is_empty() {
            return;
        }
        let mut lowest = 0;
        for (col, value) in row.iter_mut().enumerate() {
            while self.from.get(lowest + 1).is_some_and(|from| *from < col as f64) {
                lowest += 1;
            }
            let (foot, height) = self.feet[lowest];
            *value = ((col as f64 - foot) * self.width).powi(2) + height;
        }
    }

    /// The column where two parabolas cross.
    fn crossing(&self, left: (f64, f64), right: (f64, f64)) -> f64 {
        let rise = (right.1 - left.1) / (self.width * self.width);
        (rise + right.0 * right.0 - left.0 * left.0) / (2.0 * (right.0 - left.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHAPE: Shape2d = Shape2d::new(7, 12);

    proptest! {
        #[test]
        fn it_is_the_least_of_all_distances(
            marked in proptest::collection::vec(proptest::bool::weighted(0.06), SHAPE.len()),
            x in 0.5f64..30.0,
            y in 0.5f64..30.0,
        ) {
            let found = distance_transform(&marked, SHAPE, Resolution::new(x, y).unwrap()).unwrap();
            for (pixel, found) in found.iter().enumerate() {
                let to = |other: usize| {
                    let cols = (pixel % SHAPE.cols).abs_diff(other % SHAPE.cols) as f64;
                    let rows = (pixel / SHAPE.cols).abs_diff(other / SHAPE.cols) as f64;
                    (cols * x).hypot(rows * y)
                };
                let least = (0..SHAPE.len()).filter(|other| marked[*other]).map(to).fold(f64::INFINITY, f64::min);
                prop_assert!(*found == least || (found - least).abs() < 1e-9, "{found} for {least}");
            }
        }
    }

    #[test]
    fn empty_and_wrong_shapes() {
        let square = Resolution::square(1.0).unwrap();
        for shape in [Shape2d::new(0, 0), Shape2d::new(3, 0), Shape2d::new(0, 3)] {
            assert_eq!(distance_transform(&[], shape, square), Ok(vec![]));
        }
        assert!(distance_transform(&[true], Shape2d::new(1, 2), square).is_err());
    }
}
