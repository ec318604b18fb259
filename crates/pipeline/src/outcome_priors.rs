//! What a report says of the natural and the drawn prior.

use crate::recipe::PriorKind;
use crate::train::{ClassSum, Scored, area_error};
use ecotone_core::{Legend, LegendEntry};
use ecotone_metrics::ConfusionMatrix;
use ecotone_report::{Prior, Swatch};

/// What the map is worth under its prior and would be under the other; nothing where both are one.
pub(crate) fn priors(scored: &Scored) -> Vec<Prior> {
    let priors = &scored.priors;
    let line = |(prior, matrix): &(PriorKind, ConfusionMatrix)| Prior {
        name: prior.name().to_owned(),
        mapped: *prior == priors.mapped,
        overall_accuracy: matrix.overall_accuracy(),
        macro_f1: matrix.macro_f1(),
        area_error: area_error(matrix),
    };
    if priors.differ() { priors.confusions.iter().map(line).collect() } else { Vec::new() }
}

/// The sums of each class's probabilities beside its pixels.
pub(crate) fn class_sums(legend: &Legend, scored: &Scored) -> Vec<ecotone_report::ClassSum> {
    let line = |(entry, sum): (&LegendEntry, &ClassSum)| ecotone_report::ClassSum {
        class: Swatch { label: entry.name.clone(), color: entry.color },
        before: sum.before,
        after: sum.after,
        pixels: sum.pixels,
    };
    legend.entries().iter().zip(&scored.priors.sums).map(line).collect()
}
