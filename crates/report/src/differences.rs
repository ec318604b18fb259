//! Inline SVG: differences with their intervals, either side of nothing.

use crate::chart::round_step;
use crate::content::Span;
use crate::interval_parts::{ROW, axis, closed, decimals, name, number, opened, spanned};
use crate::text::{ABSENT, short};

const LEFT: f64 = 220.0;
const RIGHT: f64 = 620.0;
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
    let mut svg = opened(title, height);
    let (decimals, steps) = (decimals(step), (top / step).round() as i32);
    let ticks =
        (-steps..=steps).map(|tick| (if tick == 0 { "mark" } else { "grid" }, f64::from(tick) * step));
    svg += &axis(height, ticks.map(|(class, value)| (x(value), class, format!("{value:.decimals$}"))));
    for (index, letters) in names.iter().enumerate() {
        let middle = ROW * (index as f64 + 0.5);
        svg += &name(LEFT, middle, &short(letters, LETTERS));
        let span = spans.get(index).copied().flatten().filter(|span| span.value.is_finite());
        svg += &span.map_or_else(String::new, |span| spanned(span, middle, x, ""));
        let shown = span.map_or_else(|| ABSENT.to_owned(), |span| format!("{:+.3}", span.value));
        svg += &number(RIGHT, middle, &shown);
    }
    closed(title, &svg)
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
