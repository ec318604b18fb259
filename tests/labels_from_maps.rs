//! Labels from vectors and from maps of other legends, and patches for other programs.

use crate::harness::{
    Place, Said, UTM, Way, bytes, catalogue, ecotone, info, osm_file, recipe, run, same, scratch,
    small_bands, small_legend, small_map,
};
use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder with a raster of 64 x 64 pixels of 20 m to match, and a legend.
struct Ground(TempDir);

impl Ground {
    fn new() -> Self {
        let folder = scratch();
        small_map(folder.path(), "like", UTM, 64, &[1; 4096]);
        small_legend(folder.path());
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `ecotone label VERB FIRST --out labels.tif` and more; words that begin with `@` are files of the folder.
    fn label(&self, verb: &str, first: &str, more: &[&str]) -> Said {
        let place = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).display().to_string(),
            None => word.to_owned(),
        };
        let words = ["label", verb, first, "--out", "@labels.tif"];
        run(&words.iter().chain(more).map(|word| place(word)).collect::<Vec<_>>())
    }

    #[track_caller]
    fn refused(&self, verb: &str, first: &str, more: &[&str]) -> String {
        let said = self.label(verb, first, more).exits(1);
        assert!(!self.path("labels.tif").exists() && !self.path(".labels.tif.partial").exists());
        said.message(&[(self.0.path(), "FOLDER")])
    }
}

/// A primary and a secondary road from the south to the north, 318 m and 722 m from the western edge, a track between
/// them, and a square pond.
fn streets(ground: &Ground) {
    let road = |lon: f64| [(lon, 49.63), (lon, 49.66)];
    let (primary, secondary, track) = (road(15.0044), road(15.01), road(15.007));
    let pond = [(15.012, 49.643), (15.014, 49.643), (15.014, 49.645), (15.012, 49.645), (15.012, 49.643)];
    let ways = [
        Way { places: &primary, tags: &[("highway", "primary"), ("width", "80"), ("surface", "asphalt")] },
        Way { places: &secondary, tags: &[("highway", "secondary"), ("surface", "gravel")] },
        Way { places: &track, tags: &[("highway", "track")] },
        Way { places: &pond, tags: &[("natural", "water"), ("area", "yes")] },
    ];
    osm_file(ground.0.path(), "streets.osm.pbf", &ways);
}

const STREETS: &str = "@streets.osm.pbf";
const LINES: [&str; 6] = ["--like", "@like.vrt", "--layer", "lines", "--code", "1"];

#[test]
fn roads_of_openstreetmap_are_as_wide_as_on_the_ground() {
    let ground = Ground::new();
    streets(&ground);
    let both = [
        "--where",
        "highway=primary,secondary,tertiary",
        "--fill",
        "2",
        "--width",
        "40",
        "--tolerance",
        "15",
    ];
    let said = ground.label("rasterize", STREETS, &[&LINES[..], &both].concat()).exits(0);
    // Two roads of two pixels' width on 64 rows, and a pixel on either side within the tolerance.
    assert_eq!(said.fact("1 highway=primary,secondary,tertiary"), "256 pixels (6.25 %)");
    assert_eq!(said.fact("nodata 0"), "256 pixels (6.25 %), 256 of them within 15 m of a feature");
    assert_eq!(said.fact("2 no feature"), "3584 pixels (87.50 %)");
    assert_eq!(said.fact("features"), "3 read near the grid, 2 used, 2 hold a pixel");
    assert!(said.stderr.contains("no feature on the grid has highway=tertiary"), "{}", said.stderr);
    assert!(info(&ground.path("labels.tif")).stdout.contains("no feature"));

    // A tag that GDAL keeps in `other_tags`, and a width that is one: 80 m of the primary road.
    let tagged =
        ["--where", "surface", "--where", "highway=primary", "--width-attribute", "width", "--force"];
    let said = ground.label("rasterize", STREETS, &[&LINES[..], &tagged].concat()).exits(0);
    assert_eq!(said.fact("1 surface highway=primary"), "256 pixels (6.25 %)");
    assert_eq!(said.fact("nodata 0"), "3840 pixels (93.75 %)");

    // Areas are a layer of their own, and legends may be given.
    let water =
        ["--like", "@like.vrt", "--layer", "multipolygons", "--code", "3", "--where", "natural=water"];
    let said =
        ground.label("rasterize", STREETS, &[&water[..], &["--legend", "@legend.csv", "--force"]].concat());
    let said = said.exits(0);
    let pixels: f64 = said.fact("3 water").split(' ').next().unwrap().parse().unwrap();
    // 0.002 degrees each way: 144.5 m by 222.4 m, thus 7 or 8 columns and 11 or 12 rows of centres.
    assert!([77.0, 84.0, 88.0, 96.0].contains(&pixels), "{pixels}");
}

#[test]
fn the_same_roads_give_the_same_bytes() {
    let (one, two) = (Ground::new(), Ground::new());
    for ground in [&one, &two] {
        streets(ground);
        let flags = ["--where", "highway", "--width", "30", "--tolerance", "10"];
        ground.label("rasterize", STREETS, &[&LINES[..], &flags].concat()).exits(0);
    }
    same(one.0.path(), two.0.path(), &["labels.tif", "labels.tif.aux.xml"]);
}

/// Squares on the ground as GeoJSON: class, west, north and side in metres from the corner.
fn squares(ground: &Ground, name: &str, squares: &[(u8, f64, f64, f64)]) {
    let feature = |(class, west, north, side): &(u8, f64, f64, f64)| {
        let (west, north) = (500_000.0 + west, 5_500_000.0 - north);
        let (east, south) = (west + side, north - side);
        serde_json::json!({
            "type": "Feature",
            "properties": { "class": class, "crop": if *class == 1 { "maize" } else { "wheat" } },
            "geometry": { "type": "Polygon", "coordinates":
                [[[west, north], [east, north], [east, south], [west, south], [west, north]]] },
        })
    };
    let collection = serde_json::json!({
        "type": "FeatureCollection",
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },
        "features": squares.iter().map(feature).collect::<Vec<_>>(),
    });
    fs::write(ground.path(name), collection.to_string()).unwrap();
}

#[test]
fn where_polygons_cross_the_last_one_wins() {
    let ground = Ground::new();
    squares(&ground, "fields.geojson", &[(1, 0.0, 0.0, 400.0), (2, 200.0, 200.0, 400.0)]);
    let flags = ["--like", "@like.vrt", "--attribute", "class", "--legend", "@legend.csv"];
    let said = ground.label("rasterize", "@fields.geojson", &flags).exits(0);
    assert_eq!(said.fact("1 forest"), "300 pixels (7.32 %)");
    assert_eq!(said.fact("2 field"), "400 pixels (9.77 %)");
    assert_snapshot!("rasterize-exists", {
        let said = ground.label("rasterize", "@fields.geojson", &flags).exits(1);
        said.message(&[(ground.0.path(), "FOLDER")])
    });
    let maize = [&flags[..], &["--where", "crop=maize", "--force"]].concat();
    let said = ground.label("rasterize", "@fields.geojson", &maize).exits(0);
    assert_eq!((said.fact("1 forest"), said.fact("2 field")), ("400 pixels (9.77 %)", "0 pixels (0.00 %)"));
}

#[test]
fn features_that_cannot_be_burnt() {
    let ground = Ground::new();
    streets(&ground);
    squares(&ground, "fields.geojson", &[(1, 0.0, 0.0, 400.0), (9, 200.0, 200.0, 400.0)]);
    squares(&ground, "afar.geojson", &[(1, 90_000.0, 0.0, 400.0)]);
    squares(&ground, "tiny.geojson", &[(1, 12.0, 12.0, 5.0)]);
    let degrees = Place { crs: "EPSG:4326", east: 15.0001, north: 49.65, side: 0.0002 };
    small_map(ground.0.path(), "degrees", degrees, 64, &[1; 4096]);
    // From 43 to 56 degrees north, over which a metre is no longer one part of a pixel.
    let wide = Place { crs: "EPSG:4326", east: 12.0, north: 56.0, side: 0.2 };
    small_map(ground.0.path(), "wide", wide, 64, &[1; 4096]);
    let like = ["--like", "@like.vrt"];
    let check = |name: &str, vector: &str, flags: &[&str]| {
        assert_snapshot!(name, ground.refused("rasterize", vector, flags));
    };
    let lines = |more: &[&'static str]| [&LINES[..], more].concat();
    check("rasterize-layers", STREETS, &[&like[..], &["--code", "1"]].concat());
    check("rasterize-layer", STREETS, &[&like[..], &["--code", "1", "--layer", "line"]].concat());
    check("rasterize-tag", STREETS, &lines(&["--where", "highways=primary"]));
    check("rasterize-value", STREETS, &lines(&["--where", "highway=primry"]));
    check("rasterize-where", STREETS, &lines(&["--where", "highway="]));
    check("rasterize-width", STREETS, &lines(&["--width", "-3"]));
    check("rasterize-width-word", STREETS, &[&LINES[..], &["--width-attribute", "surface"]].concat());
    check(
        "rasterize-degrees",
        STREETS,
        &["--like", "@wide.vrt", "--layer", "lines", "--code", "1", "--width", "9"],
    );
    let fields = [&like[..], &["--attribute", "class"]].concat();
    check("rasterize-attribute", "@fields.geojson", &[&like[..], &["--attribute", "clas"]].concat());
    check("rasterize-code", "@fields.geojson", &[&fields[..], &["--legend", "@legend.csv"]].concat());
    check(
        "rasterize-fill",
        "@fields.geojson",
        &[&fields[..], &["--legend", "@legend.csv", "--fill", "7"]].concat(),
    );
    check("rasterize-word", "@fields.geojson", &[&like[..], &["--attribute", "crop"]].concat());
    check("rasterize-afar", "@afar.geojson", &fields);
    check("rasterize-tiny", "@tiny.geojson", &fields);
    check("rasterize-neither", "@fields.geojson", &like);
    // In degrees areas are burnt all the same, and lines a pixel wide.
    let flags = ["--like", "@degrees.vrt", "--layer", "lines", "--code", "1", "--where", "highway=primary"];
    assert_eq!(
        ground.label("rasterize", STREETS, &flags).exits(0).fact("1 highway=primary"),
        "64 pixels (1.56 %)"
    );
}

/// A map of 16-bit values, nodata 999; gives its name.
fn wide_map(ground: &Ground, name: &str, values: &[u16]) {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(ground.path(&format!("{name}.bytes")), data).unwrap();
    let text = format!(
        "<VRTDataset rasterXSize=\"{}\" rasterYSize=\"1\"><SRS>EPSG:3035</SRS>\
         <GeoTransform>4000000, 100, 0, 3000000, 0, -100</GeoTransform>\
         <VRTRasterBand dataType=\"UInt16\" band=\"1\" subClass=\"VRTRawRasterBand\"><NoDataValue>999</NoDataValue>\
         <SourceFilename relativetoVRT=\"1\">{name}.bytes</SourceFilename><ImageOffset>0</ImageOffset>\
         <PixelOffset>2</PixelOffset><LineOffset>{}</LineOffset><ByteOrder>LSB</ByteOrder></VRTRasterBand>\
         </VRTDataset>",
        values.len(),
        2 * values.len(),
    );
    fs::write(ground.path(&format!("{name}.vrt")), text).unwrap();
}

#[test]
fn a_map_is_rewritten_by_name_and_nothing_is_lost_unsaid() {
    let ground = Ground::new();
    // Trees, mangroves, crops, no data.
    let codes: Vec<u8> = (0..4096).map(|pixel| [10, 95, 40, 0][pixel % 4]).collect();
    small_map(ground.0.path(), "cover", UTM, 64, &codes);
    let flags = ["--from", "worldcover", "--to", "dynamic-world"];
    let said = ground.label("crosswalk", "@cover.vrt", &flags).exits(0);
    assert_eq!(said.fact("1 Trees"), "2048 pixels (50.00 %) from 10 1024 + 95 1024");
    assert_eq!(said.fact("4 Crops"), "1024 pixels (25.00 %)");
    assert_eq!(said.fact("nodata 255"), "1024 pixels (25.00 %), 0 of them of classes that are dropped");
    let table = String::from_utf8(bytes(&ground.path("labels.csv"))).unwrap();
    assert!(
        table.starts_with("from_code,from_class,pixels,to_code,to_class,note\n10,Tree cover,1024,1,Trees,"),
        "{table}"
    );
    assert!(info(&ground.path("labels.tif")).stdout.contains("Trees"));
    assert_snapshot!("crosswalk-exists", {
        let said = ground.label("crosswalk", "@cover.vrt", &flags).exits(1);
        said.message(&[(ground.0.path(), "FOLDER")])
    });
    // The map that was made says what its codes mean.
    fs::rename(ground.path("labels.tif"), ground.path("again.tif")).unwrap();
    fs::rename(ground.path("labels.tif.aux.xml"), ground.path("again.tif.aux.xml")).unwrap();
    fs::write(ground.path("table.csv"), DYNAMIC_TO_THREE).unwrap();
    let flags = ["--to", "@legend.csv", "--table", "@table.csv", "--force"];
    let said = ground.label("crosswalk", "@again.tif", &flags).exits(0);
    assert_eq!(
        (said.fact("1 forest"), said.fact("2 field")),
        ("2048 pixels (50.00 %)", "1024 pixels (25.00 %)")
    );
}

/// Dynamic World's nine classes in the three of the small legend.
const DYNAMIC_TO_THREE: &str = "from_code,to_code\n0,3\n1,1\n2,2\n3,3\n4,2\n5,1\n6,drop\n7,drop\n8,drop\n";

#[test]
fn corine_comes_as_values_or_as_codes_of_three_digits() {
    let ground = Ground::new();
    wide_map(&ground, "clc", &[111, 311, 312, 523, 999, 211, 211, 334]);
    wide_map(&ground, "values", &[1, 23, 24, 44, 999, 12, 12, 33]);
    let mut made = Vec::new();
    for map in ["@clc.vrt", "@values.vrt"] {
        let flags = ["--from", "corine", "--to", "worldcover", "--force"];
        let said = ground.label("crosswalk", map, &flags).exits(0);
        assert_eq!(said.fact("10 Tree cover"), "2 pixels (25.00 %) from 23 1 + 24 1");
        assert_eq!(said.fact("40 Cropland"), "2 pixels (25.00 %)");
        assert_eq!(said.fact("nodata 0"), "2 pixels (25.00 %), 1 of them of classes that are dropped");
        made.push(bytes(&ground.path("labels.tif")));
    }
    assert!(made[0] == made[1]);
}

#[test]
fn maps_that_cannot_be_rewritten() {
    let ground = Ground::new();
    wide_map(&ground, "clc", &[111, 224, 224, 600, 0, 211]);
    fs::write(ground.path("half.csv"), "from_code,to_code\n1,1\n2,drop\n").unwrap();
    small_bands(ground.0.path(), "water", UTM, 64, 0, &[("", &[0; 4096])]);
    let check = |name: &str, map: &str, flags: &[&str]| {
        assert_snapshot!(name, ground.refused("crosswalk", map, flags));
        assert!(!ground.path("labels.csv").exists());
    };
    check("crosswalk-name", "@like.vrt", &["--from", "corin", "--to", "worldcover"]);
    check("crosswalk-codes", "@clc.vrt", &["--from", "corine", "--to", "worldcover"]);
    check("crosswalk-no-legend", "@like.vrt", &["--to", "worldcover"]);
    check("crosswalk-no-table", "@like.vrt", &["--from", "@legend.csv", "--to", "worldcover"]);
    check("crosswalk-no-way", "@like.vrt", &["--from", "worldcover", "--to", "nlcd"]);
    check("crosswalk-nodata", "@water.vrt", &["--from", "dynamic-world", "--to", "worldcover"]);
    let table = ["--from", "@legend.csv", "--to", "@legend.csv", "--table", "@half.csv"];
    check("crosswalk-table", "@like.vrt", &table);
}

/// `ecotone label patches` of the tiny recipe into a folder.
fn patches(out: &Path, more: &[&str]) -> Vec<String> {
    let catalogue = format!("inputs.catalog={}", catalogue().join("catalog.json").display());
    let (recipe, out) = (recipe().display().to_string(), out.display().to_string());
    let words = ["label", "patches", &recipe, "--set", &catalogue, "--out", &out];
    words.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
}

/// The same of blocks side by side that no field reaches out of: every pixel is in a patch, with its label.
fn plain_patches(out: &Path, more: &[&str]) -> Vec<String> {
    patches(out, &[&["--set", "split.gap_m=0", "--set", "split.group=none"], more].concat())
}

/// Every file of a folder of patches.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = ["", "images", "labels"]
        .iter()
        .flat_map(|sub| {
            let entries = fs::read_dir(folder.join(sub)).unwrap().map(Result::unwrap);
            let files = entries.filter(|entry| entry.path().is_file());
            files
                .map(|entry| Path::new(sub).join(entry.file_name()).display().to_string())
                .collect::<Vec<_>>()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn patches_are_pairs_with_a_table_and_resume_to_the_same_bytes() {
    let (whole, broken) = (scratch(), scratch());
    let said = run(&plain_patches(whole.path(), &["--size", "16"])).exits(0);
    assert_eq!(said.fact("patches"), "16 of 16 x 16 pixels");
    assert_eq!(
        said.fact("left out"),
        "0 over two parts of the split, 0 with fields of other blocks in several parts alone, 0 with too few labels"
    );
    let names = files(whole.path());
    assert_eq!(names.iter().filter(|name| name.starts_with("images")).count(), 16, "{names:?}");
    let table = String::from_utf8(bytes(&whole.path().join("patches.csv"))).unwrap();
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0][..8], ["id", "image", "label", "x", "y", "row", "col", "part"]);
    assert_eq!(
        lines[1][..7],
        [
            "000000_000000",
            "images/000000_000000.tif",
            "labels/000000_000000.tif",
            "500140",
            "5499860",
            "0",
            "0"
        ]
    );
    let pixels: u64 =
        lines[1..].iter().flat_map(|line| &line[10..]).map(|count| count.parse::<u64>().unwrap()).sum();
    assert_eq!(pixels, 4096, "every pixel of the truth has a class");
    let settings = crate::harness::json(&whole.path().join("patches.json"));
    assert_eq!(settings["bands"].as_array().unwrap().len(), 60);
    assert_eq!(settings["bands"][0], "B02@2021-05-16");
    assert!(info(&whole.path().join("images/000000_000000.tif")).stdout.contains("60"));

    // Killed after the first pair, it goes on from there.
    let words = plain_patches(broken.path(), &["--size", "16"]);
    let mut child = ecotone(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !broken.path().join("images/000000_000000.tif").exists() {
        assert!(begun.elapsed() < Duration::from_secs(120), "no patch came");
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    run(&words).exits(1).names(&["already holds a run", "--resume"]);
    run(&plain_patches(broken.path(), &["--size", "16", "--resume"])).exits(0);
    assert_eq!(files(broken.path()), names);
    same(whole.path(), broken.path(), &names.iter().map(String::as_str).collect::<Vec<_>>());

    // With other settings it does not go on; with --force it begins anew, and leaves what is not its own.
    let other = plain_patches(broken.path(), &["--size", "32", "--stride", "16", "--resume"]);
    run(&other).exits(1).names(&["size was 16, is 32"]);
    fs::write(broken.path().join("images/mine.tif"), "mine").unwrap();
    let other = plain_patches(broken.path(), &["--size", "8", "--least-labelled", "1", "--force"]);
    assert_eq!(run(&other).exits(0).fact("patches"), "64 of 8 x 8 pixels");
    assert_eq!(files(broken.path()).iter().filter(|name| name.starts_with("images")).count(), 65);
}

#[test]
fn patches_hold_nothing_of_fields_and_gaps_of_other_parts() {
    let (plain, whole) = (scratch(), scratch());
    run(&plain_patches(plain.path(), &["--size", "16"])).exits(0);
    // Fields of other parts that reach into a patch are hidden; none is left out for them.
    let said = run(&patches(whole.path(), &["--size", "16"])).exits(0);
    assert!(said.fact("left out").starts_with("0 over two parts"), "{}", said.fact("left out"));
    let labelled = |folder: &Path| -> u64 {
        let table = String::from_utf8(bytes(&folder.join("patches.csv"))).unwrap();
        let lines = table.lines().skip(1).map(|line| line.split(',').skip(10).map(str::to_owned));
        lines.flatten().map(|count| count.parse::<u64>().unwrap()).sum()
    };
    let (all, kept) = (labelled(plain.path()), labelled(whole.path()));
    assert!(all == 4096 && (1024..4096).contains(&kept), "{kept} of {all}");
}

#[test]
fn patches_that_cannot_be_cut() {
    let check = |name: &str, flags: &[&str]| {
        let out = scratch();
        let message = run(&patches(out.path(), flags)).exits(1).message(&[(out.path(), "OUT")]);
        assert_snapshot!(name, message);
        assert!(!out.path().join("patches.csv").exists());
    };
    check("patches-stride", &["--size", "16", "--stride", "0"]);
    check("patches-size", &["--size", "0"]);
    check("patches-large", &["--size", "65"]);
    check("patches-share", &["--size", "16", "--least-labelled", "7"]);
    check("patches-none", &["--size", "40"]);
}

#[test]
fn what_maps_agree_in_is_stable() {
    let ground = Ground::new();
    let map = |name: &str, codes: [u8; 4]| {
        let place = Place { side: 640.0, ..UTM };
        small_map(ground.0.path(), name, place, 2, &codes);
    };
    map("first", [1, 2, 3, 0]);
    map("second", [1, 2, 2, 3]);
    map("thematic", [1, 3, 3, 3]);
    let legend = ["--legend", "@legend.csv"];
    let words = |more: &[&'static str]| [&legend[..], more].concat();
    let said = ground
        .label("stable", "@first.vrt", &words(&["@second.vrt", "--thematic", "@thematic.vrt"]))
        .exits(0);
    assert_eq!(said.fact("stable"), "1 pixels (33.33 %)");
    assert_eq!(said.fact("  field"), "0 pixels (0.00 %)");
    ground.label("stable", "@first.vrt", &words(&["@second.vrt"])).exits(1).names(&["labels.tif", "--force"]);
    let said = ground.label("stable", "@first.vrt", &words(&["@second.vrt", "--force"])).exits(0);
    assert_eq!(said.fact("stable"), "2 pixels (66.67 %)");
}

#[test]
fn stable_pixels_that_cannot_be() {
    let ground = Ground::new();
    small_map(ground.0.path(), "field", UTM, 64, &[2; 4096]);
    small_map(ground.0.path(), "unknown", UTM, 64, &[9; 4096]);
    for (name, more) in
        [("stable-alone", &[][..]), ("stable-nowhere", &["@field.vrt"]), ("stable-code", &["@unknown.vrt"])]
    {
        let words = [&["--legend", "@legend.csv"], more].concat();
        assert_snapshot!(name, ground.refused("stable", "@like.vrt", &words));
    }
}
