//! Small scenes as providers deliver them, opened, settled and read.

use super::*;
use crate::source_spec::RadarUnits;
use ecotone_core::{Crs, GeoTransform, Nodata, Raster, Shape2d};
use ecotone_io::{Asset, AssetBand, CogOptions, Pixel, write_cog};
use ecotone_jobs::reasons;
use std::collections::BTreeMap;
use std::path::Path;

const SIDE: usize = 64;

/// A Sentinel-2 scene of baseline 05.09 without a file.
pub(crate) fn scene(id: &str) -> Scene {
    Scene {
        id: id.to_owned(),
        collection: Some("sentinel-2-l2a".to_owned()),
        datetime: "2021-05-02T10:00:00Z".parse().unwrap(),
        platform: Some("sentinel-2a".to_owned()),
        footprint: ecotone_io::footprint(&grid()).unwrap(),
        cloud_cover: Some(1.0),
        processing_baseline: Some("05.09".to_owned()),
        boa_offset_applied: None,
        sun_azimuth: None,
        sun_elevation: None,
        relative_orbit: None,
        datatake: None,
        crs: None,
        assets: BTreeMap::new(),
    }
}

pub(crate) fn grid() -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(500_000.0, 5_500_000.0), 20.0);
    GeoBox::new(Shape2d::new(SIDE, SIDE), transform, Crs::epsg(32633))
}

/// Writes a file of a scene whose pixel `(row, col)` has this value.
fn add(
    scene: &mut Scene,
    folder: &Path,
    name: &str,
    nodata: Option<f64>,
    value: impl Fn(usize, usize) -> u16,
) {
    add_as(scene, folder, name, nodata, value);
}

fn add_as<T: Pixel>(
    scene: &mut Scene,
    folder: &Path,
    name: &str,
    nodata: Option<f64>,
    value: impl Fn(usize, usize) -> T,
) {
    let path = folder.join(format!("{}-{name}.tif", scene.id));
    let values = (0..SIDE * SIDE).map(|i| value(i / SIDE, i % SIDE)).collect();
    let raster = Raster::new(grid(), 1, values, nodata.map(Nodata::new)).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    let band = AssetBand { index: 1, name: name.to_owned(), ..AssetBand::default() };
    let (key, href) = (name.to_owned(), path.display().to_string());
    scene.assets.insert(key.clone(), Asset { key, href, bands: vec![band], ..Asset::default() });
}

/// A source of B02 and B04 with some settings as a recipe names them.
pub(crate) fn spec(settings: &[&str]) -> SourceSpec {
    let start = chrono::NaiveDate::from_ymd_opt(2021, 5, 1).unwrap();
    let mut spec = SourceSpec::new(&["B02", "B04"], start, 46);
    for setting in settings {
        let (key, value) = setting.split_once('=').unwrap();
        match key {
            "mask" => spec = spec.unmasked(),
            "offset" => spec.offset = value.to_owned(),
            "bands" => spec.bands = value.split(',').map(str::to_owned).collect(),
            "units" => {
                let units = [RadarUnits::Auto, RadarUnits::Power, RadarUnits::Decibel];
                let place = ["auto", "power", "decibel"].iter().position(|unit| *unit == value).unwrap();
                spec = SourceSpec { radar: Some(units[place]), ..spec.unmasked() };
            }
            other => panic!("no test has {other}"),
        }
    }
    spec
}

/// Plans scenes and reads each on its own grid: the values of B02, NaN where nothing is valid; or why it is refused.
fn read(scenes: &[Scene], settings: &[&str]) -> Vec<std::result::Result<Vec<f32>, String>> {
    let (spec, files) = (spec(settings), DatasetPool::default());
    let meanings = BandMeanings::of(&spec.bands, &[], &scenes.iter().collect::<Vec<_>>());
    let opened = scenes.iter().map(|scene| open_scene(scene, &spec, &meanings, &files)).collect();
    let one = |planned: Result<PlannedScene>| {
        let planned = planned.map_err(|error| reasons(&error))?;
        let (mut values, mut valid) = (vec![0.0; 2 * SIDE * SIDE], vec![false; SIDE * SIDE]);
        let mask = planned.mask_rule.as_ref().unwrap_or(&spec.mask).rules().unwrap();
        let read = planned.read(&grid(), mask.as_ref(), 0, &files, &mut values, &mut valid);
        let seen = read.map_err(|error| reasons(&error))?;
        assert_eq!(seen, valid.contains(&true));
        Ok(values.into_iter().zip(valid).map(|(value, valid)| if valid { value } else { f32::NAN }).collect())
    };
    settle(opened, &spec).unwrap().into_iter().map(one).collect()
}

/// A scene of one number, the first rows of which nobody measured, and nobody says so.
pub(crate) fn half_seen(folder: &Path, id: &str, dn: u16, rows: usize) -> Scene {
    let mut scene = scene(id);
    let measured = |value: u16| move |row: usize, _| if row < rows { 0 } else { value };
    add(&mut scene, folder, "B02", None, measured(dn));
    add(&mut scene, folder, "B04", None, measured(dn));
    add(&mut scene, folder, "SCL", Some(0.0), measured(4));
    scene
}

#[track_caller]
fn check(seen: &std::result::Result<Vec<f32>, String>, rows: usize, expected: f32) {
    let seen = seen.as_ref().unwrap();
    for (i, value) in seen.iter().enumerate() {
        if i / SIDE < rows {
            assert!(value.is_nan(), "row {} reads {value}", i / SIDE);
        } else {
            assert!((value - expected).abs() < 1e-6, "row {} reads {value}, not {expected}", i / SIDE);
        }
    }
}

#[test]
fn ground_that_nobody_measured_is_no_evidence_and_no_value() {
    let folder = tempfile::tempdir().unwrap();
    for rows in [0, 1, 2, 8, 32] {
        let scenes = [half_seen(folder.path(), &format!("r{rows}"), 1500, rows)];
        for settings in [&[][..], &["mask=none"]] {
            check(&read(&scenes, settings)[0], rows, 0.05);
        }
        let mut bare = scenes[0].clone();
        bare.assets.remove("SCL");
        check(&read(&[bare], &["mask=none"])[0], rows, 0.05);
    }
}

#[test]
fn zeros_of_esa_are_nothing_whatever_else_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene("s");
    for name in ["B02", "B04"] {
        add(&mut scene, folder.path(), name, Some(65_535.0), |row, _| if row < 8 { 0 } else { 1500 });
    }
    check(&read(&[scene.clone()], &["mask=none"])[0], 8, 0.05);
    add(&mut scene, folder.path(), "SCL", Some(0.0), |row, _| if row < 8 { 0 } else { 4 });
    check(&read(&[scene], &["mask=none"])[0], 8, 0.05);
}

#[test]
fn zeros_and_clouds_do_not_make_counts_reflectance() {
    let folder = tempfile::tempdir().unwrap();
    let mut zeros = scene("zeros");
    let mut clouds = scene("clouds");
    for name in ["B02", "B04"] {
        add_as(&mut zeros, folder.path(), name, None, |row, _| if row < 40 { 0.0f32 } else { 1500.0 });
        add_as(&mut clouds, folder.path(), name, None, |_, _| 1500.0f32);
    }
    add(&mut clouds, folder.path(), "SCL", Some(0.0), |_, _| 9);
    check(&read(&[zeros], &["mask=none"])[0], 40, 0.05);
    check(&read(&[clouds], &["mask=none"])[0], 0, 0.05);
}

#[test]
fn hidden_ground_is_no_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene("shadow");
    // Cloud shadows darker than any offset lets ground be.
    for name in ["B02", "B04"] {
        add(&mut scene, folder.path(), name, Some(0.0), |row, _| if row < 16 { 300 } else { 1500 });
    }
    add(&mut scene, folder.path(), "SCL", Some(0.0), |row, _| if row < 16 { 3 } else { 4 });
    let scenes = [scene];
    check(&read(&scenes, &[])[0], 16, 0.05);
    let unmasked = read(&scenes, &["mask=none"]);
    assert!((unmasked[0].as_ref().unwrap()[SIDE * SIDE - 1] - 0.05).abs() < 1e-6);
}

#[test]
fn a_single_zero_is_nothing_only_where_esa_counts_from_one() {
    let folder = tempfile::tempdir().unwrap();
    let zero_in_red = |id: &str, dn: u16| {
        let mut scene = scene(id);
        add(&mut scene, folder.path(), "B02", None, move |_, _| dn);
        add(&mut scene, folder.path(), "B04", None, move |row, _| if row < 4 { 0 } else { dn });
        scene
    };
    let with_offset = read(&[zero_in_red("esa", 1500)], &["mask=none"]);
    check(&with_offset[0], 4, 0.05);
    // Somebody took the offset out and cut what was below it: dark ground.
    let without = read(&[zero_in_red("harmonised", 500)], &["mask=none"]);
    check(&without[0], 0, 0.05);
}

#[test]
fn scenes_of_one_kind_are_decided_together_and_a_stray_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scenes = ["a", "b", "c"].map(|id| half_seen(folder.path(), id, 1500, 0));
    let stray = half_seen(folder.path(), "stray", 500, 0);
    let bright = half_seen(folder.path(), "bright", 5000, 0);
    let [a, b, c] = scenes;
    let seen = read(&[a.clone(), stray.clone(), b, bright.clone(), c], &[]);
    for place in [0, 2, 4] {
        check(&seen[place], 0, 0.05);
    }
    check(&seen[3], 0, 0.4);
    let refused = seen[1].as_ref().unwrap_err();
    assert!(
        refused.starts_with("scene stray: its pixels and those of its kin disagree")
            && refused.contains("5 scenes"),
        "{refused}"
    );
    // Bright ground takes the answer of the dark one, whichever it is.
    let seen = read(&[bright.clone(), stray], &[]);
    check(&seen[0], 0, 0.5);
    check(&seen[1], 0, 0.05);
    // Of another kind it stands alone.
    let other = Scene { processing_baseline: Some("05.10".to_owned()), ..a };
    let seen = read(&[other, bright], &["offset=pixels"]);
    check(&seen[0], 0, 0.05);
    assert!(seen[1].is_err());
}

#[test]
fn each_band_has_its_own_scale() {
    let folder = tempfile::tempdir().unwrap();
    let mut landsat = scene("LC09_L2SP_191025_20210502_02_T1");
    landsat.platform = Some("landsat-9".to_owned());
    landsat.collection = Some("landsat-c2-l2".to_owned());
    landsat.processing_baseline = None;
    for (name, dn, scale, offset) in [("red", 10_000, 2.75e-5, -0.2), ("lwir11", 44_000, 0.00341802, 149.0)] {
        add(&mut landsat, folder.path(), name, Some(0.0), move |_, _| dn);
        let band = &mut landsat.assets.get_mut(name).unwrap().bands[0];
        (band.scale, band.offset) = (Some(scale), Some(offset));
    }
    for (bands, first) in [("red,lwir11", 0.075), ("lwir11,red", 299.393)] {
        let settings = [&format!("bands={bands}"), "mask=none"];
        let seen = read(std::slice::from_ref(&landsat), &settings);
        assert!((seen[0].as_ref().unwrap()[0] - first).abs() < 1e-3, "{bands}: {:?}", seen[0]);
    }
    landsat.assets.values_mut().for_each(|asset| asset.bands[0].scale = None);
    landsat.assets.values_mut().for_each(|asset| asset.bands[0].offset = None);
    // The provider counts all items alike.
    let silent = read(std::slice::from_ref(&landsat), &["bands=red,lwir11", "mask=none"]);
    assert!((silent[0].as_ref().unwrap()[0] - 0.075).abs() < 1e-6, "{silent:?}");
    // Of what nobody is known for nothing is.
    let (id, collection) = ("mine".to_owned(), None);
    let mut own = Scene { id, collection, assets: BTreeMap::new(), ..landsat };
    for name in ["red", "lwir11"] {
        add(&mut own, folder.path(), name, Some(0.0), |_, _| 10_000);
    }
    let silent = read(&[own], &["bands=red,lwir11", "mask=none"]);
    assert!(silent[0].as_ref().is_err_and(|refused| refused.contains("-7272.727")));
}

#[test]
fn floating_point_numbers_are_what_their_pixels_are() {
    let folder = tempfile::tempdir().unwrap();
    let of = |id: &str, value: f32| {
        let mut scene = scene(id);
        for name in ["B02", "B04"] {
            add_as(
                &mut scene,
                folder.path(),
                name,
                None,
                move |row, _| if row < 8 { f32::NAN } else { value },
            );
        }
        scene
    };
    let seen = read(&[of("reflectance", 0.05), of("counts", 1500.0)], &["mask=none"]);
    check(&seen[0], 8, 0.05);
    check(&seen[1], 8, 0.05);
}

#[test]
fn radar_that_nobody_measured_is_neither_evidence_nor_value() {
    let folder = tempfile::tempdir().unwrap();
    let mut radar = scene("S1A_1");
    radar.platform = Some("sentinel-1a".to_owned());
    for name in ["VV", "VH"] {
        add_as(&mut radar, folder.path(), name, None, |row, _| if row < 40 { 0.0f32 } else { -12.0 });
    }
    let settings = ["bands=VV,VH"];
    for units in ["auto", "decibel"] {
        let units = format!("units={units}");
        let seen = read(std::slice::from_ref(&radar), &[&settings[..], &[units.as_str()]].concat());
        check(&seen[0], 40, -12.0);
    }
}

#[test]
fn a_picture_holds_no_offset() {
    let folder = tempfile::tempdir().unwrap();
    let mut picture = scene("picture");
    for name in ["tci-r", "tci-g"] {
        add_as(&mut picture, folder.path(), name, Some(0.0), |_, _| 51u8);
    }
    let settings = ["bands=tci-r,tci-g", "mask=none"];
    check(&read(&[picture], &settings)[0], 0, 0.2);
}
