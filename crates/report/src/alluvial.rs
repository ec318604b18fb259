//! Inline SVG: an alluvial (Sankey) picture of what flows from class to class over a series of maps.

use crate::palette::Swatch;
use crate::text::{area, escape, short};
use ecotone_metrics::Flow;
use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 460.0;
const TOP: f64 = 30.0;
/// Room for names beside the first and the last map.
const MARGIN: f64 = 150.0;
const NODE: f64 = 14.0;
const GAP: f64 = 5.0;

/// The bands of all steps; nothing where there are none.
pub fn alluvial(maps: &[String], classes: &[Swatch], flows: &[Flow], hectares: Option<f64>) -> String {
    let total: u64 = flows.iter().filter(|flow| flow.step == 0).map(|flow| flow.pixels).sum();
    if total == 0 || maps.len() < 2 {
        return String::new();
    }
    let sizes = sizes(maps.len(), classes.len(), flows);
    let shown = |map: usize| sizes[map].iter().filter(|pixels| **pixels > 0).count();
    let gaps = (0..maps.len()).map(shown).max().unwrap_or(1).saturating_sub(1) as f64 * GAP;
    let scale = (HEIGHT - TOP - gaps) / total as f64;
    let x = |map: usize| MARGIN + (WIDTH - 2.0 * MARGIN - NODE) * map as f64 / (maps.len() - 1) as f64;
    let tops: Vec<Vec<f64>> = sizes.iter().map(|sizes| tops(sizes, scale)).collect();

    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {}\"><title>Flows between classes from map to map; the figures are \
         in the tables below</title>",
        HEIGHT + 8.0
    );
    let (mut left, mut right) = (tops.clone(), tops.clone());
    for flow in flows {
        let height = flow.pixels as f64 * scale;
        let (from, to) = (&mut left[flow.step][flow.from], &mut right[flow.step + 1][flow.to]);
        let (y0, y1) = (*from, *to);
        (*from, *to) = (y0 + height, y1 + height);
        let (x0, x1) = (x(flow.step) + NODE, x(flow.step + 1));
        let middle = f64::midpoint(x0, x1);
        let opacity = if flow.from == flow.to { 0.28 } else { 0.6 };
        let _ = write!(
            svg,
            "<path d=\"M{x0:.1} {y0:.2}C{middle:.1} {y0:.2} {middle:.1} {y1:.2} {x1:.1} {y1:.2}V{:.2}C{middle:.1} {:.2} \
             {middle:.1} {:.2} {x0:.1} {:.2}Z\" fill=\"{}\" fill-opacity=\"{opacity}\"><title>{} to {}: {}{}</title></path>",
            y1 + height,
            y1 + height,
            y0 + height,
            y0 + height,
            classes[flow.from].color,
            escape(&classes[flow.from].label),
            escape(&classes[flow.to].label),
            area(flow.pixels, hectares),
            if hectares.is_some() { " ha" } else { " pixels" },
        );
    }
    // About eight units a letter.
    let letters = (WIDTH / 8.0) as usize / maps.len();
    for (map, name) in maps.iter().enumerate() {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"16\" text-anchor=\"middle\" style=\"fill:var(--ink)\">{}</text>",
            x(map) + NODE / 2.0,
            escape(&short(name, letters))
        );
        for (class, swatch) in classes.iter().enumerate() {
            let height = sizes[map][class] as f64 * scale;
            svg += &node(x(map), tops[map][class], height, swatch);
            if height >= 11.0 && (map == 0 || map + 1 == maps.len()) {
                svg += &label(x(map), tops[map][class] + height / 2.0, map == 0, swatch);
            }
        }
    }
    format!("<figure class=\"chart\">{svg}</svg></figure>\n")
}

/// Pixels of each class in each map.
fn sizes(maps: usize, classes: usize, flows: &[Flow]) -> Vec<Vec<u64>> {
    let mut sizes = vec![vec![0; classes]; maps];
    for flow in flows {
        if flow.step == 0 {
            sizes[0][flow.from] += flow.pixels;
        }
        sizes[flow.step + 1][flow.to] += flow.pixels;
    }
    sizes
}

/// Where each class begins, from the top, with a gap after each that is there.
fn tops(sizes: &[u64], scale: f64) -> Vec<f64> {
    let mut next = TOP;
    let mut top = |pixels: &u64| {
        let here = next;
        if *pixels > 0 {
            next += *pixels as f64 * scale + GAP;
        }
        here
    };
    sizes.iter().map(&mut top).collect()
}

fn node(x: f64, y: f64, height: f64, swatch: &Swatch) -> String {
    if height <= 0.0 {
        return String::new();
    }
    format!(
        "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.2}\" width=\"{NODE}\" height=\"{height:.2}\" fill=\"{}\"><title>{}</title></rect>",
        swatch.color,
        escape(&swatch.label)
    )
}

fn label(x: f64, y: f64, first: bool, swatch: &Swatch) -> String {
    let (at, anchor) = if first { (x - 6.0, "end") } else { (x + NODE + 6.0, "start") };
    format!(
        "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
        y + 4.5,
        escape(&short(&swatch.label, 18))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Rgb;

    fn flow(step: usize, from: usize, to: usize, pixels: u64) -> Flow {
        Flow { step, from, to, pixels, area: pixels as f64 }
    }

    #[test]
    fn bands_fill_their_classes() {
        let flows =
            [flow(0, 0, 0, 6), flow(0, 0, 1, 2), flow(0, 1, 1, 2), flow(1, 0, 0, 6), flow(1, 1, 0, 4)];
        assert_eq!(sizes(3, 2, &flows), [[8, 2], [6, 4], [10, 0]]);
        let swatch = |label: &str| Swatch { label: label.to_owned(), color: Rgb([1, 2, 3]) };
        let maps = ["a", "b", "c"].map(str::to_owned);
        let svg = alluvial(&maps, &[swatch("x"), swatch("y & z")], &flows, Some(0.5));
        assert_eq!(svg.matches("<path d=").count(), 5);
        assert_eq!(svg.matches("<rect").count(), 5, "a class without a pixel has no bar");
        assert!(svg.contains("<title>x to y &amp; z: 1.00 ha</title>"), "{svg}");
        assert!(!svg.contains("NaN"));
        assert_eq!(alluvial(&maps, &[], &[], None), "");
    }
}
