//! What a wrong map takes a place for.

/// The class that a place of class `truth` is taken for: each of `mistakes` is a class and its probability, and `luck`, from 0 to 1,
/// decides between them and the truth.
pub(crate) fn taken_for(truth: u8, mistakes: &[(u8, f32)], luck: f32) -> u8 {
    let mut left = luck;
    for (class, share) in mistakes {
        if left < *share {
            return *class;
        }
        left -= share;
    }
    truth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_below_the_shares_is_a_mistake() {
        let mistakes = [(4, 0.1), (6, 0.2)];
        let taken = [0.0, 0.09, 0.11, 0.29, 0.31, 1.0].map(|luck| taken_for(3, &mistakes, luck));
        assert_eq!(taken, [4, 4, 6, 6, 3, 3]);
        assert_eq!(taken_for(3, &[], 0.0), 3);
    }
}
