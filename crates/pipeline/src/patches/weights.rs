//! How often each pixel is in a training patch, computed from how patches are drawn.

use ecotone_core::Shape2d;

/// Turns the chances of the pixels `[y, x]` of an area to be drawn into the mean times that each is in the patch: a square
/// of `side` pixels that is laid around the drawn one with each offset alike, and pushed into the area where it reaches
/// over its edge. The area is no smaller than a patch.
///
/// Rows and columns of a patch are drawn apart, so that lines are worked off one by one, each in time of its length.
pub(super) fn in_patches(chances: &mut [f64], Shape2d { rows, cols }: Shape2d, side: usize) {
    for line in chances.chunks_exact_mut(cols.max(1)) {
        let found = of_line(line, side);
        line.copy_from_slice(&found);
    }
    for col in 0..cols {
        let line: Vec<f64> = (0..rows).map(|row| chances[row * cols + col]).collect();
        for (row, found) in of_line(&line, side).into_iter().enumerate() {
            chances[row * cols + col] = found;
        }
    }
}

fn of_line(chances: &[f64], side: usize) -> Vec<f64> {
    let (length, last) = (chances.len() as i64, (chances.len() - side) as i64);
    let side = side as i64;
    let sum = sums(chances);
    let mut starts = vec![0.0; last as usize + 1];
    for start in 1 - side..length {
        let (from, to) = (start.max(0), (start + side).min(length));
        starts[start.clamp(0, last) as usize] += (sum[to as usize] - sum[from as usize]) / side as f64;
    }
    let sum = sums(&starts);
    let holds = |pixel: i64| (((pixel - side + 1).max(0)) as usize, (pixel.min(last) + 1) as usize);
    (0..length).map(holds).map(|(from, to)| sum[to] - sum[from]).collect()
}

/// The sums of the first 0, 1, … values.
fn sums(values: &[f64]) -> Vec<f64> {
    let running = values.iter().scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    std::iter::once(0.0).chain(running).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_as_if_every_patch_were_laid(
            chances in prop::collection::vec(0.0..1.0f64, 5..30), side in 1usize..6,
        ) {
            let (length, mut expected) = (chances.len(), vec![0.0; chances.len()]);
            for (pixel, chance) in chances.iter().enumerate() {
                for offset in 0..side {
                    let start = pixel.saturating_sub(offset).min(length - side);
                    expected[start..start + side].iter_mut().for_each(|seen| *seen += chance / side as f64);
                }
            }
            for (found, expected) in of_line(&chances, side).into_iter().zip(expected) {
                prop_assert!((found - expected).abs() < 1e-9);
            }
        }

        #[test]
        fn a_patch_holds_as_many_pixels_as_it_has(rows in 4usize..12, cols in 4usize..12, side in 1usize..5) {
            let mut chances = vec![1.0 / (rows * cols) as f64; rows * cols];
            in_patches(&mut chances, Shape2d::new(rows, cols), side);
            prop_assert!((chances.iter().sum::<f64>() - (side * side) as f64).abs() < 1e-9);
        }
    }
}
