//! Class probabilities: scores, the reliability diagram, and conformal sets.

use super::palette::Swatch;
use super::table::{chip, row, table};
use super::text::{ABSENT, count, escape, number};
use crate::assess::{ClassProbability, ProbabilityFigures, percent};
use ecotone_metrics::CalibrationBin;
use std::fmt::Write as _;

const LEFT: f64 = 46.0;
const RIGHT: f64 = 386.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 352.0;

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
        diagram(classes, &found.curves, "reliability.csv"),
    )
}

/// Observed share against mean probability: a line a class, and a thick one for the highest probability.
pub(super) fn diagram(classes: &[Swatch], curves: &[Vec<CalibrationBin>], numbers: &str) -> String {
    let x = |share: f64| LEFT + (RIGHT - LEFT) * share;
    let y = |share: f64| BOTTOM - (BOTTOM - TOP) * share;
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 440 400\"><title>Reliability diagram; its numbers are in {numbers}</title>\
         <path class=\"best\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    for tenth in [0, 2, 4, 6, 8, 10] {
        let share = f64::from(tenth) / 10.0;
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {0:.1}H{RIGHT}\"/><text x=\"{1}\" y=\"{2:.1}\" text-anchor=\"end\">{share:.1}</text>\
             <text x=\"{3:.1}\" y=\"{4}\" text-anchor=\"middle\">{share:.1}</text>",
            y(share),
            LEFT - 8.0,
            y(share) + 4.5,
            x(share),
            BOTTOM + 18.0
        );
    }
    let most = curves.first().into_iter().flatten().map(|bin| bin.samples).max().unwrap_or(1) as f64;
    let mut curve = |bins: &[CalibrationBin], color: &str, width: u8, name: &str| {
        let mut path = String::new();
        for (index, bin) in bins.iter().enumerate() {
            let (at_x, at_y) = (x(bin.mean_probability), y(bin.observed_share));
            let _ = write!(path, "{}{at_x:.1} {at_y:.1}", if index == 0 { 'M' } else { 'L' });
            let radius = 2.0 + 6.0 * (bin.samples as f64 / most).min(1.0).sqrt();
            let _ = write!(
                svg,
                "<circle cx=\"{at_x:.1}\" cy=\"{at_y:.1}\" r=\"{radius:.1}\" fill=\"{color}\"><title>{}: {} samples\
                 </title></circle>",
                escape(name),
                bin.samples
            );
        }
        let _ = write!(
            svg,
            "<path class=\"line\" style=\"stroke:{color};stroke-width:{width}\" d=\"{path}\"><title>{}</title></path>",
            escape(name)
        );
    };
    for (swatch, bins) in classes.iter().zip(curves.iter().skip(1)) {
        curve(bins, &swatch.color.to_string(), 2, &swatch.label);
    }
    curve(curves.first().map_or(&[], Vec::as_slice), "var(--ink)", 4, "Highest probability");
    format!(
        "<figure class=\"chart\"><h3>Reliability diagram</h3>{svg}</svg><figcaption>Share of samples that are the class, \
         over its mean probability. On the dashed line probabilities are what they say; below it the network is too \
         sure. The thick line is the highest probability of each sample; the larger a dot, the more samples.</figcaption>\
         </figure>\n"
    )
}

/// Sets of classes that hold the right one with a chance that is set beforehand.
pub(super) fn sets(classes: &[Swatch], found: &ProbabilityFigures) -> String {
    let of = &found.conformal;
    let line = |class: &ClassProbability| {
        [
            count(class.calibration_samples),
            class.least_probability.map_or("0 (too few)".to_owned(), |least| format!("{least:.2}")),
            count(class.scored_samples),
            number(class.coverage, 3),
        ]
    };
    let mut rows: String = classes
        .iter()
        .zip(&found.classes)
        .map(|(swatch, class)| row("", &chip(swatch), &line(class)))
        .collect();
    let all =
        [count(of.calibration_samples), ABSENT.to_owned(), count(of.scored_samples), number(of.coverage, 3)];
    rows += &row("total", "All", &all);
    let header = ["Class", "Calibrated on", "In the set from", "Scored on", "Coverage"];
    let sizes: String = (of.sizes.iter().enumerate())
        .filter(|(_, samples)| **samples > 0)
        .map(|(size, samples)| row("", &size.to_string(), &[count(*samples)]))
        .collect();
    format!(
        "<p>A class is in a pixel’s set where its probability is at least that of all but the least likely {} % of its \
         calibration samples (split conformal prediction by class: Vovk et al. 2005; Sadinle et al. 2019). Each class is \
         then in the set of {} % of its pixels or more, if they are like the calibration samples. Calibrated on {}, \
         scored on the rest. The mean set has {} classes; set_sizes.tif shows where they are large.</p>\n{}{}",
        percent(of.alpha),
        percent(1.0 - of.alpha),
        escape(&of.split),
        number(of.mean_size, 2),
        table("Coverage of conformal sets", "numbers", &header, &rows),
        table("Sizes of sets", "numbers narrow", &["Classes in the set", "Scored samples"], &sizes),
    )
}
