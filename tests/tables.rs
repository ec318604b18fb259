//! Tables as people have them: what spreadsheets and other programs write is read, or refused with what to do.

use crate::harness::{Place, Said, bytes, json, real_data, run, scratch, small_legend, small_map};
use std::fs;
use std::path::{Path, PathBuf};

/// A map of ten by ten pixels of class 1, in the west, and 2.
fn map(folder: &Path, place: Place) -> PathBuf {
    let codes: Vec<u8> = (0..100).map(|pixel| if pixel % 10 < 5 { 1 } else { 2 }).collect();
    small_map(folder, "map", place, 10, &codes)
}

fn assess(folder: &Path, map: &Path, points: &Path, more: &[&str]) -> Said {
    let out = folder.join("out");
    let [map, points, legend, out] =
        [map, points, &folder.join("legend.csv"), &out].map(|path| path.display().to_string());
    let words = ["assess", &map, "--reference", &points, "--legend", &legend, "--out", &out, "--force"];
    run(&words.iter().chain(more).collect::<Vec<_>>())
}

/// Points of a spreadsheet that is cut at semicolons, has decimal commas, class names and empty rows, and those of a plain
/// CSV come to the same.
#[test]
fn points_of_a_spreadsheet_are_those_of_a_plain_table() {
    let folder = scratch();
    let folder = folder.path();
    small_legend(folder);
    let map = map(folder, crate::harness::UTM);
    let points = folder.join("points.csv");
    let plain = "x,y,code\n500010.5,5499990,1\n500150.5,5499950,1\n500190.5,5499910,2\n";
    fs::write(&points, plain).unwrap();
    assess(folder, &map, &points, &[]).exits(0);
    let expected = ["metrics.json", "points.csv"].map(|name| bytes(&folder.join("out").join(name)));
    let odd = "sep=;\r\nX;Y;Code;note\r\n500010,5;5499990;Forest;\r\n;;;\r\n500150,5;5499950;1,0;Stra\u{df}e\r\n\
               500190,5;5499910;field;\r\n;;;\r\n";
    fs::write(&points, odd).unwrap();
    assess(folder, &map, &points, &[]).exits(0);
    for (name, expected) in ["metrics.json", "points.csv"].iter().zip(&expected) {
        assert_eq!(&bytes(&folder.join("out").join(name)), expected, "{name}");
    }
    let windows: Vec<u8> = odd.chars().map(|c| c as u8).collect();
    fs::write(&points, windows).unwrap();
    assess(folder, &map, &points, &[]).exits(1).names(&[
        "points.csv",
        "line 5 is neither UTF-8",
        "FILE#cp1252",
    ]);
    let told = folder.join("points.csv#cp1252");
    assess(folder, &map, &told, &[]).exits(0);
    assert_eq!(bytes(&folder.join("out/points.csv")), expected[1]);
}

#[test]
fn coordinates_that_cannot_be_meant_get_a_hint() {
    let folder = scratch();
    let folder = folder.path();
    small_legend(folder);
    let map = map(folder, crate::harness::UTM);
    let points = folder.join("points.csv");
    fs::write(&points, "x,y,code\n15.0001,49.6,1\n15.0002,49.6,2\n").unwrap();
    assess(folder, &map, &points, &[]).exits(1).names(&["15.0001,49.6", "are degrees", "`lon,lat`"]);
    fs::write(&points, "lon,lat,code\n49.6,115,1\n").unwrap();
    assess(folder, &map, &points, &[]).exits(1).names(&["line 2", "column `lat`", "swapped?"]);
    fs::write(&points, "x;y,code\n500010;5499990,1\n").unwrap();
    assess(folder, &map, &points, &[]).exits(1).names(&["`x;y,code` may be cut at `,` or at `;`", "sep=,"]);
}

/// What stands in a published table of reference points is scored as it is.
#[track_caller]
fn check(name: &str, column: &str, classes: &str, place: Place, scored: u64) {
    let Some(data) = real_data() else { return };
    let folder = scratch();
    let folder = folder.path();
    fs::write(folder.join("legend.csv"), format!("code,name,color\n{classes}")).unwrap();
    let map = map(folder, place);
    // A class 0 of the table's is no nodata of the map's.
    fs::write(&map, fs::read_to_string(&map).unwrap().replace("<NoDataValue>0</NoDataValue>", "")).unwrap();
    let points = data.join("real-files/points").join(name);
    assess(folder, &map, &points, &["--code-column", column]).exits(0);
    let found = json(&folder.join("out/metrics.json"));
    assert_eq!(found["points"]["scored"].as_u64(), Some(scored), "{found}");
}

#[test]
fn published_points_are_read_as_they_are() {
    let degrees = |east, north, side| Place { crs: "EPSG:4326", east, north, side };
    let amazon = "1,Forest,#000000\n2,Pasture,#000001\n3,Deforestation,#000002\n4,NatNonForest,#000003\n";
    check("samples_amazonia.csv", "label", amazon, degrees(-65.5, -9.5, 0.2), 50);
    let crops = "1,Forest,#000000\n2,Pasture,#000001\n3,Soy_Corn,#000002\n4,Cerrado,#000003\n";
    check("samples_sinop_crop.csv", "label", crops, degrees(-56.0, -11.0, 0.1), 18);
    let fields = "1,Crop,#000000\n2,Non-crop,#000001\n";
    let asked = "Do you see *active* cropland at this point in 2020?";
    check("ceo-tigray.csv", asked, fields, degrees(36.0, 15.0, 0.4), 200);
    let numbers = "0,other,#000000\n1,crop,#000001\n2,none,#000002\n";
    check("points_2022_EastSudan_50subset_v3.csv", "label", numbers, degrees(32.5, 16.0, 0.5), 546);
}

#[test]
fn a_table_of_areas_and_a_style_of_words_say_what_they_lack() {
    let Some(data) = real_data() else { return };
    let folder = scratch();
    let folder = folder.path();
    small_legend(folder);
    let map = map(folder, crate::harness::UTM);
    let areas = data.join("real-files/points/area-sudan-22sept2024.csv");
    assess(folder, &map, &areas, &[]).exits(1).names(&["Year,AlJazirah crop area", "`x,y`, `lon,lat` or"]);
    fs::copy(data.join("real-files/legends/landcover_potsdam_point.level_1.qml"), folder.join("legend.qml"))
        .unwrap();
    let out = folder.join("out").display().to_string();
    let legend = folder.join("legend.qml").display().to_string();
    let map = map.display().to_string();
    let words = ["assess", &map, "--reference", &map, "--legend", &legend, "--out", &out, "--force"];
    run(&words)
        .exits(1)
        .names(&["legend.qml: `impervious` (impervious) is no class code", "code,name,color"]);
}
