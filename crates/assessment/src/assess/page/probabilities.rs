//! Class probabilities: scores, the reliability diagram, and conformal sets.

use crate::assess::{ClassProbability, ProbabilityFigures, percent};
use ecotone_report::{ABSENT, Swatch, chip, count, escape, number, reliability_diagram, row, table};

/// Scores of probabilities and their calibration.
pub(super) fn scores(classes: &[Swatch], found: &ProbabilityFigures) -> String {
    let line = |class: &ClassProbability| {
        [
            count(class.samples),
            number(class.brier, 4),
            number(class.auc, 3),
            number(class.expected_calibration_error, 3),
        ]
    };
    let mut rows: String = classes
        .iter()
        .zip(&found.classes)
        .map(|(swatch, class)| row("", &chip(swatch), &line(class)))
        .collect();
    let all = [
        count(found.samples),
        number(found.brier, 4),
        number(found.macro_auc, 3),
        number(found.expected_calibration_error, 3),
    ];
    rows += &row("total", "All (of the highest probability)", &all);
    let header = ["Class", "Samples", "Brier score", "AUC", "Calibration error"];
    format!(
        "<p>Log loss {} (Good 1952). The Brier score (Brier 1950) and log loss reward calibrated and sharp probabilities; \
         compare them on the same samples only. AUC says how well a class is ranked, not how good its map is. The \
         calibration error (Naeini et al. 2015; Guo et al. 2017) is the mean distance of the curve from the diagonal, in \
         ten bins of equal width. Samples count alike: of a stratified sample these are figures of the sample.</p>\n{}{}",
        number(found.log_loss, 4),
        table("Scores of probabilities", "numbers", &header, &rows),
        reliability_diagram(classes, &found.curves, "reliability.csv"),
    )
}

/// Sets of classes that hold the right one with a chance that is set beforehand.
pub(super) fn sets(classes: &[Swatch], found: &ProbabilityFigures) -> String {
    let of = &found.conformal;
    let line = |class: &ClassProbability| {
        let few = || format!("0 ({} needed)", of.blocks_needed);
        [
            count(class.calibration_blocks),
            count(class.calibration_samples),
            class.least_probability.map_or_else(few, |least| format!("{least:.2}")),
            count(class.scored_blocks),
            count(class.scored_samples),
            number(class.coverage, 3),
        ]
    };
    let mut rows: String = classes
        .iter()
        .zip(&found.classes)
        .map(|(swatch, class)| row("", &chip(swatch), &line(class)))
        .collect();
    let all = [
        count(of.calibration_blocks as u64),
        count(of.calibration_samples),
        ABSENT.to_owned(),
        ABSENT.to_owned(),
        count(of.scored_samples),
        number(of.coverage, 3),
    ];
    rows += &row("total", "All", &all);
    let (calibrated, scored) = (format!("Calibrated on {}", of.unit), format!("Scored on {}", of.unit));
    let header = ["Class", &calibrated, "Samples", "In the set from", &scored, "Samples", "Coverage"];
    let every = found.in_every_set().map_or(String::new(), |classes| {
        format!(
            " <b>In every set</b>, for want of {} to calibrate on: {}; a larger --alpha needs fewer.",
            of.unit,
            escape(&classes)
        )
    });
    let sizes: String = (of.sizes.iter().enumerate())
        .filter(|(_, samples)| **samples > 0)
        .map(|(size, samples)| row("", &size.to_string(), &[count(*samples)]))
        .collect();
    format!(
        "<p>A class is in a pixel’s set where its probability is at least that of all but the least likely {} % of \
         calibration samples, one drawn of each of the {} that hold the class (split conformal prediction by class: Vovk \
         et al. 2005; Sadinle et al. 2019; by groups: Dunn et al. 2023). On new ground that is like them, and that \
         trained nothing, each class is then in the sets of {} % of its pixels or more; blocks count alike, in the \
         coverage, too. Calibrated on {}; scored on the rest. The mean set has {} classes; set_sizes.tif shows where they \
         are large, and on training ground shows sets that are too small.{every}</p>\n{}{}",
        percent(of.alpha),
        of.unit,
        percent(1.0 - of.alpha),
        escape(&of.split),
        number(of.mean_size, 2),
        table("Coverage of conformal sets", "numbers", &header, &rows),
        table("Sizes of sets", "numbers narrow", &["Classes in the set", "Scored samples"], &sizes),
    )
}
