//! The file of the baselines: baselines.json.

use super::{Baseline, Baselines};
use crate::Result;
use ecotone_core::Legend;
use ecotone_jobs::{RunFolder, write_json};
use ecotone_metrics::ConfusionMatrix;
use serde_json::{Value, json};

impl Baselines {
    /// Writes baselines.json: the network and each method, with their scores, on the same pixels, and the differences.
    pub(crate) fn write(&self, folder: &RunFolder, legend: &Legend) -> Result<()> {
        let method = |method: &Baseline| {
            let mut line = scores(&method.confusion, legend);
            line["name"] = json!(method.name);
            line["about"] = json!(method.about);
            line["differences"] = json!(method.differences);
            line
        };
        let all = json!({
            "reference": if self.truth { "truth" } else { "labels" },
            "years": self.years,
            "blocks": self.blocks,
            "against_forest": self.verdict().map(super::Verdict::word),
            "network": scores(&self.network, legend),
            "baselines": self.methods.iter().map(method).collect::<Vec<_>>(),
        });
        Ok(write_json(&folder.file("baselines.json"), &all)?)
    }
}

fn scores(matrix: &ConfusionMatrix, legend: &Legend) -> Value {
    let class = |(index, entry): (usize, &ecotone_core::LegendEntry)| json!({"code": entry.code.0, "class": entry.name, "f1": matrix.f1(index)});
    json!({
        "overall_accuracy": matrix.overall_accuracy(),
        "macro_f1": matrix.macro_f1(),
        "pixels": matrix.total(),
        "classes": legend.entries().iter().enumerate().map(class).collect::<Vec<_>>(),
    })
}
