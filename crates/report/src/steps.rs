//! Inline SVG: the agreement of each class from map to map, as lines over the steps, or as bars where there is one.

use crate::palette::Swatch;
use crate::text::{ABSENT, escape, number, short};
use ecotone_metrics::PairAgreement;
use std::fmt::Write as _;

const LEFT: f64 = 46.0;
const RIGHT: f64 = 720.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 262.0;

/// The chart of all steps.
pub fn agreement_chart(steps: &[String], pairs: &[PairAgreement], classes: &[Swatch]) -> String {
    match pairs {
        [] => String::new(),
        [pair] => bars(pair, classes),
        _ => agreement(steps, pairs, classes),
    }
}

/// A line of a chart over steps or years.
#[derive(Debug)]
pub struct Curve {
    /// What it is called.
    pub label: String,
    /// Of its stroke, in CSS.
    pub style: String,
    /// A share from 0 to 1, or a gap, for each step.
    pub values: Vec<Option<f64>>,
}

impl Curve {
    /// The one that counts most.
    pub fn thick(label: &str, values: Vec<Option<f64>>) -> Self {
        Self { label: label.to_owned(), style: "stroke:var(--ink);stroke-width:4".to_owned(), values }
    }

    fn path(&self, x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64) -> String {
        let mut path = String::new();
        let mut joined = false;
        for (step, value) in self.values.iter().enumerate() {
            if let Some(share) = value {
                let _ = write!(path, "{}{:.1} {:.1}", if joined { 'L' } else { 'M' }, x(step), y(*share));
            }
            joined = value.is_some();
        }
        let (style, label) = (&self.style, escape(&self.label));
        format!("<path class=\"line\" style=\"{style}\" d=\"{path}\"><title>{label}</title></path>")
    }
}

fn agreement(steps: &[String], pairs: &[PairAgreement], classes: &[Swatch]) -> String {
    let curve = |(class, swatch): (usize, &Swatch)| Curve {
        label: swatch.label.clone(),
        style: format!("stroke:{}", swatch.color),
        values: pairs.iter().map(|pair| pair.classes[class].agreement).collect(),
    };
    let mut curves: Vec<Curve> = classes.iter().enumerate().map(curve).collect();
    curves.push(Curve::thick("Overall", pairs.iter().map(|pair| pair.overall_agreement).collect()));
    step_lines("Agreement by step", "The thick line is all classes together.", steps, &curves)
}

/// Lines over steps, the last of them the one that is read out.
pub fn step_lines(title: &str, note: &str, steps: &[String], curves: &[Curve]) -> String {
    let between = steps.len().saturating_sub(1).max(1) as f64;
    let x = |step: usize| LEFT + 40.0 + (RIGHT - LEFT - 80.0) * step as f64 / between;
    let y = |share: f64| BOTTOM - (BOTTOM - TOP) * share;
    let (main, values) = curves.last().map_or(("", [].as_slice()), |curve| (&curve.label, &curve.values));
    let described: Vec<String> = steps
        .iter()
        .zip(values)
        .map(|(step, share)| format!("{} {}", escape(step), number(*share, 2)))
        .collect();
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 760 300\"><title>{}, {}: {}</title>",
        escape(title),
        escape(main),
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
    let letters = ((RIGHT - LEFT) / 8.0) as usize / steps.len().max(1);
    for (step, name) in steps.iter().enumerate() {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            x(step),
            BOTTOM + 20.0,
            escape(&short(name, letters))
        );
    }
    for curve in curves {
        svg += &curve.path(x, y);
    }
    format!(
        "<figure class=\"chart\"><h3>{}</h3>{svg}</svg><figcaption>{}</figcaption></figure>",
        escape(title),
        escape(note)
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
