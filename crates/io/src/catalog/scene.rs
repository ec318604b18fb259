//! An acquisition and its files, as flat as a mapping job needs it, whichever catalogue or product it came from.

use crate::earth::{bounds_of, intersects, unwrapped};
use crate::{Error, RasterDataset, Result, lonlat_bounds};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use ecotone_core::{Band, BoundingBox, Crs, GeoBox, Nodata, XY};
use geo_types::MultiPolygon;
use std::collections::BTreeMap;

/// One acquisition: what was seen, when, where, and in which files.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Identifier, unique in its collection as a rule; catalogues of people's own may name by date or tile alone, so see
    /// [`Scene::key`].
    pub id: String,
    /// Identifier of its collection.
    pub collection: Option<String>,
    /// When it was taken; where a record gives only a span, the span's start.
    pub datetime: DateTime<Utc>,
    /// The satellite, such as `sentinel-2a`; where a record gives none, the constellation.
    pub platform: Option<String>,
    /// Outline in degrees of longitude and latitude, cut where it crosses the antimeridian.
    pub footprint: MultiPolygon<f64>,
    /// Share of clouds in percent, 0 to 100.
    pub cloud_cover: Option<f64>,
    /// Sentinel-2 processing baseline, such as `05.09`.
    pub processing_baseline: Option<String>,
    /// What the provider says about the -1000 of baselines since 04.00: `Some(true)` means that the pixels already
    /// have it added, so that an offset in the metadata must not be added again (`earthsearch:boa_offset_applied`).
    pub boa_offset_applied: Option<bool>,
    /// Azimuth of the sun in degrees clockwise from north.
    pub sun_azimuth: Option<f64>,
    /// Elevation of the sun above the horizon in degrees.
    pub sun_elevation: Option<f64>,
    /// Relative orbit number.
    pub relative_orbit: Option<u32>,
    /// What the images of one pass over the ground have in common: the datatake, without the processing baseline that
    /// Sentinel-2's name of it ends with.
    pub datatake: Option<String>,
    /// Coordinate reference system of its rasters.
    pub crs: Option<Crs>,
    /// Its files by key.
    pub assets: BTreeMap<String, Asset>,
}

/// One file of a [`Scene`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asset {
    /// The key it has in its scene.
    pub key: String,
    /// Absolute path or URL.
    pub href: String,
    /// Media type.
    pub media_type: Option<String>,
    /// Roles, such as `data` or `visual`.
    pub roles: Vec<String>,
    /// Ground sampling distance in metres.
    pub gsd: Option<f64>,
    /// Its bands, in the file's order; at least one for a raster whose bands are described.
    pub bands: Vec<AssetBand>,
    /// Its grid, where the record tells; the file itself has the last word.
    pub geobox: Option<GeoBox>,
}

/// One band of an [`Asset`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AssetBand {
    /// Place in the file, from 1.
    pub index: usize,
    /// Name, such as `B04`; the asset's key or the place where the record gives none.
    pub name: String,
    /// Common name, such as `red`.
    pub common_name: Option<String>,
    /// Factor from stored to physical values: `stored * scale + offset`.
    pub scale: Option<f64>,
    /// Summand from stored to physical values.
    pub offset: Option<f64>,
    /// The value that stands for nothing measured.
    pub nodata: Option<Nodata>,
}

/// A band of a scene and the file that holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SceneBand<'a> {
    /// The file.
    pub asset: &'a Asset,
    /// The band in it.
    pub band: &'a AssetBand,
}

/// How far apart the times of two records of one take may lie: providers give the start of the datatake, of the granule
/// or the middle of it. Nothing passes over a place twice in that time.
const ONE_TAKE: TimeDelta = TimeDelta::hours(1);

impl Scene {
    /// What tells the scene from every other of a job: collection and identifier, time, and the middle of its footprint.
    /// Keys sort as (collection, identifier) do.
    pub fn key(&self) -> String {
        let time = self.datetime.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let collection = self.collection.as_deref().unwrap_or_default();
        let middle = bounds_of(&self.footprint).map(middle);
        let place = middle.map_or_else(String::new, |XY { x, y }| format!(" {x:.6},{y:.6}"));
        // A blank sorts before all that identifiers are made of.
        format!("{collection}/{} {time}{place}", self.id)
    }

    /// True where another scene has its collection and identifier.
    pub(crate) fn has_name_of(&self, other: &Self) -> bool {
        (&self.collection, &self.id) == (&other.collection, &other.id)
    }

    /// True for records of one take: of one collection and identifier, at one time, and each around the other's middle as
    /// far as both say where they lie. Scenes of one name at another time or place are others.
    pub(crate) fn is_twin(&self, other: &Self) -> bool {
        let same_place = match (bounds_of(&self.footprint), bounds_of(&other.footprint)) {
            (Some(own), Some(theirs)) => holds(own, middle(theirs)) && holds(theirs, middle(own)),
            _ => true,
        };
        self.has_name_of(other) && (self.datetime - other.datetime).abs() < ONE_TAKE && same_place
    }

    /// The rectangle around its footprint in degrees, `min.x > max.x` where that crosses the antimeridian; none without a
    /// footprint.
    pub fn bounds(&self) -> Option<BoundingBox> {
        bounds_of(&self.footprint)
    }

    /// True where its footprint meets a rectangle, which may cross the antimeridian.
    pub(crate) fn meets(&self, bounds: BoundingBox) -> bool {
        let parts = unwrapped(bounds);
        self.footprint.iter().any(|polygon| parts.iter().any(|part| intersects(polygon, *part)))
    }

    /// Sees that a raster of the scene lies where its record says, as far as the record says so: that the two meet.
    ///
    /// # Errors
    /// When they lie apart, which a wrong CRS does, or the raster has no place on the Earth.
    pub fn check_place(&self, raster: &RasterDataset) -> Result<()> {
        let bounds = lonlat_bounds(raster.geobox())?;
        if self.footprint.0.is_empty() || self.meets(bounds) {
            return Ok(());
        }
        let record = bounds_of(&self.footprint).unwrap_or(bounds);
        Err(Error::Elsewhere {
            path: raster.path().to_owned(),
            found: Box::new(bounds),
            record: Box::new(record),
        })
    }

    /// The grid that the record tells of a file, where it is about as large as the scene and meets it. With its numbers in
    /// GDAL's order a record tells of half the Earth, or of none of it: then the file has to be asked.
    pub fn told_grid<'a>(&self, asset: &'a Asset) -> Option<&'a GeoBox> {
        /// Footprints may leave out the empty part of a tile.
        const LARGER: f64 = 3.0;
        let grid = asset.geobox.as_ref()?;
        let (told, scene) = (lonlat_bounds(grid).ok()?, bounds_of(&self.footprint)?);
        let width = |bounds: BoundingBox| bounds.width() + if bounds.width() < 0.0 { 360.0 } else { 0.0 };
        let alike = width(told) <= LARGER * width(scene) && told.height() <= LARGER * scene.height();
        (alike && self.meets(told)).then_some(grid)
    }

    /// Finds a band and its file, upper or lower case alike.
    ///
    /// Tried in this order: `asset:band` (a band of one file, by name, common name or place from 1: `visual:red`,
    /// `TCI:1`); the band's name; the key of a file with one band; the common name; what the scene's sensor also
    /// calls it, so that `B04` finds an asset `red` and `red` finds one `B04`; what its provider calls it where nothing in
    /// its record tells. A name that ends with its pixels' side, `SCL_20m`, counts as `SCL`. Where several files hold the band,
    /// the finest pixels come first, then GeoTIFF before JPEG2000, then the first key. The bands of a picture, such
    /// as the 8-bit true-colour one, are no reflectance and are found by `asset:band` only.
    ///
    /// # Errors
    /// When there is none; the message names the scene and the bands it has.
    pub fn band(&self, name: &str) -> Result<SceneBand<'_>> {
        let name = name.trim();
        let addressed = name.split_once(':').and_then(|(key, band)| self.addressed(key, band));
        let found = addressed.or_else(|| self.best(name)).or_else(|| self.by_alias(name));
        found.or_else(|| self.by_provider(name)).ok_or_else(|| Error::MissingBand {
            band: name.to_owned(),
            scene: self.id.clone(),
            known: self.band_names().join(", "),
        })
    }

    /// True where [`Scene::band`] finds the band.
    pub fn has_band(&self, name: &str) -> bool {
        self.band(name).is_ok()
    }

    /// The names under which its bands can be asked for: of files with one band the band's, of others `asset:band`.
    pub fn band_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .assets
            .values()
            .flat_map(|asset| asset.bands.iter().map(move |band| (asset, band)))
            .map(|(asset, band)| match asset.bands.len() {
                1 => band.name.clone(),
                _ => format!("{}:{}", asset.key, band.name),
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn addressed(&self, key: &str, band: &str) -> Option<SceneBand<'_>> {
        let asset = self.assets.values().find(|asset| asset.key.eq_ignore_ascii_case(key))?;
        let by_place = |b: &&AssetBand| band.parse() == Ok(b.index);
        let found = asset
            .bands
            .iter()
            .find(|b| b.name.eq_ignore_ascii_case(band))
            .or_else(|| asset.bands.iter().find(|b| b.has_common_name(band)))
            .or_else(|| asset.bands.iter().find(by_place))?;
        Some(SceneBand { asset, band: found })
    }

    /// The best file for a name that the scene itself uses.
    pub(super) fn best(&self, name: &str) -> Option<SceneBand<'_>> {
        self.best_where(|_, band| band.name.eq_ignore_ascii_case(name))
            .or_else(|| {
                self.best_where(|asset, _| asset.bands.len() == 1 && asset.key.eq_ignore_ascii_case(name))
            })
            .or_else(|| self.best_where(|_, band| band.has_common_name(name)))
            .or_else(|| {
                self.best_where(|asset, band| {
                    let of_one_file = (asset.bands.len() == 1).then_some(asset.key.as_str());
                    let mut names = [Some(band.name.as_str()), of_one_file].into_iter().flatten();
                    names.any(|own| without_side(own).is_some_and(|own| own.eq_ignore_ascii_case(name)))
                })
            })
    }

    /// The best file for what the scene's sensor also calls the band.
    fn by_alias(&self, name: &str) -> Option<SceneBand<'_>> {
        let sensor = self.sensor()?;
        let wanted = sensor.band(name).ok()?;
        let is = |name: &str| {
            let name = without_side(name).unwrap_or(name);
            sensor.band(name).is_ok_and(|band| band.name == wanted.name)
        };
        self.best_where(|_, band| is(&band.name))
            .or_else(|| self.best_where(|asset, _| asset.bands.len() == 1 && is(&asset.key)))
            .or_else(|| self.best_where(|_, band| band.common_name.as_deref().is_some_and(is)))
    }

    /// Which band of the scene's sensor a band is: what it sees, whatever it is called; `None` where the sensor is not known
    /// or has no such band, and of pictures, whose brightness is not what a sensor measures.
    pub fn identity(&self, found: SceneBand<'_>) -> Option<Band> {
        let sensor = self.sensor().filter(|_| !found.asset.is_picture())?;
        let key = Some(found.asset.key.as_str()).filter(|_| found.asset.bands.len() == 1);
        let names = [Some(found.band.name.as_str()), key, found.band.common_name.as_deref()];
        names.into_iter().flatten().find_map(|name| sensor.band(without_side(name).unwrap_or(name)).ok())
    }

    fn best_where(&self, wanted: impl Fn(&Asset, &AssetBand) -> bool) -> Option<SceneBand<'_>> {
        self.assets
            .values()
            .flat_map(|asset| asset.bands.iter().map(move |band| SceneBand { asset, band }))
            .filter(|found| !found.asset.is_picture() && wanted(found.asset, found.band))
            .min_by(|a, b| a.asset.rank().partial_cmp(&b.asset.rank()).unwrap_or(std::cmp::Ordering::Equal))
    }
}

impl Asset {
    /// The side of a pixel in metres: from the grid where the record tells it, else the stated distance.
    pub fn pixel_size(&self) -> Option<f64> {
        self.geobox.as_ref().map(GeoBox::gsd).or(self.gsd)
    }

    /// True for files that are pictures rather than measurements.
    pub fn is_picture(&self) -> bool {
        let by_role = |role: &String| matches!(role.as_str(), "visual" | "overview" | "thumbnail");
        let key = self.key.to_ascii_lowercase();
        self.roles.iter().any(by_role) || key == "visual" || key == "tci" || key.starts_with("tci_")
    }

    /// Order of preference among files that hold one band.
    fn rank(&self) -> (f64, bool, &str) {
        let jpeg2000 = self.media_type.as_deref() == Some("image/jp2") || self.href.ends_with(".jp2");
        (self.pixel_size().unwrap_or(f64::MAX), jpeg2000, &self.key)
    }
}

/// What a name is without the side of the pixels that it ends with, as `SCL_20m` does; `None` where it ends otherwise.
fn without_side(name: &str) -> Option<&str> {
    let (name, side) = name.rsplit_once('_')?;
    let metres = side.strip_suffix(['m', 'M'])?;
    (!metres.is_empty() && metres.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// The middle of a rectangle in degrees, which may cross the antimeridian.
fn middle(bounds: BoundingBox) -> XY<f64> {
    let turn = if bounds.min.x > bounds.max.x { 360.0 } else { 0.0 };
    let x = (bounds.min.x + bounds.max.x + turn) / 2.0;
    XY::new(if x > 180.0 { x - 360.0 } else { x }, (bounds.min.y + bounds.max.y) / 2.0)
}

/// True where a point lies in a rectangle in degrees, which may cross the antimeridian.
fn holds(bounds: BoundingBox, XY { x, y }: XY<f64>) -> bool {
    let BoundingBox { min, max } = bounds;
    let across = if min.x > max.x { x >= min.x || x <= max.x } else { (min.x..=max.x).contains(&x) };
    across && (min.y..=max.y).contains(&y)
}

impl AssetBand {
    fn has_common_name(&self, name: &str) -> bool {
        self.common_name.as_deref().is_some_and(|common| common.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
#[path = "scene_tests.rs"]
pub(crate) mod tests;
