//! Pieces of charts of values with intervals: the frame, the axis below, a value with its interval.

use crate::content::Span;
use crate::text::escape;
use std::fmt::Write as _;

/// Height of a line.
pub(crate) const ROW: f64 = 22.0;

/// The beginning of a chart whose lines are so high together.
pub(crate) fn opened(title: &str, height: f64) -> String {
    format!("<svg role=\"img\" viewBox=\"0 0 720 {:.0}\"><title>{}</title>", height + 24.0, escape(title))
}

/// The chart as a figure.
pub(crate) fn closed(title: &str, svg: &str) -> String {
    format!("<figure class=\"intervals\"><h4>{}</h4>{svg}</svg></figure>\n", escape(title))
}

/// Decimals that tell ticks of this step apart.
pub(crate) fn decimals(step: f64) -> usize {
    (-step.log10().floor()).max(0.0) as usize
}

/// Lines at round numbers, each with its class, and the numbers below.
pub(crate) fn axis(height: f64, ticks: impl Iterator<Item = (f64, &'static str, String)>) -> String {
    ticks.fold(String::new(), |mut svg, (at, class, text)| {
        let _ = write!(
            svg,
            "<path class=\"{class}\" d=\"M{at:.1} 0V{height:.0}\"/>\
             <text class=\"tick\" x=\"{at:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{text}</text>",
            height + 16.0
        );
        svg
    })
}

/// What a line is called, left of `end`.
pub(crate) fn name(end: f64, middle: f64, name: &str) -> String {
    format!(
        "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
        end - 10.0,
        middle + 4.5,
        escape(name)
    )
}

/// The number of a line, right of `start`.
pub(crate) fn number(start: f64, middle: f64, shown: &str) -> String {
    format!("<text class=\"value\" x=\"{:.0}\" y=\"{:.1}\">{shown}</text>", start + 12.0, middle + 4.5)
}

/// A bar for the interval and a dot for the value; `fill` is an attribute of the dot, or nothing.
pub(crate) fn spanned(span: Span, middle: f64, x: impl Fn(f64) -> f64, fill: &str) -> String {
    let bar = span.ends.map_or_else(String::new, |(lower, upper)| {
        format!("<path class=\"whisker\" d=\"M{:.1} {middle:.1}H{:.1}\"/>", x(lower), x(upper))
    });
    format!("{bar}<circle cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"5\" class=\"bar\"{fill}/>", x(span.value))
}
