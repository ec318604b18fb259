//! A small product of our own, and ESA's real metadata where they are at hand.

use super::*;
use crate::{Catalog, Query, RasterDataset, open_catalog};
use ecotone_core::{Crs, GeoTransform, Shape2d, Window, XY};
use gdal::DriverManager;
use gdal::raster::RasterCreationOptions;
use gdal::spatial_ref::SpatialRef;

const NAME: &str = "S2A_MSIL2A_20220501T100031_N0400_R022_T33UWP_20220501T150000.SAFE";
const GRANULE: &str = "GRANULE/L2A_T33UWP_A035800_20220501T100500";

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(NAME)
}

/// A copy of the fixture that may be broken.
fn copy_into(folder: &Path, name: &str) -> PathBuf {
    let product = folder.join(name);
    std::fs::create_dir_all(product.join(GRANULE)).unwrap();
    for file in ["MTD_MSIL2A.xml".to_owned(), format!("{GRANULE}/MTD_TL.xml")] {
        std::fs::copy(fixture().join(&file), product.join(&file)).unwrap();
    }
    product
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} in {}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn what_the_metadata_say() {
    let scene = read_safe(&fixture()).unwrap();
    assert_eq!(scene.id, "S2A_T33UWP_20220501T100500_L2A");
    assert_eq!(scene.collection.as_deref(), Some("sentinel-2-l2a"));
    assert_eq!(scene.datetime.to_rfc3339(), "2022-05-01T10:00:31.024+00:00");
    assert_eq!(scene.platform.as_deref(), Some("sentinel-2a"));
    assert_eq!(scene.processing_baseline.as_deref(), Some("04.00"));
    assert_eq!((scene.cloud_cover, scene.relative_orbit), (Some(12.5), Some(22)));
    assert_eq!(scene.datatake.as_deref(), Some("GS2A_20220501T100031_035800"));
    assert_eq!((scene.sun_azimuth, scene.sun_elevation), (Some(155.25), Some(54.5)));
    assert_eq!(scene.crs, Some(Crs::epsg(32633)));
    let first = scene.footprint.0[0].exterior().0[0];
    assert_eq!((first.x, first.y), (15.0, 47.9), "longitude first");
    let keys: Vec<&str> = scene.assets.keys().map(String::as_str).collect();
    assert_eq!(keys, ["B01", "B01_20m", "B04", "B04_20m", "B8A", "SCL", "SCL_60m", "TCI", "WVP"]);
}

#[test]
fn each_band_in_its_native_resolution_with_its_own_offset() {
    let scene = read_safe(&fixture()).unwrap();
    for (name, key, gsd, scale, offset) in [
        ("B04", "B04", 10.0, Some(1e-4), Some(-0.1)),
        ("red", "B04", 10.0, Some(1e-4), Some(-0.1)),
        ("B04_20m", "B04_20m", 20.0, Some(1e-4), Some(-0.1)),
        ("B01_20m", "B01_20m", 20.0, Some(1e-4), Some(-0.09)),
        ("B8A", "B8A", 20.0, Some(1e-4), Some(-0.08)),
        ("SCL", "SCL", 20.0, None, None),
        ("WVP", "WVP", 20.0, Some(1e-3), None),
        ("TCI:green", "TCI", 10.0, None, None),
    ] {
        let found = scene.band(name).unwrap();
        assert_eq!((found.asset.key.as_str(), found.asset.gsd), (key, Some(gsd)), "{name}");
        assert_eq!((found.band.scale, found.band.offset), (scale, offset), "{name}");
    }
    assert_eq!(scene.assets["B01"].gsd, Some(60.0));
    let geobox = scene.assets["B8A"].geobox.clone().unwrap();
    let expected = GeoTransform::north_up(XY::new(500_000.0, 5_300_040.0), 20.0);
    assert_eq!((geobox.shape(), geobox.transform()), (Shape2d::new(24, 18), expected));
    assert!(scene.assets["B04"].href.ends_with("R10m/T33UWP_20220501T100031_B04_10m.jp2"));
    assert!(Path::new(&scene.assets["B04"].href).is_absolute());
}

#[test]
fn level_1c_has_its_own_elements() {
    let folder = tempfile::tempdir().unwrap();
    let product = copy_into(folder.path(), "l1c.SAFE");
    let metadata = product.join("MTD_MSIL1C.xml");
    std::fs::rename(product.join("MTD_MSIL2A.xml"), &metadata).unwrap();
    edit(&metadata, "BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE");
    edit(&metadata, "BOA_ADD_OFFSET", "RADIO_ADD_OFFSET");
    for suffix in ["_10m<", "_20m<", "_60m<"] {
        edit(&metadata, suffix, "<");
    }
    let scene = read_safe(&product).unwrap();
    assert_eq!(scene.id, "S2A_T33UWP_20220501T100500_L1C");
    assert_eq!(scene.collection.as_deref(), Some("sentinel-2-l1c"));
    let red = scene.band("B04").unwrap();
    assert_eq!((red.asset.gsd, red.band.scale, red.band.offset), (Some(10.0), Some(1e-4), Some(-0.1)));
    assert_eq!(scene.band("B8A").unwrap().asset.gsd, Some(20.0), "native, since the name says none");
}

#[test]
fn jpeg2000_pixels_come_through_gdal() {
    let folder = tempfile::tempdir().unwrap();
    let scene = read_safe(&copy_into(folder.path(), NAME)).unwrap();
    let asset = &scene.assets["B04"];
    let Ok(driver) = DriverManager::get_driver_by_name("JP2OpenJPEG") else {
        println!("skipped: this GDAL has no JP2OpenJPEG driver");
        return;
    };
    let memory = DriverManager::get_driver_by_name("MEM").unwrap();
    let geobox = asset.geobox.clone().unwrap();
    let (rows, cols) = (geobox.shape().rows, geobox.shape().cols);
    let mut source = memory.create_with_band_type::<u16, _>("", cols, rows, 1).unwrap();
    source.set_geo_transform(&geobox.transform().to_gdal()).unwrap();
    source.set_spatial_ref(&SpatialRef::from_epsg(32633).unwrap()).unwrap();
    let values: Vec<u16> = (0..rows * cols).map(|i| i as u16 * 3).collect();
    let mut buffer = gdal::raster::Buffer::new((cols, rows), values.clone());
    source.rasterband(1).unwrap().write((0, 0), (cols, rows), &mut buffer).unwrap();
    std::fs::create_dir_all(Path::new(&asset.href).parent().unwrap()).unwrap();
    let lossless = RasterCreationOptions::from_iter(["QUALITY=100", "REVERSIBLE=YES"]);
    drop(source.create_copy(&driver, &asset.href, &lossless).unwrap());

    let found = scene.band("red").unwrap();
    let dataset = RasterDataset::open(&found.asset.href).unwrap();
    let read = dataset.read_window::<u16>(&[found.band.index], Window::whole(geobox.shape())).unwrap();
    assert_eq!(read.data(), values);
    assert_eq!(dataset.geobox(), &geobox);
    let missing = RasterDataset::open(&scene.band("B8A").unwrap().asset.href).unwrap_err().to_string();
    assert!(missing.contains("B8A_20m.jp2"), "{missing}");
}

#[test]
fn broken_products_are_named_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |name: &str| copy_into(folder.path(), &format!("{name}.SAFE"));
    copy("good");
    let half = copy("half").join("MTD_MSIL2A.xml");
    let text = std::fs::read_to_string(&half).unwrap();
    std::fs::write(&half, &text[..text.len() / 2]).unwrap();
    std::fs::remove_file(copy("no-product").join("MTD_MSIL2A.xml")).unwrap();
    std::fs::remove_file(copy("no-tile").join(GRANULE).join("MTD_TL.xml")).unwrap();
    edit(&copy("no-baseline").join("MTD_MSIL2A.xml"), "PROCESSING_BASELINE", "SOMETHING");
    edit(&copy("no-number").join("MTD_MSIL2A.xml"), ">10000<", ">many<");
    edit(&copy("no-scale").join("MTD_MSIL2A.xml"), ">10000<", ">0<");
    edit(&copy("no-crs").join(GRANULE).join("MTD_TL.xml"), "EPSG:32633", "UTM 33");
    edit(&copy("no-outline").join("MTD_MSIL2A.xml"), "47.9 15.0 47.9", "47.9 15.0");
    edit(&copy("no-images").join("MTD_MSIL2A.xml"), "IMAGE_FILE", "OTHER");
    edit(&copy("wrong-end").join("MTD_MSIL2A.xml"), "</Granule_List>", "</Granules>");

    let found = open_catalog(&folder.path().to_string_lossy()).unwrap().search(&Query::default()).unwrap();
    assert_eq!(found.scenes.len(), 1);
    let reasons: Vec<(String, &str)> = found
        .failures
        .iter()
        .map(|f| (f.href.rsplit('/').next().unwrap_or_default().to_owned(), f.reason.as_str()))
        .collect();
    for (name, words) in [
        ("half", "MTD_MSIL2A.xml"),
        ("no-product", "has no MTD_MSIL1C.xml or MTD_MSIL2A.xml"),
        ("no-tile", "has no GRANULE/L2A_T33UWP_A035800_20220501T100500/MTD_TL.xml"),
        ("no-baseline", "no usable <PROCESSING_BASELINE>: found nothing"),
        ("no-number", "no usable <BOA_QUANTIFICATION_VALUE>: found `many`"),
        ("no-scale", "no usable <BOA_QUANTIFICATION_VALUE>"),
        ("no-crs", "no usable <HORIZONTAL_CS_CODE>: found `UTM 33`"),
        ("no-outline", "no usable <EXT_POS_LIST>"),
        ("no-images", "no usable <IMAGE_FILE>"),
        ("wrong-end", "as XML: "),
    ] {
        let reason = reasons.iter().find(|(href, _)| href == &format!("{name}.SAFE"));
        assert!(reason.is_some_and(|(_, reason)| reason.contains(words)), "{name}: {reason:?}");
    }
    assert_eq!(found.failures.len(), 10);
}

#[test]
fn a_folder_without_products_is_no_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let message = open_catalog(&folder.path().to_string_lossy()).err().unwrap().to_string();
    assert!(message.contains("is no catalogue"), "{message}");
    let one = open_catalog(&fixture().to_string_lossy()).unwrap().search(&Query::default()).unwrap();
    assert_eq!(one.scenes.len(), 1);
}

/// ESA's own metadata against the STAC items that stactools-sentinel2 makes of them.
#[test]
fn real_products_match_what_another_tool_makes_of_them() {
    let Some(data) = std::env::var_os("ECOTONE_REAL_DATA") else {
        println!("skipped: ECOTONE_REAL_DATA is unset");
        return;
    };
    let folder = Path::new(&data).join("sentinel2-safe-metadata");
    let list = read_safe_folder(&folder).unwrap();
    let found = list.search(&Query::default()).unwrap();
    assert!(found.failures.is_empty(), "{:?}", found.failures);
    assert_eq!(found.scenes.len(), 4);
    for product in products_in(&folder).unwrap() {
        let text = std::fs::read_to_string(product.join("expected_output.json")).unwrap();
        let item: serde_json::Value = serde_json::from_str(&text).unwrap();
        let place = product.join("expected_output.json");
        let expected = crate::scene_of_item(&item, &place.to_string_lossy(), None).unwrap();
        compare(&read_safe(&product).unwrap(), &expected);
    }
}

fn compare(own: &Scene, expected: &Scene) {
    assert_eq!(own.id, expected.id);
    assert_eq!(own.datetime, expected.datetime);
    assert_eq!(own.platform, expected.platform);
    assert_eq!(own.cloud_cover, expected.cloud_cover);
    assert_eq!(own.processing_baseline, expected.processing_baseline);
    assert_eq!(own.relative_orbit, expected.relative_orbit);
    assert_eq!(own.crs, expected.crs);
    let close = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() < 1e-9;
    assert!(close(own.sun_azimuth, expected.sun_azimuth) && close(own.sun_elevation, expected.sun_elevation));
    assert_eq!(own.footprint.0.len(), expected.footprint.0.len(), "{}", own.id);
    for name in ["B02", "B03", "B04", "B8A", "B11", "B12", "B01", "B09"] {
        let (mine, theirs) = (own.band(name).unwrap(), expected.band(name).unwrap());
        assert_eq!(mine.band.scale, theirs.band.scale, "{} {name}", own.id);
        assert!(
            (mine.band.offset.unwrap() - theirs.band.offset.unwrap_or(0.0)).abs() < 1e-12,
            "{} {name}",
            own.id
        );
        assert_eq!(mine.band.nodata, theirs.band.nodata, "{} {name}", own.id);
        if name != "B01" && own.assets[name].gsd == theirs.asset.gsd {
            assert_eq!(mine.asset.href, theirs.asset.href, "{} {name}", own.id);
            assert_eq!(mine.asset.geobox, theirs.asset.geobox, "{} {name}", own.id);
        }
    }
}
