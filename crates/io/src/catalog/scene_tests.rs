//! Scenes as providers describe them, and how their bands are found.

use super::*;
use ecotone_core::{GeoTransform, Shape2d};

/// A scene with no file.
pub(crate) fn bare_scene(id: &str, datetime: &str) -> Scene {
    Scene {
        id: id.to_owned(),
        collection: Some("sentinel-2-l2a".to_owned()),
        datetime: datetime.parse().unwrap(),
        platform: Some("sentinel-2a".to_owned()),
        footprint: MultiPolygon(vec![geo_types::Rect::new((12.0, 45.0), (13.0, 46.0)).to_polygon()]),
        cloud_cover: None,
        processing_baseline: None,
        boa_offset_applied: None,
        sun_azimuth: None,
        sun_elevation: None,
        relative_orbit: None,
        datatake: None,
        crs: None,
        assets: BTreeMap::new(),
    }
}

#[test]
fn a_grid_that_is_not_where_the_scene_is_is_not_believed() {
    let scene = bare_scene("a", "2021-05-02T10:00:00Z");
    let told = |coefficients| {
        let transform = GeoTransform::from_gdal(coefficients).unwrap();
        let geobox = Some(GeoBox::new(Shape2d::new(5490, 5490), transform, Crs::epsg(32633)));
        scene.told_grid(&Asset { geobox, ..Asset::default() }).is_some()
    };
    // A tile at 12 to 13.5 degrees east and 45 to 46 north; the same with its numbers in GDAL's order; another zone.
    assert!(told([300_000.0, 20.0, 0.0, 5_100_000.0, 0.0, -20.0]));
    assert!(!told([0.0, 300_000.0, 20.0, -20.0, 5_100_000.0, 0.0]));
    assert!(!told([900_000.0, 20.0, 0.0, 5_100_000.0, 0.0, -20.0]));
    assert_eq!(scene.told_grid(&Asset::default()), None);
}

/// Key, role, gsd, and names and common names of the bands.
type Described<'a> = (&'a str, &'a str, f64, &'a [(&'a str, Option<&'a str>)]);

fn with_assets(assets: &[Described<'_>]) -> Scene {
    let mut scene = bare_scene("S2A_x", "2020-01-01T00:00:00Z");
    for (key, role, gsd, bands) in assets {
        let bands = bands.iter().enumerate().map(|(i, (name, common))| AssetBand {
            index: i + 1,
            name: (*name).to_owned(),
            common_name: common.map(str::to_owned),
            ..AssetBand::default()
        });
        let asset = Asset {
            key: (*key).to_owned(),
            href: format!("/data/{key}.tif"),
            roles: vec![(*role).to_owned()],
            gsd: Some(*gsd),
            bands: bands.collect(),
            ..Asset::default()
        };
        scene.assets.insert(asset.key.clone(), asset);
    }
    scene
}

#[track_caller]
fn check(scene: &Scene, name: &str, asset: &str, index: usize) {
    let found = scene.band(name).unwrap();
    assert_eq!((found.asset.key.as_str(), found.band.index), (asset, index), "{name}");
}

#[test]
fn twins_are_of_one_name_time_and_place() {
    let at = |west: f64, time: &str| {
        let footprint = geo_types::Rect::new((west, 45.0), (west + 1.0, 46.0)).to_polygon();
        Scene { footprint: MultiPolygon(vec![footprint]), ..bare_scene("2020-03-01", time) }
    };
    let scene = at(12.0, "2020-03-01T10:00:00Z");
    for (other, twin) in [
        (at(12.0, "2020-03-01T10:00:00Z"), true),
        (at(12.3, "2020-03-01T10:00:12Z"), true),
        (at(13.0, "2020-03-01T10:00:00Z"), false),
        (at(12.9, "2020-03-01T10:00:00Z"), false),
        (at(12.0, "2020-03-11T10:00:00Z"), false),
        (Scene { id: "other".to_owned(), ..scene.clone() }, false),
        (Scene { collection: None, ..scene.clone() }, false),
        (Scene { footprint: MultiPolygon(Vec::new()), ..scene.clone() }, true),
    ] {
        assert_eq!((scene.is_twin(&other), other.is_twin(&scene)), (twin, twin), "{other:?}");
        assert!(twin || scene.key() != other.key(), "{}", scene.key());
    }
    assert_eq!(scene.key(), "sentinel-2-l2a/2020-03-01 2020-03-01T10:00:00Z 12.500000,45.500000");
    let over_the_date_line = |west: f64| {
        let side = |x0: f64, x1: f64| geo_types::Rect::new((x0, -17.0), (x1, -16.0)).to_polygon();
        let footprint = MultiPolygon(vec![side(west, 180.0), side(-180.0, -179.5)]);
        Scene { footprint, ..scene.clone() }
    };
    assert!(over_the_date_line(179.5).is_twin(&over_the_date_line(179.4)));
    assert!(over_the_date_line(179.5).key().ends_with(" 180.000000,-16.500000"));
}

#[test]
fn a_provider_that_names_by_colour() {
    let scene = with_assets(&[
        ("red", "data", 10.0, &[("red", Some("red"))]),
        ("rededge1", "data", 20.0, &[("rededge1", Some("rededge"))]),
        ("rededge2", "data", 20.0, &[("rededge2", Some("rededge"))]),
        ("scl", "data", 20.0, &[("scl", None)]),
        ("visual", "visual", 10.0, &[("red", Some("red")), ("green", Some("green")), ("blue", Some("blue"))]),
    ]);
    check(&scene, "B04", "red", 1);
    check(&scene, "b4", "red", 1);
    check(&scene, "red", "red", 1);
    check(&scene, "B05", "rededge1", 1);
    check(&scene, "B06", "rededge2", 1);
    check(&scene, "SCL", "scl", 1);
    check(&scene, "visual:green", "visual", 2);
    check(&scene, "visual:3", "visual", 3);
    assert_eq!(scene.identity(scene.band("visual:red").unwrap()), None, "brightness of a picture");
}

#[test]
fn a_provider_that_names_by_number() {
    let scene = with_assets(&[
        ("B04", "data", 10.0, &[("B04", Some("red"))]),
        ("B04_20m", "data", 20.0, &[("B04", Some("red"))]),
        ("B05", "data", 20.0, &[("B05", Some("rededge"))]),
        ("TCI", "visual", 5.0, &[("red", None), ("2", None), ("B03", None)]),
    ]);
    check(&scene, "red", "B04", 1);
    assert!(!scene.has_band("B03"), "8-bit green is no B03");
    check(&scene, "B04", "B04", 1);
    check(&scene, "B04_20m", "B04_20m", 1);
    check(&scene, "rededge1", "B05", 1);
    check(&scene, "TCI:2", "TCI", 2);
}

#[test]
fn a_name_of_a_sensor_is_its_own_band() {
    let of = |platform: &str, names: &[&'static str]| {
        let bands: Vec<[(&str, Option<&str>); 1]> = names.iter().map(|name| [(*name, None)]).collect();
        let assets: Vec<Described<'_>> =
            names.iter().zip(&bands).map(|(name, band)| (*name, "data", 30.0, &band[..])).collect();
        Scene { collection: None, platform: Some(platform.to_owned()), ..with_assets(&assets) }
    };
    #[track_caller]
    fn finds(scene: &Scene, name: &str, key: &str, common_name: &str) {
        let found = scene.band(name).unwrap();
        assert_eq!(found.asset.key, key, "{name}");
        assert_eq!(scene.identity(found).unwrap().common_name, common_name, "{name}");
    }
    let hls = ["B02", "B04", "B05", "B06", "B07", "B10", "B11", "Fmask"];
    let s30 = of("sentinel-2a", &[&hls[..], &["B8A", "B12"]].concat());
    let s30 = Scene { id: "HLS.S30.T31UFQ".to_owned(), ..s30 };
    let l30 = Scene { id: "HLS.L30.T31UFQ".to_owned(), ..of("landsat-8", &hls) };
    finds(&s30, "nir08", "B8A", "nir08");
    finds(&l30, "nir08", "B05", "nir08");
    finds(&s30, "swir16", "B11", "swir16");
    finds(&l30, "swir16", "B06", "swir16");
    finds(&s30, "B05", "B05", "rededge071");
    finds(&l30, "B05", "B05", "nir08");
    finds(&l30, "B11", "B11", "lwir12");
    assert!(!l30.has_band("rededge1") && !l30.has_band("B8A"));
    assert!(l30.identity(l30.band("Fmask").unwrap()).is_none());

    let usgs = of("LANDSAT_8", &["SR_B2.TIF", "SR_B5.TIF", "QA_PIXEL.TIF"]);
    finds(&usgs, "blue", "SR_B2.TIF", "blue");
    finds(&usgs, "B05", "SR_B5.TIF", "nir08");
    let seventh = of("landsat-7", &["SR_B3", "SR_B4"]);
    finds(&seventh, "red", "SR_B3", "red");
    finds(&seventh, "SR_B4", "SR_B4", "nir08");
    let australia = of("sentinel-2a", &["nbart_nir_2", "nbart_swir_2", "nbart_red", "oa_fmask"]);
    finds(&australia, "B8A", "nbart_nir_2", "nir08");
    finds(&australia, "swir16", "nbart_swir_2", "swir16");
    let australia = of("landsat-8", &["nbart_nir", "nbart_swir_2"]);
    finds(&australia, "swir22", "nbart_swir_2", "swir22");
}

#[test]
fn a_missing_band_names_what_there_is() {
    let scene = with_assets(&[
        ("B04", "data", 10.0, &[("B04", Some("red"))]),
        ("TCI", "visual", 10.0, &[("1", None), ("2", None)]),
    ]);
    let message = scene.band("B08").unwrap_err().to_string();
    assert_eq!(message, "scene S2A_x has no band `B08` (it has B04, TCI:1, TCI:2)");
    assert!(scene.band("TCI").is_err(), "a picture of two bands is not one band");
    assert!(scene.band("TCI:4").is_err());
}
