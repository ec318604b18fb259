//! One feature in pixels of the grid, and which pixels it holds.

use super::burnt::Burnt;
use ecotone_core::{GeoBox, Window, XY};
use geo_types::{Geometry, LineString, Polygon};

/// From pixels of the grid to metres, or to pixels where the grid has none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    side: XY<f64>,
    metric: bool,
}

impl Scale {
    /// From the sides of a pixel in metres. On a grid in degrees a pixel is the unit of both axes.
    pub(super) fn new(metres: Option<XY<f64>>) -> Self {
        let side = metres.map_or(XY::new(1.0, 1.0), |side| XY::new(side.x.abs(), side.y.abs()));
        Self { side, metric: metres.is_some() }
    }

    pub(super) const fn is_metric(self) -> bool {
        self.metric
    }

    /// Half the larger side of a pixel: a line of that half width has a pixel in each row or column it crosses.
    pub(super) fn half_pixel(self) -> f64 {
        self.side.x.max(self.side.y) / 2.0
    }

    /// So many pixels reach over a distance.
    pub(super) fn pixels(self, distance: f64) -> usize {
        (distance / self.side.x.min(self.side.y)).ceil().max(0.0) as usize
    }
}

type Segment = [XY<f64>; 2];

/// A feature, its corners in pixels of the grid: (0, 0) is the grid's upper left corner.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) code: u8,
    pub(super) burnt: bool,
    /// Half the width of its lines.
    half: f64,
    tolerance: f64,
    /// Lines, and points as segments without a length.
    lines: Vec<Segment>,
    /// The rings of each polygon, its holes among them.
    areas: Vec<Vec<Segment>>,
    /// First and last row and column that it may reach.
    rows: (f64, f64),
    cols: (f64, f64),
}

impl Shape {
    pub(super) fn new(
        shape: &Geometry<f64>,
        code: u8,
        half: f64,
        tolerance: f64,
        grid: &GeoBox,
        scale: Scale,
    ) -> Self {
        let mut made = Self {
            code,
            burnt: false,
            half,
            tolerance,
            lines: Vec::new(),
            areas: Vec::new(),
            rows: (f64::INFINITY, f64::NEG_INFINITY),
            cols: (f64::INFINITY, f64::NEG_INFINITY),
        };
        made.add(shape, grid);
        let corners = made.lines.iter().chain(made.areas.iter().flatten()).flatten();
        let (mut rows, mut cols) = (made.rows, made.cols);
        for corner in corners {
            rows = (rows.0.min(corner.y), rows.1.max(corner.y));
            cols = (cols.0.min(corner.x), cols.1.max(corner.x));
        }
        let reach = if made.lines.is_empty() { tolerance } else { half + tolerance };
        let (across, down) = (reach / scale.side.x, reach / scale.side.y);
        made.rows = (rows.0 - down, rows.1 + down);
        made.cols = (cols.0 - across, cols.1 + across);
        made
    }

    fn add(&mut self, shape: &Geometry<f64>, grid: &GeoBox) {
        let pixel = |x: f64, y: f64| grid.transform().world_to_pixel(XY::new(x, y));
        let line = |line: &LineString<f64>| -> Vec<Segment> {
            line.lines().map(|l| [pixel(l.start.x, l.start.y), pixel(l.end.x, l.end.y)]).collect()
        };
        let area = |polygon: &Polygon<f64>| -> Vec<Segment> {
            std::iter::once(polygon.exterior()).chain(polygon.interiors()).flat_map(line).collect()
        };
        let point = |x: f64, y: f64| [pixel(x, y), pixel(x, y)];
        match shape {
            Geometry::Point(p) => self.lines.push(point(p.x(), p.y())),
            Geometry::MultiPoint(many) => self.lines.extend(many.iter().map(|p| point(p.x(), p.y()))),
            Geometry::Line(l) => self.lines.push([pixel(l.start.x, l.start.y), pixel(l.end.x, l.end.y)]),
            Geometry::LineString(one) => self.lines.extend(line(one)),
            Geometry::MultiLineString(many) => self.lines.extend(many.iter().flat_map(line)),
            Geometry::Polygon(one) => self.areas.push(area(one)),
            Geometry::MultiPolygon(many) => self.areas.extend(many.iter().map(area)),
            Geometry::Rect(rectangle) => self.areas.push(area(&rectangle.to_polygon())),
            Geometry::Triangle(triangle) => self.areas.push(area(&triangle.to_polygon())),
            Geometry::GeometryCollection(many) => many.iter().for_each(|one| self.add(one, grid)),
        }
    }

    pub(super) const fn is_area(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether its rectangle, grown by its reach, shares ground with a window.
    pub(super) fn meets(&self, window: Window) -> bool {
        self.rows.0 <= window.row_end() as f64
            && self.rows.1 >= window.row as f64
            && self.cols.0 <= window.col_end() as f64
            && self.cols.1 >= window.col as f64
    }

    pub(super) fn burn(&mut self, window: Window, scale: Scale, burnt: &mut Burnt) {
        let (code, half, reach) = (self.code, self.half, self.half + self.tolerance);
        let mut held = false;
        for segment in &self.lines {
            around(*segment, reach, window, scale, |at, distance| match distance <= half {
                true => {
                    burnt.codes[at] = Some(code);
                    held = true;
                }
                false => burnt.near[at] = true,
            });
        }
        for area in &self.areas {
            inside(area, window, |from, to| {
                burnt.codes[from..to].fill(Some(code));
                held = true;
            });
            if self.tolerance > 0.0 {
                for segment in area {
                    around(*segment, self.tolerance, window, scale, |at, _| burnt.near[at] = true);
                }
            }
        }
        self.burnt |= held;
    }
}

/// Visits the pixels of a window whose centre lies within `reach` of a segment, with their distance.
fn around(segment: Segment, reach: f64, window: Window, scale: Scale, mut visit: impl FnMut(usize, f64)) {
    let (across, down) = (reach / scale.side.x, reach / scale.side.y);
    let [a, b] = segment;
    let rows = span(a.y.min(b.y) - down, a.y.max(b.y) + down, window.row, window.rows);
    for row in rows {
        let y = window.row as f64 + row as f64 + 0.5;
        // Only the part of the segment that is this near to the row can be near to a pixel of it.
        let Some((left, right)) = between(segment, y - down, y + down) else { continue };
        for col in span(left - across, right + across, window.col, window.cols) {
            let x = window.col as f64 + col as f64 + 0.5;
            let distance = distance(XY::new(x, y), segment, scale);
            if distance <= reach {
                visit(row * window.cols + col, distance);
            }
        }
    }
}

/// The pixels of one axis whose centre lies from `low` to `high`, counted from `first`.
fn span(low: f64, high: f64, first: i64, count: usize) -> std::ops::Range<usize> {
    let place = |edge: f64| (edge - first as f64).clamp(0.0, count as f64) as usize;
    let (from, to) = ((low - 0.5).ceil(), (high - 0.5).floor() + 1.0);
    place(from)..place(to).max(place(from))
}

/// The columns of the part of a segment that lies between two rows.
fn between(segment: Segment, top: f64, bottom: f64) -> Option<(f64, f64)> {
    let [a, b] = if segment[0].y <= segment[1].y { segment } else { [segment[1], segment[0]] };
    if a.y > bottom || b.y < top {
        return None;
    }
    let height = b.y - a.y;
    let at =
        |y: f64| if height > 0.0 { a.x + (b.x - a.x) * ((y - a.y) / height).clamp(0.0, 1.0) } else { a.x };
    let (from, to) = (at(top), if height > 0.0 { at(bottom) } else { b.x });
    Some((from.min(to), from.max(to)))
}

fn distance(point: XY<f64>, [a, b]: Segment, scale: Scale) -> f64 {
    let metres =
        |from: XY<f64>, to: XY<f64>| XY::new((to.x - from.x) * scale.side.x, (to.y - from.y) * scale.side.y);
    let (along, to) = (metres(a, b), metres(a, point));
    let square = along.x * along.x + along.y * along.y;
    let t = if square > 0.0 { ((to.x * along.x + to.y * along.y) / square).clamp(0.0, 1.0) } else { 0.0 };
    (to.x - t * along.x).hypot(to.y - t * along.y)
}

/// Visits the runs of pixels of a window whose centre lies in an area, by the even-odd rule, so that holes are left out.
/// A centre on an edge belongs to the area on its right or below, so that neighbours share no pixel and leave none.
fn inside(area: &[Segment], window: Window, mut visit: impl FnMut(usize, usize)) {
    let mut crossings = Vec::new();
    for row in 0..window.rows {
        let y = window.row as f64 + row as f64 + 0.5;
        crossings.clear();
        crossings.extend(
            area.iter()
                .filter(|[a, b]| (a.y <= y) != (b.y <= y))
                .map(|[a, b]| a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)),
        );
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // From the first centre at or right of the edge to the last one left of the other.
            let place =
                |x: f64| ((x - 0.5).ceil() - window.col as f64).clamp(0.0, window.cols as f64) as usize;
            let (from, to) = (place(pair[0]), place(pair[1]));
            if from < to {
                visit(row * window.cols + from, row * window.cols + to);
            }
        }
    }
}
