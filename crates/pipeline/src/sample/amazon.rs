//! The preset `amazon` on disk: two collections, clean truth, and coarse labels beside it.

use super::job::{Made, SimulateJob};
use super::sentinel2::{self, Grids, write_scenes};
use super::written::{asset, begin, classes, finish, folder, legend};
use crate::Result;
use ecotone_core::{Nodata, Raster};
use ecotone_io::{AssetBand, BandStyle, CogOptions, Scene, StacItem, footprint, write_cog};
use ecotone_jobs::Progress;
use ecotone_simulate::{Amazon, AmazonConfig, RadarScene, RadarSpec};
use rayon::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// The collection of terrain-corrected backscatter.
const RADAR: &str = "sentinel-1-rtc";
/// Backscatter's nodata, as the large providers write it; none of our pixels has it.
const RADAR_NODATA: f64 = -32_768.0;
/// Days between the Sentinel-2 scenes that are offered, and the most that the landscape allows.
const REVISIT_DAYS: u32 = 10;
const MOST_DAYS: u32 = 120;

pub(super) fn make(job: &SimulateJob, out: &Path, progress: &dyn Progress) -> Result<Made> {
    job.one_year()?;
    let base = AmazonConfig::default();
    let amazon = Amazon::new(AmazonConfig {
        size: job.size.unwrap_or(base.size),
        seed: job.seed,
        revisit_days: job.revisit_days(REVISIT_DAYS, MOST_DAYS)?,
        ..base
    })?;
    begin(out)?;
    let grids = Grids { fine: amazon.geobox(), coarse: amazon.geobox_20m() };
    let radar = out.join(RADAR);
    folder(&radar)?;
    let (scenes, months) = (amazon.scenes().len(), amazon.radar_scenes().len());
    progress.begin("simulate", (scenes + months) as u64, "scenes");
    let optical_items = write_scenes(&grids, scenes, &out.join(sentinel2::COLLECTION), progress, |index| {
        amazon.scene(index)
    })?;
    let radar_items: Vec<StacItem> = (0..months)
        .into_par_iter()
        .map(|index| {
            let item = write_radar(&grids, &amazon.radar(index)?, &radar)?;
            progress.advance(1, "");
            Ok(item)
        })
        .collect::<Result<_>>()?;
    progress.end();
    classes(out, "truth.tif", &grids.fine, amazon.truth(), amazon.legend())?;
    classes(out, "labels.tif", &grids.fine, amazon.labels(), amazon.legend())?;
    legend(out, amazon.legend())?;
    let config = amazon.config();
    let about = format!(
        "Simulated arc of deforestation of {} pixels of 10 m, seed {}, by ecotone simulate",
        config.size, config.seed
    );
    let collections = vec![
        (sentinel2::COLLECTION, "Simulated Sentinel-2 L2A; no real surface", optical_items),
        (
            RADAR,
            "Simulated Sentinel-1 gamma nought in linear power, unfiltered; no real surface",
            radar_items,
        ),
    ];
    finish(out, "simulated-amazon", &about, collections)?;
    Ok(Made { scenes: scenes + months, fingerprint: amazon.fingerprint()? })
}

fn write_radar(grids: &Grids, scene: &RadarScene, collection: &Path) -> Result<StacItem> {
    let spec = &scene.spec;
    let folder_of_scene = collection.join(&spec.id);
    folder(&folder_of_scene)?;
    let mut assets = BTreeMap::new();
    for (key, name, data) in [("vv", "VV", &scene.vv), ("vh", "VH", &scene.vh)] {
        let path = folder_of_scene.join(format!("{key}.tif"));
        let nodata = Some(Nodata::new(RADAR_NODATA));
        let raster = Raster::new(grids.fine.clone(), 1, data.clone(), nodata)?;
        write_cog(&path, &raster, &CogOptions::default())?;
        let band = AssetBand {
            index: 1,
            name: name.to_owned(),
            common_name: Some(key.to_owned()),
            nodata,
            ..AssetBand::default()
        };
        assets.insert(key.to_owned(), asset(key, "data", &path, grids.fine.clone(), vec![band]));
    }
    let record = Scene {
        id: spec.id.clone(),
        collection: Some(RADAR.to_owned()),
        datetime: spec.datetime,
        platform: Some(spec.platform.to_owned()),
        footprint: footprint(&grids.fine)?,
        cloud_cover: None,
        processing_baseline: None,
        boa_offset_applied: None,
        sun_azimuth: None,
        sun_elevation: None,
        relative_orbit: Some(u32::from(spec.relative_orbit)),
        datatake: None,
        crs: Some(grids.fine.crs().clone()),
        assets,
    };
    // Instrument and product as Sentinel-1 IW GRDH's specification gives them.
    let item = StacItem::new(record, BandStyle::Extensions)
        .with_property("constellation", "sentinel-1")
        .with_property("sar:instrument_mode", "IW")
        .with_property("sar:frequency_band", "C")
        .with_property("sar:center_frequency", 5.405)
        .with_property("sar:polarizations", json!(["VV", "VH"]))
        .with_property("sar:product_type", "RTC")
        .with_property("sar:resolution_range", 20)
        .with_property("sar:resolution_azimuth", 22)
        .with_property("sar:pixel_spacing_range", 10)
        .with_property("sar:pixel_spacing_azimuth", 10)
        .with_property("sar:looks_equivalent_number", RadarSpec::LOOKS)
        .with_property("sar:observation_direction", "right")
        .with_property("sat:orbit_state", "descending");
    let about = |name: &str| format!("{name}: gamma nought, terrain flattened, linear power");
    Ok(item.with_asset_field("vv", "description", about("VV")).with_asset_field(
        "vh",
        "description",
        about("VH"),
    ))
}
