//! Which scenes lie over a place in a period.

use crate::Scene;
use crate::earth::unwrapped;
use chrono::{DateTime, Utc};
use ecotone_core::{BoundingBox, XY};
use geo_types::{LineString, Polygon};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};
use std::ops::Range;

type Leaf = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Scenes by footprint and time, in order of (time, identifier, collection).
///
/// Footprints are in degrees of longitude and latitude and do not wrap: one that crosses the antimeridian is two
/// polygons, as GeoJSON (RFC 7946, section 3.1.9) wants it, and is found from either side. A rectangle that crosses
/// it has its western edge east of its eastern one (`min.x > max.x`, section 5.2).
#[derive(Debug)]
pub struct SceneIndex {
    scenes: Vec<Scene>,
    tree: RTree<Leaf>,
}

impl SceneIndex {
    /// Sorts the scenes and indexes them.
    pub fn new(mut scenes: Vec<Scene>) -> Self {
        scenes.sort_by(|a, b| (a.datetime, &a.id, &a.collection).cmp(&(b.datetime, &b.id, &b.collection)));
        let leaves = scenes.iter().enumerate().flat_map(|(i, scene)| {
            scene.footprint.iter().filter_map(move |polygon| Some(Leaf::new(envelope(polygon)?, i)))
        });
        let tree = RTree::bulk_load(leaves.collect());
        Self { scenes, tree }
    }

    /// All scenes, in order.
    pub fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    /// The scenes whose footprint meets a rectangle in longitude and latitude and that were taken in `period`
    /// (its end excluded), in order.
    pub fn query(&self, bounds: BoundingBox, period: Range<DateTime<Utc>>) -> Vec<&Scene> {
        let mut found: Vec<usize> = unwrapped(bounds)
            .into_iter()
            .flat_map(|part| {
                let envelope = AABB::from_corners([part.min.x, part.min.y], [part.max.x, part.max.y]);
                self.tree.locate_in_envelope_intersecting(envelope).map(|leaf| leaf.data)
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .map(|i| &self.scenes[i])
            .filter(|scene| period.contains(&scene.datetime) && scene.meets(bounds))
            .collect()
    }
}

fn envelope(polygon: &Polygon<f64>) -> Option<Rectangle<[f64; 2]>> {
    let ring: &LineString<f64> = polygon.exterior();
    let bounds = BoundingBox::around(ring.coords().map(|c| XY::new(c.x, c.y)))?;
    Some(Rectangle::from_corners([bounds.min.x, bounds.min.y], [bounds.max.x, bounds.max.y]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::scene::tests::bare_scene;
    use geo_types::{MultiPolygon, polygon};
    use proptest::prelude::*;

    fn always() -> Range<DateTime<Utc>> {
        DateTime::<Utc>::MIN_UTC..DateTime::<Utc>::MAX_UTC
    }

    fn bounds(x0: f64, y0: f64, x1: f64, y1: f64) -> BoundingBox {
        BoundingBox { min: XY::new(x0, y0), max: XY::new(x1, y1) }
    }

    fn ids(found: &[&Scene]) -> Vec<String> {
        found.iter().map(|scene| scene.id.clone()).collect()
    }

    #[test]
    fn place_time_and_order() {
        let mut elsewhere = bare_scene("elsewhere", "2020-03-01T00:00:00Z");
        elsewhere.footprint =
            MultiPolygon(vec![polygon![(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 0.0, y: 10.0)]]);
        let scenes = vec![
            bare_scene("c", "2020-03-01T00:00:00Z"),
            bare_scene("b", "2020-02-01T00:00:00Z"),
            bare_scene("a", "2020-03-01T00:00:00Z"),
            elsewhere,
        ];
        let index = SceneIndex::new(scenes);
        assert_eq!(ids(&index.query(bounds(12.5, 45.5, 12.6, 45.6), always())), ["b", "a", "c"]);
        let march = "2020-03-01T00:00:00Z".parse().unwrap().."2020-04-01T00:00:00Z".parse().unwrap();
        assert_eq!(ids(&index.query(bounds(12.5, 45.5, 12.6, 45.6), march)), ["a", "c"]);
        let until = DateTime::<Utc>::MIN_UTC.."2020-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(ids(&index.query(bounds(12.5, 45.5, 12.6, 45.6), until)), ["b"]);
        assert_eq!(ids(&index.query(bounds(1.0, 1.0, 2.0, 2.0), always())), ["elsewhere"]);
        assert!(
            index.query(bounds(8.0, 8.0, 9.0, 9.0), always()).is_empty(),
            "in the envelope of the triangle, not in it"
        );
    }

    #[test]
    fn both_sides_of_the_antimeridian() {
        let mut scene = bare_scene("fiji", "2020-03-01T00:00:00Z");
        scene.footprint = MultiPolygon(vec![
            geo_types::Rect::new((179.0, -17.0), (180.0, -16.0)).to_polygon(),
            geo_types::Rect::new((-180.0, -17.0), (-179.5, -16.0)).to_polygon(),
        ]);
        let index = SceneIndex::new(vec![scene]);
        assert_eq!(index.query(bounds(179.2, -16.6, 179.3, -16.5), always()).len(), 1);
        assert_eq!(index.query(bounds(-179.9, -16.6, -179.8, -16.5), always()).len(), 1);
        assert_eq!(index.query(bounds(179.9, -16.6, -179.9, -16.5), always()).len(), 1);
        assert!(index.query(bounds(0.0, -16.6, 1.0, -16.5), always()).is_empty());
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_a_scan_finds(
            places in proptest::collection::vec((-50.0..50.0f64, -50.0..50.0f64, 0.1..20.0f64), 1..40),
            x in -60.0..60.0f64, y in -60.0..60.0f64, size in 0.1..30.0f64,
        ) {
            let scenes: Vec<Scene> = places.iter().enumerate().map(|(i, (px, py, side))| {
                let mut scene = bare_scene(&format!("{i:02}"), "2020-03-01T00:00:00Z");
                scene.footprint = MultiPolygon(vec![
                    polygon![(x: *px, y: *py), (x: px + side, y: *py), (x: *px, y: py + side)],
                ]);
                scene
            }).collect();
            let wanted = bounds(x, y, x + size, y + size);
            let scan: Vec<String> =
                scenes.iter().filter(|s| s.meets(wanted)).map(|s| s.id.clone()).collect();
            let index = SceneIndex::new(scenes);
            prop_assert_eq!(ids(&index.query(wanted, always())), scan);
        }
    }
}
