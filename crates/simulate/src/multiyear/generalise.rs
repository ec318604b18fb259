//! How makers of maps generalise: borders drawn smoothly, and patches below the mapping unit given to their surroundings.

use crate::noise::field;
use crate::vote::winner;

/// The commonest code in the square of `2 * radius + 1` pixels around each pixel of a square map of `size` a side.
pub(crate) fn smooth(codes: &[u8], size: usize, radius: usize) -> Vec<u8> {
    field(size, size, |r, c| {
        let span = |at: usize| at.saturating_sub(radius)..(at + radius + 1).min(size);
        winner(span(r).flat_map(|r| span(c).map(move |c| codes[r * size + c])))
    })
}

/// Gives patches (of the four neighbours) of fewer than `smallest` pixels to the class that borders them most, the
/// smallest first; a patch that grows on the way is kept.
pub(crate) fn sieve(mut codes: Vec<u8>, size: usize, smallest: usize) -> Vec<u8> {
    let mut small: Vec<(usize, usize)> =
        patches(&codes, size).into_iter().filter(|(pixels, _)| *pixels < smallest).collect();
    small.sort_unstable();
    let mut seen = vec![false; codes.len()];
    for (_, first) in small {
        let patch = grow(&codes, size, first, &mut seen);
        patch.iter().for_each(|pixel| seen[*pixel] = false);
        let own = codes[first];
        let border = || patch.iter().flat_map(|pixel| neighbours(*pixel, size)).map(|i| codes[i]);
        if patch.len() < smallest && border().any(|code| code != own) {
            let class = winner(border().filter(|code| *code != own));
            patch.iter().for_each(|pixel| codes[*pixel] = class);
        }
    }
    codes
}

/// The number of pixels and the first pixel of every patch of one code.
fn patches(codes: &[u8], size: usize) -> Vec<(usize, usize)> {
    let mut seen = vec![false; codes.len()];
    let mut found = Vec::new();
    for first in 0..codes.len() {
        if !seen[first] {
            found.push((grow(codes, size, first, &mut seen).len(), first));
        }
    }
    found
}

/// The pixels that share the code of a first one and join up with it; they are marked as seen.
fn grow(codes: &[u8], size: usize, first: usize, seen: &mut [bool]) -> Vec<usize> {
    let mut patch = vec![first];
    seen[first] = true;
    let mut next = 0;
    while let Some(pixel) = patch.get(next).copied() {
        next += 1;
        for other in neighbours(pixel, size) {
            if !seen[other] && codes[other] == codes[first] {
                seen[other] = true;
                patch.push(other);
            }
        }
    }
    patch
}

/// The up to four pixels beside a pixel of a square map.
fn neighbours(pixel: usize, size: usize) -> impl Iterator<Item = usize> {
    let (row, col) = (pixel / size, pixel % size);
    [
        (row > 0).then(|| pixel - size),
        (col > 0).then(|| pixel - 1),
        (col + 1 < size).then(|| pixel + 1),
        (row + 1 < size).then(|| pixel + size),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specks_go_and_patches_stay() {
        let mut codes = vec![1; 100];
        codes[55] = 2;
        for pixel in [0, 1, 10, 11] {
            codes[pixel] = 3;
        }
        let clean = sieve(codes, 10, 3);
        assert_eq!((clean[55], clean[0], clean[11]), (1, 3, 3));
        assert_eq!(sieve(vec![7; 16], 4, 300), vec![7; 16]);
    }

    #[test]
    fn borders_become_smooth() {
        let codes: Vec<u8> = (0..400).map(|i| if i % 20 < 10 { 1 } else { 2 }).collect();
        assert_eq!(smooth(&codes, 20, 2), codes);
        let mut ragged = codes.clone();
        ragged[10 * 20 + 10] = 1;
        assert_eq!(smooth(&ragged, 20, 2), codes);
    }
}
