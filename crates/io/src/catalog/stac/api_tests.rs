//! Against a small server on this machine.

use super::*;
use crate::{Patience, open_catalog};
use ecotone_core::{BoundingBox, XY};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as the server saw it.
#[derive(Debug, Clone)]
struct Seen {
    method: String,
    path: String,
    headers: String,
    body: Value,
}

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers each request with the status, headers and body that `answer` makes of it and of its number (from 0),
    /// in which `URL` stands for the server's own. Status 0 drops the connection.
    fn start(answer: impl Fn(usize, &Seen) -> (u16, &'static str, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (Arc::clone(&seen), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = receive(&stream) else { continue };
                let number = log.lock().unwrap().len();
                let (status, headers, body) = answer(number, &request);
                log.lock().unwrap().push(request);
                if status == 0 {
                    continue;
                }
                let body = body.replace("URL", &own);
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
                );
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn receive(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut headers, mut length) = (String::new(), String::new(), 0);
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
        headers += &line.to_ascii_lowercase();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some(Seen { method: words.next()?, path: words.next()?, headers, body })
}

/// With one try, or several.
fn patient(tries: u32) -> Client {
    let (first_wait, longest_wait) = (Duration::from_millis(1), Duration::from_millis(20));
    let in_all = Duration::from_millis(if tries > 1 { 500 } else { 0 });
    Client::new(Patience { first_wait, longest_wait, in_all, ..Patience::default() })
}

fn feature(id: &str, day: u32) -> Value {
    json!({
        "type": "Feature", "stac_version": "1.0.0", "id": id, "collection": "s2",
        "geometry": { "type": "Polygon", "coordinates": [[[12, 45], [13, 45], [13, 46], [12, 45]]] },
        "properties": { "datetime": format!("2020-01-{day:02}T00:00:00Z") },
        "assets": { "B04": { "href": "./B04.tif" } },
        "links": [{ "rel": "self", "href": format!("https://a.org/items/{id}") }],
    })
}

fn page(features: &[Value], next: Option<Value>) -> String {
    let links: Vec<Value> = next.into_iter().collect();
    json!({ "type": "FeatureCollection", "features": features, "links": links }).to_string()
}

fn landing(methods: &[&str]) -> String {
    let link = |method: &&str| json!({ "rel": "search", "href": "URL/search", "method": method });
    let links: Vec<Value> = methods.iter().map(link).collect();
    json!({ "type": "Catalog", "id": "api", "conformsTo": [], "links": links }).to_string()
}

fn ids(found: &Found) -> Vec<&str> {
    found.scenes.iter().map(|scene| scene.id.as_str()).collect()
}

#[test]
fn pages_by_post() {
    let server = Server::start(|_, seen| match (seen.method.as_str(), seen.body["token"].as_str()) {
        ("GET", _) => (200, "", landing(&["GET", "POST"])),
        (_, None) => {
            let next = json!({
                "rel": "next", "href": "URL/search", "method": "POST", "merge": true, "body": { "token": "2" },
            });
            (200, "", page(&[feature("b", 2), feature("a", 3)], Some(next)))
        }
        (_, Some(_)) => (200, "", page(&[feature("c", 1), feature("a", 3)], None)),
    });
    let catalog = open_catalog(&server.url).unwrap();
    let query = Query {
        area: Some(BoundingBox { min: XY::new(12.0, 45.0), max: XY::new(12.5, 45.5) }),
        from: "2020-01-01T00:00:00Z".parse().ok(),
        collections: vec!["s2".to_owned()],
        ..Query::default()
    };
    let found = catalog.search(&query).unwrap();
    assert_eq!(ids(&found), ["c", "b", "a"]);
    assert_eq!(
        found.scenes[0].assets["B04"].href, "https://a.org/items/B04.tif",
        "against the item's own place"
    );
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[1].body["bbox"], json!([12.0, 45.0, 12.5, 45.5]));
    assert_eq!(seen[1].body["datetime"], "2020-01-01T00:00:00Z/..");
    assert_eq!(seen[2].body["collections"], json!(["s2"]), "merged into the earlier body");
}

#[test]
fn pages_by_get_where_post_is_refused() {
    let server = Server::start(|_, seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => (405, "", "no".to_owned()),
        (_, "/") => (
            200,
            "",
            json!({ "type": "Catalog", "links": [{ "rel": "search", "href": "/search" }] }).to_string(),
        ),
        (_, path) if path.starts_with("/search?") && !path.contains("page=2") => {
            let next = json!({ "rel": "next", "href": "?page=2", "headers": { "X-Token": "t" } });
            (200, "", page(&[feature("a", 1)], Some(next)))
        }
        _ => (200, "", page(&[feature("b", 2)], None)),
    });
    let found = open_catalog(&server.url)
        .unwrap()
        .search(&Query { collections: vec!["s2".to_owned(), "ä/b".to_owned()], ..Query::default() })
        .unwrap();
    assert_eq!(ids(&found), ["a", "b"]);
    let seen = server.seen();
    assert!(seen[2].path.contains("collections=s2,%C3%A4%2Fb"), "{}", seen[2].path);
    assert!(seen[3].headers.contains("x-token: t"), "{}", seen[3].headers);
}

#[test]
fn a_busy_server_is_asked_again() {
    let server = Server::start(|number, seen| match number {
        1 => (503, "", "busy".to_owned()),
        2 => (429, "Retry-After: 1\r\n", "slow down".to_owned()),
        3 => (0, "", String::new()),
        _ if seen.method == "GET" => (200, "", landing(&["POST"])),
        _ => (200, "", page(&[feature("a", 1)], None)),
    });
    let catalog = ApiCatalog::open(&server.url, patient(4)).unwrap();
    assert_eq!(ids(&catalog.search(&Query::default()).unwrap()), ["a"]);
    assert_eq!(server.seen().len(), 5);
}

#[test]
fn a_server_is_given_the_time_it_asks_for() {
    let server = Server::start(|number, _| match number {
        0 => (429, "Retry-After: 30\r\n", String::new()),
        _ => (200, "", landing(&["POST"])),
    });
    let start = std::time::Instant::now();
    let longest_wait = Duration::from_millis(200);
    let client = Client::new(Patience { longest_wait, ..Patience::default() });
    ApiCatalog::open(&server.url, client).unwrap();
    let waited = start.elapsed();
    assert!(waited >= longest_wait && waited < Duration::from_secs(20), "{waited:?}: no longer than we bear");
}

#[test]
fn a_host_that_nobody_knows_is_looked_for_three_times() {
    let error = ApiCatalog::open("http://no-such-host.invalid/", patient(5)).unwrap_err();
    assert!(matches!(error, Error::Http { tries: 3, .. }), "{error}");
}

#[test]
fn patience_ends() {
    let server = Server::start(|number, _| match number {
        0 => (200, "", landing(&["POST"])),
        _ => (503, "", "down for maintenance".to_owned()),
    });
    let catalog = ApiCatalog::open(&server.url, patient(3)).unwrap();
    let message = catalog.search(&Query::default()).unwrap_err().to_string();
    let tries = server.seen().len() - 1;
    let expected =
        format!("{}/search answered with status 503 (tried {tries} times): down for maintenance", server.url);
    assert_eq!(message, expected);
    assert!(tries > 2);
}

#[test]
fn a_refusal_is_not_repeated() {
    let server = Server::start(|number, _| match number {
        0 => (200, "", landing(&["POST"])),
        _ => (400, "", "bad bbox".to_owned()),
    });
    let catalog = ApiCatalog::open(&server.url, patient(3)).unwrap();
    let error = catalog.search(&Query::default()).unwrap_err();
    assert!(matches!(error, Error::HttpStatus { status: 400, tries: 1, .. }), "{error}");
}

#[test]
fn nobody_answers() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = ApiCatalog::open(&format!("http://{free}"), patient(2)).unwrap_err();
    assert!(matches!(error, Error::Http { tries: 2.., .. }), "{error}");
}

#[test]
fn garbage_is_said_to_be_garbage() {
    let server = Server::start(|number, _| match number {
        0 => (200, "", landing(&["POST"])),
        1 => (200, "", "<html>sign in</html>".to_owned()),
        _ => (200, "", json!({ "message": "ok" }).to_string()),
    });
    let catalog = ApiCatalog::open(&server.url, patient(3)).unwrap();
    let error = catalog.search(&Query::default()).unwrap_err();
    assert!(matches!(error, Error::CatalogJson { .. }), "{error}");
    let error = catalog.search(&Query::default()).unwrap_err();
    assert!(matches!(error, Error::NotAPage { .. }), "{error}");
}

#[test]
fn a_bad_item_does_not_hide_the_good() {
    let server = Server::start(|number, _| match number {
        0 => (200, "", landing(&["POST"])),
        _ => {
            let mut bad = feature("bad", 1);
            bad["properties"]["datetime"] = json!("never");
            (200, "", page(&[bad, feature("good", 2)], None))
        }
    });
    let found = ApiCatalog::open(&server.url, patient(1)).unwrap().search(&Query::default()).unwrap();
    assert_eq!(ids(&found), ["good"]);
    assert_eq!(found.failures.len(), 1);
    assert_eq!(found.failures[0].href, "https://a.org/items/bad");
    assert!(found.failures[0].reason.contains("`datetime`"));
}

/// A server whose every page has `items` items and a link to another page, for ever.
fn endless(items: usize) -> Server {
    Server::start(move |number, _| match number {
        0 => (200, "", landing(&["GET"])),
        _ => {
            let features: Vec<Value> = (0..items).map(|i| feature(&format!("{number}-{i}"), 1)).collect();
            let next = json!({ "rel": "next", "href": format!("URL/search?token={number}") });
            (200, "", page(&features, Some(next)))
        }
    })
}

#[test]
fn a_search_stops_at_its_limit() {
    let server = endless(3);
    let catalog = ApiCatalog::open(&server.url, patient(1)).unwrap();
    assert!(catalog.needs_area());
    let found = catalog.search(&Query { limit: Some(7), ..Query::default() }).unwrap();
    assert_eq!(found.scenes.len(), 7);
    assert_eq!(server.seen().len(), 4, "the landing page and three pages of three");

    // Nor does it go on for ever where nothing that comes will do.
    let server = endless(50);
    let catalog = ApiCatalog::open(&server.url, patient(1)).unwrap();
    let none = Query { limit: Some(1), collections: vec!["other".to_owned()], ..Query::default() };
    assert!(catalog.search(&none).unwrap().scenes.is_empty());
    assert_eq!(server.seen().len(), 3, "the landing page and two pages of fifty");
}

#[test]
fn a_static_catalogue_behind_a_url() {
    let server = Server::start(|_, seen| match seen.path.as_str() {
        "/c/catalog.json" => {
            let links =
                json!([{ "rel": "item", "href": "./items/a.json" }, { "rel": "item", "href": "gone.json" }]);
            (200, "", json!({ "type": "Catalog", "id": "c", "links": links }).to_string())
        }
        "/c/items/a.json" => {
            let mut item = feature("a", 1);
            item["links"] = json!([]);
            (200, "", item.to_string())
        }
        _ => (404, "", "not here".to_owned()),
    });
    let found =
        open_catalog(&format!("{}/c/catalog.json", server.url)).unwrap().search(&Query::default()).unwrap();
    assert_eq!(found.scenes[0].assets["B04"].href, format!("{}/c/items/B04.tif", server.url));
    assert_eq!(found.failures.len(), 1);
    assert!(found.failures[0].reason.contains("404"), "{}", found.failures[0].reason);
}

#[path = "api_page_tests.rs"]
mod pages;
