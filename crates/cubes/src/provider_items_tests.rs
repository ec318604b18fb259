//! Real items of the great providers, their files made small: found, masked and turned into reflectance as a job does it.

use super::*;
use crate::band_meaning::BandMeanings;
use crate::mask::{Mask, MaskFormat};
use crate::source_spec::RadarUnits;
use chrono::NaiveDate;
use ecotone_core::{Crs, GeoTransform, Raster, Shape2d};
use ecotone_io::{CogOptions, Pixel, Query, open_catalog, scene_of_item, write_cog};
use ecotone_jobs::reasons;
use ecotone_test_fixtures::Server;
use serde_json::Value;
use std::path::Path;

const SIDE: usize = 12;
const HIDDEN: usize = 4;

/// Pixels of about ten metres in the middle of a scene.
fn grid(scene: &Scene) -> GeoBox {
    let outline = scene.footprint.0.first().unwrap().exterior();
    let corners = || outline.points().skip(1);
    let count = corners().count() as f64;
    let middle =
        XY::new(corners().map(|p| p.x()).sum::<f64>() / count, corners().map(|p| p.y()).sum::<f64>() / count);
    GeoBox::new(Shape2d::new(SIDE, SIDE), GeoTransform::north_up(middle, 1e-4), Crs::epsg(4326))
}

/// Puts a small file in the place of one of a scene, under its own name: so many rows of one value, then of another.
fn put<T: Pixel>(scene: &mut Scene, folder: &Path, key: &str, (first, then): (T, T)) {
    let grid = grid(scene);
    let asset = scene.assets.get_mut(key).unwrap();
    let name = asset.href.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let path = folder.join(name);
    let values = (0..SIDE * SIDE).map(|i| if i / SIDE < HIDDEN { first } else { then }).collect();
    write_cog(&path, &Raster::new(grid, 1, values, None).unwrap(), &CogOptions::default()).unwrap();
    asset.href = path.display().to_string();
}

/// How the numbers of an item's files are stored.
#[derive(Clone, Copy)]
enum Stored {
    Counts(u16),
    Signed(i16),
    Power(f32),
}

/// A layer, and its codes where a cloud is and where none is.
type Hidden<'a> = Option<(&'a str, u16, u16)>;

/// The values of a band, NaN where hidden, and why they are what they are; or why the scene is refused.
type Seen = std::result::Result<(Vec<f32>, String), String>;

/// Puts small files in the places of a band and a mask, and reads them as a job does.
fn read(scene: &mut Scene, band: &str, stored: Stored, hidden: Hidden<'_>, mask: Mask) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    fill(scene, folder.path(), band, stored, hidden)?;
    load(scene, band, stored, mask)
}

fn fill(
    scene: &mut Scene,
    folder: &Path,
    band: &str,
    stored: Stored,
    hidden: Hidden<'_>,
) -> std::result::Result<(), String> {
    let found = scene.band(band).map_err(|error| error.to_string())?.asset.key.clone();
    match stored {
        Stored::Counts(dn) => put(scene, folder, &found, (dn, dn)),
        Stored::Signed(dn) => put(scene, folder, &found, (dn, dn)),
        Stored::Power(power) => put(scene, folder, &found, (power, power)),
    }
    if let Some((layer, cloud, clear)) = hidden {
        let layer = scene.band(layer).map_err(|error| error.to_string())?.asset.key.clone();
        put(scene, folder, &layer, (cloud, clear));
    }
    Ok(())
}

fn load(scene: &Scene, band: &str, stored: Stored, mask: Mask) -> Seen {
    let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let radar = matches!(stored, Stored::Power(_)).then_some(RadarUnits::Auto);
    let spec = SourceSpec { mask, radar, ..SourceSpec::new(&[band], start, 1) };
    let files = DatasetPool::default();
    let meanings = BandMeanings::of(&spec.bands, &[], &[scene]);
    let opened = vec![open_scene(scene, &spec, &meanings, &files)];
    let planned =
        settle(opened, &spec).and_then(|mut all| all.swap_remove(0)).map_err(|error| reasons(&error))?;
    let rules = planned.mask_rule.as_ref().unwrap_or(&spec.mask).rules().map_err(|error| reasons(&error))?;
    let (mut values, mut valid) = (vec![0.0; SIDE * SIDE], vec![false; SIDE * SIDE]);
    planned
        .read(&grid(scene), rules.as_ref(), 0, &files, &mut values, &mut valid)
        .map_err(|error| reasons(&error))?;
    let values = values.into_iter().zip(valid).map(|(value, valid)| if valid { value } else { f32::NAN });
    Ok((values.collect(), planned.bands[0].meaning.reason.clone()))
}

fn document(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/items").join(name);
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

fn item(name: &str) -> Scene {
    scene_of_item(&document(name), "https://example.org/item.json", None).unwrap()
}

fn auto() -> Mask {
    Mask { kind: MaskFormat::Auto, ..Mask::default() }
}

/// Reads an item with the mask of its provider, from a folder and from a server: hidden rows are nothing, others this value,
/// for this reason.
#[track_caller]
fn check(
    name: &str,
    (band, stored): (&str, Stored),
    hidden: Hidden<'_>,
    (provider, expected, because): (&str, f32, &str),
) {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = item(name);
    assert_eq!(scene.known().map(|known| known.provider.name), Some(provider), "{name} as delivered");
    fill(&mut scene, folder.path(), band, stored, hidden).unwrap();
    let server = Server::of(folder.path());
    for scene in [scene.clone(), served(name, &scene, folder.path(), &server)] {
        let (values, reason) = load(&scene, band, stored, auto()).unwrap();
        for (i, value) in values.iter().enumerate() {
            let nothing = hidden.is_some() && i / SIDE < HIDDEN;
            let sound = if nothing { value.is_nan() } else { (value - expected).abs() < 1e-5 };
            assert!(sound, "{name}: row {} reads {value}, expected {expected}", i / SIDE);
        }
        assert!(reason.contains(because), "{name}: {reason}");
        let copied = scene.known().map(|known| known.collection.id);
        assert_eq!(copied, item(name).known().map(|known| known.collection.id), "{name} as a copy");
    }
}

/// The scene of an item that a server has, with the files of a folder beside it.
fn served(name: &str, scene: &Scene, folder: &Path, server: &Server) -> Scene {
    let mut document = document(name);
    for (key, asset) in document["assets"].as_object_mut().unwrap() {
        let file = scene.assets[key].href.rsplit('/').next().unwrap();
        asset["href"] = file.into();
    }
    std::fs::write(folder.join("item.json"), document.to_string()).unwrap();
    let catalog = open_catalog(&server.url("item.json")).unwrap();
    catalog.search(&Query::default()).unwrap().scenes.remove(0)
}

#[test]
fn items_are_read_as_their_providers_count_and_mask() {
    use Stored::{Counts, Power, Signed};
    let scl = |layer| Some((layer, 9, 4));
    let e84 = "earth-search";
    check("earth-search-v0.json", ("B04", Counts(700)), scl("SCL"), ("earth-search-v0", 0.07, "applied"));
    check("earth-search-v1.json", ("B04", Counts(700)), scl("scl"), (e84, 0.07, ""));
    check("sentinel-2-c1.json", ("red", Counts(1700)), scl("scl"), ("de-africa", 0.07, "metadata"));
    check(
        "planetary-computer.json",
        ("B04", Counts(700)),
        scl("SCL"),
        ("planetary-computer", 0.07, "before 04.00"),
    );
    check("cdse.json", ("B04", Counts(1700)), scl("SCL_20m"), ("cdse", 0.07, "metadata"));
    let all_alike = "all items of the collection";
    check("cdse-mosaics.json", ("B04", Signed(700)), None, ("cdse", 0.07, all_alike));
    // QA_PIXEL: clear land of low confidences, then a cloud of high confidence.
    let qa = |layer| Some((layer, 22280, 21824));
    check("usgs.json", ("red", Counts(10_000)), qa("qa_pixel"), ("usgs-landsat", 0.075, all_alike));
    check("usgs-old.json", ("red", Counts(10_000)), qa("QA_PIXEL.TIF"), ("usgs-landsat", 0.075, all_alike));
    check(
        "planetary-computer-landsat.json",
        ("red", Counts(10_000)),
        qa("qa_pixel"),
        (e84, 0.075, "metadata"),
    );
    let fmask = Some(("oa_fmask", 2, 1));
    check("de-australia-s2.json", ("red", Signed(700)), fmask, ("de-australia", 0.07, all_alike));
    check("de-australia-s2.json", ("B08", Signed(3000)), fmask, ("de-australia", 0.3, all_alike));
    check("de-australia-landsat.json", ("nir08", Signed(3000)), fmask, ("de-australia", 0.3, all_alike));
    check("planetary-computer-s1.json", ("VV", Power(0.1)), None, ("planetary-computer", -10.0, "power"));
}

#[test]
fn planetary_computers_numbers_hold_the_offset_and_dark_ones_are_refused() {
    let new = || Scene { processing_baseline: Some("05.09".to_owned()), ..item("planetary-computer.json") };
    let (values, _) = read(&mut new(), "B04", Stored::Counts(1700), Some(("SCL", 9, 4)), auto()).unwrap();
    assert!((values[SIDE * SIDE - 1] - 0.07).abs() < 1e-6);
    let refused = read(&mut new(), "B04", Stored::Counts(300), Some(("SCL", 9, 4)), auto()).unwrap_err();
    assert!(refused.contains("inputs.offset"), "{refused}");
}

#[test]
fn the_default_mask_finds_cdses_and_refuses_others_by_what_to_set() {
    let default = |name: &str, band: &str, layer: &str, codes: (u16, u16)| {
        let hidden = Some((layer, codes.0, codes.1));
        read(&mut item(name), band, Stored::Counts(9_000), hidden, Mask::default())
    };
    let (values, _) = default("cdse.json", "B04", "SCL_20m", (9, 4)).unwrap();
    assert!(values[0].is_nan() && (values[SIDE * SIDE - 1] - 0.8).abs() < 1e-6);
    assert_eq!(
        default("usgs.json", "red", "qa_pixel", (22280, 21824)).unwrap_err(),
        "scene LC08_L2SP_028030_20200114_20200824_02_T1_SR has no `SCL` to tell clouds by; landsat-c2l2-sr of usgs-landsat is \
         masked by `qa_pixel` or `QA_PIXEL.TIF` or `pixel_quality`: set inputs.mask.kind = \"auto\", or kind = \"bits\" with \
         that asset and values = [0, 1, 2, 3, 4]"
    );
    let refused = default("planetary-computer-s1.json", "VV", "VH", (0, 0)).unwrap_err();
    assert!(refused.contains("has no mask: set inputs.mask.kind = \"none\""), "{refused}");
    let mut unknown = item("usgs.json");
    (unknown.id, unknown.collection) = ("mine".to_owned(), None);
    unknown.assets.retain(|key, _| key == "red");
    unknown.assets.values_mut().for_each(|asset| asset.href = "red.tif".to_owned());
    let refused = read(&mut unknown, "red", Stored::Counts(9_000), None, auto()).unwrap_err();
    assert!(refused.contains("by inputs.mask.kind, asset and values"), "{refused}");
}

#[test]
fn by_products_beside_reflectance_are_not_counted_as_such() {
    let mut scene = item("usgs.json");
    let mut opacity = scene.assets["red"].clone();
    opacity.key = "atmos_opacity".to_owned();
    opacity.bands[0] = ecotone_io::AssetBand { index: 1, name: opacity.key.clone(), ..Default::default() };
    scene.assets.insert(opacity.key.clone(), opacity);
    let refused = read(
        &mut scene,
        "atmos_opacity",
        Stored::Counts(9_000),
        None,
        Mask { kind: MaskFormat::None, ..auto() },
    );
    assert!(refused.is_err_and(|refused| refused.contains("inputs.offset")));
}

/// No real item of these is at hand: they follow the collection's own description.
#[test]
fn both_collections_of_hls_are_masked_alike_in_one_job() {
    let bands = [
        ("hls2-s30", "HLS.S30.T35UNQ.2022078T092029.v2.0"),
        ("hls2-l30", "HLS.L30.T35UNQ.2022079T091000.v2.0"),
    ];
    for (collection, id) in bands {
        let mut scene = item("planetary-computer.json");
        (scene.id, scene.collection, scene.processing_baseline) =
            (id.to_owned(), Some(collection.to_owned()), None);
        let mask = scene.assets.remove("SCL").unwrap();
        scene.assets.insert("Fmask".to_owned(), ecotone_io::Asset { key: "Fmask".to_owned(), ..mask });
        scene.assets.get_mut("Fmask").unwrap().bands[0].name = "Fmask".to_owned();
        // Low aerosol (bit 6) is clear, with the bit of cloud it is not.
        let read = read(&mut scene, "B04", Stored::Signed(700), Some(("Fmask", 66, 64)), auto());
        let (values, reason) = read.unwrap();
        assert!(
            values[0].is_nan() && (values[SIDE * SIDE - 1] - 0.07).abs() < 1e-6,
            "{collection}: {values:?}"
        );
        assert!(reason.contains("all items"), "{reason}");
    }
}

#[path = "real_items_tests.rs"]
mod real_items;
