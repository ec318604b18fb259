//! Whose a scene is, and how one gets at its files.

use super::super::{page_size_at, provider_named};
use super::*;
use crate::catalog::scene::tests::bare_scene;
use crate::{Asset, AssetBand};

/// A scene of an identifier, a collection (none where empty) and files of one band each.
fn scene(id: &str, collection: &str, files: &[(&str, &str)]) -> Scene {
    let mut scene = bare_scene(id, "2021-05-02T10:00:00Z");
    scene.collection = Some(collection.to_owned()).filter(|collection| !collection.is_empty());
    for (key, href) in files {
        let band = AssetBand { index: 1, name: (*key).to_owned(), ..AssetBand::default() };
        let (key, href) = ((*key).to_owned(), (*href).to_owned());
        scene.assets.insert(key.clone(), Asset { key, href, bands: vec![band], ..Asset::default() });
    }
    scene
}

#[track_caller]
fn check(id: &str, collection: &str, href: &str, expected: Option<(&str, &str)>) {
    let known = scene(id, collection, &[("red", href)]).known();
    assert_eq!(known.map(|known| (known.provider.name, known.collection.id)), expected, "{id} {href}");
}

#[test]
fn a_scene_is_known_by_its_files_its_collection_and_its_names() {
    let pc = "S2B_MSIL2A_20190629T212529_R043_T06VVN_20201006T080531";
    let cdse = "S2B_MSIL2A_20200322T074609_N0500_R135_T36NYH_20230612T214223";
    let (blob, own) = ("https://sentinel2l2a01.blob.core.windows.net/a/B04.tif?sig=x", "/data/B04.tif");
    check(pc, "sentinel-2-l2a", blob, Some(("planetary-computer", "sentinel-2-l2a")));
    check(pc, "sentinel-2-l2a", own, Some(("planetary-computer", "sentinel-2-l2a")));
    check(pc, "", own, Some(("planetary-computer", "sentinel-2-l2a")));
    check(cdse, "sentinel-2-l2a", "s3://eodata/a.jp2", Some(("cdse", "sentinel-2-l2a")));
    check(cdse, "sentinel-2-l2a", own, Some(("cdse", "sentinel-2-l2a")));
    check("S2A_28QCH_20200714_0_L2A", "sentinel-2-l2a", own, Some(("earth-search", "sentinel-2-l2a")));
    check(
        "S2A_28QCH_20200714_0_L2A",
        "sentinel-s2-l2a-cogs",
        own,
        Some(("earth-search-v0", "sentinel-s2-l2a-cogs")),
    );
    // A collection of people's own, or a name of their own in a collection, is theirs.
    check(pc, "mine", own, None);
    check("2021-05-02", "sentinel-2-l2a", own, None);
    // One name at several providers: where the files are decides.
    let landsat = "LC09_L2SP_010065_20220129_02_T1";
    let there = "https://landsateuwest.blob.core.windows.net/a/LC09_B4.TIF";
    check(landsat, "landsat-c2-l2", there, Some(("planetary-computer", "landsat-c2-l2")));
    check(landsat, "landsat-c2-l2", "s3://usgs-landsat/a.TIF", Some(("earth-search", "landsat-c2-l2")));
    let hls = "HLS.L30.T35UNQ.2022079T091000.v2.0";
    check(hls, "HLSL30_2.0", own, Some(("lpdaac", "HLSL30_2.0")));
    check(hls, "HLSL30.v2.0", own, Some(("lpdaac", "HLSL30_2.0")));
    check(hls, "hls2-l30", own, Some(("planetary-computer", "hls2-l30")));
    // A name that says nothing, files that do.
    let files = "s3://dea-public-data/a/ga_ls8c_nbart_3-1-0_088080_2020-05-25_final_band04.tif";
    check("2aa69fcf-aa55-4747-9d95-3652f9fe79b0", "", files, Some(("de-australia", "ga_ls8c_ard_3")));
}

#[test]
fn bands_are_found_by_resolution_and_by_the_providers_names() {
    #[track_caller]
    fn check(scene: &Scene, band: &str, key: Option<&str>) {
        assert_eq!(scene.band(band).ok().map(|found| found.asset.key.as_str()), key, "{band}");
    }
    let files = [("SCL_20m", "a.jp2"), ("SCL_60m", "b.jp2"), ("B04_20m", "c.jp2"), ("B04_10m", "d.jp2")];
    let sentinel2 = scene("s", "mine", &files);
    check(&sentinel2, "SCL", Some("SCL_20m"));
    check(&sentinel2, "scl_60m", Some("SCL_60m"));
    check(&sentinel2, "B04", Some("B04_10m"));
    check(&sentinel2, "red", Some("B04_10m"));
    check(&sentinel2, "B0", None);
    let mut finest = sentinel2;
    finest.assets.get_mut("SCL_60m").unwrap().gsd = Some(20.0);
    finest.assets.get_mut("SCL_20m").unwrap().gsd = Some(60.0);
    check(&finest, "SCL", Some("SCL_60m"));
    let mut landsat =
        scene("LC08_L2SR_099120_20191129_20201016_02_T2", "landsat-c2l2-sr", &[("SR_B4.TIF", "a")]);
    landsat.platform = None;
    check(&landsat, "red", Some("SR_B4.TIF"));
    check(&landsat, "green", None);
}

#[test]
fn pages_are_as_large_as_a_provider_can_do() {
    assert_eq!(provider_named("Earth-Search").map(|provider| provider.page_size), Some(100));
    assert!(provider_named("earth").is_none());
    assert_eq!(page_size_at("https://planetarycomputer.microsoft.com/api/stac/v1/search"), Some(250));
    assert_eq!(page_size_at("https://a.org/search"), None);
}
