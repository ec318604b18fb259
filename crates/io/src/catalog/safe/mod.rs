//! Sentinel-2 SAFE products (Level-1C and Level-2A, the compact format since December 2016) as scenes.
//!
//! Not for Sentinel-1, whose SAFE products need calibration, nor for the multi-tile format of 2015 and 2016.

mod product;
mod tile;

use crate::catalog::search::{CatalogFailure, SceneList};
use crate::earth::cut_at_antimeridian;
use crate::{Asset, AssetBand, Error, Result, Scene};
use ecotone_core::{Band, Nodata, Sensor};
use geo_types::MultiPolygon;
use product::{Level, Product};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tile::Tile;

/// Reads the metadata of one product (a `….SAFE` folder) as a scene. Pixels are not looked at.
///
/// The identifier is `S2A_T33TVM_20210908T043714_L2A`: satellite, tile, time of the granule, level. Each band has an
/// asset of its own name (`B04`), the file of its native resolution where there is one, else the finest; other
/// resolutions are `B04_20m`. The same goes for `SCL`, `AOT`, `WVP` and the true-colour picture `TCI` (bands
/// `TCI:red`, `TCI:green`, `TCI:blue`). Scale and offset are 1 / quantification and additive offset / quantification
/// (Sentinel-2 Products Specification Document, sections on `QUANTIFICATION_VALUE`, `RADIO_ADD_OFFSET` and
/// `BOA_ADD_OFFSET`).
///
/// # Errors
/// When a metadata file is missing, broken or lacks an element; the message names file and element.
pub fn read_safe(folder: &Path) -> Result<Scene> {
    let absolute = std::path::absolute(folder);
    let folder = &absolute.map_err(|source| Error::Io { act: "reading", path: folder.to_owned(), source })?;
    let product = Product::read(folder)?;
    let tile = Tile::read(&granule_folder(folder, &product)?.join("MTD_TL.xml"))?;
    let mut by_name: BTreeMap<String, Vec<Asset>> = BTreeMap::new();
    for image in &product.images {
        if let Some((name, asset)) = asset_of(folder, image, &product, &tile) {
            by_name.entry(name).or_default().push(asset);
        }
    }
    Ok(Scene {
        id: format!(
            "{}_{}_{}_{}",
            product.satellite,
            product.granule.tile,
            product.granule.time,
            product.level.short()
        ),
        collection: Some(format!("sentinel-2-{}", product.level.short().to_ascii_lowercase())),
        datetime: product.datetime,
        platform: Some(product.platform),
        footprint: MultiPolygon(cut_at_antimeridian(product.footprint)),
        cloud_cover: product.cloud_cover,
        processing_baseline: Some(product.baseline),
        boa_offset_applied: None,
        sun_azimuth: tile.sun_azimuth,
        sun_elevation: tile.sun_elevation,
        relative_orbit: product.relative_orbit,
        datatake: product.datatake,
        crs: Some(tile.crs),
        assets: by_name.into_iter().flat_map(|(name, files)| keyed(&name, files)).collect(),
    })
}

/// Reads a `….SAFE` folder or all of those in a folder; a product that cannot be read is a failure in the list.
///
/// # Errors
/// When the folder cannot be read or holds no product.
pub fn read_safe_folder(folder: &Path) -> Result<SceneList> {
    let location = folder.to_string_lossy();
    let products = if is_safe(folder) { vec![folder.to_owned()] } else { products_in(folder)? };
    if products.is_empty() {
        let found = "a folder without catalog.json, collection.json or *.SAFE".to_owned();
        return Err(Error::NotACatalog { location: location.into_owned(), found });
    }
    let (mut scenes, mut failures) = (Vec::new(), Vec::new());
    for product in products {
        match read_safe(&product) {
            Ok(scene) => scenes.push(scene),
            Err(error) => failures.push(CatalogFailure::new(&product.to_string_lossy(), &error)),
        }
    }
    SceneList::new(&location, scenes, failures)
}

fn is_safe(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safe"))
}

fn products_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::Io { act: "listing", path: folder.to_owned(), source };
    let mut products = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_safe(&path) && path.is_dir() {
            products.push(path);
        }
    }
    products.sort();
    Ok(products)
}

/// The folder of the granule, by the name that the image files have, else the only one there is.
fn granule_folder(folder: &Path, product: &Product) -> Result<PathBuf> {
    let granule = folder.join("GRANULE").join(&product.granule.folder);
    if granule.join("MTD_TL.xml").is_file() {
        return Ok(granule);
    }
    let missing = format!("GRANULE/{}/MTD_TL.xml", product.granule.folder);
    Err(Error::SafeFile { product: folder.to_owned(), missing })
}

/// The name and the file of one image: `T33TVM_20210908T042701_B04_10m` holds B04 at 10 m.
fn asset_of(folder: &Path, image: &str, product: &Product, tile: &Tile) -> Option<(String, Asset)> {
    let mut parts = image.rsplit('/').next()?.rsplit('_');
    let last = parts.next()?;
    let stated = last.strip_suffix('m').and_then(|metres| metres.parse::<u32>().ok());
    let name = if stated.is_some() { parts.next()? } else { last };
    let band = Sensor::Sentinel2.band(name).ok().filter(|band| band.name == name);
    let resolution = stated.or(band.map(|band| band.gsd as u32)).unwrap_or(10);
    let (extension, media_type) = if product.is_tiff { ("tif", "image/tiff") } else { ("jp2", "image/jp2") };
    let picture = name == "TCI";
    let asset = Asset {
        href: folder.join(format!("{image}.{extension}")).to_string_lossy().into_owned(),
        media_type: Some(media_type.to_owned()),
        roles: vec![if picture { "visual" } else { "data" }.to_owned()],
        gsd: Some(f64::from(resolution)),
        bands: if picture { picture_bands() } else { vec![band_of(name, band, product)] },
        geobox: tile.geobox(resolution),
        ..Asset::default()
    };
    Some((name.to_owned(), asset))
}

fn band_of(name: &str, band: Option<Band>, product: &Product) -> AssetBand {
    let quantification = match (name, band) {
        (_, Some(_)) => Some(product.quantification),
        ("AOT", _) => product.aot_quantification,
        ("WVP", _) => product.wvp_quantification,
        _ => None,
    };
    let added = band.map(|band| {
        let place = Sensor::Sentinel2.bands().iter().position(|b| b.name == band.name);
        place.and_then(|place| product.offsets.get(&place)).copied().unwrap_or(0.0)
    });
    AssetBand {
        index: 1,
        name: name.to_owned(),
        common_name: band.map(|band| band.common_name.to_owned()),
        scale: quantification.map(|q| 1.0 / q),
        offset: added.map(|added| added / product.quantification),
        nodata: Some(Nodata::new(product.nodata)),
    }
}

fn picture_bands() -> Vec<AssetBand> {
    let bands = ["red", "green", "blue"].into_iter().enumerate();
    let band = |(i, name): (usize, &str)| AssetBand {
        index: i + 1,
        name: name.to_owned(),
        common_name: Some(name.to_owned()),
        nodata: Some(Nodata::new(0.0)),
        ..AssetBand::default()
    };
    bands.map(band).collect()
}

/// Keys for the files of one name: the plain name for the native resolution, or the finest where that is absent.
fn keyed(name: &str, mut files: Vec<Asset>) -> Vec<(String, Asset)> {
    let gsd = |asset: &Asset| asset.gsd.unwrap_or(f64::MAX);
    files.sort_by(|a, b| gsd(a).total_cmp(&gsd(b)));
    let native = Sensor::Sentinel2.band(name).ok().map(|band| band.gsd);
    let preferred = files.iter().position(|asset| asset.gsd == native).unwrap_or(0);
    let key = |(i, mut asset): (usize, Asset)| {
        let key = if i == preferred { name.to_owned() } else { format!("{name}_{}m", gsd(&asset)) };
        asset.key.clone_from(&key);
        (key, asset)
    };
    files.into_iter().enumerate().map(key).collect()
}

impl Level {
    const fn short(self) -> &'static str {
        match self {
            Self::L1c => "L1C",
            Self::L2a => "L2A",
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
