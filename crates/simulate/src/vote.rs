//! The commonest of some class codes.

/// The code that occurs most often; among equals the lowest. 0 of nothing.
pub(crate) fn winner(codes: impl Iterator<Item = u8>) -> u8 {
    let mut votes = [0u16; 256];
    for code in codes {
        votes[usize::from(code)] += 1;
    }
    let most = votes.iter().max().copied().unwrap_or_default();
    votes.iter().position(|count| *count == most).map_or(0, |code| code as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wins_and_the_lowest_among_equals() {
        assert_eq!(winner([3, 9, 9].into_iter()), 9);
        assert_eq!(winner([9, 3, 9, 3].into_iter()), 3);
        assert_eq!(winner(std::iter::empty()), 0);
    }
}
