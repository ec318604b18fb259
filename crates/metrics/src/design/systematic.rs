//! A square grid of sample units over a raster, from a random start.

use crate::{Error, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A pixel of a systematic grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridUnit {
    /// Row, from 0 at the top.
    pub row: u64,
    /// Column, from 0 at the left.
    pub col: u64,
    /// `1 / step²`, the same for each.
    pub inclusion_probability: f64,
    /// `step²`, the pixels that it stands for.
    pub weight: f64,
}

/// Every `step`-th pixel in both directions of a raster of `rows` x `cols`, from a random start in the first square of
/// `step` x `step` pixels (Cochran 1977, section 8.10: square grid sampling), row by row.
///
/// The number of units depends on the start where `step` does not divide the shape. Pixels that are masked are
/// dropped by the caller; the probabilities of the others stay true. A design has no unbiased variance estimator:
/// estimates treat the sample as a simple random one, which as a rule overstates the error (Cochran 1977, section
/// 8.11).
///
/// ```
/// use ecotone_metrics::systematic_grid;
///
/// let units: Vec<_> = systematic_grid(100, 60, 20, 9)?.collect();
/// assert_eq!(units.len(), 15);
/// assert_eq!(units[1].col - units[0].col, 20);
/// assert_eq!(units[0].weight, 400.0);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When the step is 0.
pub fn systematic_grid(rows: u64, cols: u64, step: u64, seed: u64) -> Result<impl Iterator<Item = GridUnit>> {
    if step == 0 {
        let expected = "at least 1 pixel";
        return Err(Error::Range { what: "step of the grid", value: 0.0, expected });
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (top, left) = (random.random_range(0..step), random.random_range(0..step));
    let weight = step as f64 * step as f64;
    let along = move |start: u64, size: u64| (start..size).step_by(step as usize);
    let unit = move |row, col| GridUnit { row, col, inclusion_probability: 1.0 / weight, weight };
    Ok(along(top, rows).flat_map(move |row| along(left, cols).map(move |col| unit(row, col))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pixel_is_drawn_as_often_as_said() {
        let mut counts = [[0.0; 7]; 5];
        for seed in 0..4000 {
            for unit in systematic_grid(5, 7, 3, seed).unwrap() {
                counts[unit.row as usize][unit.col as usize] += unit.weight / 4000.0;
            }
        }
        assert!(counts.iter().flatten().all(|sum| (sum - 1.0).abs() < 0.2), "{counts:?}");
    }

    #[test]
    fn a_step_of_nothing_is_an_error_and_one_beyond_the_raster_is_not() {
        assert!(systematic_grid(5, 7, 0, 1).is_err());
        assert!(systematic_grid(5, 7, 1000, 1).unwrap().count() <= 1);
        assert_eq!(systematic_grid(5, 7, 1, 1).unwrap().count(), 35);
    }
}
