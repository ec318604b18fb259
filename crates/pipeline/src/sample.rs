//! A simulated catalogue on disk: COGs and STAC records as a provider would deliver them, and the truth beside them.

use crate::progress::Progress;
use crate::recipe::Simulate;
use crate::summary::{Resources, Summary};
use crate::{Error, Result};
use ecotone_core::{Nodata, Raster};
use ecotone_io::{Asset, AssetBand, CogOptions, Content, Scene, footprint, write_atomic, write_cog};
use ecotone_io::{BandStyle, CollectionInfo, StacItem, write_catalog};
use ecotone_simulate::{Forest, ForestConfig, SceneSpec, SimulatedScene};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const COLLECTION: &str = "sentinel-2-l2a";
const COG: &str = "image/tiff; application=geotiff; profile=cloud-optimized";
/// Days between acquisitions of the two orbits together.
const REVISIT_DAYS: u32 = 5;
/// The landscape allows at most 60 days between scenes.
const MOST_EVERY: u32 = 12;

/// A catalogue to simulate.
#[derive(Debug, Clone)]
pub struct SimulateJob {
    /// The landscape.
    pub preset: String,
    /// Where the catalogue goes.
    pub out: PathBuf,
    /// Side in pixels of 20 m.
    pub size: usize,
    /// Its seed.
    pub seed: u64,
    /// Years of scenes.
    pub years: u32,
    /// Every how many-th acquisition is kept.
    pub every: usize,
    /// Whether a catalogue in the folder is replaced.
    pub replace: bool,
}

/// Simulates a catalogue: `catalog.json`, one COG a band, `truth.tif`, `dem.tif`, `legend.csv`.
///
/// # Errors
/// When there is no such preset, a setting is out of range, or the folder cannot be written.
pub fn simulate(job: &SimulateJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let finished = job.out.join("catalog.json");
    if finished.exists() && !job.replace {
        return Err(Error::RunExists { path: job.out.clone() });
    }
    resources.apply()?;
    let forest = forest(job)?;
    // Records say where files lie relative to themselves, which takes whole paths.
    let failed = |source| Error::WriteFile { path: job.out.clone(), source };
    write(&forest, &std::path::absolute(&job.out).map_err(failed)?, progress)?;
    let mut summary = Summary::default();
    summary.fact("catalogue", finished.display().to_string());
    summary.fact("scenes", forest.scenes().len().to_string());
    summary.fact("fingerprint", forest.fingerprint()?);
    Ok(summary)
}

/// The catalogue of a recipe's sample; simulated where it is not there yet.
pub(crate) fn ensure(
    settings: &Simulate,
    folder: &Path,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    let Simulate { preset, size, seed, years, .. } = settings;
    // A sample of another version may differ, so its folder does.
    let name = format!("{preset}-{size}px-{years}y-seed{seed}-v{}", env!("CARGO_PKG_VERSION"));
    let out = folder.join(name);
    if !out.join("catalog.json").exists() {
        let job = SimulateJob {
            preset: preset.clone(),
            out: out.clone(),
            size: *size,
            seed: *seed,
            years: *years,
            every: 1,
            replace: true,
        };
        simulate(&job, resources, progress)?;
    }
    Ok(out.join("catalog.json"))
}

fn forest(job: &SimulateJob) -> Result<Forest> {
    if job.preset != "forest" {
        return Err(Error::word("preset", &job.preset, &["forest"]));
    }
    let revisit_days = match u32::try_from(job.every) {
        Ok(every @ 1..=MOST_EVERY) => REVISIT_DAYS * every,
        _ => {
            let expected = format!("1 to {MOST_EVERY}");
            return Err(Error::Value { key: "--every", found: job.every.to_string(), expected });
        }
    };
    Ok(Forest::new(ForestConfig {
        size: job.size,
        seed: job.seed,
        years: job.years,
        revisit_days,
        ..ForestConfig::default()
    })?)
}

fn write(forest: &Forest, out: &Path, progress: &dyn Progress) -> Result<()> {
    let out =
        &std::path::absolute(out).map_err(|source| Error::WriteFile { path: out.to_owned(), source })?;
    let assets = out.join(COLLECTION);
    std::fs::create_dir_all(&assets).map_err(|source| Error::WriteFile { path: assets.clone(), source })?;
    // Written last and removed first: a folder with it is complete.
    let finished = out.join("catalog.json");
    if finished.exists() {
        std::fs::remove_file(&finished).map_err(|source| Error::WriteFile { path: finished, source })?;
    }
    let scenes = forest.scenes();
    progress.begin("simulate", scenes.len() as u64, "scenes");
    let items: Vec<StacItem> = (0..scenes.len())
        .into_par_iter()
        .map(|index| {
            let scene = forest.scene(index)?;
            let item = write_scene(forest, &scene, &assets)?;
            progress.advance(1, "");
            Ok(item)
        })
        .collect::<Result<_>>()?;
    progress.end();
    write_ground(forest, out)?;
    let info = |id: &str, description: &str| CollectionInfo {
        id: id.to_owned(),
        description: description.to_owned(),
        license: "CC0-1.0".to_owned(),
    };
    let config = forest.config();
    let about = format!(
        "Simulated forest of {} pixels of 20 m, seed {}, by ecotone simulate",
        config.size, config.seed
    );
    let collection = info(COLLECTION, "Simulated Sentinel-2 L2A; no real surface");
    write_catalog(out, &info("simulated-forest", &about), &[(collection, items)])?;
    Ok(())
}

/// Truth, terrain and legend.
fn write_ground(forest: &Forest, out: &Path) -> Result<()> {
    let geobox = forest.geobox();
    let truth = Raster::new(geobox.clone(), 1, forest.truth().to_vec(), Some(Nodata::new(0.0)))?;
    let content = Content::Classes(forest.legend().clone());
    write_cog(out.join("truth.tif"), &truth, &CogOptions { content, ..CogOptions::default() })?;
    write_cog(
        out.join("dem.tif"),
        &Raster::new(geobox, 1, forest.dem().to_vec(), None)?,
        &CogOptions::default(),
    )?;
    write_atomic(out.join("legend.csv"), forest.legend().to_csv())?;
    Ok(())
}

fn write_scene(forest: &Forest, scene: &SimulatedScene, folder: &Path) -> Result<StacItem> {
    let spec = &scene.spec;
    let folder = folder.join(&spec.id);
    std::fs::create_dir_all(&folder).map_err(|source| Error::WriteFile { path: folder.clone(), source })?;
    let mut assets = BTreeMap::new();
    for band in &scene.bands {
        let geobox = if band.gsd == 10 { forest.geobox_10m() } else { forest.geobox() };
        let path = folder.join(format!("{}.tif", band.name));
        let raster = Raster::new(geobox.clone(), 1, band.data.clone(), Some(Nodata::new(0.0)))?;
        write_cog(&path, &raster, &CogOptions::default())?;
        let described = AssetBand {
            index: 1,
            name: band.name.to_owned(),
            common_name: ecotone_core::Sensor::Sentinel2
                .band(band.name)
                .ok()
                .map(|b| b.common_name.to_owned()),
            scale: Some(SceneSpec::SCALE),
            offset: Some(spec.reflectance_offset()),
            nodata: Some(Nodata::new(0.0)),
        };
        assets.insert(band.name.to_owned(), asset(band.name, &path, f64::from(band.gsd), geobox, described));
    }
    let path = folder.join("SCL.tif");
    let scl = Raster::new(forest.geobox(), 1, scene.scl.clone(), Some(Nodata::new(0.0)))?;
    write_cog(&path, &scl, &CogOptions { content: Content::Codes, ..CogOptions::default() })?;
    let described = AssetBand {
        index: 1,
        name: "SCL".to_owned(),
        nodata: Some(Nodata::new(0.0)),
        ..AssetBand::default()
    };
    assets.insert("SCL".to_owned(), asset("SCL", &path, 20.0, forest.geobox(), described));
    let record = Scene {
        id: spec.id.clone(),
        collection: Some(COLLECTION.to_owned()),
        datetime: spec.datetime,
        platform: Some(spec.platform.to_owned()),
        footprint: footprint(&forest.geobox())?,
        cloud_cover: Some(scene.cloud_cover),
        processing_baseline: Some(spec.processing_baseline.to_owned()),
        boa_offset_applied: None,
        sun_azimuth: Some(spec.sun_azimuth),
        sun_elevation: Some(spec.sun_elevation),
        relative_orbit: Some(u32::from(spec.relative_orbit)),
        crs: Some(forest.geobox().crs().clone()),
        assets,
    };
    Ok(StacItem::new(record, BandStyle::Extensions).with_property("constellation", "sentinel-2"))
}

fn asset(key: &str, path: &Path, gsd: f64, geobox: ecotone_core::GeoBox, band: AssetBand) -> Asset {
    Asset {
        key: key.to_owned(),
        href: path.display().to_string(),
        media_type: Some(COG.to_owned()),
        roles: vec!["data".to_owned()],
        gsd: Some(gsd),
        bands: vec![band],
        geobox: Some(geobox),
    }
}
