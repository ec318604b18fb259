//! Inline SVG: whether probabilities are what they say.

use crate::palette::Swatch;
use crate::text::escape;
use ecotone_metrics::CalibrationBin;
use std::fmt::Write as _;

const LEFT: f64 = 46.0;
const RIGHT: f64 = 386.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 352.0;

/// Observed share against mean probability: a line a class, and a thick one for the highest probability.
pub fn reliability_diagram(classes: &[Swatch], curves: &[Vec<CalibrationBin>], numbers: &str) -> String {
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
