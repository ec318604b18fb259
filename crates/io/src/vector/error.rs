//! What can go wrong between a value and the features of a vector file.

use crate::gdal_failure::GdalFailure;
use std::path::PathBuf;

/// A vector file that cannot be read, used or written as it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// A vector file that does not hold what was written when it is read again.
    #[error("writing {}: {found} of {expected} features are there when it is read again; is the disk full?", path.display())]
    ShortVector {
        /// The file.
        path: PathBuf,
        /// Features that were written.
        expected: usize,
        /// Features that were read.
        found: u64,
    },
    /// Outlines of areas of interest that cannot be burnt.
    #[error("finding the pixels inside of the areas of interest")]
    Outline {
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// A vector file that cannot be written.
    #[error("writing {}", path.display())]
    WriteVector {
        /// The final name of the file.
        path: PathBuf,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// A name that says no format for points.
    #[error("writing {}: expected a name that ends in .csv, .gpkg or .geojson", path.display())]
    PointsName {
        /// The file.
        path: PathBuf,
    },
    /// A layer that the vector file does not have.
    #[error("{} has no layer `{layer}` (it has {known}); the nearest is `{nearest}`", path.display())]
    NoLayer {
        /// The file.
        path: PathBuf,
        /// The layer asked for.
        layer: String,
        /// Its layers, comma-separated.
        known: String,
        /// The one spelt most like it.
        nearest: String,
    },
    /// A vector file with features in several layers, of which one must be named.
    #[error("features lie in several layers of {} ({known}): name one by --layer, or as FILE#LAYER in a recipe or --aoi", path.display())]
    WhichLayer {
        /// The file.
        path: PathBuf,
        /// Those layers, comma-separated.
        known: String,
    },
    /// A layer of a table, which has none.
    #[error("{} is a table and has no layer `{layer}`: name the file alone", path.display())]
    TableLayer {
        /// The file.
        path: PathBuf,
        /// The layer asked for.
        layer: String,
    },
    /// A vector file without any layer.
    #[error("{} has no layer: expected points, lines or polygons", path.display())]
    NoLayers {
        /// The file.
        path: PathBuf,
    },
    /// A layer that lies nowhere.
    #[error(
        "layer `{layer}` of {} has no coordinate reference system, so that nobody knows where its features lie; a Shapefile \
         has it in its .prj file, others get one by ogr2ogr -a_srs EPSG:…", path.display()
    )]
    LayerWithoutCrs {
        /// The file.
        path: PathBuf,
        /// The layer.
        layer: String,
    },
    /// A layer without a feature that has a place.
    #[error("no feature of {} has a place in {crs}{}", path.display(), if why.is_empty() { String::new() } else { format!(": {why}") })]
    NoShapes {
        /// The file.
        path: PathBuf,
        /// The CRS that was asked for.
        crs: String,
        /// Reasons, with the features.
        why: String,
    },
    /// Coordinates in degrees that no place on Earth has.
    #[error("{}, feature {feature}: a {axis} of {value}, expected one from {range} (x is the longitude, y the latitude)", path.display())]
    OffTheEarth {
        /// The file.
        path: PathBuf,
        /// Feature number.
        feature: u64,
        /// Longitude or latitude.
        axis: &'static str,
        /// The value.
        value: f64,
        /// From where to where it may be.
        range: String,
    },
    /// A filter that no feature passes.
    #[error("no feature of {} on the grid has `{tag}` = {wanted}; the values there are {known}", path.display())]
    NoTagValue {
        /// The file.
        path: PathBuf,
        /// The attribute or tag.
        tag: String,
        /// The values that were to pass.
        wanted: String,
        /// The values that occur, the most frequent first, with their features, and the one spelt most like that wanted.
        known: String,
    },
    /// Features that all lack a code.
    #[error("none of the {features} features of {} that pass has a value in `{attribute}`", path.display())]
    AllWithoutCode {
        /// The file.
        path: PathBuf,
        /// The attribute that should hold the code.
        attribute: String,
        /// How many features there are.
        features: u64,
    },
    /// An attribute of widths that holds none.
    #[error("no value of `{attribute}` in {} is a width from 0 to {widest} metres: it is `{value}` at feature {feature}; name another attribute, or give a --width for such features", path.display())]
    NoWidth {
        /// The file.
        path: PathBuf,
        /// The first feature with a value.
        feature: u64,
        /// The attribute.
        attribute: String,
        /// Its value.
        value: String,
        /// The largest width.
        widest: f64,
    },
    /// Metres on a grid that has none.
    #[error(
        "widths and tolerances in metres need a grid whose pixels are of one size in metres, such as in UTM; this one is in {crs}"
    )]
    NoMetres {
        /// The grid's system.
        crs: String,
    },
    /// An attribute that the layer does not have.
    #[error("{} has no attribute `{attribute}` (it has {known}); the nearest is `{nearest}`", path.display())]
    NoAttribute {
        /// The file.
        path: PathBuf,
        /// The attribute asked for.
        attribute: String,
        /// Its attributes, comma-separated.
        known: String,
        /// The one spelt most like it.
        nearest: String,
    },
    /// An attribute value that is no class code.
    #[error("{}, feature {feature}: attribute `{attribute}` is `{value}`, expected a whole number from 0 to 255", path.display())]
    NoCode {
        /// The file.
        path: PathBuf,
        /// Feature number.
        feature: u64,
        /// The attribute.
        attribute: String,
        /// Its value.
        value: String,
    },
    /// Features that all lie elsewhere.
    #[error("no feature of {} lies on the grid ({grid})", path.display())]
    NoOverlap {
        /// The file.
        path: PathBuf,
        /// Bounds and CRS of the grid.
        grid: String,
    },
    /// Features between the centres of pixels.
    #[error("no feature of {} holds the centre of a pixel of the grid: the {features} on it are smaller than pixels", path.display())]
    NoPixel {
        /// The file.
        path: PathBuf,
        /// How many features are on the grid.
        features: usize,
    },
    /// An area of interest that is none.
    #[error(
        "`{0}` is no area of interest; expected `west,south,east,north` in degrees or a vector file with polygons"
    )]
    Aoi(String),
}
