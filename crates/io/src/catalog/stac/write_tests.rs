//! What we write, we read back; what we write is what others write.

use super::*;
use crate::catalog::scene::tests::bare_scene;
use crate::{CollectionInfo, Query, footprint, open_catalog, scene_of_item, write_catalog};
use ecotone_core::{ClassCode, Crs, GeoTransform, LegendEntry, Nodata, Rgb, Shape2d, XY};

fn grid() -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_300_000.0), 20.0);
    GeoBox::new(Shape2d::new(64, 32), transform, Crs::epsg(32633))
}

fn asset(key: &str, href: &str, bands: Vec<AssetBand>) -> (String, Asset) {
    let asset = Asset {
        key: key.to_owned(),
        href: href.to_owned(),
        media_type: Some("image/tiff; application=geotiff; profile=cloud-optimized".to_owned()),
        roles: vec!["data".to_owned()],
        gsd: Some(20.0),
        bands,
        geobox: Some(grid()),
    };
    (key.to_owned(), asset)
}

fn band_named(index: usize, name: &str, nodata: f64) -> AssetBand {
    AssetBand {
        index,
        name: name.to_owned(),
        common_name: Some(name.to_ascii_lowercase()),
        scale: Some(0.0001),
        offset: Some(-0.1),
        nodata: Some(Nodata::new(nodata)),
    }
}

fn full_scene(folder: &Path) -> Scene {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut scene = bare_scene("S2A_33UWP_1", "2022-05-01T10:00:31.024Z");
    scene.crs = Some(Crs::epsg(32633));
    scene.cloud_cover = Some(12.5);
    scene.processing_baseline = Some("04.00".to_owned());
    scene.boa_offset_applied = Some(false);
    scene.sun_azimuth = Some(150.25);
    scene.sun_elevation = Some(55.5);
    scene.relative_orbit = Some(22);
    scene.datatake = Some("GS2A_20220501T100031_035800".to_owned());
    scene.assets = BTreeMap::from([
        asset("B04", &path("assets/1/B04.tif"), vec![band_named(1, "B04", 0.0)]),
        asset(
            "radar",
            "https://a.org/radar.tif",
            vec![band_named(1, "VV", f64::NAN), band_named(2, "VH", f64::INFINITY)],
        ),
    ]);
    scene
}

#[test]
fn a_scene_comes_back_as_it_was() {
    for style in [BandStyle::Bands, BandStyle::Extensions] {
        let scene = full_scene(Path::new("/data"));
        let item = StacItem::new(scene.clone(), style).to_json(Path::new("/data/items"));
        assert_eq!(item["assets"]["B04"]["href"], "../assets/1/B04.tif");
        assert_eq!(scene_of_item(&item, "/data/items/1.json", None).unwrap(), scene, "{style:?}");
    }
}

#[test]
fn the_dialects_differ_as_the_versions_do() {
    let scene = full_scene(Path::new("/data"));
    let new = StacItem::new(scene.clone(), BandStyle::Bands).to_json(Path::new("/data"));
    assert_eq!(
        new["assets"]["B04"]["bands"],
        json!([{ "name": "B04", "eo:common_name": "b04", "raster:scale": 0.0001, "raster:offset": -0.1, "nodata": 0 }])
    );
    assert_eq!(new["stac_version"], "1.1.0");
    let old = StacItem::new(scene, BandStyle::Extensions).to_json(Path::new("/data"));
    assert_eq!(old["assets"]["B04"]["eo:bands"], json!([{ "name": "B04", "common_name": "b04" }]));
    assert_eq!(
        old["assets"]["B04"]["raster:bands"],
        json!([{ "scale": 0.0001, "offset": -0.1, "nodata": 0 }])
    );
    assert_eq!(old["assets"]["radar"]["raster:bands"][0]["nodata"], "nan");
    assert_eq!(old["stac_version"], "1.0.0");
    let schemas = old["stac_extensions"].to_string();
    for schema in ["eo/v1.1.0", "raster/v1.1.0", "projection/v2.0.0", "view/v1.0.0", "sat/v1.0.0"] {
        assert!(schemas.contains(schema), "{schemas}");
    }
}

#[test]
fn a_map_says_its_grid_and_classes() {
    let folder = tempfile::tempdir().unwrap();
    let entry = |code, name: &str| LegendEntry {
        code: ClassCode(code),
        name: name.to_owned(),
        color: Rgb([0, 100, code]),
    };
    let legend = Legend::new(vec![entry(1, "no tree cover"), entry(2, "tree cover (old)")]).unwrap();
    let mut scene = bare_scene("map", "2022-01-01T00:00:00Z");
    scene.footprint = footprint(&grid()).unwrap();
    scene.crs = Some(Crs::epsg(32633));
    let href = folder.path().join("map.tif").to_string_lossy().into_owned();
    scene.assets = BTreeMap::from([asset("map", &href, Vec::new())]);
    let path = folder.path().join("map.json");
    let item = StacItem::new(scene.clone(), BandStyle::Bands)
        .with_classes("map", &legend)
        .with_property("end_datetime", "2022-12-31T00:00:00Z")
        .with_asset_field("map", "file:size", 1234);
    item.write(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    let map = &written["assets"]["map"];
    assert_eq!(map["href"], "./map.tif");
    assert_eq!(map["proj:shape"], json!([64, 32]));
    assert_eq!(map["proj:transform"], json!([20.0, 0.0, 600_000.0, 0.0, -20.0, 5_300_000.0]));
    assert_eq!(map["proj:bbox"], json!([600_000.0, 5_298_720.0, 600_640.0, 5_300_000.0]));
    assert_eq!(written["properties"]["proj:code"], "EPSG:32633");
    let first = json!({ "value": 1, "name": "no_tree_cover", "description": "no tree cover", "color_hint": "006401" });
    assert_eq!(map["classification:classes"][0], first);
    assert_eq!(map["classification:classes"][1]["name"], "tree_cover_old");
    assert!(written["stac_extensions"].to_string().contains("classification/v2.0.0"));
    assert!(written["bbox"][0].as_f64().unwrap() > 16.0);
    item.write(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "the same bytes again");
}

#[test]
fn a_catalogue_is_found_again_wherever_it_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    let info = |id: &str| CollectionInfo {
        id: id.to_owned(),
        description: "simulated".to_owned(),
        license: "CC0-1.0".to_owned(),
    };
    let mut second = full_scene(&here);
    second.id = "S2A_33UWP_2".to_owned();
    second.datetime = "2022-05-06T10:00:31Z".parse().unwrap();
    let items: Vec<StacItem> = [second, full_scene(&here)]
        .map(|scene| StacItem::new(scene, BandStyle::Extensions).with_property("grid:code", "MGRS-33UWP"))
        .into();
    write_catalog(&here, &info("sim"), &[(info("sentinel-2-l2a"), items)]).unwrap();

    let there = folder.path().join("there");
    std::fs::rename(&here, &there).unwrap();
    let found = open_catalog(&there.to_string_lossy()).unwrap().search(&Query::default()).unwrap();
    assert!(found.failures.is_empty(), "{:?}", found.failures);
    assert_eq!(found.scenes.len(), 2);
    assert_eq!(found.scenes[0], full_scene(&there));
    let collection = std::fs::read_to_string(there.join("sentinel-2-l2a/collection.json")).unwrap();
    assert!(collection.contains("2022-05-01T10:00:31.024Z") && collection.contains("2022-05-06T10:00:31Z"));
}
