//! From a STAC item to a [`Scene`], in whichever of its dialects the bands are described.

use super::href::resolve;
use super::time::parse_datetime;
use crate::access::marked;
use crate::catalog::datatake::unversioned;
use crate::earth::cut_at_antimeridian;
use crate::{Asset, AssetBand, Error, Result, Scene};
use chrono::{DateTime, Utc};
use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata, Shape2d, XY};
use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};
use serde_json::Value;

/// Reads an item (STAC 1.0 or 1.1) that lies at `location`, against which its hrefs count.
///
/// Bands are described by the common `bands` of STAC 1.1, by `eo:bands` and `raster:bands`, or by the same in the
/// `item_assets` of its `collection`; what stands in the item has precedence. A nodata value may be a number or one
/// of the words `nan`, `inf` and `-inf`. Projection and distances may stand at the asset or the item.
///
/// # Errors
/// When identifier, time, outline or assets are missing, or a number is none; the message names the field.
pub fn scene_of_item(item: &Value, location: &str, collection: Option<&Value>) -> Result<Scene> {
    let reader = Reader { item, location };
    let id = item.get("id").and_then(Value::as_str).ok_or_else(|| reader.wrong("id", item.get("id")))?;
    let crs = crs_of(&[Some(reader.properties())]);
    let assets = item.get("assets").and_then(Value::as_object);
    let assets = assets.ok_or_else(|| reader.wrong("assets", item.get("assets")))?;
    let assets = assets.iter().filter_map(|(key, asset)| {
        let template = collection.and_then(|c| c.get("item_assets")?.get(key));
        let layers = AssetReader { item: reader, key, asset, template };
        layers.asset(crs.as_ref()).transpose().map(|asset| Ok((key.clone(), asset?)))
    });
    let sun_zenith = reader.number("s2:mean_solar_zenith")?;
    Ok(Scene {
        id: id.to_owned(),
        collection: item.get("collection").and_then(Value::as_str).map(str::to_owned),
        datetime: reader.datetime()?,
        platform: reader.text("platform").or_else(|| reader.text("constellation")),
        footprint: reader.footprint()?,
        cloud_cover: reader.number("eo:cloud_cover")?,
        processing_baseline: reader.baseline(id),
        boa_offset_applied: ["earthsearch:boa_offset_applied", "sentinel:boa_offset_applied"]
            .iter()
            .find_map(|key| reader.properties().get(*key)?.as_bool()),
        sun_azimuth: reader.number("view:sun_azimuth")?.or(reader.number("s2:mean_solar_azimuth")?),
        sun_elevation: reader.number("view:sun_elevation")?.or(sun_zenith.map(|zenith| 90.0 - zenith)),
        relative_orbit: reader
            .properties()
            .get("sat:relative_orbit")
            .and_then(Value::as_u64)
            .and_then(|orbit| u32::try_from(orbit).ok()),
        datatake: reader.datatake(),
        assets: assets.collect::<Result<_>>()?,
        crs,
    })
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    item: &'a Value,
    location: &'a str,
}

impl<'a> Reader<'a> {
    fn properties(self) -> &'a Value {
        self.item.get("properties").unwrap_or(&Value::Null)
    }

    fn wrong(self, field: &str, found: Option<&Value>) -> Error {
        let found = found.map_or_else(|| "nothing".to_owned(), |v| v.to_string().chars().take(80).collect());
        Error::ItemField { location: self.location.to_owned(), field: field.to_owned(), found }
    }

    fn text(self, key: &str) -> Option<String> {
        self.properties().get(key)?.as_str().map(str::to_owned)
    }

    /// A number; one that is not finite says as little as none.
    fn number(self, key: &str) -> Result<Option<f64>> {
        let number = number_of(self.properties().get(key)).map_err(|found| self.wrong(key, Some(found)))?;
        Ok(number.filter(|number| number.is_finite()))
    }

    fn datetime(self) -> Result<DateTime<Utc>> {
        let properties = self.properties();
        let keys = ["datetime", "start_datetime", "end_datetime"];
        let given = keys.iter().find_map(|key| properties.get(*key).filter(|value| !value.is_null()));
        let parsed = given.and_then(Value::as_str).and_then(parse_datetime);
        parsed.ok_or_else(|| self.wrong("datetime", given))
    }

    /// The baseline as a property, or as the `N0509` in the product's name.
    fn baseline(self, id: &str) -> Option<String> {
        let is_baseline = |text: &String| {
            text.split_once('.').is_some_and(|(major, minor)| {
                [major, minor].iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            })
        };
        let stated = ["s2:processing_baseline", "sentinel:processing_baseline", "processing:version"];
        stated.iter().filter_map(|key| self.text(key)).find(is_baseline).or_else(|| {
            let product = self.text("s2:product_uri").unwrap_or_else(|| id.to_owned());
            let number =
                product.split('_').find_map(|part| part.strip_prefix('N').filter(|n| n.len() == 4))?;
            Some(format!("{}.{}", number.get(..2)?, number.get(2..)?)).filter(is_baseline)
        })
    }

    /// The datatake, which some write as a number.
    fn datatake(self) -> Option<String> {
        let keys = ["s2:datatake_id", "s1:datatake_id", "eopf:datatake_id"];
        keys.iter().find_map(|key| match self.properties().get(*key)? {
            Value::String(text) => Some(unversioned(text).to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    fn footprint(self) -> Result<MultiPolygon<f64>> {
        let geometry = self.item.get("geometry").filter(|value| !value.is_null());
        if let Some(outline) = geometry.and_then(polygons_of) {
            return Ok(outline);
        }
        let bbox = self.item.get("bbox");
        let corners: Option<Vec<f64>> =
            bbox.and_then(Value::as_array).map(|corners| corners.iter().filter_map(Value::as_f64).collect());
        let (west, south, east, north) = match corners.as_deref() {
            Some(&[west, south, east, north]) => (west, south, east, north),
            Some(&[west, south, _, east, north, _]) => (west, south, east, north),
            _ => return Err(self.wrong("geometry", geometry.or(bbox))),
        };
        let rectangle = |west, east| Rect::new((west, south), (east, north)).to_polygon();
        Ok(MultiPolygon(if west <= east {
            vec![rectangle(west, east)]
        } else {
            vec![rectangle(west, 180.0), rectangle(-180.0, east)]
        }))
    }
}

/// One asset, with its collection's template to fall back on.
struct AssetReader<'a> {
    item: Reader<'a>,
    key: &'a str,
    asset: &'a Value,
    template: Option<&'a Value>,
}

impl AssetReader<'_> {
    /// The asset; `None` where it has no href.
    fn asset(&self, item_crs: Option<&Crs>) -> Result<Option<Asset>> {
        let Some(href) = self.asset.get("href").and_then(Value::as_str) else {
            tracing::warn!(item = self.item.location, key = self.key, "an asset without href is left out");
            return Ok(None);
        };
        let href = resolve(self.item.location, href);
        let media_type = self.field("type").and_then(Value::as_str).map(str::to_owned);
        let roles = self.field("roles").and_then(Value::as_array).into_iter().flatten();
        let roles: Vec<String> = roles.filter_map(Value::as_str).map(str::to_owned).collect();
        let bands = self.bands(is_raster(&href, media_type.as_deref(), &roles))?;
        let crs = crs_of(&[Some(self.asset), self.template]).or_else(|| item_crs.cloned());
        Ok(Some(Asset {
            key: self.key.to_owned(),
            media_type,
            roles,
            gsd: self.gsd()?,
            bands,
            geobox: crs.and_then(|crs| self.geobox(crs)),
            href: marked(href, self.item.item, self.item.location),
        }))
    }

    /// A field of the asset or its template.
    fn field(&self, key: &str) -> Option<&Value> {
        let layers = [Some(self.asset), self.template];
        layers.into_iter().flatten().find_map(|layer| layer.get(key).filter(|value| !value.is_null()))
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        self.checked(key, self.field(key))
    }

    fn checked(&self, key: &str, value: Option<&Value>) -> Result<Option<f64>> {
        let field = || format!("{key}` of asset `{}", self.key);
        number_of(value).map_err(|found| self.item.wrong(&field(), Some(found)))
    }

    fn gsd(&self) -> Result<Option<f64>> {
        let resolution = self.field("raster:bands").and_then(|bands| bands.get(0)?.get("spatial_resolution"));
        let own = self.number("gsd")?.or(self.number("raster:spatial_resolution")?);
        Ok(own.or(number_of(resolution).ok().flatten()).or(self.item.number("gsd")?))
    }

    fn bands(&self, is_raster: bool) -> Result<Vec<AssetBand>> {
        let described = ["bands", "eo:bands", "raster:bands"]
            .iter()
            .filter_map(|key| self.field(key)?.as_array().map(Vec::len))
            .max();
        let count = described.filter(|count| *count > 0).unwrap_or(usize::from(is_raster));
        (0..count).map(|i| self.band(i, count)).collect()
    }

    fn band(&self, i: usize, count: usize) -> Result<AssetBand> {
        let fallback = || if count == 1 { self.key.to_owned() } else { (i + 1).to_string() };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let raster = |key: &str, own: &str| self.checked(own, self.band_field(i, key, "raster:bands", own));
        Ok(AssetBand {
            index: i + 1,
            name: text(
                self.array_field(i, "bands", "name").or_else(|| self.array_field(i, "eo:bands", "name")),
            )
            .unwrap_or_else(fallback),
            common_name: text(self.band_field(i, "eo:common_name", "eo:bands", "common_name")),
            scale: raster("raster:scale", "scale")?,
            offset: raster("raster:offset", "offset")?,
            nodata: raster("nodata", "nodata")?.map(Nodata::new),
        })
    }

    /// A band's field: in `bands` under its STAC 1.1 name, in an extension's array under its own, or (1.1 again)
    /// said once for all bands at the asset.
    fn band_field(&self, i: usize, key: &str, extension: &str, own: &str) -> Option<&Value> {
        self.array_field(i, "bands", key)
            .or_else(|| self.array_field(i, extension, own))
            .or_else(|| self.field(key))
    }

    fn array_field(&self, i: usize, array: &str, key: &str) -> Option<&Value> {
        let layers = [Some(self.asset), self.template];
        layers
            .into_iter()
            .flatten()
            .find_map(|layer| layer.get(array)?.get(i)?.get(key).filter(|v| !v.is_null()))
    }

    /// The grid, where shape and either transform or rectangle are told in full.
    fn geobox(&self, crs: Crs) -> Option<GeoBox> {
        let numbers = |key: &str| -> Option<Vec<f64>> {
            let value = self.field(key).or_else(|| self.item.properties().get(key))?;
            value.as_array()?.iter().map(Value::as_f64).collect()
        };
        let [rows, cols] = numbers("proj:shape")?[..] else { return None };
        let side = 1.0..=f64::from(u32::MAX);
        if !(side.contains(&rows) && side.contains(&cols)) {
            return None;
        }
        let coefficients = match (numbers("proj:transform").as_deref(), numbers("proj:bbox").as_deref()) {
            // Row by row in STAC; the nine have 0, 0, 1 at their end.
            (Some(&[a, b, c, d, e, f] | &[a, b, c, d, e, f, _, _, _]), _) => [c, a, b, f, d, e],
            (_, Some(&[x0, y0, x1, y1])) => [x0, (x1 - x0) / cols, 0.0, y1, 0.0, (y0 - y1) / rows],
            _ => return None,
        };
        let transform = GeoTransform::from_gdal(coefficients).ok()?;
        Some(GeoBox::new(Shape2d::new(rows as usize, cols as usize), transform, crs))
    }
}

fn is_raster(href: &str, media_type: Option<&str>, roles: &[String]) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or(href).to_ascii_lowercase();
    let by_name = [".tif", ".tiff", ".jp2", ".vrt", ".nc", ".zarr"].iter().any(|end| path.ends_with(end));
    match media_type {
        Some(media_type) => media_type.starts_with("image/") || by_name,
        None => by_name || roles.iter().any(|role| role == "data"),
    }
}

/// A number, one of the words `nan`, `inf`, `-inf` or a number in quotes; null and absent are none, anything else is
/// given back.
fn number_of(value: Option<&Value>) -> std::result::Result<Option<f64>, &Value> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => text.trim().parse().map(Some).ok().ok_or(value.unwrap_or(&Value::Null)),
        Some(other) => other.as_f64().map(Some).ok_or(other),
    }
}

/// `proj:code` (projection extension 2), `proj:epsg` (1) or `proj:wkt2`.
fn crs_of(layers: &[Option<&Value>]) -> Option<Crs> {
    layers.iter().flatten().find_map(|layer| {
        let text = |key: &str| layer.get(key)?.as_str()?.parse::<Crs>().ok();
        let epsg =
            || layer.get("proj:epsg")?.as_u64().and_then(|code| u32::try_from(code).ok()).map(Crs::epsg);
        text("proj:code").or_else(epsg).or_else(|| text("proj:wkt2"))
    })
}

/// The outline of a GeoJSON Polygon or MultiPolygon, cut at the antimeridian where its writer did not.
fn polygons_of(geometry: &Value) -> Option<MultiPolygon<f64>> {
    let coordinates = geometry.get("coordinates")?.as_array()?;
    let polygons: Option<Vec<Polygon<f64>>> = match geometry.get("type")?.as_str()? {
        "Polygon" => Some(vec![polygon_of(coordinates)?]),
        "MultiPolygon" => coordinates.iter().map(|rings| polygon_of(rings.as_array()?)).collect(),
        _ => None,
    };
    let cut: Vec<_> = polygons?.into_iter().flat_map(cut_at_antimeridian).collect();
    (!cut.is_empty()).then_some(MultiPolygon(cut))
}

fn polygon_of(rings: &[Value]) -> Option<Polygon<f64>> {
    let ring = |ring: &Value| -> Option<LineString<f64>> {
        let point = |point: &Value| Some(XY::new(point.get(0)?.as_f64()?, point.get(1)?.as_f64()?));
        let points: Option<Vec<XY<f64>>> = ring.as_array()?.iter().map(point).collect();
        let points = points.filter(|points| points.len() >= 3)?;
        Some(LineString(points.into_iter().map(|p| Coord { x: p.x, y: p.y }).collect()))
    };
    let mut rings = rings.iter().map(ring).collect::<Option<Vec<_>>>()?.into_iter();
    Some(Polygon::new(rings.next()?, rings.collect()))
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
