//! Which pixels of a part lie too near to another part, and are left unused.

use crate::part::Part;
use ecotone_core::Window;

/// The codes of an area, `[y, x]`, after gaps; `given` holds the codes of the parts before, in the window `around` it,
/// which reaches at least `gap` pixels further where the map does.
///
/// Test cuts its surroundings out of the other two, validation out of training: later parts stay whole.
pub(crate) fn cut(given: &[u8], around: Window, area: Window, gap: usize) -> Vec<u8> {
    let inner = area.relative_to(around);
    let near = |least: Part| -> Vec<bool> {
        grown(given.iter().map(|code| *code >= least.code()).collect(), around.cols, gap)
    };
    let (test, held) = (near(Part::Test), near(Part::Validation));
    let mut codes = Vec::with_capacity(area.shape().len());
    for row in inner.row as usize..inner.row_end() as usize {
        for at in row * around.cols + inner.col as usize..row * around.cols + inner.col_end() as usize {
            let too_near = match given[at] {
                code if code == Part::Train.code() => held[at],
                code if code == Part::Validation.code() => test[at],
                _ => false,
            };
            codes.push(if too_near { Part::Unused.code() } else { given[at] });
        }
    }
    codes
}

/// A mask `[y, x]` grown by some pixels in rows, columns and both.
fn grown(mut mask: Vec<bool>, cols: usize, by: usize) -> Vec<bool> {
    if by == 0 || mask.is_empty() {
        return mask;
    }
    for line in mask.chunks_exact_mut(cols) {
        let (mut ahead, mut behind) = (usize::MAX, usize::MAX);
        let near: Vec<bool> = line.iter().map(|set| since(&mut ahead, *set) <= by).collect();
        for (set, near) in line.iter_mut().zip(near).rev() {
            *set = since(&mut behind, *set) <= by || near;
        }
    }
    let rows = mask.len() / cols;
    // Of distances no more is kept than whether they are short: a byte a pixel.
    let mut near = vec![false; mask.len()];
    let mut last = vec![usize::MAX; cols];
    for at in 0..mask.len() {
        near[at] = since(&mut last[at % cols], mask[at]) <= by;
    }
    last.fill(usize::MAX);
    for at in (0..rows * cols).rev() {
        mask[at] = since(&mut last[at % cols], mask[at]) <= by || near[at];
    }
    mask
}

/// Steps since the last pixel of a mask.
fn since(steps: &mut usize, set: bool) -> usize {
    *steps = if set { 0 } else { steps.saturating_add(1) };
    *steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_grown_mask_holds_what_lies_within_a_square(
            rows in 1usize..9, cols in 1usize..9, by in 0usize..4, mask in proptest::collection::vec(any::<bool>(), 81),
        ) {
            let mask = mask[..rows * cols].to_vec();
            let found = grown(mask.clone(), cols, by);
            for (at, found) in found.into_iter().enumerate() {
                let near = |other: usize| {
                    (at / cols).abs_diff(other / cols).max((at % cols).abs_diff(other % cols)) <= by
                };
                prop_assert_eq!(found, (0..mask.len()).any(|other| mask[other] && near(other)));
            }
        }
    }
}
