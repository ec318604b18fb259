//! The STAC record of a map.

use crate::run_folder::RunFolder;
use crate::{Error, Result};
use chrono::{NaiveDate, NaiveTime};
use ecotone_core::{GeoBox, Legend};
use ecotone_io::{Asset, AssetBand, BandStyle, Scene, StacItem, footprint, gsd_metres};
use std::collections::BTreeMap;

/// Writes map.json for map.tif, confidence.tif and, where it is there, probabilities.tif, of a series from one day to the day
/// after its last.
///
/// # Errors
/// When the grid cannot be told in degrees, or the file cannot be written.
pub fn write_map_item(
    folder: &RunFolder,
    geobox: &GeoBox,
    legend: &Legend,
    (start, end): (NaiveDate, NaiveDate),
) -> Result<()> {
    let names: Vec<String> = legend.entries().iter().map(|entry| entry.name.clone()).collect();
    let files = [
        ("map", vec!["class".to_owned()]),
        ("confidence", vec!["confidence".to_owned()]),
        ("probabilities", names),
    ];
    let mut assets = BTreeMap::new();
    for (key, bands) in files {
        let path = folder.file(&format!("{key}.tif"));
        if !path.exists() {
            continue;
        }
        // The record says where it lies relative to itself, which takes a whole path.
        let href = std::path::absolute(&path).map_err(|source| Error::WriteFile { path, source })?;
        let band = |(place, name): (usize, &String)| AssetBand {
            index: place + 1,
            name: name.clone(),
            ..AssetBand::default()
        };
        assets.insert(
            key.to_owned(),
            Asset {
                key: key.to_owned(),
                href: href.display().to_string(),
                media_type: Some("image/tiff; application=geotiff; profile=cloud-optimized".to_owned()),
                roles: vec!["data".to_owned()],
                gsd: Some(gsd_metres(geobox)?),
                bands: bands.iter().enumerate().map(band).collect(),
                geobox: Some(geobox.clone()),
            },
        );
    }
    let instant = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let scene = Scene {
        id: folder
            .root()
            .file_name()
            .map_or_else(|| "map".to_owned(), |name| name.to_string_lossy().into_owned()),
        collection: None,
        datetime: instant(start),
        platform: None,
        footprint: footprint(geobox)?,
        cloud_cover: None,
        processing_baseline: None,
        boa_offset_applied: None,
        sun_azimuth: None,
        sun_elevation: None,
        relative_orbit: None,
        datatake: None,
        crs: Some(geobox.crs().clone()),
        assets,
    };
    let item = StacItem::new(scene, BandStyle::Bands)
        .with_property("start_datetime", instant(start).to_rfc3339())
        .with_property("end_datetime", instant(end).to_rfc3339())
        .with_classes("map", legend);
    item.write(folder.file("map.json"))?;
    Ok(())
}
