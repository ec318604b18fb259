//! Inline SVG: differences with their intervals, either side of nothing.

use crate::chart::round_step;
use crate::content::Span;
use crate::text::{ABSENT, escape, short};
use std::fmt::Write as _;

const LEFT: f64 = 220.0;
const RIGHT: f64 = 620.0;
const ROW: f64 = 22.0;
/// Letters of a name that fit.
const LETTERS: usize = 30;

/// A chart of one line a difference: a dot for its value and a bar for its interval, on an axis from as far below 0 as
/// above it. `names` come as typed, one a span.
pub fn difference_chart(title: &str, names: &[String], spans: &[Option<Span>]) -> String {
    let ends = |span: &Span| span.ends.map_or([span.value; 2], |(lower, upper)| [lower, upper]);
    let reach = spans.iter().flatten().flat_map(|span| [ends(span)[0], ends(span)[1], span.value]);
    let most = reach.map(f64::abs).filter(|value| value.is_finite()).fold(1e-3, f64::max);
    let step = round_step(most / 2.0);
    let top = (most / step - 1e-9).ceil().max(1.0) * step;
    let x = |value: f64| LEFT + (RIGHT - LEFT) * ((value / top).clamp(-1.0, 1.0) + 1.0) / 2.0;
    let height = ROW * names.len() as f64;
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 720 {:.0}\"><title>{}</title>",
        height + 24.0,
        escape(title)
    );
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let steps = (top / step).round() as i32;
    for tick in -steps..=steps {
        let (at, value) = (x(f64::from(tick) * step), f64::from(tick) * step);
        let _ = write!(
            svg,
            "<path class=\"{}\" d=\"M{at:.1} 0V{height:.0}\"/>\
             <text class=\"tick\" x=\"{at:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{value:.decimals$}</text>",
            if tick == 0 { "mark" } else { "grid" },
            height + 16.0
        );
    }
    for (index, name) in names.iter().enumerate() {
        let middle = ROW * (index as f64 + 0.5);
        let text = middle + 4.5;
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{text:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 10.0,
            escape(&short(name, LETTERS))
        );
        let span = spans.get(index).copied().flatten().filter(|span| span.value.is_finite());
        let shown = span.map_or_else(|| ABSENT.to_owned(), |span| format!("{:+.3}", span.value));
        if let Some(Span { value, ends }) = span {
            if let Some((lower, upper)) = ends {
                let _ = write!(
                    svg,
                    "<path class=\"whisker\" d=\"M{:.1} {middle:.1}H{:.1}\"/>",
                    x(lower),
                    x(upper)
                );
            }
            let _ = write!(svg, "<circle cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"5\" class=\"bar\"/>", x(value));
        }
        let _ = write!(svg, "<text class=\"value\" x=\"{:.0}\" y=\"{text:.1}\">{shown}</text>", RIGHT + 12.0);
    }
    format!("<figure class=\"intervals\"><h4>{}</h4>{svg}</svg></figure>\n", escape(title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_in_the_middle_and_what_is_absent_is_a_dash() {
        let names = ["a <b>", "c", "d"].map(str::to_owned);
        let spans = [
            Some(Span { value: 0.1, ends: Some((0.05, 0.2)) }),
            Some(Span { value: -0.2, ends: None }),
            None,
        ];
        let svg = difference_chart("Gain", &names, &spans);
        assert_eq!((svg.matches("<circle").count(), svg.matches("whisker").count()), (2, 1));
        assert!(svg.contains("<path class=\"mark\" d=\"M420.0 0V66\"/>"), "0 is in the middle: {svg}");
        assert!(svg.contains("M470.0 11.0H620.0"), "0.05 to 0.2 of 0.2: {svg}");
        assert!(svg.contains("cx=\"220.0\"") && svg.contains(">-0.200</text>") && svg.contains(ABSENT));
        assert!(svg.contains("a &lt;b&gt;") && !svg.contains("NaN"));
        assert!(!difference_chart("None", &[], &[]).contains("NaN"));
    }
}
