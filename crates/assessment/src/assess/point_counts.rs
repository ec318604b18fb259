//! How many reference points there are, how many count, and why the others do not: none is lost.

use super::point::State;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Points of an assessment; serialised, the entry `points` of metrics.json and estimates.json.
///
/// `given` is always `scored` and the counts of `left_out` together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PointCounts {
    /// Rows of the file.
    given: usize,
    /// Those that count.
    scored: usize,
    /// The others.
    left_out: Vec<LeftOutPoints>,
}

/// Points that do not count for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LeftOutPoints {
    reason: &'static str,
    count: usize,
}

impl PointCounts {
    /// What became of each point.
    pub(super) fn of(states: impl Iterator<Item = State>) -> Self {
        let mut counts: BTreeMap<State, usize> = BTreeMap::new();
        states.for_each(|state| *counts.entry(state).or_default() += 1);
        let given = counts.values().sum();
        let scored = counts.remove(&State::Scored).unwrap_or(0);
        let left_out = counts.into_iter().map(|(state, count)| LeftOutPoints { reason: state.word(), count });
        Self { given, scored, left_out: left_out.collect() }
    }
}

impl fmt::Display for PointCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} given, {} scored, {} left out", self.given, self.scored, self.given - self.scored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_point_is_lost(states in prop::collection::vec(prop::sample::select(&State::ALL[..]), 0..60)) {
            let counts = PointCounts::of(states.iter().copied());
            let left_out: usize = counts.left_out.iter().map(|group| group.count).sum();
            prop_assert_eq!(counts.given, states.len());
            prop_assert_eq!(counts.given, counts.scored + left_out);
            prop_assert_eq!(counts.scored, states.iter().filter(|state| **state == State::Scored).count());
            prop_assert!(counts.left_out.iter().all(|group| group.count > 0));
        }
    }
}
