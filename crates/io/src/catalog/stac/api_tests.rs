//! Against a small server on this machine.

use super::super::pages::EMPTY_PAGES;
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

#[track_caller]
fn check(catalog: &str, query: &Query, expected: &[&str], failures: usize) -> Found {
    let catalog = ApiCatalog::open(catalog, patient(3)).unwrap();
    let found = catalog.search(query).unwrap();
    assert_eq!(ids(&found), expected);
    assert_eq!(found.failures.len(), failures, "{:?}", found.failures);
    found
}

fn link(rel: &str, href: &str) -> Value {
    json!({ "rel": rel, "href": href })
}

#[test]
fn pages_that_lead_nowhere_new_end_the_search() {
    // To itself; back to the first, under the name of the next; and to the same items under ever new links.
    for circle in ["URL/search?page=2", "URL/search?limit=100", "URL/search?token=NUMBER"] {
        let server = Server::start(move |number, _| match number {
            0 => (200, "", landing(&["GET"])),
            _ => {
                let href = if number == 1 { "URL/search?page=2" } else { circle };
                let next = link("next", &href.replace("NUMBER", &number.to_string()));
                (200, "", page(&[feature(if number == 1 { "a" } else { "b" }, 1)], Some(next)))
            }
        });
        check(&server.url, &Query::default(), &["a", "b"], 0);
        assert!(server.seen().len() <= 4, "{circle}: {:?}", server.seen());
    }
}

#[test]
fn what_a_server_says_it_has_and_does_not_give_is_listed() {
    for count in [json!({ "numberMatched": 5 }), json!({ "context": { "matched": 5 } })] {
        let server = Server::start(move |number, _| match number {
            0 => (200, "", landing(&["POST"])),
            number => {
                let next = (number == 1).then(|| link("next", "URL/search?page=2"));
                let mut answer: Value =
                    serde_json::from_str(&page(&[feature("a", 1), feature(&format!("b{number}"), 2)], next))
                        .unwrap();
                for (key, value) in count.as_object().unwrap() {
                    answer[key] = value.clone();
                }
                (200, "", answer.to_string())
            }
        });
        let found = check(&server.url, &Query::default(), &["a", "b1", "b2"], 1);
        let failure = &found.failures[0];
        assert!(failure.href.ends_with("/search"), "{failure:?}");
        assert!(failure.reason.contains("says that 5 items match and gave 3"), "{failure:?}");
        // Who asks for no more than some misses nothing.
        let server_of_some = endless(3);
        let some = Query { limit: Some(2), ..Query::default() };
        assert!(
            ApiCatalog::open(&server_of_some.url, patient(1))
                .unwrap()
                .search(&some)
                .unwrap()
                .failures
                .is_empty()
        );
    }
}

#[test]
fn pages_are_made_smaller_until_the_server_can_do_them() {
    for status in [413, 500, 502, 504] {
        let server = Server::start(move |_, seen| {
            if seen.method == "GET" && seen.path == "/" {
                return (200, "", landing(&["POST"]));
            }
            let (limit, from) = match seen.body["limit"].as_u64() {
                Some(limit) => (limit, 0),
                None => (seen.path.split(['=', '&']).nth(1).unwrap().parse().unwrap(), 50),
            };
            // The first page may be of 50, the second no longer.
            if limit > 50 || (from > 0 && limit > 25) {
                return (status, "", "too much".to_owned());
            }
            let items: Vec<Value> = (from..from + 25).map(|i| feature(&format!("i{i:02}"), 1)).collect();
            let next = (from == 0).then(|| link("next", &format!("URL/search?limit={limit}&page=2")));
            (200, "", page(&items, next))
        });
        let catalog = ApiCatalog::open(&server.url, patient(5)).unwrap();
        assert_eq!(catalog.search(&Query::default()).unwrap().scenes.len(), 50);
        let limits: Vec<u64> = server.seen().iter().filter_map(|seen| seen.body["limit"].as_u64()).collect();
        let tries = if status == 413 { vec![100, 50, 25] } else { vec![100, 100, 50, 25] };
        assert_eq!(limits, tries, "{status}");
    }
    // One that can do none is asked to the end of our patience, and no longer.
    let server = Server::start(|number, _| match number {
        0 => (200, "", landing(&["POST"])),
        _ => (500, "", "broken".to_owned()),
    });
    let error = ApiCatalog::open(&server.url, patient(5)).unwrap().search(&Query::default()).unwrap_err();
    assert!(matches!(error, Error::HttpStatus { status: 500, tries: 5, .. }), "{error}");
    assert_eq!(server.seen().len(), 1 + 6 * 2 + 5, "of 100, 50, 25, 12, 6, 3 and 1");
}

#[test]
fn get_is_tried_where_post_is_refused() {
    for refusal in [400, 403, 404, 405, 415, 501] {
        let server = Server::start(move |_, seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", _) => (refusal, "", "no".to_owned()),
            (_, "/") => (200, "", landing(&["POST"])),
            _ => (200, "", page(&[feature("a", 1)], None)),
        });
        check(&server.url, &Query::default(), &["a"], 0);
    }
    let server = Server::start(|_, seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => (403, "", "no key".to_owned()),
        (_, "/") => (200, "", landing(&["POST"])),
        _ => (404, "", "no such page".to_owned()),
    });
    let error = ApiCatalog::open(&server.url, patient(1)).unwrap().search(&Query::default()).unwrap_err();
    assert!(error.to_string().contains("no key"), "{error}");
}

/// An API with one collection `s2`, whose document has the links, and five items in pages of two, by search or by the
/// collection's own page.
fn with_collection(links: Value) -> Server {
    Server::start(move |_, seen| {
        let path = seen.path.split('?').next().unwrap();
        let of_search = match path {
            "/v1" => return (200, "", landing(&["POST"]).replace("URL/search", "URL/v1/search")),
            "/top" => return (200, "", json!({ "type": "Catalog", "id": "top", "links": [] }).to_string()),
            "/v1/collections/s2" => {
                let collection = json!({ "type": "Collection", "id": "s2", "links": links });
                return (200, "", collection.to_string());
            }
            "/v1/search" => true,
            "/v1/collections/s2/items" => false,
            _ => return (404, "", "not here".to_owned()),
        };
        let own = seen.body["collections"] == json!(["s2"]) || seen.path.contains("collections=s2");
        if of_search != own {
            return (400, "", "which collection?".to_owned());
        }
        let token = seen.path.split("token=").nth(1).and_then(|token| token.parse().ok());
        let from: u32 = token.unwrap_or(0);
        let items: Vec<Value> = (from..(from + 2).min(5)).map(|i| feature(&format!("i{i}"), 1 + i)).collect();
        let own = if of_search { "collections=s2&" } else { "" };
        let next = (from + 2 < 5).then(|| link("next", &format!("URL{path}?{own}token={}", from + 2)));
        (200, "", page(&items, next))
    })
}

const FIVE: [&str; 5] = ["i0", "i1", "i2", "i3", "i4"];

#[test]
fn a_collections_address_is_all_its_items() {
    let area = Some(BoundingBox { min: XY::new(12.0, 45.0), max: XY::new(12.5, 45.5) });
    let query = Query { area, ..Query::default() };
    let items = link("items", "URL/v1/collections/s2/items");
    for (links, asked) in [
        (json!([link("root", "URL/v1"), items]), "/v1/search"),
        (json!([link("root", "URL/top"), link("parent", "URL/v1"), items]), "/v1/search"),
        (json!([link("root", "URL/top"), link("parent", "URL/gone"), items]), "/v1/collections/s2/items?"),
        (json!([items]), "/v1/collections/s2/items?limit=100&bbox=12,45,12.5,45.5"),
    ] {
        let server = with_collection(links);
        let address = format!("{}/v1/collections/s2", server.url);
        check(&address, &query, &FIVE, 0);
        assert!(
            server.seen().iter().any(|seen| seen.path.starts_with(asked)),
            "{asked}: {:?}",
            server.seen()
        );
        let catalog = open_catalog(&address).unwrap();
        assert!(catalog.needs_area() && catalog.location() == address);
        let own = Query { collections: vec!["s1".to_owned(), "s2".to_owned()], ..query.clone() };
        check(&address, &own, &FIVE, 0);
        check(&address, &Query { collections: vec!["s1".to_owned()], ..query.clone() }, &[], 0);
    }
}

#[test]
fn a_searchs_address_is_all_its_pages() {
    let server = with_collection(json!([]));
    let address = format!("{}/v1/search?collections=s2&limit=2", server.url);
    let catalog = open_catalog(&address).unwrap();
    assert!(catalog.needs_area());
    assert_eq!(ids(&catalog.search(&Query::default()).unwrap()), FIVE);
    let address = format!("{}/v1/search?bbox=12,45,13,46&collections=s2", server.url);
    let catalog = open_catalog(&address).unwrap();
    assert!(!catalog.needs_area(), "it says itself where it looks");
    let area = Some(BoundingBox { min: XY::new(-5.0, 45.0), max: XY::new(-4.0, 45.5) });
    assert_eq!(ids(&catalog.search(&Query::default()).unwrap()), FIVE);
    assert!(catalog.search(&Query { area, ..Query::default() }).unwrap().scenes.is_empty());
    assert_eq!(
        ids(&open_catalog(&format!("{}/v1/collections/s2/items", server.url))
            .unwrap()
            .search(&Query::default())
            .unwrap()),
        FIVE
    );
}

#[test]
fn an_area_over_the_antimeridian_is_asked_for_on_both_sides() {
    let server = Server::start(|_, seen| match seen.body["bbox"][0].as_f64() {
        None => (200, "", landing(&["POST"])),
        Some(west) => {
            let mut item = feature(if west > 0.0 { "east" } else { "west" }, 1);
            item["bbox"] = seen.body["bbox"].clone();
            item["geometry"] = Value::Null;
            (200, "", page(&[item], None))
        }
    });
    let area = Some(BoundingBox { min: XY::new(179.0, -17.0), max: XY::new(-179.0, -16.0) });
    check(&server.url, &Query { area, ..Query::default() }, &["east", "west"], 0);
    let boxes: Vec<Value> = server.seen().iter().skip(1).map(|seen| seen.body["bbox"].clone()).collect();
    assert_eq!(boxes, [json!([179.0, -17.0, 180.0, -16.0]), json!([-180.0, -17.0, -179.0, -16.0])]);
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
fn empty_pages_are_passed_but_not_for_ever() {
    let next = |page: usize| Some(json!({ "rel": "next", "href": format!("URL/search?page={page}") }));
    let server = Server::start(move |number, _| match number {
        0 => (200, "", landing(&["GET"])),
        1 => (200, "", page(&[feature("a", 1)], next(2))),
        4 => (200, "", page(&[feature("b", 2)], next(5))),
        number => (200, "", page(&[], next(number + 1))),
    });
    let found = ApiCatalog::open(&server.url, patient(1)).unwrap().search(&Query::default()).unwrap();
    assert_eq!(ids(&found), ["a", "b"]);
    assert_eq!(server.seen().len(), 5 + EMPTY_PAGES);

    // An empty page that links to itself is the last one.
    let server = Server::start(move |number, _| match number {
        0 => (200, "", landing(&["GET"])),
        1 => (200, "", page(&[feature("a", 1)], next(2))),
        _ => (200, "", page(&[], next(2))),
    });
    let found = ApiCatalog::open(&server.url, patient(1)).unwrap().search(&Query::default()).unwrap();
    assert_eq!((ids(&found), server.seen().len()), (vec!["a"], 3));
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
