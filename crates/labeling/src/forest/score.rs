//! How good a split is, kept up to date while samples pass from its right side to its left.
//!
//! Both scores are the negative of weight x impurity, summed over the two sides, but for a term that is the same for all
//! splits of a node. A higher score is a better split, and the score of a split minus that of the whole node is what
//! the split lowers weight x impurity by.

/// The score of the split under way.
pub(super) trait Score {
    /// All samples, with these weights by class, on the right.
    fn start(totals: &[f64]) -> Self;
    /// A sample passes from right to left; `left` and `right` are its class's weights before.
    fn pass(&mut self, left: f64, right: f64, weight: f64);
    /// The score where the sides weigh this much.
    fn score(&self, left: f64, right: f64) -> f64;
    /// The score of a node that is not split.
    fn whole(totals: &[f64], weight: f64) -> f64;
}

/// W x Gini = W - (sum of squared class weights) / W. Squares of whole numbers are exact, so whole weights leave no
/// rounding that could depend on the order of samples.
pub(super) struct Gini {
    left: f64,
    right: f64,
}

impl Score for Gini {
    fn start(totals: &[f64]) -> Self {
        Self { left: 0.0, right: totals.iter().map(|total| total * total).sum() }
    }

    fn pass(&mut self, left: f64, right: f64, weight: f64) {
        self.left += weight * (2.0 * left + weight);
        self.right -= weight * (2.0 * right - weight);
    }

    fn score(&self, left: f64, right: f64) -> f64 {
        self.left / left + self.right / right
    }

    fn whole(totals: &[f64], weight: f64) -> f64 {
        totals.iter().map(|total| total * total).sum::<f64>() / weight
    }
}

/// W x entropy = W ln W - sum of w ln w over the classes.
pub(super) struct Entropy {
    left: f64,
    right: f64,
}

impl Score for Entropy {
    fn start(totals: &[f64]) -> Self {
        Self { left: 0.0, right: totals.iter().copied().map(x_ln_x).sum() }
    }

    fn pass(&mut self, left: f64, right: f64, weight: f64) {
        self.left += x_ln_x(left + weight) - x_ln_x(left);
        self.right += x_ln_x(right - weight) - x_ln_x(right);
    }

    fn score(&self, left: f64, right: f64) -> f64 {
        self.left - x_ln_x(left) + self.right - x_ln_x(right)
    }

    fn whole(totals: &[f64], weight: f64) -> f64 {
        totals.iter().copied().map(x_ln_x).sum::<f64>() - x_ln_x(weight)
    }
}

/// 0 at 0, its limit; and below it, where only rounding leads.
fn x_ln_x(x: f64) -> f64 {
    if x > 0.0 { x * x.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gini(weights: &[f64]) -> f64 {
        let sum: f64 = weights.iter().sum();
        1.0 - weights.iter().map(|weight| (weight / sum).powi(2)).sum::<f64>()
    }

    fn entropy(weights: &[f64]) -> f64 {
        let sum: f64 = weights.iter().sum();
        -weights.iter().filter(|w| **w > 0.0).map(|weight| weight / sum * (weight / sum).ln()).sum::<f64>()
    }

    #[track_caller]
    fn check<S: Score>(impurity: impl Fn(&[f64]) -> f64) {
        let totals = [3.0, 2.5, 4.0];
        let mut left = [0.0; 3];
        let mut score = S::start(&totals);
        for (class, weight) in [(0, 1.0), (2, 2.0), (1, 0.5), (0, 2.0)] {
            score.pass(left[class], totals[class] - left[class], weight);
            left[class] += weight;
        }
        let right = [0.0, 2.0, 2.0];
        let (l, r, all) = (5.5, 4.0, 9.5);
        let lowered = all * impurity(&totals) - l * impurity(&left) - r * impurity(&right);
        assert!((score.score(l, r) - S::whole(&totals, all) - lowered).abs() < 1e-12);
    }

    #[test]
    fn a_better_score_is_less_impurity() {
        check::<Gini>(gini);
        check::<Entropy>(entropy);
    }
}
