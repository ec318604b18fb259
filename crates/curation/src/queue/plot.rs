//! The series of one channel at one place, as a small SVG to show beside its pictures.

use std::fmt::Write as _;

const WIDTH: f64 = 480.0;
const LEFT: f64 = 44.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 150.0;

/// The channel to show: NDVI where there is one, else that of the first feature.
pub(super) fn channel(names: &[String]) -> String {
    let of = |name: &String| name.split('@').next().unwrap_or_default().to_owned();
    let mut channels = names.iter().map(of);
    let first = channels.clone().next().unwrap_or_default();
    channels.find(|channel| channel == "NDVI").unwrap_or(first)
}

/// Dots at the first day of each step, joined where steps follow each other. A step without a value, which the series
/// has as exactly 0, is a gap.
pub(super) fn svg(channel: &str, names: &[String], features: &[f32]) -> String {
    let steps: Vec<(&str, f32)> = names
        .iter()
        .zip(features)
        .filter_map(|(name, value)| {
            name.split_once('@').filter(|(own, _)| *own == channel).map(|(_, day)| (day, *value))
        })
        .collect();
    let seen = steps.iter().map(|(_, value)| f64::from(*value)).filter(|value| *value != 0.0);
    let (low, high) = seen.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    let high = if high > low { high } else { low + 1.0 };
    let x = |step: usize| LEFT + (WIDTH - LEFT - 12.0) * (step as f64 + 0.5) / steps.len().max(1) as f64;
    let y = |value: f32| BOTTOM - (BOTTOM - TOP) * (f64::from(value) - low) / (high - low);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 180\" width=\"{WIDTH}\" height=\"180\" \
         font-family=\"sans-serif\" font-size=\"11\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\
         <text x=\"{LEFT}\" y=\"15\" font-weight=\"bold\">{channel}</text>"
    );
    for value in [low, high] {
        let at = y(value as f32);
        let _ = write!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{WIDTH}\" stroke=\"#ccc\"/><text x=\"{:.0}\" y=\"{:.1}\" \
             text-anchor=\"end\">{value:.2}</text>",
            LEFT - 5.0,
            at + 4.0
        );
    }
    let mut path = String::new();
    let mut joined = false;
    for (step, (day, value)) in steps.iter().enumerate() {
        let is_seen = *value != 0.0;
        if is_seen {
            let (x, y) = (x(step), y(*value));
            let _ = write!(path, "{}{x:.1} {y:.1}", if joined { 'L' } else { 'M' });
            let _ = write!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#247a3c\"><title>{day}: {value:.3}</title></circle>"
            );
        }
        joined = is_seen;
    }
    let _ = write!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"#247a3c\" stroke-width=\"1.5\"/>");
    for (step, anchor) in [(0, "start"), (steps.len().saturating_sub(1), "end")] {
        if let Some((day, _)) = steps.get(step) {
            let _ = write!(svg, "<text x=\"{:.1}\" y=\"170\" text-anchor=\"{anchor}\">{day}</text>", x(step));
        }
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_channel_stands_in_for_ndvi_and_gaps_are_not_joined() {
        let names: Vec<String> = ["B04@2020-01-01", "NDVI@2020-01-01", "NDVI@2020-01-31", "NDVI@2020-03-01"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(channel(&names), "NDVI");
        assert_eq!(channel(&names[..1]), "B04");
        let svg = svg("NDVI", &names, &[0.9, 0.5, 0.0, 0.6]);
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains("2020-03-01: 0.600") && !svg.contains('L'), "{svg}");
    }
}
