//! The features of a layer: their attributes, and their shapes in the CRS that is asked for.

use super::layer::VectorLayer;
use super::left_out::{LeftOut, NoPlace};
use super::plain_shape::{parts, plain};
use crate::earth::crs;
use crate::gdal_failure::GdalFailure;
use crate::{Error, Result, VectorError};
use ecotone_core::{BoundingBox, Crs};
use gdal::Dataset;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
use gdal::vector::{Defn, Feature, Geometry, Layer, LayerAccess};
use std::path::{Path, PathBuf};

/// How much larger than the bounds of a grid the rectangle is that shapes are cut to where they reach too far: their
/// straight edges bend on the way, and none of the cut may show on the grid.
const ROOM: f64 = 0.05;

/// The features of a layer, their shapes in another CRS.
pub(crate) struct Features<'a> {
    path: PathBuf,
    layer: Held<'a>,
    source: Crs,
    target: Crs,
    limits: Option<Limits>,
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

impl<'a> Features<'a> {
    /// Those of the layer that is meant. Of an OSM file only that layer is read, since GDAL would keep the features of
    /// all others in memory meanwhile.
    pub(crate) fn of(layer: &VectorLayer, dataset: &'a Dataset, target: &Crs) -> Result<Self> {
        let path = layer.path();
        let failed = |e: gdal::errors::GdalError| Error::Vector { path: path.to_owned(), source: e.into() };
        let name = layer.find(dataset)?;
        let held = match dataset.driver().short_name().as_str() {
            "OSM" => {
                let query = format!("SELECT * FROM {name}");
                let found = dataset.execute_sql(query, None, gdal::vector::sql::Dialect::DEFAULT);
                found.map_err(failed)?.map(Held::Selected)
            }
            _ => None,
        };
        let held = match held {
            Some(held) => held,
            None => Held::Plain(dataset.layer_by_name(&name).map_err(failed)?),
        };
        let mut system = held.spatial_ref().ok_or_else(|| {
            Error::from(VectorError::LayerWithoutCrs { path: path.to_owned(), layer: name.clone() })
        })?;
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let source =
            crs::identify(&system).map_err(|source| Error::Vector { path: path.to_owned(), source })?;
        let limits = Limits::of(&source)?;
        Ok(Self { path: path.to_owned(), layer: held, source, target: target.clone(), limits })
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
            Error::from(VectorError::NoAttribute {
                path: self.path.clone(),
                attribute: attribute.to_owned(),
                known: names.join(", "),
                nearest: nearest.cloned().unwrap_or_default(),
            })
        })
    }

    /// The way from the CRS of the layer to the target's.
    pub(crate) fn to_target(&self) -> Result<CoordTransform> {
        crs::transformation(&self.source, &self.target)
    }

    /// Visits each feature that has a shape within bounds, with its number and the shape in the target CRS; gives those
    /// that were left out. Where only a part of a feature lies within reach of the target's projection, that part is shown.
    pub(crate) fn for_each(
        &mut self,
        within: Option<BoundingBox>,
        mut visit: impl FnMut(&Feature<'_>, u64, Geometry) -> Result<()>,
    ) -> Result<LeftOut> {
        let move_to = self.to_target()?;
        let within = self.filter(within);
        let mut left_out = LeftOut::default();
        self.shapes(|feature, number, shape| {
            let shape = match shape {
                Ok(shape) => shape,
                Err(reason) => {
                    left_out.push(reason, number);
                    return Ok(());
                }
            };
            let (shape, whole) = projected(shape, within, &move_to);
            match (&shape, whole) {
                (_, true) => {}
                (Some(_), false) => left_out.push(NoPlace::PartOutOfReach, number),
                (None, false) => left_out.push(NoPlace::OutOfReach, number),
            }
            shape.map_or(Ok(()), |shape| visit(feature, number, shape))
        })?;
        Ok(left_out)
    }

    /// Visits every feature, with its number and its shape in the layer's own CRS, plain, or why it has none.
    ///
    /// # Errors
    /// When the layer is in degrees and a shape lies off the Earth.
    pub(crate) fn shapes(
        &mut self,
        mut visit: impl FnMut(&Feature<'_>, u64, std::result::Result<Geometry, NoPlace>) -> Result<()>,
    ) -> Result<()> {
        let (path, limits) = (&self.path, self.limits);
        for (count, feature) in self.layer.features().enumerate() {
            let number = feature.fid().unwrap_or(count as u64 + 1);
            let found = match feature.geometry().filter(|shape| !shape.is_empty()) {
                None => Err(NoPlace::NoShape),
                Some(shape) => {
                    let failed = |source: GdalFailure| Error::Vector { path: path.clone(), source };
                    plain(shape).map_err(failed)?.ok_or(NoPlace::OddShape)
                }
            };
            if let (Some(limits), Ok(shape)) = (limits, &found) {
                limits.check(shape).map_err(|(axis, value, range)| {
                    Error::from(VectorError::OffTheEarth {
                        path: path.clone(),
                        feature: number,
                        axis,
                        value,
                        range,
                    })
                })?;
            }
            visit(&feature, number, found)?;
        }
        Ok(())
    }

    /// Lets GDAL leave out what lies elsewhere, and gives the rectangle in the layer's CRS. Only a shortcut: where the
    /// grid has no bounds in the layer's CRS, or they cross the antimeridian, every feature is looked at.
    fn filter(&mut self, within: Option<BoundingBox>) -> Option<BoundingBox> {
        let bounds = crs::transform_bounds(within?, &self.target, &self.source).ok()?;
        let BoundingBox { min, max } = bounds;
        if min.x > max.x {
            return None;
        }
        self.layer.set_spatial_filter_rect(min.x, min.y, max.x, max.y);
        Some(bounds)
    }
}

/// What of a shape lies within reach of a projection, and whether that is all that matters of it. Of a shape that
/// reaches too far only what lies about `within` matters, where that is known.
fn projected(
    shape: Geometry,
    within: Option<BoundingBox>,
    move_to: &CoordTransform,
) -> (Option<Geometry>, bool) {
    let moved = |shape: &Geometry| {
        let mut moved = shape.clone();
        moved.transform_inplace(move_to).is_ok().then_some(moved)
    };
    if let Some(whole) = moved(&shape) {
        return (Some(whole), true);
    }
    if let Some(cut) = within.and_then(|within| cut(&shape, within)) {
        return match cut.is_empty() {
            true => (None, true),
            false => moved(&cut).map_or((None, false), |moved| (Some(moved), true)),
        };
    }
    let Ok(mut several) = Geometry::empty(shape.geometry_type()) else { return (None, false) };
    for part in parts(&shape) {
        if let (Some(part), _) = projected(part, None, move_to)
            && several.add_geometry(part).is_err()
        {
            return (None, false);
        }
    }
    ((!several.is_empty()).then_some(several), false)
}

/// What of a shape lies in a rectangle or a little beside it; `None` where the shape crosses itself so that GEOS gives up.
fn cut(shape: &Geometry, within: BoundingBox) -> Option<Geometry> {
    let BoundingBox { min, max } = within;
    let (across, up) = (ROOM * (max.x - min.x), ROOM * (max.y - min.y));
    let around = Geometry::bbox(min.x - across, min.y - up, max.x + across, max.y + up).ok()?;
    shape.intersection(&around).and_then(|cut| if cut.is_empty() { Some(cut) } else { plain(&cut).ok()? })
}

/// Where coordinates in degrees end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// A quarter of a circle in the units of the system.
    quarter: f64,
}

impl Limits {
    /// Those of a system in degrees, or in other parts of a circle; `None` for any other system.
    pub(crate) fn of(crs: &Crs) -> Result<Option<Self>> {
        let system = crs::spatial_ref(crs)?;
        let unit = system.angular_units();
        Ok((system.is_geographic() && unit > 0.0)
            .then(|| Self { quarter: std::f64::consts::FRAC_PI_2 / unit }))
    }

    /// Whether a longitude is one, with room for how files round.
    pub(crate) fn is_longitude(self, x: f64) -> bool {
        x.abs() <= 4.0 * self.quarter * (1.0 + 1e-9)
    }

    /// Whether a latitude is one.
    pub(crate) fn is_latitude(self, y: f64) -> bool {
        y.abs() <= self.quarter * (1.0 + 1e-9)
    }

    /// The axis on which a shape leaves the Earth, where, and from where to where it would be right.
    fn check(self, shape: &Geometry) -> std::result::Result<(), (&'static str, f64, String)> {
        let envelope = shape.envelope();
        let range = |limit: f64| format!("{} to {}", -limit.round(), limit.round());
        if let Some(y) = [envelope.MinY, envelope.MaxY].into_iter().find(|y| !self.is_latitude(*y)) {
            return Err(("latitude", y, range(self.quarter)));
        }
        match [envelope.MinX, envelope.MaxX].into_iter().find(|x| !self.is_longitude(*x)) {
            Some(x) => Err(("longitude", x, range(4.0 * self.quarter))),
            None => Ok(()),
        }
    }
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
        None => Err(Error::from(VectorError::NoCode {
            path: path.to_owned(),
            feature: number,
            attribute: attribute.to_owned(),
            value,
        })),
    }
}

/// A plain shape as `geo-types` has it.
pub(crate) fn to_geo(path: &Path, shape: &Geometry) -> Result<geo_types::Geometry<f64>> {
    shape
        .try_into()
        .map_err(|e: gdal::errors::GdalError| Error::Vector { path: path.to_owned(), source: e.into() })
}

#[cfg(test)]
#[path = "features_tests.rs"]
mod tests;
