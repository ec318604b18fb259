//! Outlines in longitude and latitude: reading them, cutting them at the antimeridian, meeting them with rectangles.

use super::crs::transform_each;
use crate::{Error, Result};
use ecotone_core::{BoundingBox, Crs, GeoBox, XY};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// Points a side on which the edge of a grid is followed into longitude and latitude; straight in one is curved in
/// the other, and 16 keep a 110 km tile within a metre or so of its true edge.
const POINTS_PER_SIDE: usize = 16;

/// How often a way is halved to find where the Earth ends on it: to a billionth of its length.
const HALVINGS: usize = 30;

/// The outline of a grid in degrees of longitude and latitude, cut where it crosses the antimeridian. Where an edge lies
/// beyond the reach of the projection, the outline runs along the end of the Earth as seen from the grid's middle.
///
/// # Errors
/// When its CRS is unknown to PROJ, or neither its edge nor its middle has a longitude and latitude.
pub fn footprint(geobox: &GeoBox) -> Result<MultiPolygon<f64>> {
    let (rows, cols) = (geobox.shape().rows as f64, geobox.shape().cols as f64);
    // Counter-clockwise as GeoJSON wants it, for a north-up grid.
    let corners = [(0.0, 0.0), (0.0, rows), (cols, rows), (cols, 0.0), (0.0, 0.0)];
    let edge = corners.windows(2).flat_map(|side| {
        let ((x0, y0), (x1, y1)) = (side[0], side[1]);
        (0..POINTS_PER_SIDE).map(move |i| {
            let t = i as f64 / POINTS_PER_SIDE as f64;
            geobox.transform().pixel_to_world(XY::new(x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
        })
    });
    let edge: Vec<XY<f64>> = edge.collect();
    let middle = geobox.transform().pixel_to_world(XY::new(cols / 2.0, rows / 2.0));
    let lonlat = within_reach(&edge, middle, geobox.crs())?;
    let ring: Vec<Coord<f64>> = lonlat.into_iter().map(|p| Coord { x: p.x, y: p.y }).collect();
    if ring.len() < 3 {
        return Err(Error::EmptyFootprint { crs: geobox.crs().to_string() });
    }
    // The polygon closes its ring itself.
    Ok(MultiPolygon(cut_at_antimeridian(Polygon::new(LineString(ring), Vec::new()))))
}

/// Points in longitude and latitude; one that has none is moved towards the middle until it has, or left out where the
/// middle has none either.
fn within_reach(edge: &[XY<f64>], middle: XY<f64>, crs: &Crs) -> Result<Vec<XY<f64>>> {
    let degrees = Crs::epsg(4326);
    let mut found = transform_each(edge, crs, &degrees)?;
    let lost: Vec<usize> = (0..edge.len()).filter(|place| found[*place].is_none()).collect();
    // For each that is lost, the shares of its way from the middle that are and are not within reach.
    let mut ends = vec![(0.0, 1.0); lost.len()];
    for _ in 0..if lost.is_empty() { 0 } else { HALVINGS } {
        let half = |((near, far), place): (&(f64, f64), &usize)| {
            let share = (near + far) / 2.0;
            let along = |from: f64, to: f64| from + share * (to - from);
            XY::new(along(middle.x, edge[*place].x), along(middle.y, edge[*place].y))
        };
        let tried: Vec<XY<f64>> = ends.iter().zip(&lost).map(half).collect();
        for ((moved, (near, far)), place) in
            transform_each(&tried, crs, &degrees)?.into_iter().zip(&mut ends).zip(&lost)
        {
            let share = (*near + *far) / 2.0;
            match moved {
                Some(moved) => (*near, found[*place]) = (share, Some(moved)),
                None => *far = share,
            }
        }
    }
    Ok(found.into_iter().flatten().collect())
}

/// The rectangle around a grid in degrees of longitude and latitude; `min.x > max.x` where it crosses the
/// antimeridian.
///
/// # Errors
/// As [`footprint`].
pub fn lonlat_bounds(geobox: &GeoBox) -> Result<BoundingBox> {
    let outline = footprint(geobox)?;
    bounds_of(&outline).ok_or_else(|| Error::EmptyFootprint { crs: geobox.crs().to_string() })
}

/// The rectangle around an outline; `min.x > max.x` where the outline has parts on both sides of the antimeridian.
pub(crate) fn bounds_of(outline: &MultiPolygon<f64>) -> Option<BoundingBox> {
    let around = |parts: &mut dyn Iterator<Item = &Polygon<f64>>| {
        BoundingBox::around(parts.flat_map(|p| p.exterior().coords()).map(|c| XY::new(c.x, c.y)))
    };
    let whole = around(&mut outline.iter())?;
    let touches = |x: f64| outline.iter().any(|p| p.exterior().coords().any(|c| c.x == x));
    if outline.0.len() < 2 || !touches(180.0) || !touches(-180.0) {
        return Some(whole);
    }
    let east = |p: &&Polygon<f64>| p.exterior().coords().any(|c| c.x > 0.0);
    let (left, right) =
        (around(&mut outline.iter().filter(east))?, around(&mut outline.iter().filter(|p| !east(p)))?);
    Some(BoundingBox { min: XY::new(left.min.x, whole.min.y), max: XY::new(right.max.x, whole.max.y) })
}

/// True where a polygon meets a rectangle, its edge included.
pub(crate) fn intersects(polygon: &Polygon<f64>, rectangle: BoundingBox) -> bool {
    let rings = || std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let crossed = rings().any(|ring| ring.lines().any(|line| enters(line.start, line.end, rectangle)));
    // With no edge inside, the rectangle lies wholly in the polygon or wholly out of it: one point tells.
    let (x, y) = ((rectangle.min.x + rectangle.max.x) / 2.0, (rectangle.min.y + rectangle.max.y) / 2.0);
    crossed
        || rings().flat_map(|ring| ring.lines()).fold(false, |inside, line| {
            let (a, b) = (line.start, line.end);
            let spans = (a.y > y) != (b.y > y);
            inside ^ (spans && x < a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
        })
}

/// True where the segment from `a` to `b` meets a rectangle (Liang and Barsky 1984).
fn enters(a: Coord<f64>, b: Coord<f64>, r: BoundingBox) -> bool {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let mut from = 0.0_f64;
    let mut to = 1.0_f64;
    for (p, q) in [(-dx, a.x - r.min.x), (dx, r.max.x - a.x), (-dy, a.y - r.min.y), (dy, r.max.y - a.y)] {
        if p == 0.0 {
            if q < 0.0 {
                return false;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    from <= to
}

/// A rectangle over the antimeridian as the two on its sides, any other as itself.
pub(crate) fn unwrapped(bounds: BoundingBox) -> Vec<BoundingBox> {
    if bounds.min.x <= bounds.max.x {
        return vec![bounds];
    }
    vec![
        BoundingBox { min: bounds.min, max: XY::new(180.0, bounds.max.y) },
        BoundingBox { min: XY::new(-180.0, bounds.min.y), max: bounds.max },
    ]
}

/// Cuts a polygon whose edge jumps from one side of the antimeridian to the other into the parts on either side;
/// any other polygon comes back as it is.
///
/// A jump is a step of more than 180 degrees of longitude. Outlines around a pole are beyond this.
pub(crate) fn cut_at_antimeridian(polygon: Polygon<f64>) -> Vec<Polygon<f64>> {
    let jumps = |ring: &LineString<f64>| ring.lines().any(|line| (line.end.x - line.start.x).abs() > 180.0);
    if !jumps(polygon.exterior()) {
        return vec![polygon];
    }
    let (exterior, interiors) = polygon.into_inner();
    let east = |ring: &LineString<f64>| {
        LineString(
            ring.coords().map(|c| Coord { x: if c.x < 0.0 { c.x + 360.0 } else { c.x }, y: c.y }).collect(),
        )
    };
    let side = |keep: fn(f64) -> f64, shift: f64| {
        let part = |ring: &LineString<f64>| {
            let mut clipped = clip(&east(ring), keep);
            clipped.0.iter_mut().for_each(|c| c.x -= shift);
            clipped
        };
        let outer = part(&exterior);
        let holes = interiors.iter().map(part).filter(|hole| hole.0.len() > 3).collect();
        (outer.0.len() > 3).then(|| Polygon::new(outer, holes))
    };
    [side(|x| 180.0 - x, 0.0), side(|x| x - 180.0, 360.0)].into_iter().flatten().collect()
}

/// The part of a closed ring where `keep(x) >= 0`, for one side of the meridian 180 (Sutherland and Hodgman 1974).
fn clip(ring: &LineString<f64>, keep: fn(f64) -> f64) -> LineString<f64> {
    let mut kept: Vec<Coord<f64>> = Vec::new();
    for line in ring.lines() {
        let (a, b) = (line.start, line.end);
        let (da, db) = (keep(a.x), keep(b.x));
        let crossing = || Coord { x: 180.0, y: a.y + (180.0 - a.x) / (b.x - a.x) * (b.y - a.y) };
        match (da >= 0.0, db >= 0.0) {
            (true, true) => kept.push(b),
            (true, false) => kept.push(crossing()),
            (false, true) => kept.extend([crossing(), b]),
            (false, false) => {}
        }
    }
    kept.dedup();
    if let Some(first) = kept.first().copied().filter(|first| kept.last() != Some(first)) {
        kept.push(first);
    }
    // What only touches the meridian is a line there, not an area.
    if kept.iter().all(|c| c.x == 180.0) {
        kept.clear();
    }
    LineString(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{GeoTransform, Shape2d};
    use geo_types::polygon;

    fn bounds(x0: f64, y0: f64, x1: f64, y1: f64) -> BoundingBox {
        BoundingBox { min: XY::new(x0, y0), max: XY::new(x1, y1) }
    }

    #[test]
    fn rectangles_meet_polygons() {
        let ring = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)],
            interiors: [[(x: 2.0, y: 2.0), (x: 8.0, y: 2.0), (x: 8.0, y: 8.0), (x: 2.0, y: 8.0)]],
        );
        assert!(intersects(&ring, bounds(-1.0, -1.0, 11.0, 11.0)), "around it");
        assert!(intersects(&ring, bounds(0.5, 0.5, 1.0, 1.0)), "in it");
        assert!(intersects(&ring, bounds(1.0, 1.0, 5.0, 5.0)), "over the hole's edge");
        assert!(!intersects(&ring, bounds(4.0, 4.0, 6.0, 6.0)), "in the hole");
        assert!(!intersects(&ring, bounds(11.0, 0.0, 12.0, 1.0)), "beside it");
        assert!(intersects(&ring, bounds(-5.0, 4.0, 15.0, 4.5)), "across it, no corner in either");
    }

    #[test]
    fn a_polygon_over_the_antimeridian_is_cut() {
        let fiji = polygon![
            (x: 179.0, y: -16.0), (x: 179.0, y: -17.0), (x: -179.5, y: -17.0), (x: -179.5, y: -16.0),
        ];
        let parts = cut_at_antimeridian(fiji);
        assert_eq!(parts.len(), 2);
        assert!(intersects(&parts[0], bounds(179.5, -16.6, 179.6, -16.5)));
        assert!(intersects(&parts[1], bounds(-179.7, -16.6, -179.6, -16.5)));
        let around = bounds_of(&MultiPolygon(parts)).unwrap();
        assert_eq!((around.min.x, around.max.x), (179.0, -179.5));
    }

    #[test]
    fn a_polygon_that_only_touches_the_antimeridian_stays_one() {
        let west = polygon![(x: 179.0, y: 0.0), (x: 180.0, y: 0.0), (x: -180.0, y: 1.0), (x: 179.0, y: 1.0)];
        assert_eq!(cut_at_antimeridian(west).len(), 1);
    }

    #[test]
    fn the_footprint_of_a_utm_grid() {
        // Corners by gdaltransform -s_srs EPSG:32633 -t_srs EPSG:4326.
        let geobox = GeoBox::new(
            Shape2d::new(100, 200),
            GeoTransform::north_up(XY::new(500_000.0, 5_300_000.0), 100.0),
            Crs::epsg(32633),
        );
        let around = lonlat_bounds(&geobox).unwrap();
        assert!((around.min.x - 15.0).abs() < 1e-9, "{around:?}");
        assert!((around.max.x - 15.267_516).abs() < 1e-3, "{around:?}");
        assert!(around.min.y > 47.7 && around.max.y < 47.9, "{around:?}");
        assert!(footprint(&GeoBox::new(geobox.shape(), geobox.transform(), Crs::epsg(999_999))).is_err());
    }

    #[test]
    fn an_edge_off_the_earth_becomes_the_end_of_the_earth() {
        // The corners of NSIDC's northern EASE-Grid lie 12 770 km from the pole, farther than the other pole is.
        let (ease, side) = (Crs::epsg(3408), 9_030_000.0);
        let corner = XY::new(side, side);
        assert_eq!(transform_each(&[corner], &ease, &Crs::epsg(4326)).unwrap(), [None]);
        let found = within_reach(&[corner, XY::new(side, 0.0)], XY::new(0.0, 0.0), &ease).unwrap();
        assert!((found[0].x - 135.0).abs() < 1e-6 && found[0].y < -89.9, "{found:?}");
        assert!((found[1].x - 90.0).abs() < 1e-6, "{found:?}");
        assert_eq!(within_reach(&[corner, corner], corner, &ease).unwrap(), []);
    }
}
