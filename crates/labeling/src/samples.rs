//! Places whose class is known.

mod draw;
mod points;
mod table;
mod thin;

pub use draw::{ClassDraw, Draw, Shares};
pub use thin::Thinning;

pub(crate) use points::{DEGREE, Points, tree_of};

use crate::{Error, Result};
use ecotone_core::{ClassCode, Crs, Legend, XY};
use ndarray::Array2;

/// What the coordinates of places are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coordinates {
    /// Degrees of longitude (x) and latitude (y) on WGS 84. Distances are metres on the sphere.
    LonLat,
    /// Of a projected system. Distances are straight, in its units.
    Projected(Crs),
}

/// One place.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What it is called.
    pub id: String,
    /// Where it lies.
    pub place: XY<f64>,
    /// Its class.
    pub code: ClassCode,
    /// What it shares with others that are like it for no reason of its class: a field, a scene, a region, a survey.
    pub group: Option<String>,
    /// The year that its class is of.
    pub year: Option<i32>,
    /// What is known of it, in the order of [`Samples::features`]; NaN where a cell was empty.
    pub features: Vec<f32>,
}

/// Places of one coordinate system.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// What [`Sample::place`] is.
    pub coordinates: Coordinates,
    /// Names of [`Sample::features`].
    pub features: Vec<String>,
    /// The samples.
    pub rows: Vec<Sample>,
}

impl Samples {
    /// The samples in these rows, in this order.
    pub fn select(&self, rows: &[usize]) -> Self {
        let rows = rows.iter().map(|row| self.rows[*row].clone()).collect();
        Self { coordinates: self.coordinates.clone(), features: self.features.clone(), rows }
    }

    /// The class index of each sample in a legend.
    ///
    /// # Errors
    /// A sample whose code is not in the legend.
    pub fn labels(&self, legend: &Legend) -> Result<Vec<usize>> {
        let label = |sample: &Sample| {
            let index = legend.index_of(sample.code);
            index.map(|index| index.0).map_err(|source| Error::Code { id: sample.id.clone(), source })
        };
        self.rows.iter().map(label).collect()
    }

    /// The features, `[sample, feature]`; NaN where a cell was empty.
    pub fn records(&self) -> Array2<f32> {
        Array2::from_shape_fn((self.rows.len(), self.features.len()), |(row, feature)| {
            self.rows[row].features[feature]
        })
    }
}
