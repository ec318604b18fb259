//! Items in the dialects that providers write.

use super::*;
use serde_json::json;

fn item(properties: Value, assets: Value) -> Value {
    json!({
        "type": "Feature", "stac_version": "1.0.0", "id": "S2A_33TVM",
        "geometry": { "type": "Polygon", "coordinates": [[[12, 45], [13, 45], [13, 46], [12, 46], [12, 45]]] },
        "properties": properties, "assets": assets, "links": [], "collection": "sentinel-2-l2a",
    })
}

fn read(item: &Value) -> Result<Scene> {
    scene_of_item(item, "/data/s2/item.json", None)
}

fn when() -> Value {
    json!({ "datetime": "2022-05-01T10:00:31.024Z" })
}

#[test]
fn the_dialect_of_stac_1_0() {
    let assets = json!({
        "red": {
            "href": "./B04.tif", "type": "image/tiff; application=geotiff", "roles": ["data"], "gsd": 10,
            "eo:bands": [{ "name": "B04", "common_name": "red" }],
            "raster:bands": [{ "scale": 0.0001, "offset": -0.1, "nodata": 0 }],
            "proj:shape": [10980, 10980], "proj:transform": [10, 0, 300000, 0, -10, 5000040],
        },
        "thumbnail": { "href": "https://a.org/t.jpg", "type": "image/jpeg", "roles": ["thumbnail"] },
        "metadata": { "href": "./m.xml", "type": "application/xml", "roles": ["metadata"] },
    });
    let properties = json!({
        "datetime": "2022-05-01T10:00:31.024Z", "platform": "sentinel-2a", "proj:epsg": 32633,
        "eo:cloud_cover": 12.5, "s2:processing_baseline": "04.00", "earthsearch:boa_offset_applied": true,
        "view:sun_azimuth": 150.0, "view:sun_elevation": 55.0, "sat:relative_orbit": 22,
        "s2:datatake_id": "GS2A_20220501T100031_035800_N04.00",
    });
    let scene = read(&item(properties, assets)).unwrap();
    assert_eq!(scene.crs, Some(Crs::epsg(32633)));
    assert_eq!((scene.cloud_cover, scene.relative_orbit), (Some(12.5), Some(22)));
    assert_eq!(scene.datatake.as_deref(), Some("GS2A_20220501T100031_035800"));
    assert_eq!((scene.processing_baseline.as_deref(), scene.boa_offset_applied), (Some("04.00"), Some(true)));
    assert_eq!((scene.sun_azimuth, scene.sun_elevation), (Some(150.0), Some(55.0)));
    let found = scene.band("B04").unwrap();
    assert_eq!(found.asset.href, "/data/s2/B04.tif");
    assert_eq!((found.band.scale, found.band.offset), (Some(1e-4), Some(-0.1)));
    assert_eq!(found.band.nodata, Some(Nodata::new(0.0)));
    let geobox = found.asset.geobox.as_ref().unwrap();
    assert_eq!(geobox.transform().to_gdal(), [300_000.0, 10.0, 0.0, 5_000_040.0, 0.0, -10.0]);
    assert!(scene.assets["metadata"].bands.is_empty(), "XML has no band");
}

#[test]
fn a_number_that_is_none_says_nothing() {
    for cover in [json!("NaN"), json!("inf"), json!(null)] {
        let properties = json!({
            "datetime": "2022-05-01T10:00:31Z", "eo:cloud_cover": cover, "view:sun_elevation": "nan",
        });
        let scene = read(&item(properties, json!({}))).unwrap();
        assert_eq!((scene.cloud_cover, scene.sun_elevation), (None, None), "{cover}");
    }
}

#[test]
fn the_dialect_of_stac_1_1() {
    let assets = json!({
        "B04_10m": {
            "href": "s3://eodata/B04.jp2", "type": "image/jp2", "nodata": 0, "raster:scale": 0.0001, "raster:offset": -0.1,
            "proj:code": "EPSG:32634",
            "bands": [{ "name": "B04", "eo:common_name": "red" }],
        },
        "stack": {
            "href": "stack.tif",
            "bands": [{ "name": "VV", "nodata": "nan" }, { "name": "VH", "raster:scale": 2.0, "nodata": "-inf" }],
        },
    });
    let scene = read(&item(json!({ "datetime": "2022-05-01T10:00:31Z", "proj:code": "EPSG:32633" }), assets))
        .unwrap();
    let red = scene.band("red").unwrap();
    assert_eq!((red.band.scale, red.band.offset), (Some(1e-4), Some(-0.1)), "said once at the asset");
    assert_eq!(red.band.nodata, Some(Nodata::new(0.0)));
    assert!(scene.band("VV").unwrap().band.nodata.unwrap().value().is_nan());
    let vh = scene.band("stack:vh").unwrap().band;
    assert_eq!((vh.index, vh.scale), (2, Some(2.0)));
    assert_eq!(vh.nodata.unwrap().value(), f64::NEG_INFINITY);
}

#[test]
fn a_collection_fills_the_gaps() {
    let collection = json!({ "item_assets": { "B04": {
        "type": "image/tiff", "roles": ["data"], "gsd": 10,
        "eo:bands": [{ "name": "B04", "common_name": "red" }],
        "raster:bands": [{ "scale": 0.0001, "offset": 0, "nodata": 0 }],
    } } });
    let assets = json!({ "B04": { "href": "B04.tif", "raster:bands": [{ "offset": -0.1 }] } });
    let scene = scene_of_item(&item(when(), assets), "/data/item.json", Some(&collection)).unwrap();
    let red = scene.band("red").unwrap();
    assert_eq!(
        (red.band.scale, red.band.offset),
        (Some(1e-4), Some(-0.1)),
        "the item's own word comes first"
    );
    assert_eq!((red.asset.gsd, red.asset.roles.as_slice()), (Some(10.0), ["data".to_owned()].as_slice()));
}

#[test]
fn nodata_as_a_word() {
    for (word, expected) in [("nan", f64::NAN), ("NaN", f64::NAN), ("inf", f64::INFINITY), ("-9999", -9999.0)]
    {
        let assets = json!({ "vv": { "href": "vv.tif", "raster:bands": [{ "nodata": word }] } });
        let scene = read(&item(when(), assets)).unwrap();
        assert_eq!(scene.band("VV").unwrap().band.nodata, Some(Nodata::new(expected)), "{word}");
    }
    let assets = json!({ "vv": { "href": "vv.tif", "raster:bands": [{ "nodata": "none" }] } });
    let message = read(&item(when(), assets)).unwrap_err().to_string();
    assert_eq!(
        message,
        "the STAC item at /data/s2/item.json has no usable `nodata` of asset `vv`: found \"none\""
    );
}

#[test]
fn a_picture_of_three_bands() {
    let assets = json!({ "visual": {
        "href": "TCI.tif", "type": "image/tiff", "roles": ["visual"],
        "eo:bands": [{ "name": "B04", "common_name": "red" }, { "name": "B03", "common_name": "green" }, { "name": "B02" }],
        "raster:bands": [{ "nodata": 0 }, { "nodata": 0 }, { "nodata": 0 }],
    } });
    let scene = read(&item(when(), assets)).unwrap();
    assert_eq!(scene.band("visual:green").unwrap().band.index, 2);
    assert_eq!(scene.band("visual:3").unwrap().band.name, "B02");
}

#[test]
fn outlines() {
    let mut over = item(when(), json!({}));
    over["geometry"]["coordinates"] =
        json!([[[179.5, -17], [-179.5, -17], [-179.5, -16], [179.5, -16], [179.5, -17]]]);
    assert_eq!(read(&over).unwrap().footprint.0.len(), 2, "cut at the antimeridian");
    let mut boxed = item(when(), json!({}));
    boxed["geometry"] = Value::Null;
    boxed["bbox"] = json!([179.5, -17, -179.5, -16]);
    assert_eq!(read(&boxed).unwrap().footprint.0.len(), 2);
    boxed["bbox"] = json!([1, 2, 0, 3, 4, 9]);
    assert_eq!(read(&boxed).unwrap().footprint.0.len(), 1);
    boxed["bbox"] = Value::Null;
    assert!(read(&boxed).unwrap_err().to_string().contains("`geometry`"));
}

#[test]
fn times() {
    let span = json!({ "datetime": null, "start_datetime": "2020-01-01T00:00:00Z", "end_datetime": "2020-02-01T00:00:00Z" });
    assert_eq!(read(&item(span, json!({}))).unwrap().datetime.to_rfc3339(), "2020-01-01T00:00:00+00:00");
    for (text, expected) in [
        ("2020-01-01T05:00:00", "2020-01-01T05:00:00+00:00"),
        ("2021-05-02", "2021-05-02T00:00:00+00:00"),
        ("2021-05-02 10:20:30", "2021-05-02T10:20:30+00:00"),
        ("2021-05-02 10:20:30.125Z", "2021-05-02T10:20:30.125+00:00"),
        ("2021-05-02T10:20:30.123456789Z", "2021-05-02T10:20:30.123456789+00:00"),
        ("2021-05-02 10:20:30.5+02:00", "2021-05-02T08:20:30.500+00:00"),
        ("2021-05-02T10:20:30-0330", "2021-05-02T13:50:30+00:00"),
        ("2021-05-02T10:20Z", "2021-05-02T10:20:00+00:00"),
        ("2021-05-02T10:20", "2021-05-02T10:20:00+00:00"),
        ("2021-05-02 10:20:30 UTC", "2021-05-02T10:20:30+00:00"),
    ] {
        let time =
            read(&item(json!({ "datetime": text }), json!({}))).map(|scene| scene.datetime.to_rfc3339());
        assert_eq!(time.ok().as_deref(), Some(expected), "{text}");
    }
    let open = json!({ "datetime": null, "start_datetime": null, "end_datetime": "2020-02-01" });
    assert_eq!(read(&item(open, json!({}))).unwrap().datetime.to_rfc3339(), "2020-02-01T00:00:00+00:00");
    for wrong in [json!({}), json!({ "datetime": "yesterday" }), json!({ "datetime": 20_200_101 })] {
        let message = read(&item(wrong, json!({}))).unwrap_err().to_string();
        assert!(message.contains("`datetime`"), "{message}");
    }
}

#[test]
fn baselines() {
    for (properties, expected) in [
        (json!({ "s2:processing_baseline": "05.09" }), Some("05.09")),
        (json!({ "processing:version": "05.11" }), Some("05.11")),
        (json!({ "processing:version": "v1.2.3" }), None),
        (
            json!({ "s2:product_uri": "S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE" }),
            Some("05.09"),
        ),
        (json!({}), None),
    ] {
        let mut stated = properties.clone();
        stated["datetime"] = json!("2022-05-01T10:00:31Z");
        let scene = read(&item(stated, json!({}))).unwrap();
        assert_eq!(scene.processing_baseline.as_deref(), expected, "{properties}");
    }
}

#[test]
fn an_item_without_what_it_needs() {
    for field in ["id", "assets"] {
        let mut broken = item(when(), json!({}));
        broken[field] = Value::Null;
        let message = read(&broken).unwrap_err().to_string();
        assert!(message.contains(&format!("`{field}`")), "{message}");
    }
    let no_href = json!({ "B04": { "roles": ["data"] }, "B08": { "href": "B08.tif" } });
    let scene = read(&item(when(), no_href)).unwrap();
    assert_eq!(scene.band_names(), ["B08"], "an asset without href is left out");
}
