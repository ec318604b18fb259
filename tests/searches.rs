//! Catalogues as servers give them: pages that are empty, repeat themselves or never end, and heights in tiles.

use crate::harness::{catalogue, json, predict_with, run, same, scratch, train, trained};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

/// The items of the small catalogue, files by their whole addresses.
fn items() -> Vec<Value> {
    let (mut items, mut waiting) = (Vec::new(), VecDeque::from([catalogue().join("catalog.json")]));
    while let Some(place) = waiting.pop_front() {
        let folder = place.parent().unwrap();
        let mut document = json(&place);
        if document["type"] == "Feature" {
            for asset in document["assets"].as_object_mut().unwrap().values_mut() {
                let file = folder.join(asset["href"].as_str().unwrap());
                asset["href"] = json!(format!("file://{}", file.display()));
            }
            document["links"] = json!([]);
            items.push(document);
            continue;
        }
        for link in document["links"].as_array().unwrap() {
            if matches!(link["rel"].as_str(), Some("item" | "child")) {
                waiting.push_back(folder.join(link["href"].as_str().unwrap()));
            }
        }
    }
    items
}

/// The path of a request; its body is read and left aside.
fn asked(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    first.split_whitespace().nth(1).map(str::to_owned)
}

/// An API whose search gives pages of three items, the second page empty, after the last the first again under ever new
/// links; and which says that it has so many items more than it has.
fn api(more: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (items, own) = (items(), url.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let Some(path) = asked(&stream) else { continue };
            let body = match path.as_str() {
                "/" => {
                    let links = [("GET", "search"), ("POST", "search")];
                    let link = |(method, rel)| json!({ "rel": rel, "href": format!("{own}/search"), "method": method });
                    json!({ "type": "Catalog", "id": "api", "links": links.map(link) })
                }
                path => {
                    let page: usize = path.split("page=").nth(1).map_or(0, |page| page.parse().unwrap());
                    let full = if page == 0 { 0 } else { page - 1 };
                    let from = if full * 3 < items.len() { full * 3 } else { 0 };
                    let features = if page == 1 { &[] } else { &items[from..items.len().min(from + 3)] };
                    let next = json!({ "rel": "next", "href": format!("{own}/search?page={}", page + 1) });
                    let matched = items.len() + more;
                    json!({ "type": "FeatureCollection", "features": features, "links": [next],
                            "numberMatched": matched })
                }
            };
            let body = body.to_string();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

fn predict(address: &str, out: &Path) -> Vec<String> {
    let grid = catalogue().join("truth.tif").display().to_string();
    let mut words = predict_with(trained(), catalogue(), out, &["--grid", &grid]);
    let place = words.iter().position(|word| word == "--catalog").unwrap() + 1;
    words[place] = address.to_owned();
    words
}

#[test]
fn endless_pages_and_empty_ones_make_the_map_of_the_folder() {
    let (folder, there, short) = (scratch(), scratch(), scratch());
    let static_one = catalogue().join("catalog.json").display().to_string();
    run(&predict(&static_one, folder.path())).exits(0);
    run(&predict(&api(0), there.path())).exits(0);
    same(folder.path(), there.path(), &["map.tif", "confidence.tif"]);

    // What is missing is said, and the map is made all the same.
    let count = items().len();
    let said = run(&predict(&api(5), short.path())).exits(2);
    said.names(&[&format!("says that {} items match and gave {count}", count + 5)]);
    same(folder.path(), short.path(), &["map.tif", "confidence.tif"]);
}

#[test]
fn heights_in_tiles_are_the_raster_that_they_make() {
    let (model, raster, tiles, dem) = (scratch(), scratch(), scratch(), scratch());
    let heights = catalogue().join("dem.tif");
    run(&train(catalogue(), model.path(), &["--set", "inputs.dem={catalog}/dem.tif"])).exits(0);
    let predict = |dem: &Path, out: &Path, code: i32| {
        let dem = dem.display().to_string();
        run(&predict_with(model.path(), catalogue(), out, &["--dem", &dem])).exits(code)
    };
    let collection = |bounds: [f64; 4]| -> PathBuf {
        let item = json!({
            "type": "Feature", "stac_version": "1.0.0", "id": "tile", "collection": "dem", "links": [],
            "geometry": null, "bbox": bounds,
            "properties": { "datetime": "2021-04-22" },
            "assets": { "data": { "href": heights, "type": "image/tiff; application=geotiff" } },
        });
        let links = json!([{ "rel": "item", "href": "tile.json" }]);
        let collection =
            json!({ "type": "Collection", "id": "dem", "stac_version": "1.0.0", "links": links });
        std::fs::write(dem.path().join("tile.json"), item.to_string()).unwrap();
        std::fs::write(dem.path().join("collection.json"), collection.to_string()).unwrap();
        dem.path().to_owned()
    };
    predict(&heights, raster.path(), 0);
    predict(&collection([-90.0, -60.0, 90.0, 80.0]), tiles.path(), 0);
    same(raster.path(), tiles.path(), &["map.tif", "confidence.tif"]);
    let plan = json(&tiles.path().join("plan.json"));
    assert_eq!(plan["height_tiles"][0]["href"], json!(heights), "{}", plan["height_tiles"]);
    assert!(json(&raster.path().join("plan.json"))["height_tiles"].is_null());

    let nowhere = scratch();
    predict(&collection([-80.0, -60.0, -70.0, -50.0]), nowhere.path(), 1).names(&["has no tile of heights"]);
}
