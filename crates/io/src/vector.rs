//! Vector files: labels burnt onto a grid, reference points, and areas of interest.

use crate::dataset::open_dataset;
use crate::error::GdalFailure;
use crate::table::{Sample, Samples};
use crate::{Error, Pixel, Result, crs, read_samples};
use ecotone_core::{BoundingBox, ClassCode, Crs, GeoBox, Nodata, Raster, Window, XY};
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::vector::{Defn, Feature, Geometry, Layer, LayerAccess};
use gdal::{Dataset, DriverManager, GdalOpenFlags};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use std::path::{Path, PathBuf};

/// A part of the Earth that a job is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Aoi {
    /// Its polygons, in the CRS that was asked for.
    pub outline: MultiPolygon<f64>,
    /// The rectangle around them.
    pub bounds: BoundingBox,
}

/// Burns the features of a GeoJSON, GeoPackage or Shapefile onto a grid: each pixel whose centre lies in a polygon
/// gets the polygon's class code, the later feature winning where two overlap; all others get `fill`, the raster's
/// nodata. Features without a code are skipped.
///
/// # Errors
/// When the file, the layer (`None`: the first) or the attribute is missing, a value is no code from 0 to 255, or
/// nothing lies on the grid.
pub fn rasterize(
    path: impl AsRef<Path>,
    layer: Option<&str>,
    attribute: &str,
    target: &GeoBox,
    fill: u8,
) -> Result<Raster<u8>> {
    let path = path.as_ref();
    let dataset = open_dataset(path, GdalOpenFlags::GDAL_OF_VECTOR)?;
    let mut features = Features::open(path, &dataset, layer, target.crs())?;
    let field = features.field(attribute)?;
    let bounds = target.bounds();
    let (mut shapes, mut codes) = (Vec::new(), Vec::new());
    features.for_each(Some(bounds), |feature, number, shape| {
        if on(&shape, bounds)
            && let Some(code) = code_of(path, attribute, feature, number, field)?
        {
            shapes.push(shape);
            codes.push(f64::from(code));
        }
        Ok(())
    })?;
    let data = burn(target, &shapes, &codes, fill)
        .map_err(|source| Error::Vector { path: path.to_owned(), source })?;
    if !codes.contains(&f64::from(fill)) && data.iter().all(|value| *value == fill) {
        let BoundingBox { min, max } = bounds;
        let grid = format!("{} {} to {} {} in {}", min.x, min.y, max.x, max.y, target.crs());
        return Err(Error::NoOverlap { path: path.to_owned(), grid });
    }
    Raster::new(target.clone(), 1, data, Some(Nodata::new(f64::from(fill))))
        .map_err(|source| Error::Describe { path: path.to_owned(), source })
}

/// Reads points with class codes: a CSV as by [`read_samples`], or the points of a vector file (of an area, a point
/// on its surface is not guessed: only points count) with the code in `attribute`.
///
/// # Errors
/// When the file, the layer (`None`: the first) or the attribute is missing, or a value is no code from 0 to 255.
pub fn read_points(
    path: impl AsRef<Path>,
    layer: Option<&str>,
    attribute: &str,
    target: &Crs,
) -> Result<Samples> {
    let path = path.as_ref();
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        return read_samples(path, target);
    }
    let dataset = open_dataset(path, GdalOpenFlags::GDAL_OF_VECTOR)?;
    let mut features = Features::open(path, &dataset, layer, target)?;
    let field = features.field(attribute)?;
    let mut rows = Vec::new();
    features.for_each(None, |feature, number, shape| {
        let Some(code) = code_of(path, attribute, feature, number, field)? else { return Ok(()) };
        let sample = |x, y| Sample {
            id: number.to_string(),
            position: XY::new(x, y),
            code: ClassCode(code),
            features: Vec::new(),
        };
        match to_geo(path, shape)? {
            geo_types::Geometry::Point(p) => rows.push(sample(p.x(), p.y())),
            geo_types::Geometry::MultiPoint(many) => rows.extend(many.iter().map(|p| sample(p.x(), p.y()))),
            _ => {}
        }
        Ok(())
    })?;
    Ok(Samples { features: Vec::new(), rows })
}

/// Reads an area of interest: `west,south,east,north` in degrees, or the polygons of a vector file's first layer.
///
/// ```
/// use ecotone_core::Crs;
///
/// let aoi = ecotone_io::read_aoi("9.9,51.9,10.1,52.1", &Crs::epsg(3035))?;
/// assert!(aoi.bounds.min.x < 4_321_000.0 && aoi.bounds.max.x > 4_321_000.0);
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the text is neither, or the file has no polygon.
pub fn read_aoi(text: &str, target: &Crs) -> Result<Aoi> {
    let refuse = || Error::Aoi(text.to_owned());
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let outline = match numbers.as_deref() {
        Some([west, south, east, north]) => {
            let inside =
                (-180.0..=180.0).contains(west) && *east <= 180.0 && *south >= -90.0 && *north <= 90.0;
            if !inside || west >= east || south >= north {
                return Err(refuse());
            }
            let bounds = BoundingBox { min: XY::new(*west, *south), max: XY::new(*east, *north) };
            MultiPolygon(vec![rectangle(bounds, target)?])
        }
        Some(_) => return Err(refuse()),
        None if !text.contains("://") && !text.starts_with("/vsi") && !Path::new(text).exists() => {
            return Err(refuse());
        }
        None => polygons(Path::new(text), target)?,
    };
    let corners = outline.iter().flat_map(|p| p.exterior().coords()).map(|c| XY::new(c.x, c.y));
    let bounds = BoundingBox::around(corners).ok_or_else(refuse)?;
    Ok(Aoi { outline, bounds })
}

/// A rectangle in degrees as a polygon in `target`, its edges bent as they are.
fn rectangle(bounds: BoundingBox, target: &Crs) -> Result<Polygon<f64>> {
    const STEPS: usize = 21;
    let BoundingBox { min, max } = bounds;
    let corners = [min, XY::new(max.x, min.y), max, XY::new(min.x, max.y), min];
    let edge = corners.windows(2).flat_map(|side| {
        let (a, b) = (side[0], side[1]);
        (0..STEPS).map(move |i| {
            let t = i as f64 / STEPS as f64;
            XY::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
        })
    });
    let edge = crs::transform_points(&edge.collect::<Vec<_>>(), &Crs::epsg(4326), target)?;
    let ring = LineString(edge.into_iter().map(|p| Coord { x: p.x, y: p.y }).collect());
    Ok(Polygon::new(ring, Vec::new()))
}

fn polygons(path: &Path, target: &Crs) -> Result<MultiPolygon<f64>> {
    let dataset = open_dataset(path, GdalOpenFlags::GDAL_OF_VECTOR)?;
    let mut found = Vec::new();
    Features::open(path, &dataset, None, target)?.for_each(None, |_, _, shape| {
        match to_geo(path, shape)? {
            geo_types::Geometry::Polygon(polygon) => found.push(polygon),
            geo_types::Geometry::MultiPolygon(many) => found.extend(many),
            _ => {}
        }
        Ok(())
    })?;
    Ok(MultiPolygon(found))
}

/// The features of a layer, their shapes in another CRS.
pub(crate) struct Features<'a> {
    path: PathBuf,
    layer: Held<'a>,
    source: Crs,
    target: Crs,
}

/// A layer as the file has it, or as a query gives it.
enum Held<'a> {
    Plain(Layer<'a>),
    Selected(gdal::vector::sql::ResultSet<'a>),
}

impl<'a> std::ops::Deref for Held<'a> {
    type Target = Layer<'a>;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Plain(layer) => layer,
            Self::Selected(found) => found,
        }
    }
}

impl std::ops::DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Plain(layer) => layer,
            Self::Selected(found) => found,
        }
    }
}

/// Names of the layers of a file.
fn layers(dataset: &Dataset) -> Vec<String> {
    dataset.layers().map(|layer| layer.name()).collect()
}

fn no_layer(path: &Path, dataset: &Dataset, name: &str) -> Error {
    let known = layers(dataset);
    Error::NoLayer {
        path: path.to_owned(),
        layer: name.to_owned(),
        nearest: crate::burn::nearest(name, known.iter().map(String::as_str)),
        known: known.join(", "),
    }
}

impl<'a> Features<'a> {
    pub(crate) fn open(path: &Path, dataset: &'a Dataset, name: Option<&str>, target: &Crs) -> Result<Self> {
        let layer = match name {
            Some(name) => dataset.layer_by_name(name).ok().ok_or_else(|| no_layer(path, dataset, name))?,
            None => {
                dataset.layer(0).map_err(|e| Error::Vector { path: path.to_owned(), source: e.into() })?
            }
        };
        Self::of(path, Held::Plain(layer), target)
    }

    /// The same where a file of several layers must be told which. Of an OSM file only that layer is read, since GDAL would
    /// keep the features of all others in memory meanwhile.
    pub(crate) fn of_one_layer(
        path: &Path,
        dataset: &'a Dataset,
        name: Option<&str>,
        target: &Crs,
    ) -> Result<Self> {
        let name = match name {
            Some(name) => name.to_owned(),
            None if dataset.layer_count() > 1 => {
                return Err(Error::WhichLayer { path: path.to_owned(), known: layers(dataset).join(", ") });
            }
            None => layers(dataset).into_iter().next().unwrap_or_default(),
        };
        if dataset.driver().short_name() != "OSM" {
            return Self::open(path, dataset, Some(&name), target);
        }
        if !layers(dataset).contains(&name) {
            return Err(no_layer(path, dataset, &name));
        }
        let failed = |e: gdal::errors::GdalError| Error::Vector { path: path.to_owned(), source: e.into() };
        let query = format!("SELECT * FROM {name}");
        let found = dataset.execute_sql(query, None, gdal::vector::sql::Dialect::DEFAULT).map_err(failed)?;
        Self::of(path, Held::Selected(found.ok_or_else(|| no_layer(path, dataset, &name))?), target)
    }

    fn of(path: &Path, layer: Held<'a>, target: &Crs) -> Result<Self> {
        let missing = "coordinate reference system";
        let mut system =
            layer.spatial_ref().ok_or_else(|| Error::NotGeoreferenced { path: path.to_owned(), missing })?;
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let source =
            crs::identify(&system).map_err(|source| Error::Vector { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), layer, source, target: target.clone() })
    }

    /// The names of the attributes.
    pub(crate) fn fields(&self) -> Vec<String> {
        Defn::from_layer(&*self.layer).fields().map(|field| field.name()).collect()
    }

    /// The index of an attribute.
    pub(crate) fn field(&self, attribute: &str) -> Result<usize> {
        let names = self.fields();
        names.iter().position(|name| name == attribute).ok_or_else(|| {
            let likeness =
                |name: &&String| strsim::jaro_winkler(&name.to_lowercase(), &attribute.to_lowercase());
            let nearest = names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            Error::NoAttribute {
                path: self.path.clone(),
                attribute: attribute.to_owned(),
                known: names.join(", "),
                nearest: nearest.cloned().unwrap_or_default(),
            }
        })
    }

    /// Visits each feature that has a shape, with its number and the shape in the target CRS.
    pub(crate) fn for_each(
        &mut self,
        within: Option<BoundingBox>,
        mut visit: impl FnMut(&Feature<'_>, u64, Geometry) -> Result<()>,
    ) -> Result<()> {
        let failed = |path: &Path, e: gdal::errors::GdalError| Error::Vector {
            path: path.to_owned(),
            source: e.into(),
        };
        let move_to = crs::transformation(&self.source, &self.target)?;
        // Only a shortcut: where the grid has no bounds in the layer's CRS, every feature is looked at.
        if let Some(Ok(BoundingBox { min, max })) =
            within.map(|bounds| crs::transform_bounds(bounds, &self.target, &self.source))
        {
            self.layer.set_spatial_filter_rect(min.x, min.y, max.x, max.y);
        }
        for (count, feature) in self.layer.features().enumerate() {
            let number = feature.fid().unwrap_or(count as u64 + 1);
            let Some(shape) = feature.geometry().filter(|shape| !shape.is_empty()) else { continue };
            let mut moved = shape.transform(&move_to).map_err(|e| failed(&self.path, e))?;
            moved.flatten_to_2d();
            visit(&feature, number, moved)?;
        }
        Ok(())
    }
}

pub(crate) fn on(shape: &Geometry, bounds: BoundingBox) -> bool {
    let envelope = shape.envelope();
    envelope.MinX <= bounds.max.x
        && envelope.MaxX >= bounds.min.x
        && envelope.MinY <= bounds.max.y
        && envelope.MaxY >= bounds.min.y
}

/// The code of a feature; `None` where the attribute is empty.
pub(crate) fn code_of(
    path: &Path,
    attribute: &str,
    feature: &Feature<'_>,
    number: u64,
    field: usize,
) -> Result<Option<u8>> {
    // As text: an attribute that is unset reads as the number 0.
    let text = feature
        .field_as_string(field)
        .map_err(|e| Error::Vector { path: path.to_owned(), source: e.into() })?
        .filter(|text| !text.trim().is_empty());
    let Some(value) = text else {
        tracing::debug!(path = %path.display(), feature = number, attribute, "feature without a code skipped");
        return Ok(None);
    };
    let code = value.trim().parse::<f64>().ok().filter(|v| v.fract() == 0.0 && (0.0..=255.0).contains(v));
    match code {
        Some(code) => Ok(Some(code as u8)),
        None => Err(Error::NoCode {
            path: path.to_owned(),
            feature: number,
            attribute: attribute.to_owned(),
            value,
        }),
    }
}

pub(crate) fn to_geo(path: &Path, shape: Geometry) -> Result<geo_types::Geometry<f64>> {
    shape
        .try_into()
        .map_err(|e: gdal::errors::GdalError| Error::Vector { path: path.to_owned(), source: e.into() })
}

/// Burns a value for each shape, the later one winning; `fill` everywhere else.
pub(crate) fn burn<T: Pixel>(
    target: &GeoBox,
    shapes: &[Geometry],
    codes: &[f64],
    fill: T,
) -> std::result::Result<Vec<T>, GdalFailure> {
    let (rows, cols) = (target.shape().rows, target.shape().cols);
    let mut memory =
        DriverManager::get_driver_by_name("MEM")?.create_with_band_type::<T, _>("", cols, rows, 1)?;
    memory.set_geo_transform(&target.transform().to_gdal())?;
    memory.rasterband(1)?.fill(fill.into(), None)?;
    if !shapes.is_empty() {
        gdal::raster::rasterize(&mut memory, &[1], shapes, codes, None)?;
    }
    let mut data = vec![fill; rows * cols];
    let layout = crate::ffi::Layout { start: 0, row: cols, band: data.len() };
    crate::ffi::read(&memory, &[1], Window::whole(target.shape()), &mut data, layout)?;
    Ok(data)
}

#[cfg(test)]
#[path = "vector_tests.rs"]
mod tests;
