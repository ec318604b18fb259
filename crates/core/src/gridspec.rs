//! An endless grid of tiles that every job of a campaign shares.

use crate::{BoundingBox, Crs, GeoBox, GeoTransform, Resolution, Shape2d, XY};
use std::fmt;

/// The place of a tile: `ix` counts east, `iy` north, from the origin of its [`GridSpec`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileIndex {
    /// Tiles to the east of the origin.
    pub ix: i64,
    /// Tiles to the north of the origin.
    pub iy: i64,
}

impl fmt::Display for TileIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.ix, self.iy)
    }
}

/// Equal tiles without end over a CRS; tile (0, 0) has its south-west corner at the origin.
#[derive(Debug, Clone, PartialEq)]
pub struct GridSpec {
    crs: Crs,
    resolution: Resolution,
    tile: Shape2d,
    origin: XY<f64>,
}

impl GridSpec {
    /// Tiles of `tile` pixels of `resolution`, from `origin`.
    pub const fn new(crs: Crs, resolution: Resolution, tile: Shape2d, origin: XY<f64>) -> Self {
        Self { crs, resolution, tile, origin }
    }

    /// The grid of a tile.
    ///
    /// ```
    /// use ecotone_core::{Crs, GridSpec, Resolution, Shape2d, TileIndex, XY};
    ///
    /// let spec = GridSpec::new(Crs::epsg(3035), Resolution::square(20.0)?, Shape2d::new(500, 500), XY::new(0.0, 0.0));
    /// assert_eq!(spec.geobox(TileIndex { ix: 2, iy: 1 }).bounds().min, XY::new(20_000.0, 10_000.0));
    /// # Ok::<(), ecotone_core::Error>(())
    /// ```
    pub fn geobox(&self, index: TileIndex) -> GeoBox {
        let size = self.tile_size();
        let corner =
            XY::new(self.origin.x + index.ix as f64 * size.x, self.origin.y + (index.iy + 1) as f64 * size.y);
        GeoBox::new(self.tile, GeoTransform::aligned(corner, self.resolution), self.crs.clone())
    }

    /// The tile that holds a point (its south and west edges belong to it).
    pub fn tile_at(&self, point: XY<f64>) -> TileIndex {
        let size = self.tile_size();
        TileIndex {
            ix: ((point.x - self.origin.x) / size.x).floor() as i64,
            iy: ((point.y - self.origin.y) / size.y).floor() as i64,
        }
    }

    /// The tiles that share area with a rectangle in the grid's CRS, south to north, west to east.
    pub fn tiles(&self, bounds: BoundingBox) -> Vec<TileIndex> {
        let first = self.tile_at(bounds.min);
        let last = self.tile_at(bounds.max);
        (first.iy..=last.iy)
            .flat_map(|iy| (first.ix..=last.ix).map(move |ix| TileIndex { ix, iy }))
            .filter(|index| self.geobox(*index).bounds().intersects(&bounds))
            .collect()
    }

    fn tile_size(&self) -> XY<f64> {
        XY::new(self.tile.cols as f64 * self.resolution.x(), self.tile.rows as f64 * self.resolution.y())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec() -> GridSpec {
        let resolution = Resolution::square(20.0).unwrap();
        GridSpec::new(Crs::epsg(3035), resolution, Shape2d::new(100, 50), XY::new(-500.0, 300.0))
    }

    proptest! {
        #[test]
        fn every_point_lies_in_its_tile(x in -1e6..1e6f64, y in -1e6..1e6f64) {
            let tile = spec().geobox(spec().tile_at(XY::new(x, y))).bounds();
            prop_assert!(tile.min.x <= x + 1e-6 && x < tile.max.x + 1e-6);
            prop_assert!(tile.min.y <= y + 1e-6 && y < tile.max.y + 1e-6);
        }

        #[test]
        fn tiles_cover_and_are_disjoint(x in -1e4..1e4f64, y in -1e4..1e4f64, w in 1.0..9e3f64, h in 1.0..9e3f64) {
            let bounds = BoundingBox { min: XY::new(x, y), max: XY::new(x + w, y + h) };
            let tiles: Vec<_> = spec().tiles(bounds).into_iter().map(|i| spec().geobox(i).bounds()).collect();
            let covered: f64 = tiles.iter().map(|t| {
                (t.max.x.min(bounds.max.x) - t.min.x.max(bounds.min.x)) * (t.max.y.min(bounds.max.y) - t.min.y.max(bounds.min.y))
            }).sum();
            prop_assert!((covered - w * h).abs() < 1e-6 * w * h);
            for (i, a) in tiles.iter().enumerate() {
                prop_assert!(tiles[i + 1..].iter().all(|b| !a.intersects(b)));
            }
        }
    }
}
