//! Codes of all types, what stands for nothing in them, and masks inside files: counted alike by every command.

use crate::harness::{Catalogue, Said, catalogue, json, recipe, run, scenes, scratch, small_legend};
use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};

/// A map of 4 x 4 pixels of 20 m.
#[derive(Debug, Clone)]
struct Map<'a> {
    /// GDAL's name of the type.
    kind: &'a str,
    nodata: Option<&'a str>,
    codes: [i64; 16],
    /// Pixels that a mask of the file hides.
    hidden: &'a [usize],
    /// Metres to the east of the others.
    aside: f64,
}

const BYTES: Map<'_> = Map {
    kind: "Byte",
    nodata: None,
    codes: [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 1, 1, 3, 3, 2, 2],
    hidden: &[],
    aside: 0.0,
};

impl Map<'_> {
    /// Writes it; gives its path.
    fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let bytes = |value: i64| match self.kind {
            "Byte" => vec![value as u8],
            "Int16" => (value as i16).to_le_bytes().to_vec(),
            "Float32" => (value as f32).to_le_bytes().to_vec(),
            "CFloat32" => [(value as f32).to_le_bytes(), [0; 4]].concat(),
            _ => value.to_le_bytes().to_vec(),
        };
        let size = bytes(0).len();
        let raw = |file: &str, size: usize| {
            format!(
                "<SourceFilename relativetoVRT=\"1\">{name}.{file}</SourceFilename><ImageOffset>0</ImageOffset>\
                 <PixelOffset>{size}</PixelOffset><LineOffset>{}</LineOffset><ByteOrder>LSB</ByteOrder>",
                4 * size
            )
        };
        fs::write(folder.join(format!("{name}.bytes")), self.codes.map(bytes).concat()).unwrap();
        let mut mask = String::new();
        if !self.hidden.is_empty() {
            let shown: Vec<u8> = (0..16).map(|i| if self.hidden.contains(&i) { 0 } else { 255 }).collect();
            fs::write(folder.join(format!("{name}.mask")), shown).unwrap();
            mask = format!(
                "<MaskBand><VRTRasterBand dataType=\"Byte\" subClass=\"VRTRawRasterBand\">{}</VRTRasterBand></MaskBand>",
                raw("mask", 1)
            );
        }
        let nodata =
            self.nodata.map_or(String::new(), |nodata| format!("<NoDataValue>{nodata}</NoDataValue>"));
        let text = format!(
            "<VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"><SRS>EPSG:32633</SRS>\
             <GeoTransform>{}, 20, 0, 5500000, 0, -20</GeoTransform>\
             <VRTRasterBand dataType=\"{}\" band=\"1\" subClass=\"VRTRawRasterBand\">{nodata}{}</VRTRasterBand>\
             {mask}</VRTDataset>",
            500_000.0 + self.aside,
            self.kind,
            raw("bytes", size)
        );
        let path = folder.join(format!("{name}.vrt"));
        fs::write(&path, text).unwrap();
        path
    }
}

/// A legend with a class 0 beside those of the others.
fn legend_with_zero(folder: &Path) -> PathBuf {
    let path = folder.join("zero.csv");
    fs::write(&path, "code,name,color\n0,bare,#aaaaaa\n1,forest,#006400\n2,field,#ffd700\n3,water,#0000c8\n")
        .unwrap();
    path
}

/// A command with `--legend`, `--out` a new place of the folder, and more.
fn command(words: &[&str], maps: &[&Path], legend: &Path, out: &Path, more: &[&str]) -> Said {
    let mut all: Vec<&std::ffi::OsStr> = words.iter().map(AsRef::as_ref).collect();
    all.extend(maps.iter().map(|map| map.as_os_str()));
    all.extend(["--legend".as_ref(), legend.as_os_str(), "--out".as_ref(), out.as_os_str()]);
    all.extend(more.iter().map(|word| std::ffi::OsStr::new(*word)));
    run(&all)
}

/// `ecotone assess` of a map against a reference; gives what it said and its folder.
fn assess(map: &Path, reference: &Path, legend: &Path, more: &[&str]) -> (Said, PathBuf) {
    let out = map.with_file_name("assessed");
    let reference = reference.display().to_string();
    let more = [&["--reference", &reference, "--force"], more].concat();
    (command(&["assess"], &[map], legend, &out, &more), out)
}

fn scored(folder: &Path) -> (u64, f64) {
    let metrics = json(&folder.join("metrics.json"));
    (metrics["pixels"].as_u64().unwrap(), metrics["overall_accuracy"].as_f64().unwrap())
}

#[test]
fn a_nodata_that_is_a_class_is_refused_by_every_command() {
    let folder = scratch();
    let legend = legend_with_zero(folder.path());
    let zeros = BYTES.codes.map(|code| if code == 3 { 0 } else { code });
    let map = Map { codes: zeros, nodata: Some("0"), ..BYTES }.write(folder.path(), "map");
    let sound = Map { codes: zeros, ..BYTES }.write(folder.path(), "sound");
    let (said, _) = assess(&map, &sound, &legend, &[]);
    assert_snapshot!("nodata-is-a-class", said.exits(1).message(&[(folder.path(), "FOLDER")]));
    let says = ["declares 0 as nodata, which is the class `bare`", "-unsetnodata", "--ignore 0"];
    assess(&sound, &map, &legend, &[]).0.exits(1).names(&says);
    let out = |name: &str| folder.path().join(name);
    let crosswalk = |more: &[&str]| {
        let (legend, out) = (legend.display().to_string(), out("walked.tif").display().to_string());
        let map = map.display().to_string();
        let words = ["label", "crosswalk", &map, "--from", &legend, "--to", &legend, "--out", &out];
        run(&[&words, more].concat())
    };
    command(&["agree"], &[&sound, &map], &legend, &out("agreed"), &[]).exits(1).names(&says);
    command(&["label", "stable"], &[&sound, &map], &legend, &out("stable.tif"), &[]).exits(1).names(&says);
    command(&["sample", "draw"], &[&map], &legend, &out("points.csv"), &["--units", "4"])
        .exits(1)
        .names(&says);
    crosswalk(&[]).exits(1).names(&says);

    // Who says that it stands for nothing is believed.
    let ignore = ["--ignore", "0"];
    let (said, assessed) = assess(&map, &sound, &legend, &ignore);
    said.exits(0);
    assert_eq!(scored(&assessed), (12, 1.0));
    command(&["agree"], &[&sound, &map], &legend, &out("agreed"), &ignore).exits(0);
    assert_eq!(json(&out("agreed").join("agreement.json"))["complete_pixels"], 12);
    let said = command(&["label", "stable"], &[&sound, &map], &legend, &out("stable.tif"), &ignore).exits(0);
    assert_eq!(said.fact("stable"), "12 pixels (100.00 %)");
    command(&["sample", "draw"], &[&map], &legend, &out("points.csv"), &["--units", "4", "--ignore", "0"])
        .exits(0);
    assert_eq!(crosswalk(&ignore).exits(0).fact("1 forest"), "6 pixels (37.50 %)");
    // Without the declaration it is a class like any other.
    let (said, assessed) = assess(&sound, &sound, &legend, &[]);
    said.exits(0);
    assert_eq!(scored(&assessed), (16, 1.0));
}

#[test]
fn further_codes_stand_for_nothing_where_that_is_said() {
    let folder = scratch();
    let legend = small_legend(folder.path());
    let mut codes = BYTES.codes;
    (codes[0], codes[15]) = (255, 48);
    let map = Map { codes, nodata: Some("255"), ..BYTES }.write(folder.path(), "map");
    let reference = BYTES.write(folder.path(), "reference");
    assess(&map, &reference, &legend, &[]).0.exits(1).names(&["holds code 48"]);
    let (said, assessed) = assess(&map, &reference, &legend, &["--ignore=48,99,-1"]);
    said.exits(0);
    assert_eq!(scored(&assessed), (14, 1.0), "the declared nodata counts besides");

    let walk = |map: &Path, from: &str, more: &[&str]| {
        let (map, out) = (map.display().to_string(), folder.path().join("out.tif").display().to_string());
        let words =
            ["label", "crosswalk", &map, "--from", from, "--to", "worldcover", "--force", "--out", &out];
        run(&[&words, more].concat())
    };
    let mut codes = [23; 16];
    codes[..3].copy_from_slice(&[48, 255, 12]);
    let corine = Map { codes, nodata: Some("255"), ..BYTES }.write(folder.path(), "corine");
    walk(&corine, "corine", &[]).exits(1).names(&["48 (1 pixel)", "--ignore"]);
    for more in [["--nodata", "48"], ["--ignore", "48"]] {
        let said = walk(&corine, "corine", &more).exits(0);
        assert_eq!(said.fact("nodata 0"), "2 pixels (12.50 %), 0 of them of classes that are dropped");
    }
    // The product's own 0 beside the nodata that the file declares.
    let mut codes = [20; 16];
    codes[..3].copy_from_slice(&[0, 255, 111]);
    let cgls = Map { codes, nodata: Some("255"), ..BYTES }.write(folder.path(), "cgls");
    let said = walk(&cgls, "cgls-lc100", &[]).exits(0);
    assert_eq!(said.fact("nodata 0"), "2 pixels (12.50 %), 0 of them of classes that are dropped");
}

#[test]
fn codes_of_any_type_are_scored_and_complex_ones_refused_by_name() {
    let folder = scratch();
    let legend = legend_with_zero(folder.path());
    let zeros = BYTES.codes.map(|code| if code == 3 { 0 } else { code });
    let reference = Map { codes: zeros, ..BYTES }.write(folder.path(), "reference");
    for kind in ["Int64", "Int16", "Float32"] {
        let mut codes = zeros;
        (codes[0], codes[5]) = (-9999, -9999);
        let map = Map { kind, codes, nodata: Some("-9999"), ..BYTES }.write(folder.path(), kind);
        for (map, reference) in [(&map, &reference), (&reference, &map)] {
            let (said, assessed) = assess(map, reference, &legend, &[]);
            said.exits(0);
            assert_eq!(scored(&assessed), (14, 1.0), "{kind}");
        }
        // A file that says what stands for nothing does not mean a code by it that the legend lacks.
        let three = small_legend(folder.path());
        assess(&map, &map, &three, &[]).0.exits(1).names(&["holds code 0", "--ignore 0"]);
    }
    let complex = Map { kind: "CFloat32", ..BYTES }.write(folder.path(), "complex");
    for (map, reference) in [(&complex, &reference), (&reference, &complex)] {
        let says = ["complex.vrt is complex, expected whole or real numbers"];
        assess(map, reference, &legend, &[]).0.exits(1).names(&says);
    }
}

#[test]
fn a_mask_in_a_file_counts_on_its_own_lattice_as_on_another() {
    let folder = scratch();
    let legend = small_legend(folder.path());
    let mut wrong = BYTES.codes;
    wrong[..4].fill(3);
    let masked = Map { codes: wrong, hidden: &[0, 1, 2, 3], ..BYTES }.write(folder.path(), "masked");
    let same = BYTES.write(folder.path(), "same");
    let aside = Map { aside: 7.0, ..BYTES }.write(folder.path(), "aside");
    for other in [&same, &aside] {
        for (map, reference) in [(other, &masked), (&masked, other)] {
            let (said, assessed) = assess(map, reference, &legend, &[]);
            said.exits(0);
            assert_eq!(scored(&assessed), (12, 1.0));
        }
    }
    let out = folder.path().join("points.csv");
    command(&["sample", "draw"], &[&masked], &legend, &out, &["--design", "simple", "--units", "13"])
        .exits(1)
        .names(&["has 12"]);
}

/// A scene's mask of two bytes with a nodata that no code is, some of it nodata and some 0: the scene is read.
#[test]
fn a_mask_of_a_wider_type_loses_no_scene() {
    let copy = Catalogue::copy();
    for scene in scenes() {
        let raw: Vec<u8> = (0..4096)
            .flat_map(|i: i32| {
                (if i % 64 < 4 {
                    -1i16
                } else if i % 64 < 8 {
                    0
                } else {
                    4
                })
                .to_le_bytes()
            })
            .collect();
        let path = copy.asset(&scene, "SCL");
        let bytes = path.with_extension("bytes");
        fs::write(&bytes, raw).unwrap();
        let text = format!(
            "<VRTDataset rasterXSize=\"64\" rasterYSize=\"64\"><SRS>EPSG:32633</SRS>\
             <GeoTransform>499980, 20, 0, 5500020, 0, -20</GeoTransform>\
             <VRTRasterBand dataType=\"Int16\" band=\"1\" subClass=\"VRTRawRasterBand\"><NoDataValue>-1</NoDataValue>\
             <SourceFilename>{}</SourceFilename><ImageOffset>0</ImageOffset><PixelOffset>2</PixelOffset>\
             <LineOffset>128</LineOffset><ByteOrder>LSB</ByteOrder></VRTRasterBand></VRTDataset>",
            bytes.display()
        );
        fs::write(&path, text).unwrap();
    }
    let out = scratch();
    let catalog = format!("inputs.catalog={}", copy.path().join("catalog.json").display());
    let labels = format!("labels.raster={}", catalogue().join("truth.tif").display());
    let (recipe, out) = (recipe().display().to_string(), out.path().join("patches").display().to_string());
    let words =
        ["label", "patches", &recipe, "--size", "16", "--set", &catalog, "--set", &labels, "--out", &out];
    run(&words).exits(0);
}
