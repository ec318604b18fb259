//! How scenes and grids stand in the file of a plan.

use super::address::Address;
use super::number::Number;
use crate::mask::Mask;
use crate::nothing::Zero;
use crate::radiometry::Meaning;
use crate::scene_plan::{Layer, PlannedBand, PlannedScene};
use chrono::{DateTime, Utc};
use ecotone_core::{Error, GeoBox, GeoTransform, Nodata, Shape2d, Window};
use ecotone_preprocessing::{BackscatterUnits, ScaleOffset, Sun};
use serde::{Deserialize, Serialize};

/// A grid: its system as `EPSG:<number>` or WKT, rows and columns, and the transform in GDAL's order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GridForm {
    crs: String,
    shape: [usize; 2],
    transform: [f64; 6],
}

/// A scene; what is not known of it is null.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SceneForm {
    id: String,
    key: String,
    datetime: DateTime<Utc>,
    platform: Option<String>,
    relative_orbit: Option<u32>,
    datatake: Option<String>,
    baseline: Option<String>,
    cloud_cover: Option<Number>,
    sun: Option<SunForm>,
    grid: GridForm,
    bounds: Option<WindowForm>,
    bands: Vec<BandForm>,
    mask: Option<LayerForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask_rule: Option<Mask>,
    classes: Option<LayerForm>,
}

/// Degrees.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SunForm {
    zenith: Number,
    azimuth: Number,
}

/// Pixels of the plan's grid, before its first and beyond its last ones too.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowForm {
    row: i64,
    col: i64,
    rows: usize,
    cols: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BandForm {
    name: String,
    file: LayerForm,
    scale: Number,
    offset: Number,
    reason: String,
    backscatter: Option<UnitsForm>,
    zero: ZeroForm,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerForm {
    address: String,
    band: usize,
    nodata: Option<Number>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UnitsForm {
    Power,
    Decibel,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ZeroForm {
    Number,
    Dark,
    Nothing,
}

impl GridForm {
    pub(super) fn of(grid: &GeoBox) -> Self {
        let Shape2d { rows, cols } = grid.shape();
        Self { crs: grid.crs().to_string(), shape: [rows, cols], transform: grid.transform().to_gdal() }
    }

    pub(super) fn geobox(self) -> Result<GeoBox, Error> {
        let [rows, cols] = self.shape;
        let transform = GeoTransform::from_gdal(self.transform)?;
        Ok(GeoBox::new(Shape2d::new(rows, cols), transform, self.crs.parse()?))
    }
}

impl SceneForm {
    pub(super) fn of(scene: &PlannedScene) -> Self {
        let sun = |Sun { zenith, azimuth }| SunForm { zenith: Number(zenith), azimuth: Number(azimuth) };
        let window = |Window { row, col, rows, cols }| WindowForm { row, col, rows, cols };
        Self {
            id: scene.id.clone(),
            key: scene.key.clone(),
            datetime: scene.datetime,
            platform: scene.platform.clone(),
            relative_orbit: scene.relative_orbit,
            datatake: scene.datatake.clone(),
            baseline: scene.baseline.clone(),
            cloud_cover: scene.cloud_cover.map(Number),
            sun: scene.sun.map(sun),
            grid: GridForm::of(&scene.geobox),
            bounds: scene.bounds.map(window),
            bands: scene.bands.iter().map(BandForm::of).collect(),
            mask: scene.mask.as_ref().map(LayerForm::of),
            mask_rule: scene.mask_rule.clone(),
            classes: scene.classes.as_ref().map(LayerForm::of),
        }
    }

    pub(super) fn scene(self) -> Result<PlannedScene, Error> {
        let sun = |SunForm { zenith, azimuth }| Sun { zenith: zenith.0, azimuth: azimuth.0 };
        let window = |WindowForm { row, col, rows, cols }| Window { row, col, rows, cols };
        Ok(PlannedScene {
            id: self.id,
            key: self.key,
            datetime: self.datetime,
            platform: self.platform,
            relative_orbit: self.relative_orbit,
            datatake: self.datatake,
            baseline: self.baseline,
            cloud_cover: self.cloud_cover.map(|Number(cover)| cover),
            sun: self.sun.map(sun),
            geobox: self.grid.geobox()?,
            bounds: self.bounds.map(window),
            bands: self.bands.into_iter().map(BandForm::band).collect(),
            mask: self.mask.map(LayerForm::layer),
            mask_rule: self.mask_rule,
            classes: self.classes.map(LayerForm::layer),
        })
    }
}

impl BandForm {
    fn of(band: &PlannedBand) -> Self {
        Self {
            name: band.name.clone(),
            file: LayerForm::of(&band.layer),
            scale: Number(band.meaning.used.scale),
            offset: Number(band.meaning.used.offset),
            reason: band.meaning.reason.clone(),
            backscatter: band.meaning.units.map(|units| match units {
                BackscatterUnits::Power => UnitsForm::Power,
                BackscatterUnits::Decibel => UnitsForm::Decibel,
            }),
            zero: match band.zero {
                Zero::Number => ZeroForm::Number,
                Zero::Dark => ZeroForm::Dark,
                Zero::Nothing => ZeroForm::Nothing,
            },
        }
    }

    fn band(self) -> PlannedBand {
        let units = self.backscatter.map(|units| match units {
            UnitsForm::Power => BackscatterUnits::Power,
            UnitsForm::Decibel => BackscatterUnits::Decibel,
        });
        let used = ScaleOffset { scale: self.scale.0, offset: self.offset.0 };
        PlannedBand {
            name: self.name,
            layer: self.file.layer(),
            meaning: Meaning { used, reason: self.reason, units },
            zero: match self.zero {
                ZeroForm::Number => Zero::Number,
                ZeroForm::Dark => Zero::Dark,
                ZeroForm::Nothing => Zero::Nothing,
            },
        }
    }
}

impl LayerForm {
    fn of(layer: &Layer) -> Self {
        Self {
            address: layer.address.unsigned().to_owned(),
            band: layer.band,
            nodata: layer.nodata.map(|nodata| Number(nodata.value())),
        }
    }

    fn layer(self) -> Layer {
        let nodata = self.nodata.map(|Number(value)| Nodata::new(value));
        Layer { address: Address::new(&self.address), band: self.band, nodata }
    }
}
