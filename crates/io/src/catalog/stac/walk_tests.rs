//! Static catalogues on disk: small ones of our own, and the real ones where they are at hand.

use super::*;
use crate::{Catalog, Found, Query, open_catalog, search_all};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn put(folder: &Path, name: &str, value: &Value) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, value.to_string()).unwrap();
}

fn branch(kind: &str, links: &[(&str, &str)]) -> Value {
    let links: Vec<Value> = links.iter().map(|(rel, href)| json!({ "rel": rel, "href": href })).collect();
    json!({ "type": kind, "id": kind, "stac_version": "1.0.0", "links": links })
}

fn item(id: &str) -> Value {
    json!({
        "type": "Feature", "stac_version": "1.0.0", "id": id, "bbox": [12, 45, 13, 46],
        "properties": { "datetime": "2020-01-01T00:00:00Z" }, "assets": { "B04": { "href": "B04.tif" } },
        "links": [{ "rel": "collection", "href": "./collection.json" }], "collection": "c",
    })
}

fn search(location: &Path) -> crate::Result<Found> {
    open_catalog(&location.to_string_lossy())?.search(&Query::default())
}

fn ids(found: &Found) -> Vec<&str> {
    found.scenes.iter().map(|scene| scene.id.as_str()).collect()
}

#[test]
fn more_items_than_are_read_at_once_come_in_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let names: Vec<String> = (0..3 * AT_ONCE + 1).map(|i| format!("i{i:03}")).collect();
    let hrefs: Vec<String> = names.iter().rev().map(|name| format!("{name}.json")).collect();
    let mut links: Vec<(&str, &str)> = hrefs.iter().map(|href| ("item", href.as_str())).collect();
    links.push(("item", "gone.json"));
    put(at, "catalog.json", &branch("Catalog", &links));
    for name in &names {
        put(at, &format!("{name}.json"), &item(name));
    }
    let found = search(at).unwrap();
    assert_eq!(ids(&found), names);
    assert_eq!(found.failures.len(), 1);
    assert!(found.failures[0].href.ends_with("gone.json"));
}

/// How many answers a server is at, at most was, and has given.
#[derive(Default)]
struct Counts {
    now: usize,
    most: usize,
    given: usize,
}

/// A server of a catalogue of so many items that counts its answers.
fn serve(items: usize) -> (String, Arc<Mutex<Counts>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counts = Arc::new(Mutex::new(Counts::default()));
    let log = Arc::clone(&counts);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), log) = (stream, Arc::clone(&log)) else { continue };
            std::thread::spawn(move || {
                let mut line = String::new();
                BufReader::new(&stream).read_line(&mut line).unwrap();
                let name = line.split(['/', ' ', '.']).nth(2).unwrap().to_owned();
                let body = match name.as_str() {
                    "catalog" => {
                        let hrefs: Vec<String> = (0..items).map(|i| format!("i{i:03}.json")).collect();
                        let links: Vec<(&str, &str)> =
                            hrefs.iter().map(|href| ("item", href.as_str())).collect();
                        branch("Catalog", &links)
                    }
                    "collection" => branch("Collection", &[]),
                    name => item(name),
                }
                .to_string();
                {
                    let mut counts = log.lock().unwrap();
                    counts.now += 1;
                    counts.most = counts.most.max(counts.now);
                    counts.given += 1;
                }
                std::thread::sleep(Duration::from_millis(20));
                log.lock().unwrap().now -= 1;
                let head = "HTTP/1.1 200 OK\r\nConnection: close";
                let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            });
        }
    });
    (url, counts)
}

#[test]
fn far_items_are_read_side_by_side_but_no_more_are_held_than_that() {
    let count = 5 * AT_ONCE;
    let (url, counts) = serve(count);
    let found = open_catalog(&format!("{url}/catalog.json")).unwrap().search(&Query::default()).unwrap();
    assert_eq!((found.scenes.len(), found.failures.len()), (count, 0));
    let Counts { most, given, .. } = *counts.lock().unwrap();
    assert!(most <= AT_ONCE && most > 1, "{most} at once");
    assert_eq!(given, count + 2, "each item, the catalogue, and their one collection");
}

#[test]
fn children_items_and_circles() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "catalog.json", &branch("Catalog", &[("child", "./c/collection.json"), ("item", "lone.json")]));
    let links = [("child", "../catalog.json"), ("item", "a.json"), ("item", "./a.json"), ("item", "b.json")];
    let mut collection = branch("Collection", &links);
    collection["item_assets"] = json!({ "B04": { "raster:bands": [{ "scale": 0.0001 }] } });
    put(at, "c/collection.json", &collection);
    put(at, "c/a.json", &item("a"));
    put(at, "c/b.json", &item("b"));
    put(at, "lone.json", &item("lone"));
    let found = search(at).unwrap();
    assert_eq!(ids(&found), ["a", "b", "lone"]);
    assert!(found.failures.is_empty(), "{:?}", found.failures);
    assert_eq!(found.scenes[0].assets["B04"].href, at.join("c/B04.tif").to_string_lossy());
    assert_eq!(found.scenes[0].band("B04").unwrap().band.scale, Some(1e-4), "from the collection");
    assert_eq!(found.scenes[2].band("B04").unwrap().band.scale, None);
    assert_eq!(
        ids(&search(&at.join("c/collection.json")).unwrap()),
        ["a", "b", "lone"],
        "up through the circle"
    );
    let alone = search(&at.join("c/a.json")).unwrap();
    assert_eq!(alone.scenes[0].band("B04").unwrap().band.scale, Some(1e-4), "an item finds its collection");
}

#[test]
fn an_item_collection_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let features = [item("b"), item("a"), json!({ "type": "Feature", "id": "broken" })];
    put(folder.path(), "items.json", &json!({ "type": "FeatureCollection", "features": features }));
    let found = search(&folder.path().join("items.json")).unwrap();
    assert_eq!(ids(&found), ["a", "b"]);
    assert_eq!(found.failures.len(), 1);
}

#[test]
fn a_saved_page_is_followed_to_the_others() {
    let at = tempfile::tempdir().unwrap();
    let save = |name: &str, items: &[Value], next: Value| {
        let next =
            json!({ "type": "FeatureCollection", "features": items, "numberMatched": 3, "links": [next] });
        put(at.path(), name, &next);
        search(&at.path().join(name)).unwrap()
    };
    save("2.json", &[item("c")], json!({ "rel": "self", "href": "2.json" }));
    let found = save("1.json", &[item("a"), item("b")], json!({ "rel": "next", "href": "./2.json" }));
    assert_eq!((ids(&found), &found.failures), (vec!["a", "b", "c"], &Vec::new()));
    // Nobody is there any more; or nobody knows what was asked for.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let next = json!({ "rel": "next", "href": format!("http://{gone}/search?page=2") });
    let client = Client::new(crate::Patience { in_all: Duration::ZERO, ..crate::Patience::default() });
    let page =
        json!({ "type": "FeatureCollection", "features": [item("a")], "numberMatched": 3, "links": [next] });
    put(at.path(), "page.json", &page);
    let document = Document::read(&client, &at.path().join("page.json").to_string_lossy()).unwrap();
    let found = read_static(&client, document).unwrap().search(&Query::default()).unwrap();
    assert_eq!(ids(&found), ["a"]);
    let [place, server] = &found.failures[..] else { panic!("{:?}", found.failures) };
    assert!(place.reason.contains("says that 3 items match and gave 1"), "{place:?}");
    assert!(server.href.contains("/search?page=2"), "{server:?}");
    let next =
        json!({ "rel": "next", "href": "http://a.org/search", "method": "POST", "merge": true, "body": {} });
    let found = save("post.json", &[item("a"), item("b"), item("c")], next);
    assert_eq!(found.failures.len(), 1);
    assert!(found.failures[0].reason.contains("without saying what was searched"), "{:?}", found.failures);
}

#[test]
fn texts_and_addresses_as_people_have_them() {
    let at = tempfile::tempdir().unwrap();
    let folder = at.path().join("my dir");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("item.json"), format!("\u{feff}{}", item("a"))).unwrap();
    std::fs::write(folder.join("x y.tif"), "").unwrap();
    std::fs::write(folder.join("50%25.tif"), "").unwrap();
    let mut other = item("b");
    other["assets"] = json!({ "B03": { "href": "x%20y.tif" }, "B04": { "href": "50%25.tif" } });
    put(&folder, "other.json", &other);
    let links = [("item", "item.json"), ("item", "other.json")];
    put(&folder, "catalog.json", &branch("Catalog", &links));
    let address = format!("file://{}/my%20dir/catalog.json", at.path().display());
    let found = open_catalog(&address).unwrap().search(&Query::default()).unwrap();
    assert_eq!((ids(&found), &found.failures), (vec!["a", "b"], &Vec::new()));
    let href = |band: &str| Path::new(&found.scenes[1].assets[band].href).strip_prefix(&folder).unwrap();
    assert_eq!(href("B03"), Path::new("x y.tif"));
    assert_eq!(href("B04"), Path::new("50%25.tif"), "a file of that very name");
}

#[test]
fn bad_records_are_listed_and_the_good_stay() {
    let folder = tempfile::tempdir().unwrap();
    let links = [
        ("item", "good.json"),
        ("item", "gone.json"),
        ("item", "half.json"),
        ("item", "other.json"),
        ("child", "gone/c.json"),
    ];
    put(folder.path(), "catalog.json", &branch("Catalog", &links));
    put(folder.path(), "good.json", &item("good"));
    std::fs::write(folder.path().join("half.json"), &item("half").to_string()[..80]).unwrap();
    put(folder.path(), "other.json", &json!({ "type": "Topology" }));
    let found = search(folder.path()).unwrap();
    assert_eq!(ids(&found), ["good"]);
    let failures: Vec<&str> = found.failures.iter().filter_map(|f| f.href.rsplit('/').next()).collect();
    assert_eq!(failures, ["gone.json", "c.json", "half.json", "other.json"]);
    assert!(found.failures[2].reason.contains("as JSON: EOF"), "{}", found.failures[2].reason);
    assert!(found.failures[3].reason.contains("type `Topology`"), "{}", found.failures[3].reason);
}

#[test]
fn what_is_no_catalogue_and_what_is_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "empty.json", &branch("Catalog", &[]));
    let error = search(&folder.path().join("empty.json")).unwrap_err();
    assert!(matches!(error, Error::EmptyCatalog { .. }), "{error}");
    assert!(error.to_string().ends_with("empty.json has no scene"), "{error}");
    put(folder.path(), "geo.json", &json!({ "type": "Point", "coordinates": [1, 2] }));
    assert!(matches!(search(&folder.path().join("geo.json")), Err(Error::NotACatalog { .. })));
    std::fs::write(folder.path().join("text.json"), "hello").unwrap();
    assert!(matches!(search(&folder.path().join("text.json")), Err(Error::CatalogJson { .. })));
    assert!(matches!(search(&folder.path().join("none.json")), Err(Error::CatalogRead { .. })));
}

#[test]
fn the_real_catalogues() {
    let Some(data) = std::env::var_os("ECOTONE_REAL_DATA") else {
        println!("skipped: ECOTONE_REAL_DATA is unset");
        return;
    };
    let open = |name: &str| open_catalog(&Path::new(&data).join(name).to_string_lossy()).unwrap();
    let catalogs = [open("flanders-2018"), open("slovenia-2015"), open("vosges-forest")];
    let found = search_all(&catalogs, &[Query::default()]).unwrap();
    assert!(found.failures.is_empty(), "{:?}", found.failures);
    let count = |collection: &str| {
        found.scenes.iter().filter(|scene| scene.collection.as_deref() == Some(collection)).count()
    };
    let counts = ["sentinel-2-l2a", "sentinel-1-grd", "sentinel-2-l1c", "sentinel-2-l2a-theia"].map(count);
    assert_eq!(counts, [118, 159, 5, 187]);
    for scene in &found.scenes {
        for asset in scene.assets.values() {
            assert!(Path::new(&asset.href).is_file(), "{}", asset.href);
            assert!(asset.geobox.is_some(), "{}", asset.href);
            if scene.collection.as_deref() == Some("sentinel-2-l1c") {
                let file = crate::RasterDataset::open(&asset.href).unwrap();
                let told = asset.geobox.as_ref().unwrap();
                assert!(file.geobox().window_of(told).is_some(), "{told:?} {:?}", file.geobox());
            }
        }
    }
    let radar = found.scenes.iter().find(|s| s.collection.as_deref() == Some("sentinel-1-grd")).unwrap();
    assert!(radar.band("VV").unwrap().band.nodata.unwrap().value().is_nan());
    let theia =
        found.scenes.iter().find(|s| s.collection.as_deref() == Some("sentinel-2-l2a-theia")).unwrap();
    let nir = theia.band("nir08").unwrap();
    assert_eq!((nir.band.name.as_str(), nir.band.nodata.unwrap().value()), ("B8A", -10_000.0));
    assert!(theia.has_band("CLM"));
    let march = Query {
        from: "2018-03-01T00:00:00Z".parse().ok(),
        to: "2018-04-01T00:00:00Z".parse().ok(),
        max_cloud_cover: Some(50.0),
        collections: vec!["sentinel-2-l2a".to_owned()],
        ..Query::default()
    };
    let some = search_all(&catalogs, std::slice::from_ref(&march)).unwrap();
    assert!(!some.scenes.is_empty() && some.scenes.iter().all(|scene| march.accepts(scene)));
}
