//! Which pixels of a plan's grid a scene may have anything to say of.

use ecotone_core::{Crs, GeoBox, Window, XY};
use ecotone_io::transform_each;

/// Points a side on which a grid is followed into another system.
const POINTS: usize = 21;
/// Pixels of the target, and of the source, by which resampling may reach beyond a source's edge; GDAL's own inexactness,
/// an eighth of a pixel, is among them.
const REACH: f64 = 2.0;
/// Pixels by which windows may reach over the grid's edge when it is tried whether its system is one with that of scenes.
const BEYOND: usize = 1024;
/// Pixels by which places are off.
const ROUNDED: f64 = 1e-6;
/// Pixels beyond which a place is no place.
const FARTHEST: f64 = 1e15;

/// Finds the windows of scenes on one grid; remembers those of files that lie alike, as the scenes of one tile do.
pub(crate) struct Bounds<'a> {
    target: &'a GeoBox,
    known: Vec<(GeoBox, Option<Window>)>,
    systems: Vec<(Crs, bool)>,
}

impl<'a> Bounds<'a> {
    pub(crate) const fn on(target: &'a GeoBox) -> Self {
        Self { target, known: Vec::new(), systems: Vec::new() }
    }

    /// The window beyond which none of some rasters changes a pixel, which may lie beyond the grid; `None` where that is not
    /// certain, so that they have to be asked.
    pub(crate) fn around(&mut self, rasters: &[GeoBox]) -> Option<Window> {
        let windows: Option<Vec<Window>> = rasters.iter().map(|raster| self.of(raster)).collect();
        windows?.into_iter().reduce(hull)
    }

    fn of(&mut self, raster: &GeoBox) -> Option<Window> {
        if let Some((_, window)) = self.known.iter().find(|(known, _)| known == raster) {
            return *window;
        }
        let window = if self.is_one_with(raster.crs()) { reached(raster, self.target) } else { None };
        self.known.push((raster.clone(), window));
        window
    }

    /// Whether the pixels of the grid that lie somewhere in another system come back from there. Those that do not are seen
    /// by scenes that seem to lie elsewhere: degrees beyond 180 are, and metres of a map that goes round the Earth.
    fn is_one_with(&mut self, crs: &Crs) -> bool {
        if let Some((_, known)) = self.systems.iter().find(|(known, _)| known == crs) {
            return *known;
        }
        let is_one = crs == self.target.crs() || comes_back(&self.target.pad(BEYOND), crs).unwrap_or(false);
        self.systems.push((crs.clone(), is_one));
        is_one
    }
}

/// Points spread evenly over a grid, row by row, its edges among them.
fn spread(grid: &GeoBox) -> Vec<XY<f64>> {
    let (rows, cols) = (grid.shape().rows as f64, grid.shape().cols as f64);
    let share = |i: usize| i as f64 / (POINTS - 1) as f64;
    let point = |i: usize| XY::new(share(i % POINTS) * cols, share(i / POINTS) * rows);
    (0..POINTS * POINTS).map(|i| grid.transform().pixel_to_world(point(i))).collect()
}

/// `None` where PROJ does not know the systems.
fn comes_back(grid: &GeoBox, crs: &Crs) -> Option<bool> {
    let points = spread(grid);
    let there = transform_each(&points, grid.crs(), crs).ok()?;
    let (points, there): (Vec<_>, Vec<_>) =
        points.into_iter().zip(there).filter_map(|(point, there)| Some((point, there?))).unzip();
    let back = transform_each(&there, crs, grid.crs()).ok()?;
    let pixel = |point| grid.transform().world_to_pixel(point);
    let near = |(point, back): (XY<f64>, Option<XY<f64>>)| {
        back.is_some_and(|back| {
            let (point, back) = (pixel(point), pixel(back));
            (point.x - back.x).abs() <= 1.0 && (point.y - back.y).abs() <= 1.0
        })
    };
    Some(points.into_iter().zip(back).all(near))
}

/// The window of the target that a raster reaches: around the points that it was followed on, wider by how far it bends
/// between them and by what resampling takes from neighbours. Where it is torn, as at the antimeridian, it bends so much
/// that the window holds everything.
fn reached(raster: &GeoBox, target: &GeoBox) -> Option<Window> {
    let moved = transform_each(&spread(raster), raster.crs(), target.crs()).ok()?;
    let pixel = |point: Option<XY<f64>>| Some(target.transform().world_to_pixel(point?));
    let pixels: Vec<XY<f64>> = moved.into_iter().map(pixel).collect::<Option<_>>()?;
    let at = |row: usize, col: usize| pixels[row * POINTS + col];
    let (mut bend, mut step) = (0.0_f64, 0.0_f64);
    let intervals = (POINTS - 1) as f64;
    let shape = raster.shape();
    for line in 0..POINTS {
        for place in 1..POINTS {
            let along = [(at(line, place - 1), at(line, place)), (at(place - 1, line), at(place, line))];
            for ((a, b), extent) in along.into_iter().zip([shape.cols, shape.rows]) {
                let side = intervals / extent.max(1) as f64;
                step = step.max((b.x - a.x).abs().max((b.y - a.y).abs()) * side);
            }
        }
        for place in 1..POINTS - 1 {
            let along = [
                [at(line, place - 1), at(line, place), at(line, place + 1)],
                [at(place - 1, line), at(place, line), at(place + 1, line)],
            ];
            for [a, b, c] in along {
                bend = bend.max((a.x - 2.0 * b.x + c.x).abs()).max((a.y - 2.0 * b.y + c.y).abs());
            }
        }
    }
    let margin = bend + REACH + REACH * step;
    let least = |value: fn(&XY<f64>) -> f64| pixels.iter().map(value).fold(f64::INFINITY, f64::min) - margin;
    let most =
        |value: fn(&XY<f64>) -> f64| pixels.iter().map(value).fold(f64::NEG_INFINITY, f64::max) + margin;
    // Coordinates are rounded: what ends on a pixel's edge takes no pixel more.
    let (first, end) = (|edge: f64| (edge + ROUNDED).floor(), |edge: f64| (edge - ROUNDED).ceil());
    let (row, row_end) = (first(least(|p| p.y)), end(most(|p| p.y)));
    let (col, col_end) = (first(least(|p| p.x)), end(most(|p| p.x)));
    let certain = [row, row_end, col, col_end].iter().all(|edge| edge.abs() < FARTHEST);
    certain.then(|| Window::new(row as i64, col as i64, (row_end - row) as usize, (col_end - col) as usize))
}

/// The smallest window around two.
fn hull(a: Window, b: Window) -> Window {
    let (row, col) = (a.row.min(b.row), a.col.min(b.col));
    let (row_end, col_end) = (a.row_end().max(b.row_end()), a.col_end().max(b.col_end()));
    Window::new(row, col, (row_end - row) as usize, (col_end - col) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{GeoTransform, Shape2d};
    use proptest::prelude::*;

    fn grid(epsg: u32, x: f64, y: f64, side: f64, rows: usize, cols: usize) -> GeoBox {
        GeoBox::new(Shape2d::new(rows, cols), GeoTransform::north_up(XY::new(x, y), side), Crs::epsg(epsg))
    }

    fn around(target: &GeoBox, raster: &GeoBox) -> Option<Window> {
        Bounds::on(target).around(std::slice::from_ref(raster))
    }

    #[test]
    fn on_one_lattice_the_reach_is_that_of_resampling() {
        let target = grid(32633, 500_000.0, 5_500_000.0, 20.0, 64, 64);
        let scene = grid(32633, 500_000.0 + 40.0 * 20.0, 5_500_000.0, 20.0, 32, 32);
        assert_eq!(around(&target, &scene), Some(Window::new(-4, 36, 40, 40)));
        // Pixels of 60 m reach three times as far.
        let coarse = grid(32633, 500_000.0, 5_500_000.0, 60.0, 10, 10);
        assert_eq!(around(&target, &coarse), Some(Window::new(-8, -8, 46, 46)));
        let both = Bounds::on(&target).around(&[scene, coarse]);
        assert_eq!(both, Some(Window::new(-8, -8, 46, 84)));
    }

    #[test]
    fn where_the_earth_is_torn_all_windows_are_met() {
        // Fiji in the first zone, on a map that goes on beyond 180 degrees, and on one that ends there.
        let scene = grid(32701, 300_000.0, 8_200_000.0, 100.0, 1000, 1000);
        let beyond = grid(4326, 175.0, -15.0, 0.01, 500, 1000);
        assert_eq!(around(&beyond, &scene), None);
        let across = grid(32760, 700_000.0, 8_200_000.0, 100.0, 1000, 2000);
        let until = grid(4326, 160.0, -15.0, 0.01, 500, 800);
        let window = around(&until, &across).unwrap();
        assert!(window.contains(Window::whole(until.shape())), "{window}");
        // A square around the pole, of which only the sides are followed by an outline.
        let polar = grid(3413, -400_000.0, 400_000.0, 1000.0, 800, 800);
        let arctic = grid(4326, -170.0, 89.0, 0.1, 200, 3000);
        assert!(around(&arctic, &polar).is_none_or(|window| window.contains(Window::whole(arctic.shape()))));
        let nowhere = GeoBox::new(
            Shape2d::new(4, 4),
            until.transform(),
            Crs::Wkt("LOCAL_CS[\"x\",UNIT[\"p\",1]]".into()),
        );
        assert_eq!(around(&until, &nowhere), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_point_of_a_scene_lies_within(
            zone in 31u32..35, x in 200_000.0..800_000.0f64, y in 4_800_000.0..6_500_000.0f64,
            side in prop_oneof![Just(10.0), Just(60.0), Just(20.0)], u in 0.0..1.0f64, v in 0.0..1.0f64,
            target in prop_oneof![Just((3035u32, 20.0)), Just((32633, 20.0)), Just((3857, 30.0)), Just((4326, 0.0002))],
        ) {
            let (epsg, pixel) = target;
            let origin = transform_each(&[XY::new(10.0, 55.0)], &Crs::epsg(4326), &Crs::epsg(epsg)).unwrap()[0].unwrap();
            let target = grid(epsg, origin.x, origin.y, pixel, 3000, 4000);
            let scene = grid(32600 + zone, x, y, side, 1830, 1830);
            let window = around(&target, &scene).unwrap();
            let point = scene.transform().pixel_to_world(XY::new(u * 1830.0, v * 1830.0));
            let there = transform_each(&[point], scene.crs(), target.crs()).unwrap()[0].unwrap();
            let there = target.transform().world_to_pixel(there);
            prop_assert!((window.row as f64..window.row_end() as f64).contains(&there.y), "{window} {there:?}");
            prop_assert!((window.col as f64..window.col_end() as f64).contains(&there.x), "{window} {there:?}");
            // And not much farther than it must.
            let width = 1830.0 * side / (if epsg == 4326 { 111_000.0 } else { 1.0 }) / pixel;
            prop_assert!((window.rows as f64) < 2.5 * width + 100.0, "{window} {width}");
        }
    }
}
