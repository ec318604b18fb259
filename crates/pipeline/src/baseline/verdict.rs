//! Whether a network is worth its trouble: what to say first of a run.

use super::{Baseline, Baselines};
use ecotone_assessment::{DifferenceLine, share};

/// How a network stands against its forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The interval of the difference in macro-F1 lies above 0, and that in accuracy not below.
    Better,
    /// Neither is told from 0, or one is better in one figure and worse in the other.
    Tie,
    /// An interval lies below 0 and none above.
    Worse,
    /// There are too few blocks for an interval.
    Unknown,
}

impl Baselines {
    /// How the network stands against its forest; `None` where there is no forest.
    ///
    /// Macro-F1 decides, since it counts every class and is what epochs are chosen by; a network that gains there and is right
    /// less often all the same is not called better.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        let forest = self.forest()?;
        let lines = [forest.difference("macro_f1")?, forest.difference("overall_accuracy")?];
        Some(verdict(lines[0], lines[1]))
    }
}

fn verdict(macro_f1: &DifferenceLine, accuracy: &DifferenceLine) -> Verdict {
    match [macro_f1, accuracy] {
        [line, _] if line.lower.is_none() => Verdict::Unknown,
        [macro_f1, accuracy] if macro_f1.is_above() && !accuracy.is_below() => Verdict::Better,
        lines if lines.iter().any(|line| line.is_below()) && !lines.iter().any(|line| line.is_above()) => {
            Verdict::Worse
        }
        _ => Verdict::Tie,
    }
}

impl Verdict {
    /// As baselines.json says it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Tie => "tie",
            Self::Worse => "worse",
            Self::Unknown => "unknown",
        }
    }
}

/// The first line of report and summary where the network does not beat its forest, in two parts; `None` where it does.
pub(crate) fn verdict_in_words(baselines: &Baselines) -> Option<(&'static str, String)> {
    let (verdict, forest) = (baselines.verdict()?, baselines.forest()?);
    let label = match verdict {
        Verdict::Better => return None,
        Verdict::Worse => "worse than a forest",
        Verdict::Tie => "no better than a forest",
        Verdict::Unknown => "not shown to beat a forest",
    };
    let mut words = format!(
        "macro-F1 {}; overall accuracy {}",
        figures(forest, "macro_f1"),
        figures(forest, "overall_accuracy")
    );
    if verdict == Verdict::Unknown {
        words += "; it takes two test blocks or more to tell (split.block_m)";
    }
    words += ". Try more steps (train.epochs, train.patches_per_epoch), another network (model.kind), more or better labels, \
              or map with a forest (ecotone label samples, then ecotone label forest)";
    Some((label, words))
}

/// Network, forest, difference and interval.
fn figures(forest: &Baseline, measure: &str) -> String {
    let Some(line) = forest.difference(measure) else { return share(None) };
    let signed = |value: Option<f64>| value.map_or_else(|| share(None), |value| format!("{value:+.3}"));
    format!(
        "{} against {}, difference {} ({} to {})",
        share(line.first),
        share(line.second),
        signed(line.difference),
        signed(line.lower),
        signed(line.upper)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ends: Option<(f64, f64)>) -> DifferenceLine {
        let (lower, upper) = ends.unzip();
        DifferenceLine {
            measure: "macro_f1",
            code: None,
            first: None,
            second: None,
            difference: None,
            lower,
            upper,
            blocks: 9,
        }
    }

    #[track_caller]
    fn check(macro_f1: Option<(f64, f64)>, accuracy: Option<(f64, f64)>, wanted: Verdict) {
        assert_eq!(verdict(&line(macro_f1), &line(accuracy)), wanted);
    }

    #[test]
    fn intervals_decide() {
        let (above, around, below) = (Some((0.1, 0.2)), Some((-0.1, 0.2)), Some((-0.2, -0.1)));
        check(above, around, Verdict::Better);
        check(above, above, Verdict::Better);
        check(above, below, Verdict::Tie);
        check(around, around, Verdict::Tie);
        check(around, above, Verdict::Tie);
        check(around, below, Verdict::Worse);
        check(below, around, Verdict::Worse);
        check(below, above, Verdict::Tie);
        check(Some((0.0, 0.0)), Some((0.0, 0.0)), Verdict::Tie);
        check(None, None, Verdict::Unknown);
    }
}
