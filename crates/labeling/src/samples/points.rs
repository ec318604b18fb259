//! Places as points whose straight distances order as those on the ground do.

use super::{Coordinates, Samples};
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Mean radius of the Earth in metres (IUGG).
const RADIUS: f64 = 6_371_008.8;

/// Finds the nearest of some points; each knows its row.
pub(crate) type Tree = RTree<GeomWithData<[f64; 3], usize>>;

/// The places of samples in space: on the plane of their projection, or on the sphere.
pub(crate) struct Points {
    places: Vec<[f64; 3]>,
    on_sphere: bool,
}

impl Points {
    pub(crate) fn new(samples: &Samples) -> Self {
        let on_sphere = samples.coordinates == Coordinates::LonLat;
        let place = |sample: &super::Sample| {
            let (x, y) = (sample.place.x, sample.place.y);
            if !on_sphere {
                return [x, y, 0.0];
            }
            let (lon, lat) = (x.to_radians(), y.to_radians());
            [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()].map(|part| RADIUS * part)
        };
        Self { places: samples.rows.iter().map(place).collect(), on_sphere }
    }

    pub(crate) fn place(&self, row: usize) -> [f64; 3] {
        self.places[row]
    }

    /// The straight distance of places that lie this far apart on the ground.
    pub(crate) fn straight(&self, ground: f64) -> f64 {
        match self.on_sphere {
            true => 2.0 * RADIUS * (ground / (2.0 * RADIUS)).min(std::f64::consts::FRAC_PI_2).sin(),
            false => ground,
        }
    }

    /// The distance on the ground of places that lie this far apart straight.
    pub(crate) fn ground(&self, straight: f64) -> f64 {
        match self.on_sphere {
            true => 2.0 * RADIUS * (straight / (2.0 * RADIUS)).min(1.0).asin(),
            false => straight,
        }
    }
}

/// A tree of the points of some rows.
pub(crate) fn tree_of(points: &Points, rows: impl Iterator<Item = usize>) -> Tree {
    RTree::bulk_load(rows.map(|row| GeomWithData::new(points.place(row), row)).collect())
}

/// Metres of a degree of latitude.
pub(crate) const DEGREE: f64 = RADIUS * std::f64::consts::PI / 180.0;
