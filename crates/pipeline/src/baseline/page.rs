//! What the page and the summary of a run show of the baselines.

use super::{Baseline, Baselines, LABELS, verdict_in_words};
use ecotone_assessment::share;
use ecotone_jobs::Summary;
use ecotone_metrics::ConfusionMatrix;
use ecotone_report::Span;

impl Baselines {
    /// What is to be read before anything else, where the network does not beat its forest; else empty.
    pub(crate) fn headline(&self) -> String {
        let found = verdict_in_words(self);
        found.map_or_else(String::new, |(label, words)| format!("This network is {label}: {words}."))
    }

    /// A line for each method but the labels, whose worth is told beside the truth; before them, where it is scored on
    /// something else than in metrics.json, one for the network.
    pub(crate) fn sum_up(&self, summary: &mut Summary) {
        let words = |matrix: &ConfusionMatrix| {
            format!("accuracy {}, macro-F1 {}", share(matrix.overall_accuracy()), share(matrix.macro_f1()))
        };
        if self.truth || self.years > 1 {
            let on = match (self.truth, self.years > 1) {
                (true, true) => "against the truth, all years together",
                (true, false) => "against the truth",
                _ => "all years together",
            };
            summary.fact("beside simpler methods", format!("{}, {on}", words(&self.network)));
        }
        for method in self.methods.iter().filter(|method| method.name != LABELS) {
            summary.fact(&format!("  {}", method.name), words(&method.confusion));
        }
    }

    /// The network beside simpler methods.
    pub(crate) fn beside(&self) -> ecotone_report::Baselines {
        let reference = if self.truth { "the truth" } else { "the labels" };
        let years = if self.years > 1 { ", all years together" } else { "" };
        ecotone_report::Baselines {
            text: format!(
                "On the same pixels of {} test blocks, against {reference}{years}. Gains are the network’s scores less those \
                 of the method, with the interval that 95 % of the draws of the blocks lie in: where it holds 0, take it for \
                 a tie.",
                self.blocks
            ),
            network: [self.network.overall_accuracy(), self.network.macro_f1()],
            methods: self.methods.iter().map(method).collect(),
        }
    }
}

fn method(method: &Baseline) -> ecotone_report::Baseline {
    let gain = |measure| {
        let line = method.difference(measure)?;
        Some(Span { value: line.difference?, ends: line.lower.zip(line.upper) })
    };
    ecotone_report::Baseline {
        name: method.name.to_owned(),
        about: method.about.clone(),
        scores: [method.confusion.overall_accuracy(), method.confusion.macro_f1()],
        gains: ["overall_accuracy", "macro_f1"].map(gain),
    }
}
