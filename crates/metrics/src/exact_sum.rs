//! A sum of numbers that does not depend on their order.

/// Units of one: each term is cut off below 1.4e-17.
const UNIT: f64 = (1u64 << 56) as f64;

/// A sum in fixed point: integers add up to the same in any order and grouping, floating-point numbers do not.
///
/// Terms are below 64 in size, which leaves room for 2^64 of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ExactSum(i128);

impl ExactSum {
    pub(crate) fn add(&mut self, term: f64) {
        // A cut to i64 is one machine instruction; rounding and i128 are calls, and this runs for every probability.
        self.0 += i128::from((term * UNIT) as i64);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }

    pub(crate) fn value(self) -> f64 {
        self.0 as f64 / UNIT
    }

    /// The mean of `count` terms; `None` of none.
    pub(crate) fn mean(self, count: u64) -> Option<f64> {
        (count > 0).then(|| self.value() / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_and_grouping_change_nothing(terms in proptest::collection::vec(-40.0f64..40.0, 0..60), cut in 0usize..60) {
            let sum = |terms: &[f64]| {
                let mut sum = ExactSum::default();
                terms.iter().for_each(|term| sum.add(*term));
                sum
            };
            let (left, right) = terms.split_at(cut.min(terms.len()));
            let mut merged = sum(right);
            merged.merge(sum(left));
            prop_assert_eq!(merged, sum(&terms));
            prop_assert!((merged.value() - terms.iter().sum::<f64>()).abs() < 1e-11);
        }
    }
}
