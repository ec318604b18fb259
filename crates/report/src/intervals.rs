//! Inline SVG: values of classes with their confidence intervals.

use crate::chart::round_step;
use crate::content::Span;
use crate::interval_parts::{ROW, axis, closed, decimals, name, number, opened, spanned};
use crate::palette::Swatch;
use crate::text::ABSENT;
use std::fmt::Write as _;

const LEFT: f64 = 190.0;
const RIGHT: f64 = 600.0;

/// A chart of one line a class: a dot for the value, a bar for its interval, and a tick for `marks` where given, all
/// from 0 to the first round number that is not under `highest`.
pub fn interval_chart(
    title: &str,
    classes: &[Swatch],
    spans: &[Option<Span>],
    marks: &[Option<f64>],
    highest: f64,
    in_words: impl Fn(f64) -> String,
) -> String {
    let step = round_step(highest / 5.0);
    let steps = (highest / step - 1e-9).ceil().max(1.0);
    let top = steps * step;
    let x = |value: f64| LEFT + (RIGHT - LEFT) * (value / top).clamp(0.0, 1.0);
    let height = ROW * classes.len() as f64;
    let mut svg = opened(title, height);
    let decimals = decimals(step);
    let ticks = (0..=steps as usize).map(|tick| tick as f64 * step);
    svg += &axis(height, ticks.map(|value| (x(value), "grid", format!("{value:.decimals$}"))));
    for (index, class) in classes.iter().enumerate() {
        let middle = ROW * (index as f64 + 0.5);
        svg += &name(LEFT, middle, &class.label);
        if let Some(mark) = marks.get(index).copied().flatten() {
            let at = x(mark);
            let _ =
                write!(svg, "<path class=\"mark\" d=\"M{at:.1} {:.1}V{:.1}\"/>", middle - 7.0, middle + 7.0);
        }
        let shown = match spans.get(index).copied().flatten() {
            None => ABSENT.to_owned(),
            Some(span) => {
                svg += &spanned(span, middle, x, &format!(" fill=\"{}\"", class.color));
                in_words(span.value)
            }
        };
        svg += &number(RIGHT, middle, &shown);
    }
    closed(title, &svg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Rgb;

    #[test]
    fn a_value_without_an_interval_is_a_bare_dot_and_none_is_a_dash() {
        let class = |label: &str| Swatch { label: label.to_owned(), color: Rgb([1, 2, 3]) };
        let spans =
            [Some(Span { value: 0.5, ends: Some((-0.1, 0.7)) }), Some(Span { value: 1.0, ends: None }), None];
        let classes = [class("a <b>"), class("b"), class("c")];
        let svg =
            interval_chart("User’s accuracy", &classes, &spans, &[], 1.0, |value| format!("{value:.2}"));
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches("whisker").count(), 1);
        assert!(svg.contains("M190.0 11.0H477.0"), "an end below 0 is cut there: {svg}");
        assert!(svg.contains("a &lt;b&gt;") && svg.contains(ABSENT));
        assert!(svg.contains(">0.2</text>") && svg.contains(">1.0</text>"), "ticks are round: {svg}");
        let areas = interval_chart("Area", &classes, &[], &[], 6_638_548.0, |value| format!("{value:.0}"));
        assert!(areas.contains(">2000000</text>") && areas.contains(">8000000</text>"), "{areas}");
    }
}
