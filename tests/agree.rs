//! Maps compared with maps: two of them, a series, on unlike grids, and where there is nothing to compare.

use crate::harness::{Place, Said, UTM, json, real_data, run, scratch, small_legend, small_map};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

#[track_caller]
fn agree(maps: &[&Path], legend: &Path, out: &Path, more: &[&str]) -> Said {
    let mut words: Vec<&OsStr> = vec!["agree".as_ref()];
    words.extend(maps.iter().map(|map| map.as_os_str()));
    words.extend([OsStr::new("--legend"), legend.as_os_str(), OsStr::new("--out"), out.as_os_str()]);
    words.extend(more.iter().map(OsStr::new));
    run(&words)
}

#[test]
fn two_maps_of_known_pixels() {
    let folder = scratch();
    let legend = small_legend(folder.path());
    let first = small_map(folder.path(), "first", UTM, 4, &[1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 3, 0]);
    let second = small_map(folder.path(), "second", UTM, 4, &[1, 2, 2, 2, 1, 1, 1, 2, 1, 1, 2, 3]);
    let out = folder.path().join("out");
    let said = agree(&[&first, &second], &legend, &out, &["--tolerance", "0"]).exits(0);
    assert_eq!(said.fact("overall agreement"), "72.7 %");

    let found = json(&out.join("agreement.json"));
    assert_eq!(
        found["overall_agreement"],
        8.0 / 11.0,
        "the pixel without a class in the first does not count"
    );
    assert_eq!(found["fuzzy_agreement"], 8.0 / 11.0);
    assert_eq!(found["pixel_area_ha"], 0.04);
    // 6, 4, 1 pixels against 6, 5, 0: one pixel more of one class; one pair swaps.
    assert_eq!(found["quantity_disagreement"], 1.0 / 11.0);
    assert_eq!(found["allocation_disagreement"], 2.0 / 11.0);
    assert_eq!(found["exchange"], 2.0 / 11.0);
    let table = fs::read_to_string(out.join("agreement.csv")).unwrap();
    let expected =
        "code,class,first-second\n1,forest,0.833333\n2,field,0.666667\n3,water,0.000000\n,Overall,0.727273\n";
    assert_eq!(table, expected);
    let flows = fs::read_to_string(out.join("transitions.csv")).unwrap();
    assert!(flows.contains("first,second,3,water,2,field,1,0.0400,1.000000\n"), "{flows}");
    assert!(!out.join("changes.tif").exists());
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("forest to field: 0.04 ha"));

    agree(&[&first, &second], &legend, &out, &[]).exits(1).names(&["--force"]);
    agree(&[&first, &second], &legend, &out, &["--force"]).exits(0);
    let fuzzy = json(&out.join("agreement.json"))["fuzzy_agreement"].as_f64().unwrap();
    assert!(fuzzy > 8.0 / 11.0, "within a pixel more agrees: {fuzzy}");
}

#[test]
fn a_series_counts_changes() {
    let folder = scratch();
    let legend = small_legend(folder.path());
    let maps = [("a", [1, 1, 2, 3]), ("b", [1, 2, 2, 0]), ("c", [1, 1, 3, 3])]
        .map(|(name, codes)| small_map(folder.path(), name, UTM, 2, &codes));
    let maps: Vec<&Path> = maps.iter().map(|map| map.as_path()).collect();
    let out = folder.path().join("out");
    agree(&maps, &legend, &out, &["--names", "2018,2019,2020"]).exits(0);
    let changes = fs::read_to_string(out.join("changes.csv")).unwrap();
    assert_eq!(
        changes,
        "changes,pixels,share,area_ha\n0,1,0.333333,0.0400\n1,1,0.333333,0.0400\n2,1,0.333333,0.0400\n"
    );
    assert!(out.join("changes.tif").exists());
    let found = json(&out.join("agreement.json"));
    assert_eq!(found["overall_agreement"], 3.0 / 6.0, "2 of 3, then 1 of 3");
    assert_eq!((&found["incomplete_pixels"], &found["stable_share"]), (&1.into(), &(1.0 / 3.0).into()));
    let table = fs::read_to_string(out.join("agreement.csv")).unwrap();
    assert!(table.starts_with("code,class,2018-2019,2019-2020,2018-2020\n"), "steps first: {table}");
    assert!(table.ends_with(",Overall,0.666667,0.333333,0.750000\n"), "{table}");
}

#[test]
fn a_map_in_another_system_is_warped_and_that_is_said() {
    const MOVED: &str = "+proj=tmerc +lat_0=0 +lon_0=15 +k=0.9996 +x_0=600000 +y_0=0 +datum=WGS84 +units=m";
    let folder = scratch();
    let legend = small_legend(folder.path());
    let codes: Vec<u8> = (0..256).map(|pixel| 1 + (pixel % 16 / 8 + pixel / 128) as u8 % 2).collect();
    let first = small_map(folder.path(), "first", UTM, 16, &codes);
    let place = Place { crs: MOVED, east: 600_000.0, ..UTM };
    let second = small_map(folder.path(), "second", place, 16, &codes);
    let out = folder.path().join("out");
    let said = agree(&[&first, &second], &legend, &out, &[]).exits(0);
    assert!(said.fact("grids").contains("second") && said.fact("grids").contains("nearest"));
    assert_eq!(json(&out.join("agreement.json"))["overall_agreement"], 1.0);
}

#[test]
fn only_what_the_mask_leaves_is_compared() {
    let folder = scratch();
    let legend = small_legend(folder.path());
    let first = small_map(folder.path(), "first", UTM, 2, &[1, 1, 2, 2]);
    let second = small_map(folder.path(), "second", UTM, 2, &[1, 2, 2, 1]);
    let mask = small_map(folder.path(), "mask", UTM, 2, &[3, 1, 3, 1]);
    let (out, mask) = (folder.path().join("out"), format!("{}=3", mask.display()));
    agree(&[&first, &second], &legend, &out, &["--mask", &mask]).exits(0);
    assert_eq!(json(&out.join("agreement.json"))["overall_agreement"], 1.0);
    agree(&[&first, &second], &legend, &out, &["--force", "--mask", "mask.tif"])
        .exits(1)
        .names(&["RASTER=VALUE"]);
}

#[test]
fn what_cannot_be_compared_is_named() {
    let folder = scratch();
    let legend = small_legend(folder.path());
    let first = small_map(folder.path(), "first", UTM, 2, &[1, 1, 2, 2]);
    let strange = small_map(folder.path(), "strange", UTM, 2, &[1, 1, 9, 2]);
    let far = small_map(folder.path(), "far", Place { east: 600_000.0, ..UTM }, 2, &[1, 1, 2, 2]);
    let out = folder.path().join("out");
    let refused = |second: &Path, more: &[&str], words: &[&str]| {
        let said = agree(&[&first, second], &legend, &out, more).exits(1).names(words);
        said.message(&[]);
        assert!(!out.join("agreement.json").exists());
    };
    refused(&strange, &[], &["strange.vrt", "code 9", "1, 2, 3"]);
    refused(&far, &[], &["first.vrt", "far.vrt", "share no pixel"]);
    refused(&first, &["--names", "one"], &["--names", "2 names"]);
    refused(&first, &["--tolerance", "65"], &["--tolerance", "0 to 64"]);
    let nowhere = folder.path().join("nowhere.vrt");
    fs::write(&nowhere, fs::read_to_string(&first).unwrap().replace("<SRS>EPSG:32633</SRS>", "")).unwrap();
    refused(&nowhere, &[], &["nowhere.vrt", "without georeference"]);
    run(&[
        "agree".as_ref(),
        first.as_os_str(),
        "--legend".as_ref(),
        legend.as_os_str(),
        "--out".as_ref(),
        out.as_os_str(),
    ])
    .exits(1)
    .names(&["MAP"]);
}

#[test]
fn the_two_maps_of_toulouse_agree_on_83_9_percent() {
    let Some(data) = real_data() else { return };
    let data = data.join("temporalcnn-formosat2-toulouse");
    let folder = scratch();
    let legend = folder.path().join("legend.csv");
    let classes = fs::read_to_string(data.join("class_map.txt")).unwrap();
    fs::write(&legend, classes.replacen("value,class,colour", "code,name,color", 1)).unwrap();
    let (maps, out) = ([data.join("rf_map.tif"), data.join("tempcnn_map.tif")], folder.path().join("out"));
    // They declare no nodata, which is 0, and lie nowhere.
    let said = agree(&[&maps[0], &maps[1]], &legend, &out, &[]).exits(0);
    assert_eq!(said.fact("overall agreement"), "83.9 %");
    let found = json(&out.join("agreement.json"));
    assert_eq!(found["complete_pixels"], 8_705_159);
    assert_eq!(found["pixel_area_ha"], serde_json::Value::Null);
}
