//! Which pages are asked for, and what ends a search.

use super::super::super::pages::EMPTY_PAGES;
use super::*;

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
    let Error::HttpStatus { status: 500, tries, .. } = error else { panic!("{error}") };
    assert!(tries > 2, "{tries}");
    assert_eq!(server.seen().len(), 1 + 6 * 2 + tries as usize, "of 100, 50, 25, 12, 6, 3 and 1");
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
