//! Writing our own items: the same input gives the same bytes.

use super::href::{is_url, relative};
use crate::earth::bounds_of;
use crate::{Asset, AssetBand, Error, Result, Scene, write_atomic};
use chrono::{DateTime, SecondsFormat, Utc};
use ecotone_core::{BoundingBox, GeoBox, Legend};
use geo_types::{LineString, MultiPolygon, Polygon};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How an item describes the bands of its assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BandStyle {
    /// The common `bands` of STAC 1.1.
    #[default]
    Bands,
    /// `eo:bands` and `raster:bands`, as the large providers of Sentinel-2 write them (STAC 1.0).
    Extensions,
}

/// An item to write: a scene, and what a [`Scene`] has no field for.
#[derive(Debug, Clone, PartialEq)]
pub struct StacItem {
    scene: Scene,
    style: BandStyle,
    properties: Map<String, Value>,
    asset_fields: BTreeMap<String, Map<String, Value>>,
}

/// Published versions of the extensions whose fields we write, by prefix.
const EXTENSIONS: &[(&str, &str)] = &[
    ("classification", "classification/v2.0.0"),
    ("eo", "eo/v2.0.0"),
    ("file", "file/v2.1.0"),
    ("grid", "grid/v1.1.0"),
    ("processing", "processing/v1.2.0"),
    ("proj", "projection/v2.0.0"),
    ("raster", "raster/v2.0.0"),
    ("s2", "sentinel-2/v1.0.0"),
    ("sar", "sar/v1.1.0"),
    ("sat", "sat/v1.0.0"),
    ("view", "view/v1.0.0"),
];

impl StacItem {
    /// An item that says what the scene says.
    pub fn new(scene: Scene, style: BandStyle) -> Self {
        Self { scene, style, properties: Map::new(), asset_fields: BTreeMap::new() }
    }

    /// Its scene.
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// With a property more, such as `grid:code`; one of the scene's own is replaced.
    #[must_use]
    pub fn with_property(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(key.to_owned(), value.into());
        self
    }

    /// With a field more at an asset, such as `file:size`; no effect where there is no such asset.
    #[must_use]
    pub fn with_asset_field(mut self, asset: &str, key: &str, value: impl Into<Value>) -> Self {
        self.asset_fields.entry(asset.to_owned()).or_default().insert(key.to_owned(), value.into());
        self
    }

    /// With the classes of a map (`classification:classes`) at an asset.
    #[must_use]
    pub fn with_classes(self, asset: &str, legend: &Legend) -> Self {
        let classes = legend.entries().iter().map(|entry| {
            json!({
                "value": entry.code.0,
                "name": class_name(&entry.name),
                "description": entry.name,
                "color_hint": entry.color.to_string().trim_start_matches('#').to_uppercase(),
            })
        });
        self.with_asset_field(asset, "classification:classes", classes.collect::<Vec<_>>())
    }

    /// The item as JSON for a file in `folder`, from which the paths of its assets count.
    pub fn to_json(&self, folder: &Path) -> Value {
        let scene = &self.scene;
        let assets: Map<String, Value> =
            scene.assets.values().map(|asset| (asset.key.clone(), self.asset(asset, folder))).collect();
        let mut item = json!({
            "type": "Feature",
            "stac_version": match self.style { BandStyle::Bands => "1.1.0", BandStyle::Extensions => "1.0.0" },
            "id": scene.id,
            "geometry": geometry_of(&scene.footprint),
            "properties": self.properties(),
            "links": [],
            "assets": assets,
        });
        if let Some(bounds) = bounds_of(&scene.footprint) {
            item["bbox"] = json!(corners(bounds));
        }
        if let Some(collection) = &scene.collection {
            item["collection"] = json!(collection);
        }
        item["stac_extensions"] = json!(self.extensions(&item));
        item
    }

    /// Writes the item on its own, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = absolute(path.as_ref())?;
        write_json(&path, &self.to_json(path.parent().unwrap_or(&path)))
    }

    fn properties(&self) -> Map<String, Value> {
        let scene = &self.scene;
        let mut properties = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                properties.insert(key.to_owned(), value);
            }
        };
        put("datetime", Some(json!(rfc3339(scene.datetime))));
        put("platform", scene.platform.as_ref().map(|v| json!(v)));
        put("eo:cloud_cover", scene.cloud_cover.map(|v| json!(v)));
        put("s2:processing_baseline", scene.processing_baseline.as_ref().map(|v| json!(v)));
        put("earthsearch:boa_offset_applied", scene.boa_offset_applied.map(|v| json!(v)));
        put("view:sun_azimuth", scene.sun_azimuth.map(|v| json!(v)));
        put("view:sun_elevation", scene.sun_elevation.map(|v| json!(v)));
        put("sat:relative_orbit", scene.relative_orbit.map(|v| json!(v)));
        put("eopf:datatake_id", scene.datatake.as_ref().map(|v| json!(v)));
        match scene.crs.as_ref().map(|crs| (crs.to_epsg(), crs.to_string())) {
            Some((Some(_), code)) => put("proj:code", Some(json!(code))),
            Some((None, wkt)) => put("proj:wkt2", Some(json!(wkt))),
            None => {}
        }
        properties.extend(self.properties.clone());
        properties
    }

    fn asset(&self, asset: &Asset, folder: &Path) -> Value {
        let mut value = json!({ "href": href_from(folder, &asset.href) });
        if let Some(media_type) = &asset.media_type {
            value["type"] = json!(media_type);
        }
        if !asset.roles.is_empty() {
            value["roles"] = json!(asset.roles);
        }
        if let Some(gsd) = asset.gsd {
            value["gsd"] = json!(gsd);
        }
        if let Some(geobox) = &asset.geobox {
            put_grid(&mut value, geobox, self.scene.crs.as_ref() != Some(geobox.crs()));
        }
        match self.style {
            _ if asset.bands.is_empty() => {}
            BandStyle::Bands => {
                let bands =
                    asset.bands.iter().map(|b| band(b, "eo:common_name", "raster:scale", "raster:offset"));
                value["bands"] = bands.collect();
            }
            BandStyle::Extensions => {
                let bands = asset.bands.iter().map(|b| band(b, "common_name", "scale", "offset"));
                let (eo, raster): (Vec<_>, Vec<_>) =
                    bands.map(|band| split(band, &["name", "common_name"])).unzip();
                value["eo:bands"] = json!(eo);
                value["raster:bands"] = json!(raster);
            }
        }
        for (key, field) in self.asset_fields.get(&asset.key).into_iter().flatten() {
            value[key] = field.clone();
        }
        value
    }

    /// The schemas of all prefixes in the item.
    fn extensions(&self, item: &Value) -> Vec<String> {
        let mut prefixes = BTreeSet::new();
        collect_prefixes(item, &mut prefixes);
        let used = EXTENSIONS.iter().filter(|(prefix, _)| prefixes.contains(*prefix));
        used.map(|(prefix, schema)| match (self.style, *prefix) {
            (BandStyle::Extensions, "eo" | "raster") => format!("{prefix}/v1.1.0"),
            _ => (*schema).to_owned(),
        })
        .map(|schema| format!("https://stac-extensions.github.io/{schema}/schema.json"))
        .collect()
    }
}

fn put_grid(asset: &mut Value, geobox: &GeoBox, own_crs: bool) {
    let [c, a, b, f, d, e] = geobox.transform().to_gdal();
    asset["proj:shape"] = json!([geobox.shape().rows, geobox.shape().cols]);
    asset["proj:transform"] = json!([a, b, c, d, e, f]);
    asset["proj:bbox"] = json!(corners(geobox.bounds()));
    if own_crs {
        let key = if geobox.crs().to_epsg().is_some() { "proj:code" } else { "proj:wkt2" };
        asset[key] = json!(geobox.crs().to_string());
    }
}

fn band(band: &AssetBand, common_name: &str, scale: &str, offset: &str) -> Value {
    let mut value = json!({ "name": band.name });
    if let Some(common) = &band.common_name {
        value[common_name] = json!(common);
    }
    for (key, number) in
        [(scale, band.scale), (offset, band.offset), ("nodata", band.nodata.map(|n| n.value()))]
    {
        if let Some(number) = number {
            value[key] = number_or_word(number);
        }
    }
    value
}

/// A band's fields with the given keys, and the others.
fn split(band: Value, keys: &[&str]) -> (Value, Value) {
    let Value::Object(fields) = band else { return (json!({}), json!({})) };
    let (first, second): (Map<_, _>, Map<_, _>) =
        fields.into_iter().partition(|(key, _)| keys.contains(&key.as_str()));
    (Value::Object(first), Value::Object(second))
}

/// JSON has no NaN or infinity; the raster extension writes them as words. Whole numbers lose their `.0`.
fn number_or_word(number: f64) -> Value {
    match number {
        n if n.is_nan() => json!("nan"),
        n if n.is_infinite() => json!(if n > 0.0 { "inf" } else { "-inf" }),
        n if n.fract() == 0.0 && n.abs() < 1e15 => json!(n as i64),
        n => json!(n),
    }
}

/// The extension's pattern for names: `light dist.` becomes `light_dist`.
fn class_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join("_").to_ascii_lowercase()
}

fn collect_prefixes(value: &Value, prefixes: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            prefixes.extend(key.split_once(':').map(|(prefix, _)| prefix.to_owned()));
            collect_prefixes(value, prefixes);
        }),
        Value::Array(values) => values.iter().for_each(|value| collect_prefixes(value, prefixes)),
        _ => {}
    }
}

fn geometry_of(outline: &MultiPolygon<f64>) -> Value {
    let ring = |ring: &LineString<f64>| ring.coords().map(|c| json!([c.x, c.y])).collect::<Value>();
    let rings = |polygon: &Polygon<f64>| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect::<Value>()
    };
    match outline.0.as_slice() {
        [polygon] => json!({ "type": "Polygon", "coordinates": rings(polygon) }),
        polygons => {
            json!({ "type": "MultiPolygon", "coordinates": polygons.iter().map(rings).collect::<Value>() })
        }
    }
}

pub(super) fn corners(bounds: BoundingBox) -> [f64; 4] {
    [bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y]
}

pub(super) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn href_from(folder: &Path, href: &str) -> String {
    if is_url(href) || href.contains("://") || !href.starts_with('/') || href.starts_with("/vsi") {
        return href.to_owned();
    }
    relative(&folder.to_string_lossy(), href)
}

pub(super) fn absolute(path: &Path) -> Result<std::path::PathBuf> {
    std::path::absolute(path).map_err(|source| Error::Io { act: "writing", path: path.to_owned(), source })
}

pub(super) fn write_json(path: &Path, value: &Value) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::Io {
            act: "creating",
            path: folder.to_owned(),
            source,
        })?;
    }
    write_atomic(path, format!("{value:#}\n"))
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
