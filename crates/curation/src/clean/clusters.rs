//! What became of a class and its clusters, and inline SVG of them: points in two features, mean series of each index.

use ecotone_report::{Swatch, escape};
use std::fmt::Write as _;

/// What became of a class.
#[derive(Debug)]
pub(crate) struct CleanedClass {
    /// Its name and colour.
    pub(crate) swatch: Swatch,
    /// Samples that have a series.
    pub(crate) samples: usize,
    /// Those of them that are kept.
    pub(crate) kept: usize,
    /// Mean silhouette, -1 to 1, where it was computed.
    pub(crate) silhouette: Option<f64>,
    /// Its clusters, the dominant one first.
    pub(crate) clusters: Vec<ClusterSeries>,
    /// A picture of them.
    pub(crate) scatter: Option<Scatter>,
}

/// A cluster.
#[derive(Debug)]
pub(crate) struct ClusterSeries {
    /// Samples in it.
    pub(crate) samples: usize,
    /// Their share in the class.
    pub(crate) share: f64,
    /// Mean of each feature, `[index x date]`.
    pub(crate) means: Vec<f32>,
}

/// Samples of a class in two features.
#[derive(Debug)]
pub(crate) struct Scatter {
    /// Names of the features.
    pub(crate) axes: [String; 2],
    /// Values of both, and the cluster.
    pub(crate) points: Vec<(f32, f32, usize)>,
}

/// Colours of clusters after the dominant one, which has that of its class.
const OTHERS: [&str; 7] = ["#bb5566", "#ddaa33", "#4477aa", "#aa3377", "#228833", "#66ccee", "#888888"];

/// Least and greatest value.
type Range = (f32, f32);

fn color(class: &CleanedClass, cluster: usize) -> String {
    match cluster.checked_sub(1) {
        None => class.swatch.color.to_string(),
        Some(other) => OTHERS[other % OTHERS.len()].to_owned(),
    }
}

/// Colours of the clusters, with their shares.
pub(super) fn key(class: &CleanedClass) -> String {
    let item = |(number, cluster): (usize, &ClusterSeries)| {
        let name = if number == 0 { "dominant, kept".to_owned() } else { format!("cluster {number}") };
        format!(
            "<li><i class=\"chip\" style=\"background:{}\"></i>{name}: {} samples, {:.1} %</li>",
            color(class, number),
            cluster.samples,
            100.0 * cluster.share
        )
    };
    let items: String = class.clusters.iter().enumerate().map(item).collect();
    format!("<ul class=\"key\">{items}</ul>\n")
}

/// Samples in two features, those of the dominant cluster below the others.
pub(super) fn scatter(class: &CleanedClass, scatter: &Scatter) -> String {
    const LEFT: f32 = 50.0;
    const RIGHT: f32 = 350.0;
    const TOP: f32 = 10.0;
    const BOTTOM: f32 = 250.0;
    let (of_x, of_y) = (
        range(scatter.points.iter().map(|point| point.0)),
        range(scatter.points.iter().map(|point| point.1)),
    );
    let place = |value: f32, range: Range, from: f32, to: f32| {
        from + (to - from) * (value - range.0) / (range.1 - range.0)
    };
    let [x_name, y_name] = scatter.axes.each_ref().map(|name| escape(name).to_string());
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 360 300\"><title>{x_name} and {y_name} of {} samples in {} clusters</title>\
         <path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>",
        scatter.points.len(),
        class.clusters.len()
    );
    let mut points: Vec<&(f32, f32, usize)> = scatter.points.iter().collect();
    points.sort_by_key(|point| point.2);
    for (x, y, cluster) in points {
        let _ = write!(
            svg,
            "<circle class=\"bar\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{}\"/>",
            place(*x, of_x, LEFT, RIGHT),
            place(*y, of_y, BOTTOM, TOP),
            color(class, *cluster)
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{LEFT}\" y=\"268\">{:.2}</text><text x=\"{RIGHT}\" y=\"268\" text-anchor=\"end\">{:.2}</text>\
         <text x=\"200\" y=\"290\" text-anchor=\"middle\">{x_name}</text>\
         <text x=\"44\" y=\"{BOTTOM}\" text-anchor=\"end\">{:.2}</text><text x=\"44\" y=\"20\" text-anchor=\"end\">{:.2}</text>\
         <text x=\"14\" y=\"130\" text-anchor=\"middle\" transform=\"rotate(-90 14 130)\">{y_name}</text>",
        of_x.0, of_x.1, of_y.0, of_y.1
    );
    format!("<figure class=\"chart\">{svg}</svg></figure>")
}

/// Mean series of each index, a panel each.
pub(super) fn series(class: &CleanedClass, indices: &[String], days: &[String], ranges: &[Range]) -> String {
    const WIDTH: usize = 170;
    const HEIGHT: usize = 150;
    let (across, rows) = (3, indices.len().div_ceil(3));
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 {} {}\"><title>Mean of each index over the dates, cluster by cluster</title>",
        WIDTH * across,
        HEIGHT * rows
    );
    let (first, last) = (days.first().map_or("", |day| day), days.last().map_or("", |day| day));
    for (place, (name, range)) in indices.iter().zip(ranges).enumerate() {
        let (left, top) = ((place % across * WIDTH) as f32, (place / across * HEIGHT) as f32);
        let (from, to, upper, lower) = (left + 36.0, left + 160.0, top + 22.0, top + 118.0);
        let _ = write!(
            svg,
            "<path class=\"axis\" fill=\"none\" d=\"M{from} {upper}V{lower}H{to}\"/>\
             <text x=\"{from}\" y=\"{}\">{}</text>\
             <text x=\"{2}\" y=\"{lower}\" text-anchor=\"end\">{3:.1}</text>\
             <text x=\"{2}\" y=\"{4}\" text-anchor=\"end\">{5:.1}</text>\
             <text class=\"tick\" x=\"{from}\" y=\"{6}\">{7}</text>\
             <text class=\"tick\" x=\"{to}\" y=\"{6}\" text-anchor=\"end\">{8}</text>",
            upper - 8.0,
            escape(name),
            from - 4.0,
            range.0,
            upper + 10.0,
            range.1,
            lower + 16.0,
            month(first),
            month(last)
        );
        // The dominant one last, so that it lies on top.
        for (number, cluster) in class.clusters.iter().enumerate().rev() {
            let Some(means) = cluster.means.get(place * days.len()..(place + 1) * days.len()) else {
                continue;
            };
            let x = |day: usize| from + (to - from) * day as f32 / (days.len() - 1).max(1) as f32;
            let y = |value: f32| lower - (lower - upper) * (value - range.0) / (range.1 - range.0);
            let path: String = (means.iter().enumerate())
                .map(|(day, mean)| {
                    format!("{}{:.1} {:.1}", if day == 0 { 'M' } else { 'L' }, x(day), y(*mean))
                })
                .collect();
            let width = if number == 0 { 4 } else { 2 };
            let _ = write!(
                svg,
                "<path class=\"line\" style=\"stroke:{};stroke-width:{width}\" d=\"{path}\"/>",
                color(class, number)
            );
        }
    }
    format!("<figure class=\"chart\">{svg}</svg></figure>")
}

/// The range of the cluster means of each index, over all classes.
pub(super) fn ranges(classes: &[CleanedClass], indices: usize, days: usize) -> Vec<Range> {
    let of = |index: usize| {
        let clusters = classes.iter().flat_map(|class| &class.clusters);
        range(clusters.filter_map(|c| c.means.get(index * days..(index + 1) * days)).flatten().copied())
    };
    (0..indices).map(of).collect()
}

/// Least and greatest of some values; never of no extent.
fn range(values: impl Iterator<Item = f32>) -> Range {
    let (least, most) =
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), v| (least.min(v), most.max(v)));
    match (least.is_finite(), most > least) {
        (false, _) => (0.0, 1.0),
        (true, false) => (least - 0.5, least + 0.5),
        (true, true) => (least, most),
    }
}

/// Year and month of a date.
fn month(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
}
