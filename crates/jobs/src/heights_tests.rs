//! Tiles of heights as STAC collections have them, against the raster that they were cut from.

use super::*;
use ecotone_core::{Crs, GeoTransform, Shape2d, Window};
use ecotone_io::{CogOptions, write_cog};
use serde_json::{Value, json};

fn grid(epsg: u32, (x, y): (f64, f64), side: f64, (rows, cols): (usize, usize)) -> GeoBox {
    GeoBox::new(Shape2d::new(rows, cols), GeoTransform::north_up(XY::new(x, y), side), Crs::epsg(epsg))
}

/// Heights that depend on the place alone.
fn raster(geobox: &GeoBox) -> Raster<f32> {
    let Shape2d { rows, cols } = geobox.shape();
    let at = |row: usize, col: usize| {
        let place = geobox.transform().pixel_to_world(XY::new(col as f64 + 0.5, row as f64 + 0.5));
        (300.0 + (place.x * 7000.0).sin() * 120.0 + (place.y * 5000.0).cos() * 90.0) as f32
    };
    let values =
        (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))).map(|(row, col)| at(row, col));
    Raster::new(geobox.clone(), 1, values.collect(), None).unwrap()
}

fn write(folder: &Path, name: &str, raster: &Raster<f32>) -> PathBuf {
    let path = folder.join(name);
    write_cog(&path, raster, &CogOptions::default()).unwrap();
    path
}

/// A record of a tile.
fn item(id: &str, geobox: &GeoBox, assets: Value) -> Value {
    let BoundingBox { min, max } = lonlat_bounds(geobox).unwrap();
    json!({
        "type": "Feature", "stac_version": "1.0.0", "id": id, "collection": "dem", "links": [],
        "geometry": null, "bbox": [min.x, min.y, max.x, max.y],
        "properties": { "datetime": "2021-04-22T00:00:00Z" }, "assets": assets,
    })
}

fn collection(folder: &Path, items: &[Value]) -> PathBuf {
    let links: Vec<Value> =
        (0..items.len()).map(|i| json!({ "rel": "item", "href": format!("{i}.json") })).collect();
    for (i, item) in items.iter().enumerate() {
        std::fs::write(folder.join(format!("{i}.json")), item.to_string()).unwrap();
    }
    let collection = json!({ "type": "Collection", "id": "dem", "stac_version": "1.0.0", "links": links });
    std::fs::write(folder.join("collection.json"), collection.to_string()).unwrap();
    folder.to_owned()
}

fn data(href: &str) -> Value {
    json!({ "data": { "href": href, "type": "image/tiff; application=geotiff", "roles": ["data"] },
            "thumbnail": { "href": "t.png", "type": "image/png", "roles": ["thumbnail"] } })
}

/// Near 14° E, 50° N: degrees, as Copernicus's tiles are.
fn whole() -> GeoBox {
    GeoBox::new(
        Shape2d::new(90, 120),
        GeoTransform::from_gdal([14.9, 0.001, 0.0, 50.1, 0.0, -0.001]).unwrap(),
        Crs::epsg(4326),
    )
}

/// On the seam of the two halves of it.
fn on_the_seam() -> GeoBox {
    grid(32633, (495_000.0, 5_545_000.0), 30.0, (64, 96))
}

fn bits(raster: &Raster<f32>) -> Vec<u32> {
    raster.data().iter().map(|value| value.to_bits()).collect()
}

/// The two halves of the raster, as tiles of a collection, and the whole as a file.
fn halves(folder: &Path) -> (Vec<Value>, PathBuf) {
    let all = raster(&whole());
    let cut = |name: &str, window| {
        let half = all.crop(window).unwrap();
        write(folder, name, &half);
        half.geobox().clone()
    };
    let (west, east) = (cut("b.tif", Window::new(0, 0, 90, 50)), cut("a.tif", Window::new(0, 50, 90, 70)));
    (vec![item("b", &west, data("b.tif")), item("a", &east, data("./a.tif"))], write(folder, "all.tif", &all))
}

#[test]
fn two_tiles_are_one_raster() {
    let folder = tempfile::tempdir().unwrap();
    let (items, all) = halves(folder.path());
    let place = collection(folder.path(), &items);
    for target in
        [on_the_seam(), on_the_seam().zoom_out(8), whole(), whole().crop(Window::new(20, 30, 40, 41))]
    {
        let one = Heights::on(&target, &all).unwrap().read(&target).unwrap();
        for place in [place.clone(), place.join("collection.json")] {
            let heights = Heights::on(&target, &place).unwrap();
            let tiles = heights.read(&target).unwrap();
            assert_eq!(bits(&one), bits(&tiles), "{target:?}");
            assert!(tiles.valid_mask().iter().all(|valid| *valid));
            let found: Vec<&str> =
                heights.tiles().unwrap().iter().map(|tile| tile.href.rsplit('/').next().unwrap()).collect();
            assert_eq!(found, ["a.tif", "b.tif"], "in order of id");
            // Who reads the list back reads the same without asking.
            let again = Heights::of(place.clone(), heights.tiles().map(<[HeightTile]>::to_vec));
            assert_eq!(bits(&again.read(&target).unwrap()), bits(&tiles));
        }
    }
    let saved = json!({ "type": "FeatureCollection", "features": items });
    let file = folder.path().join("items.json");
    std::fs::write(&file, saved.to_string()).unwrap();
    let target = on_the_seam();
    let tiles = Heights::on(&target, &file).unwrap().read(&target).unwrap();
    assert_eq!(bits(&Heights::on(&target, &all).unwrap().read(&target).unwrap()), bits(&tiles));
}

#[test]
fn a_part_without_a_tile_has_no_height_and_none_at_all_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (items, all) = halves(folder.path());
    let place = collection(folder.path(), &items[..1]);
    let target = on_the_seam();
    let west = Heights::on(&target, &place).unwrap();
    let (tiles, one) =
        (west.read(&target).unwrap(), Heights::on(&target, &all).unwrap().read(&target).unwrap());
    let valid = tiles.valid_mask();
    let (first, last) = (valid.iter().step_by(96), valid.iter().skip(95).step_by(96));
    assert!(first.chain(last).enumerate().all(|(i, valid)| *valid == (i < 64)), "the west alone");
    let inner =
        |raster: &Raster<f32>| bits(raster).chunks(96).flat_map(|row| row[..40].to_vec()).collect::<Vec<_>>();
    assert_eq!(inner(&tiles), inner(&one));
    let beside = target.crop(Window::new(0, 80, 64, 16));
    let nothing = west.read(&beside).unwrap();
    assert!(nothing.valid_mask().iter().all(|valid| !valid));
    let elsewhere = grid(32633, (700_000.0, 5_545_000.0), 30.0, (64, 96));
    let message = Heights::on(&elsewhere, &place).unwrap_err().to_string();
    assert!(message.ends_with("has no tile of heights anywhere on the map's grid"), "{message}");
    assert!(!message.contains('('), "{message}");
}

#[test]
fn tiles_of_other_systems_and_the_first_where_two_have_a_height() {
    let folder = tempfile::tempdir().unwrap();
    let flat = |geobox: &GeoBox, height: f32| Raster::filled(geobox.clone(), 1, height, None);
    let target = on_the_seam();
    let utm = grid(32633, (494_000.0, 5_546_000.0), 25.0, (120, 90));
    let lonlat = whole();
    write(folder.path(), "utm.tif", &flat(&utm, 500.0));
    write(folder.path(), "lonlat.tif", &flat(&lonlat, 100.0));
    for (first, at_first) in [("a", 500.0), ("z", 100.0)] {
        let items = [item(first, &utm, data("utm.tif")), item("b", &lonlat, data("lonlat.tif"))];
        let heights =
            Heights::on(&target, &collection(folder.path(), &items)).unwrap().read(&target).unwrap();
        assert_eq!((heights.data()[0], heights.data()[95]), (at_first, 100.0), "{first}");
    }
}

#[test]
fn the_file_of_the_heights_must_be_clear() {
    let folder = tempfile::tempdir().unwrap();
    let target = on_the_seam();
    let raster = |href: &str, role: &str| json!({ "href": href, "type": "image/tiff", "roles": [role] });
    let choose = |assets: Value| {
        let place = collection(folder.path(), &[item("t", &whole(), assets)]);
        let heights = Heights::on(&target, &place)?;
        Ok::<_, Error>(heights.tiles().unwrap()[0].href.rsplit('/').next().unwrap().to_owned())
    };
    assert_eq!(choose(json!({ "x": raster("x.tif", "metadata") })).unwrap(), "x.tif");
    let mask = raster("m.tif", "mask");
    assert_eq!(choose(json!({ "x": raster("x.tif", "data"), "m": mask })).unwrap(), "x.tif");
    assert_eq!(choose(json!({ "elevation": raster("e.tif", "visual"), "m": mask })).unwrap(), "e.tif");
    let message = choose(json!({ "x": raster("x.tif", "visual"), "m": mask })).unwrap_err().to_string();
    assert!(
        message.starts_with("which file of tile t holds the heights is not clear (it has m, x)"),
        "{message}"
    );
}

#[test]
fn what_is_a_collection_and_what_a_raster() {
    for (place, expected) in [
        ("/data/dem.tif", false),
        ("dem.vrt", false),
        ("https://a.org/dem.tif?sig=x", false),
        ("https://a.org/items/dem.TIF", false),
        ("s3://bucket/dem.tif", false),
        ("/data/collection.json", true),
        ("https://a.org/dem/catalog.json?x=1", true),
        ("https://a.org/v1/collections/cop-dem-glo-30", true),
        ("https://a.org/v1/collections/dem.v2.0/", true),
        ("https://a.org/v1/search?collections=cop-dem-glo-30", true),
        (env!("CARGO_MANIFEST_DIR"), true),
    ] {
        assert_eq!(is_collection(Path::new(place)), expected, "{place}");
    }
}

#[test]
fn rectangles_meet_over_the_antimeridian_too() {
    let bounds = |west, east| BoundingBox { min: XY::new(west, 0.0), max: XY::new(east, 1.0) };
    for (a, b, expected) in [
        ((10.0, 11.0), (11.0, 12.0), true),
        ((10.0, 11.0), (11.5, 12.0), false),
        ((179.0, 180.0), (179.5, -179.5), true),
        ((-180.0, -179.0), (179.5, -179.5), true),
        ((-178.0, -177.0), (179.5, -179.5), false),
        ((179.0, -179.0), (-179.5, -179.2), true),
    ] {
        assert_eq!(meets(bounds(a.0, a.1), bounds(b.0, b.1)), expected, "{a:?} {b:?}");
        assert_eq!(meets(bounds(b.0, b.1), bounds(a.0, a.1)), expected, "{b:?} {a:?}");
    }
}
