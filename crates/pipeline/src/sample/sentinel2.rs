//! Simulated Sentinel-2 scenes as COGs and records.

use super::written::{asset, folder};
use crate::Result;
use ecotone_core::{GeoBox, Nodata, Raster, Sensor};
use ecotone_io::{Asset, AssetBand, BandStyle, CogOptions, Content, Scene, StacItem, footprint, write_cog};
use ecotone_jobs::Progress;
use ecotone_simulate::{SceneSpec, SimulatedScene, TrueColour};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// The collection of Level-2A products.
pub(super) const COLLECTION: &str = "sentinel-2-l2a";

/// The grids of a landscape.
pub(super) struct Grids {
    /// Of 10 m.
    pub(super) fine: GeoBox,
    /// Of 20 m.
    pub(super) coarse: GeoBox,
}

/// Writes so many scenes into the folder of their collection, each as [`write_bands`] does.
pub(super) fn write_scenes(
    grids: &Grids,
    scenes: usize,
    collection: &Path,
    progress: &dyn Progress,
    scene: impl Fn(usize) -> ecotone_simulate::Result<SimulatedScene> + Sync,
) -> Result<Vec<StacItem>> {
    folder(collection)?;
    let write = |index| {
        let item = write_bands(grids, &scene(index)?, collection)?;
        progress.advance(1, "");
        Ok(item)
    };
    (0..scenes).into_par_iter().map(write).collect()
}

/// Writes a scene's bands, one file each, and its SCL.
fn write_bands(grids: &Grids, scene: &SimulatedScene, collection: &Path) -> Result<StacItem> {
    let spec = &scene.spec;
    let folder_of_scene = collection.join(&spec.id);
    folder(&folder_of_scene)?;
    let mut assets = BTreeMap::new();
    for band in &scene.bands {
        let geobox = if band.gsd == 10 { grids.fine.clone() } else { grids.coarse.clone() };
        let path = folder_of_scene.join(format!("{}.tif", band.name));
        let raster = Raster::new(geobox.clone(), 1, band.data.clone(), Some(Nodata::new(0.0)))?;
        write_cog(&path, &raster, &CogOptions::default())?;
        let described = AssetBand {
            scale: Some(SceneSpec::SCALE),
            offset: Some(spec.reflectance_offset()),
            ..band_named(band.name, 1)
        };
        assets.insert(band.name.to_owned(), asset(band.name, "data", &path, geobox, vec![described]));
    }
    assets.insert("SCL".to_owned(), write_scl(grids, &scene.scl, &folder_of_scene)?);
    item(grids, spec, scene.cloud_cover, assets)
}

/// Writes a scene's picture in true colour, `TCI.tif` under the key `visual`, and its SCL.
pub(super) fn write_picture(grids: &Grids, scene: &TrueColour, collection: &Path) -> Result<StacItem> {
    let folder_of_scene = collection.join(&scene.spec.id);
    folder(&folder_of_scene)?;
    let path = folder_of_scene.join("TCI.tif");
    let raster = Raster::new(grids.fine.clone(), 3, scene.data.clone(), Some(Nodata::new(0.0)))?;
    let descriptions = ["red", "green", "blue"].map(str::to_owned).to_vec();
    write_cog(&path, &raster, &CogOptions { descriptions, ..CogOptions::default() })?;
    let bands = ["B04", "B03", "B02"].iter().zip(1..).map(|(name, index)| band_named(name, index)).collect();
    let mut assets = BTreeMap::new();
    assets.insert("visual".to_owned(), asset("visual", "visual", &path, grids.fine.clone(), bands));
    assets.insert("SCL".to_owned(), write_scl(grids, &scene.scl, &folder_of_scene)?);
    item(grids, &scene.spec, scene.cloud_cover, assets)
}

fn write_scl(grids: &Grids, scl: &[u8], folder: &Path) -> Result<Asset> {
    let path = folder.join("SCL.tif");
    let raster = Raster::new(grids.coarse.clone(), 1, scl.to_vec(), Some(Nodata::new(0.0)))?;
    write_cog(&path, &raster, &CogOptions { content: Content::Codes, ..CogOptions::default() })?;
    Ok(asset("SCL", "data", &path, grids.coarse.clone(), vec![band_named("SCL", 1)]))
}

fn band_named(name: &str, index: usize) -> AssetBand {
    AssetBand {
        index,
        name: name.to_owned(),
        common_name: Sensor::Sentinel2.band(name).ok().map(|band| band.common_name.to_owned()),
        nodata: Some(Nodata::new(0.0)),
        ..AssetBand::default()
    }
}

fn item(
    grids: &Grids,
    spec: &SceneSpec,
    cloud_cover: f64,
    assets: BTreeMap<String, Asset>,
) -> Result<StacItem> {
    let record = Scene {
        id: spec.id.clone(),
        collection: Some(COLLECTION.to_owned()),
        datetime: spec.datetime,
        platform: Some(spec.platform.to_owned()),
        footprint: footprint(&grids.coarse)?,
        cloud_cover: Some(cloud_cover),
        processing_baseline: Some(spec.processing_baseline.to_owned()),
        boa_offset_applied: None,
        sun_azimuth: Some(spec.sun_azimuth),
        sun_elevation: Some(spec.sun_elevation),
        relative_orbit: Some(u32::from(spec.relative_orbit)),
        datatake: None,
        crs: Some(grids.coarse.crs().clone()),
        assets,
    };
    Ok(StacItem::new(record, BandStyle::Extensions).with_property("constellation", "sentinel-2"))
}
