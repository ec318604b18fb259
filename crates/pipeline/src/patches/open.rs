//! Which pixels a training patch may read: none that is held out, and none in the gap around those.

use ecotone_core::Window;
use ecotone_tiling::{BlockSplit, Part};

/// A plane over the areas of a split: true for the training pixels, and for those of no part that lie further than the gap
/// from every validation and test pixel of their area, in rows or in columns. Those hold no label, but are ground that was
/// looked at all the same.
pub(super) fn open(split: &BlockSplit) -> Vec<bool> {
    let held = |code: &u8| [Part::Validation.code(), Part::Test.code()].contains(code);
    let mut open = Vec::with_capacity(split.codes().len());
    for (area, codes) in split.areas().parts(split.codes()) {
        let mut near: Vec<bool> = codes.iter().map(held).collect();
        widen(&mut near, area, split.gap());
        let is_open = |(code, near): (&u8, bool)| *code == Part::Train.code() || !near;
        open.extend(codes.iter().zip(near).map(is_open));
    }
    open
}

/// Marks what lies within `gap` pixels of a marked one, in rows and in columns.
fn widen(marked: &mut [bool], area: Window, gap: usize) {
    if gap == 0 {
        return;
    }
    for row in 0..area.rows {
        widen_line(marked, row * area.cols, 1, area.cols, gap);
    }
    for col in 0..area.cols {
        widen_line(marked, col, area.cols, area.rows, gap);
    }
}

/// The same on the line of `length` pixels that begins at `first` and goes on `step` further.
fn widen_line(marked: &mut [bool], first: usize, step: usize, length: usize, gap: usize) {
    let at = |i: usize| first + i * step;
    let before: Vec<usize> = (0..length).filter(|i| marked[at(*i)]).collect();
    for i in before {
        for near in i.saturating_sub(gap)..(i + gap + 1).min(length) {
            marked[at(near)] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Shape2d;
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
    }
}
