//! Inline SVG: the agreement of each class from map to map, as lines over the steps, or as bars where there is one.

use super::palette::Swatch;
use super::text::{ABSENT, escape, number, short};
use ecotone_metrics::PairAgreement;
use std::fmt::Write as _;

const LEFT: f64 = 46.0;
const RIGHT: f64 = 720.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 262.0;

/// The chart of all steps.
pub(super) fn chart(steps: &[String], pairs: &[PairAgreement], classes: &[Swatch]) -> String {
    match pairs {
        [] => String::new(),
        [pair] => bars(pair, classes),
        _ => lines(steps, pairs, classes),
    }
}

fn lines(steps: &[String], pairs: &[PairAgreement], classes: &[Swatch]) -> String {
    let x = |step: usize| LEFT + 40.0 + (RIGHT - LEFT - 80.0) * step as f64 / (pairs.len() - 1) as f64;
    let y = |share: f64| BOTTOM - (BOTTOM - TOP) * share;
    let overall: Vec<Option<f64>> = pairs.iter().map(|pair| pair.overall_agreement).collect();
    let described: Vec<String> = steps
        .iter()
        .zip(&overall)
        .map(|(step, share)| format!("{} {}", escape(step), number(*share, 2)))
        .collect();
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 760 300\"><title>Overall agreement by step: {}</title>",
        described.join(", ")
    );
    for tenth in [0, 2, 4, 6, 8, 10] {
        let share = f64::from(tenth) / 10.0;
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {0:.1}H{RIGHT}\"/><text x=\"{1}\" y=\"{2:.1}\" text-anchor=\"end\">{share:.1}</text>",
            y(share),
            LEFT - 8.0,
            y(share) + 4.5
        );
    }
    // About eight units a letter.
    let letters = ((RIGHT - LEFT) / 8.0) as usize / steps.len();
    for (step, name) in steps.iter().enumerate() {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            x(step),
            BOTTOM + 20.0,
            escape(&short(name, letters))
        );
    }
    let curve = |values: &[Option<f64>], style: &str, name: &str| {
        let mut path = String::new();
        let mut joined = false;
        for (step, value) in values.iter().enumerate() {
            if let Some(share) = value {
                let _ = write!(path, "{}{:.1} {:.1}", if joined { 'L' } else { 'M' }, x(step), y(*share));
            }
            joined = value.is_some();
        }
        format!("<path class=\"line\" style=\"{style}\" d=\"{path}\"><title>{}</title></path>", escape(name))
    };
    for (class, swatch) in classes.iter().enumerate() {
        let values: Vec<Option<f64>> = pairs.iter().map(|pair| pair.classes[class].agreement).collect();
        svg += &curve(&values, &format!("stroke:{}", swatch.color), &swatch.label);
    }
    svg += &curve(&overall, "stroke:var(--ink);stroke-width:4", "Overall");
    format!(
        "<figure class=\"chart\"><h3>Agreement by step</h3>{svg}</svg><figcaption>The thick line is all classes together.</figcaption></figure>"
    )
}

fn bars(pair: &PairAgreement, classes: &[Swatch]) -> String {
    let mut bars: Vec<(String, String, Option<f64>)> = classes
        .iter()
        .zip(&pair.classes)
        .map(|(swatch, class)| (swatch.label.clone(), swatch.color.to_string(), class.agreement))
        .collect();
    bars.push(("Overall".to_owned(), "var(--ink)".to_owned(), pair.overall_agreement));
    let height = 22 * bars.len() + 24;
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 760 {height}\"><title>Agreement of each class, in the table above</title>\
         <path class=\"grid\" d=\"M190 0V{0}M440 0V{0}M690 0V{0}\"/>",
        height - 18
    );
    for (i, (name, color, value)) in bars.iter().enumerate() {
        let top = 3 + 22 * i;
        let width = 500.0 * value.unwrap_or(0.0).clamp(0.0, 1.0);
        let shown = value.map_or_else(|| ABSENT.to_owned(), |value| format!("{value:.2}"));
        let _ = write!(
            svg,
            "<text x=\"182\" y=\"{0}\" text-anchor=\"end\">{1}</text><rect class=\"bar\" x=\"190\" y=\"{top}\" \
             width=\"{width:.1}\" height=\"15\" fill=\"{color}\"/><text x=\"698\" y=\"{0}\">{shown}</text>",
            top + 12,
            escape(&short(name, 22))
        );
    }
    for (at, label) in [(190, "0"), (440, "0.5"), (690, "1")] {
        let _ = write!(svg, "<text x=\"{at}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", height - 4);
    }
    format!("<figure class=\"chart\"><h3>Agreement of each class</h3>{svg}</svg></figure>")
}
