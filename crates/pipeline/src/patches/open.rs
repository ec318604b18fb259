//! Which pixels a training patch may read: none that is held out, and none in the gap around those.

use ecotone_core::{Shape2d, Window};
use ecotone_tiling::{BlockSplit, Part};

/// A plane over the areas of a split: true for the training pixels, and for those of no part that lie further than the gap
/// from every validation and test pixel, of their own area or of one nearby, in rows or in columns. Those hold no label, but
/// are ground that was looked at all the same.
pub(super) fn open(split: &BlockSplit) -> Vec<bool> {
    let mut open = Vec::with_capacity(split.codes().len());
    for (area, codes) in split.areas().parts(split.codes()) {
        let is_open = |(code, near): (&u8, bool)| *code == Part::Train.code() || !near;
        open.extend(codes.iter().zip(near_held(split, area)).map(is_open));
    }
    open
}

/// Whether each pixel of an area lies within the gap of one that is held out.
fn near_held(split: &BlockSplit, area: Window) -> Vec<bool> {
    let around = area.pad(split.gap());
    let mut held = vec![false; around.shape().len()];
    // Areas come in the order of their first rows.
    let others = split.areas().parts(split.codes()).take_while(|(other, _)| other.row < around.row_end());
    for (other, codes) in others {
        let Some(shared) = other.intersection(around) else { continue };
        let (from, to) = (shared.relative_to(other), shared.relative_to(around));
        for row in 0..shared.rows {
            let from = (from.row as usize + row) * other.cols + from.col as usize;
            let to = (to.row as usize + row) * around.cols + to.col as usize;
            let codes = &codes[from..from + shared.cols];
            held[to..to + shared.cols].iter_mut().zip(codes).for_each(|(held, code)| *held = is_held(*code));
        }
    }
    widen(&mut held, around.shape(), split.gap());
    let gap = split.gap();
    let line = |row: usize| &held[(row + gap) * around.cols + gap..][..area.cols];
    (0..area.rows).flat_map(line).copied().collect()
}

fn is_held(code: u8) -> bool {
    [Part::Validation.code(), Part::Test.code()].contains(&code)
}

/// Marks what lies within `gap` pixels of a marked one, in rows and in columns.
fn widen(marked: &mut [bool], Shape2d { rows, cols }: Shape2d, gap: usize) {
    if gap == 0 {
        return;
    }
    for row in 0..rows {
        widen_line(marked, row * cols, 1, cols, gap);
    }
    for col in 0..cols {
        widen_line(marked, col, cols, rows, gap);
    }
}

/// The same on the line of `length` pixels that begins at `first` and goes on `step` further, in time of its length.
fn widen_line(marked: &mut [bool], first: usize, step: usize, length: usize, gap: usize) {
    let at = |i: usize| first + i * step;
    let before: Vec<bool> = (0..length).map(|i| marked[at(i)]).collect();
    let mut spread = |order: &mut dyn Iterator<Item = usize>| {
        // How far the last marked pixel still reaches.
        let mut left = 0usize;
        for i in order {
            left = if before[i] { gap + 1 } else { left.saturating_sub(1) };
            marked[at(i)] |= left > 0;
        }
    };
    spread(&mut (0..length));
    spread(&mut (0..length).rev());
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::AreaGrid;
    use ecotone_tiling::{Fractions, SplitConfig};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_open_pixel_is_held_out_or_near_one(
            rows in 8usize..40, cols in 8usize..40, block in 3usize..9, gap in 0usize..4, seed in 0u64..99,
        ) {
            let shape = Shape2d::new(rows, cols);
            // A stripe without labels: its blocks belong to no part.
            let labels: Vec<u8> = (0..shape.len()).map(|i| if i % cols < cols / 3 { 255 } else { 0 }).collect();
            let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
            let split = BlockSplit::stratified(shape, &SplitConfig { block, gap, fractions, seed }, 1, &labels).unwrap();
            for (place, open) in open(&split).into_iter().enumerate() {
                let (row, col) = ((place / cols) as i64, (place % cols) as i64);
                let around = Window::new(row, col, 1, 1).pad(gap).intersection(Window::whole(shape)).unwrap();
                let mut parts = (around.row..around.row_end())
                    .flat_map(|row| (around.col..around.col_end()).map(move |col| (row, col)))
                    .map(|(row, col)| split.part_at(row as usize, col as usize));
                let far = !parts.any(|part| [Part::Validation, Part::Test].contains(&part));
                prop_assert_eq!(open, far, "{} {}", row, col);
            }
        }

        /// Areas that touch, or lie nearer than the gap, are ground of one land.
        #[test]
        fn what_is_held_out_in_another_area_counts(
            rows in 8usize..24, cols in 8usize..24, apart in 0usize..3, block in 3usize..9, gap in 0usize..5,
            seed in 0u64..99,
        ) {
            let shape = Shape2d::new(2 * rows + apart, 2 * cols + apart);
            let (down, right) = ((rows + apart) as i64, (cols + apart) as i64);
            let windows = vec![
                Window::new(0, 0, rows, cols), Window::new(0, right, rows, cols), Window::new(down, 0, rows, cols),
            ];
            let areas = AreaGrid::new(shape, windows).unwrap();
            let labels: Vec<u8> = areas.pixels().map(|(_, col)| if col % 5 == 0 { 255 } else { 0 }).collect();
            let fractions = Fractions { train: 0.5, validation: 0.3, test: 0.2 };
            let config = SplitConfig { block, gap, fractions, seed };
            let split = BlockSplit::stratified(areas.clone(), &config, 1, &labels).unwrap();
            let held: Vec<(usize, usize)> =
                areas.pixels().zip(split.codes()).filter(|(_, code)| is_held(**code)).map(|(at, _)| at).collect();
            for (place, (open, (row, col))) in open(&split).into_iter().zip(areas.pixels()).enumerate() {
                let near = |at: &(usize, usize)| at.0.abs_diff(row) <= gap && at.1.abs_diff(col) <= gap;
                let is_open = split.codes()[place] == Part::Train.code() || !held.iter().any(near);
                prop_assert_eq!(open, is_open, "{} {}", row, col);
            }
        }
    }
}
