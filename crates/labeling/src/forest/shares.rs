//! Sums of class shares over trees: how many rows are summed together, and which class has most.

/// Rows that go through all trees together: as many as stay in the cache beside one tree.
pub(super) const BLOCK: usize = 1024;

/// The first of the largest of class shares: those of the forest where `sums` are over so many trees. Shares are rounded
/// as they are given out, so that a class and its probability never disagree.
pub(super) fn largest(sums: &[f64], trees: f64) -> usize {
    let share = |class: usize| (sums[class] / trees) as f32;
    (1..sums.len()).fold(0, |best, class| if share(class) > share(best) { class } else { best })
}
