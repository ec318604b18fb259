//! What is looked for, as a STAC API wants to be asked: the body of a POST, or the parameters of a GET.

use crate::catalog::search::Query;
use chrono::{DateTime, SecondsFormat, Utc};
use ecotone_core::BoundingBox;
use serde_json::{Value, json};

/// The body of a POST for pages of `size` items.
pub(super) fn body_of(query: &Query, size: usize) -> Value {
    let mut body = json!({ "limit": size });
    if !query.collections.is_empty() {
        body["collections"] = json!(query.collections);
    }
    if let Some(area) = query.area {
        body["bbox"] = json!(corners(area));
    }
    if let Some(interval) = interval(query) {
        body["datetime"] = json!(interval);
    }
    body
}

/// An address with the parameters of a GET for pages of `size` items. What the address says itself stays, but for its
/// `limit`, which is no more than the size of its pages.
pub(super) fn with_parameters(address: &str, query: &Query, size: usize) -> String {
    let (place, own) = address.split_once('?').unwrap_or((address, ""));
    let own = own.split('&').filter(|pair| !pair.is_empty() && key(pair) != "limit");
    let mut parameters: Vec<String> = own.map(str::to_owned).collect();
    parameters.push(format!("limit={size}"));
    let says = |keys: &[&str]| keys.iter().any(|key| has_parameter(address, key));
    if !query.collections.is_empty() && !says(&["collections"]) {
        let collections: Vec<String> = query.collections.iter().map(|name| percent_encoded(name)).collect();
        parameters.push(format!("collections={}", collections.join(",")));
    }
    if let Some(area) = query.area.filter(|_| !says(&PLACES)) {
        parameters.push(format!("bbox={}", corners(area).map(|c| c.to_string()).join(",")));
    }
    if let Some(interval) = interval(query).filter(|_| !says(&["datetime"])) {
        parameters.push(format!("datetime={interval}"));
    }
    format!("{place}?{}", parameters.join("&"))
}

/// The parameters that say where a search looks; a server refuses two of them.
const PLACES: [&str; 3] = ["bbox", "intersects", "ids"];

/// True where an address says itself where it looks.
pub(super) fn has_place(address: &str) -> bool {
    PLACES.iter().any(|key| has_parameter(address, key))
}

fn has_parameter(address: &str, name: &str) -> bool {
    let parameters = address.split_once('?').map_or("", |(_, parameters)| parameters);
    parameters.split('&').any(|pair| key(pair) == name)
}

fn key(pair: &str) -> &str {
    pair.split('=').next().unwrap_or(pair)
}

fn corners(area: BoundingBox) -> [f64; 4] {
    [area.min.x, area.min.y, area.max.x, area.max.y]
}

/// The period as the API wants it, both ends included; what lies on the excluded end is dropped afterwards.
fn interval(query: &Query) -> Option<String> {
    let end = |time: Option<DateTime<Utc>>| {
        time.map_or_else(|| "..".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    };
    (query.from.is_some() || query.to.is_some()).then(|| format!("{}/{}", end(query.from), end(query.to)))
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::XY;

    #[test]
    fn what_an_address_says_itself_is_not_said_again() {
        let area = Some(BoundingBox { min: XY::new(1.0, 2.0), max: XY::new(3.0, 4.0) });
        let from = "2020-01-01T00:00:00Z".parse().ok();
        let query = Query { area, from, collections: vec!["ä/b".to_owned()], ..Query::default() };
        for (address, expected) in [
            (
                "https://a.org/search",
                "?limit=50&collections=%C3%A4%2Fb&bbox=1,2,3,4&datetime=2020-01-01T00:00:00Z/..",
            ),
            (
                "https://a.org/search?collections=c&limit=10&datetime=2021/2022",
                "?collections=c&datetime=2021/2022&limit=50&bbox=1,2,3,4",
            ),
            (
                "https://a.org/search?ids=x&collections=c",
                "?ids=x&collections=c&limit=50&datetime=2020-01-01T00:00:00Z/..",
            ),
        ] {
            assert_eq!(with_parameters(address, &query, 50), format!("https://a.org/search{expected}"));
        }
        assert!(has_place("https://a.org/search?bbox=1,2,3,4") && !has_place("https://a.org/search?limit=1"));
    }
}
