//! Inline SVG: learning curves and the bars of each class.

use crate::content::HistoryPoint;
use crate::text::{ABSENT, escape, number};
use ecotone_core::Rgb;
use ecotone_metrics::ConfusionMatrix;
use std::fmt::Write as _;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 446.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 216.0;

/// A line of a chart: its name, and a value or a gap for each epoch.
struct Series {
    label: &'static str,
    values: Vec<Option<f64>>,
}

impl Series {
    fn new(label: &'static str, values: impl Iterator<Item = Option<f64>>) -> Self {
        Self { label, values: values.map(|value| value.filter(|value| value.is_finite())).collect() }
    }
}

/// The loss on training and on validation blocks, and the validation scores, each epoch.
pub(crate) fn learning_curves(history: &[HistoryPoint], best_epoch: Option<usize>) -> String {
    let epochs: Vec<usize> = history.iter().map(|point| point.epoch).collect();
    let loss = [
        Series::new("training", history.iter().map(|point| Some(point.train_loss))),
        Series::new("validation", history.iter().map(|point| point.validation_loss)),
    ];
    let scores = [
        Series::new("overall accuracy", history.iter().map(|point| point.overall_accuracy)),
        Series::new("macro-F1", history.iter().map(|point| point.macro_f1)),
    ];
    let highest = loss.iter().flat_map(|series| &series.values).flatten().fold(0.0, |a, b| f64::max(a, *b));
    let loss_top = if highest > 0.0 { highest } else { 1.0 };
    format!(
        "<div class=\"charts\">{}{}</div>",
        line_chart("Loss", &epochs, &loss, loss_top, best_epoch),
        line_chart("Accuracy on validation blocks", &epochs, &scores, 1.0, best_epoch),
    )
}

fn line_chart(title: &str, epochs: &[usize], series: &[Series], highest: f64, best: Option<usize>) -> String {
    let (first, last) = match (epochs.iter().min(), epochs.iter().max()) {
        (Some(first), Some(last)) => (*first as f64, *last as f64),
        _ => return String::new(),
    };
    let step = round_step(highest / 5.0);
    let top = (highest / step - 1e-9).ceil() * step;
    let y = |value: f64| BOTTOM - (BOTTOM - TOP) * value / top;
    let span = (last - first).max(1.0);
    let x = |epoch: f64| LEFT + (RIGHT - LEFT) * (epoch - first) / span;

    let described: Vec<String> = series.iter().map(describe).collect();
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\"><title>{title} per epoch: {}</title>",
        described.join("; ")
    );
    svg += &y_axis(step, top, y);
    svg += &x_axis(first, last, x);
    if let Some(best) = best.map(|best| best as f64).filter(|best| (first..=last).contains(best)) {
        let (at, anchor) = (x(best), if best > first + span / 2.0 { "end" } else { "start" });
        let _ = write!(
            svg,
            "<path class=\"best\" d=\"M{at:.1} {}V{BOTTOM}\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"{anchor}\">best: epoch {best}</text>",
            TOP - 6.0,
            TOP - 12.0
        );
    }
    for (i, series) in series.iter().enumerate() {
        svg += &curve(i, epochs, series, x, y);
    }
    svg += "</svg>";
    let key: String = (series.iter().enumerate())
        .map(|(i, series)| {
            let line = "<svg viewBox=\"0 0 26 10\" aria-hidden=\"true\">";
            format!("<li>{line}<path class=\"line s{i}\" d=\"M1 5H25\"/></svg>{}</li>", series.label)
        })
        .collect();
    format!("<figure class=\"chart\"><h3>{title}</h3><ul class=\"key\">{key}</ul>{svg}</figure>")
}

fn describe(series: &Series) -> String {
    let mut values = series.values.iter().flatten();
    let Some(first) = values.next() else {
        return format!("{} has no value", series.label);
    };
    let last = values.next_back().unwrap_or(first);
    format!("{} from {first:.3} to {last:.3}", series.label)
}

fn y_axis(step: f64, top: f64, y: impl Fn(f64) -> f64) -> String {
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let ticks = (top / step).round() as usize;
    (0..=ticks).fold(String::new(), |mut svg, i| {
        let (value, class) = (i as f64 * step, if i == 0 { "axis" } else { "grid" });
        let at = y(value);
        let _ = write!(
            svg,
            "<path class=\"{class}\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value:.decimals$}</text>",
            LEFT - 8.0,
            at + 4.5
        );
        svg
    })
}

fn x_axis(first: f64, last: f64, x: impl Fn(f64) -> f64) -> String {
    let step = round_step((last - first) / 6.0).max(1.0);
    let start = (first / step).ceil() as usize;
    let end = (last / step).floor() as usize;
    let mut svg = (start..=end).fold(String::new(), |mut svg, i| {
        let value = i as f64 * step;
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{value}</text>",
            x(value),
            BOTTOM + 19.0
        );
        svg
    });
    let middle = f64::midpoint(LEFT, RIGHT);
    let _ = write!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">epoch</text>", BOTTOM + 38.0);
    svg
}

/// The line through a series' values, broken where there is none, and a dot where a value stands alone.
fn curve(
    style: usize,
    epochs: &[usize],
    series: &Series,
    x: impl Fn(f64) -> f64,
    y: impl Fn(f64) -> f64,
) -> String {
    let (mut path, mut dots) = (String::new(), String::new());
    let point = |i: usize| series.values.get(i).copied().flatten();
    for (i, epoch) in epochs.iter().enumerate() {
        let Some(value) = point(i) else { continue };
        let (at_x, at_y) = (x(*epoch as f64), y(value));
        let joins_previous = i > 0 && point(i - 1).is_some();
        let _ = write!(path, "{}{at_x:.1} {at_y:.1}", if joins_previous { 'L' } else { 'M' });
        if !joins_previous && point(i + 1).is_none() {
            let _ =
                write!(dots, "<circle class=\"dot s{style}\" cx=\"{at_x:.1}\" cy=\"{at_y:.1}\" r=\"3\"/>");
        }
    }
    format!("<path class=\"line s{style}\" d=\"{path}\"/>{dots}")
}

/// The smallest of 1, 2 and 5 times a power of ten that is not under `least`.
pub(crate) fn round_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// Bars of one class in its colour: producer's and user's accuracy and F1.
pub(crate) fn class_bars(index: usize, name: &str, color: Rgb, confusion: &ConfusionMatrix) -> String {
    let bars = [
        ("Producer’s", confusion.producers_accuracy(index)),
        ("User’s", confusion.users_accuracy(index)),
        ("F1", confusion.f1(index)),
    ];
    let described: Vec<String> =
        bars.iter().map(|(label, value)| format!("{label} {}", number(*value, 2))).collect();
    let name = escape(name);
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 340 82\"><title>{name}: {}</title>\
         <path class=\"grid\" d=\"M84 0V66M189 0V66M294 0V66\"/>",
        described.join(", ")
    );
    for (i, (label, value)) in bars.into_iter().enumerate() {
        let top = 3 + 22 * i;
        let _ = write!(svg, "<text x=\"76\" y=\"{}\" text-anchor=\"end\">{label}</text>", top + 12);
        let value = value.filter(|value| value.is_finite());
        if let Some(value) = value {
            let width = 210.0 * value.clamp(0.0, 1.0);
            let _ = write!(
                svg,
                "<rect class=\"bar\" x=\"84\" y=\"{top}\" width=\"{width:.1}\" height=\"15\" fill=\"{color}\"/>"
            );
        }
        let shown = value.map_or_else(|| ABSENT.to_owned(), |value| format!("{value:.2}"));
        let _ = write!(svg, "<text class=\"value\" x=\"302\" y=\"{}\">{shown}</text>", top + 12);
    }
    for (at, label) in [(84, "0"), (189, "0.5"), (294, "1")] {
        let _ = write!(svg, "<text class=\"tick\" x=\"{at}\" y=\"80\" text-anchor=\"middle\">{label}</text>");
    }
    format!("<figure class=\"bars\"><h4>{name}</h4>{svg}</svg></figure>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (least, step) in [(0.25, 0.5), (0.2, 0.2), (0.013, 0.02), (7.1, 10.0), (1.0, 1.0), (0.0, 1.0)] {
            assert!((round_step(least) - step).abs() < 1e-12, "{least} gives {}", round_step(least));
        }
    }

    fn point(epoch: usize, loss: f64) -> HistoryPoint {
        HistoryPoint {
            epoch,
            train_loss: loss,
            validation_loss: None,
            overall_accuracy: None,
            macro_f1: None,
            learning_rate: 1e-3,
        }
    }

    #[test]
    fn curves_break_where_a_loss_is_not_finite() {
        let history = [point(1, 1.0), point(2, f64::NAN), point(3, 0.5), point(4, 0.25)];
        let svg = learning_curves(&history, Some(4));
        assert!(!svg.contains("NaN"));
        assert!(svg.contains("d=\"M46.0 26.0M312.7 121.0L446.0 168.5\""), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(svg.contains("text-anchor=\"end\">best: epoch 4<"));
        assert!(svg.contains("validation has no value"));
    }

    #[test]
    fn one_epoch_is_a_dot_and_none_is_nothing() {
        let svg = learning_curves(&[point(1, 0.7)], Some(1));
        assert!(svg.contains("<circle") && !svg.contains("NaN"));
        assert_eq!(learning_curves(&[], None), "<div class=\"charts\"></div>");
    }

    #[test]
    fn a_class_that_does_not_occur_has_no_bar() {
        let confusion = ConfusionMatrix::from_counts(2, vec![3, 1, 0, 0]).unwrap();
        let svg = class_bars(1, "a <b>", Rgb([1, 2, 3]), &confusion);
        assert!(svg.contains("a &lt;b&gt;: Producer’s 0.00, User’s –, F1 0.00"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains("fill=\"#010203\""));
    }
}
