//! Files of Microsoft's Planetary Computer, which are opened by tokens that last some minutes to an hour.
//!
//! GDAL fetches the token of a collection itself, adds it to each request and replaces it in time, so that a job may last
//! as long as it likes. An address keeps the name of the collection behind its `#`, a part that is never sent: a plan that
//! holds such addresses is all that a worker needs.
//! <https://planetarycomputer.microsoft.com/docs/concepts/sas/>

use super::host::Target;
use super::unsigned::unsigned_address;
use serde_json::Value;

/// Whose items they are.
const CATALOG: &str = "planetarycomputer.microsoft.com";

/// Where the files lie; which containers is not fixed.
const BLOBS: &str = ".blob.core.windows.net";

/// What stands before the name of the collection in an address.
const MARK: &str = "#pc_collection=";

/// The address of a file of an item: marked with the collection where the item is Planetary Computer's and the file needs
/// a token, as it is otherwise. A token that it has already is left out, since it ends.
///
/// The item is known by where it was read, `location`, or by a link of its own or the address of another of its files,
/// which it has in a file or another catalogue as well.
pub(crate) fn marked(href: String, item: &Value, location: &str) -> String {
    if !Target::of(&href).is_some_and(|target| target.host().ends_with(BLOBS)) {
        return href;
    }
    let is_of_catalog = |address: &str| Target::of(address).is_some_and(|target| target.host() == CATALOG);
    let leads_there = |value: &Value| value.get("href").and_then(Value::as_str).is_some_and(is_of_catalog);
    let links = item.get("links").and_then(Value::as_array).into_iter().flatten();
    let assets = item.get("assets").and_then(Value::as_object).into_iter().flatten().map(|(_, asset)| asset);
    if !is_of_catalog(location) && !links.chain(assets).any(leads_there) {
        return href;
    }
    let collection = item.get("collection").and_then(Value::as_str).unwrap_or_default();
    let address = unsigned_address(href.split('#').next().unwrap_or(&href));
    format!("{address}{MARK}{}", escaped(collection))
}

/// GDAL's name for a marked address, with the key of a subscription where there is one.
pub(super) fn signing(address: &str, key: Option<&str>) -> Option<String> {
    let (address, collection) = address.split_once(MARK)?;
    let key = key.map_or_else(String::new, |key| escaped(&format!("?subscription-key={key}")));
    // Without the name of a collection, GDAL has each address signed.
    let collection = match collection {
        "" => String::new(),
        name => format!("&pc_collection={name}{key}"),
    };
    Some(format!("/vsicurl?pc_url_signing=yes{collection}&url={}", escaped(&unsigned_address(address))))
}

/// With what separates the options in a name of GDAL's written as `%…`; what is such already, too.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '%' | '&' | '+' | '=' | '?' | '#' | ' ' => escaped.push_str(&format!("%{:02X}", u32::from(c))),
            _ => escaped.push(c),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BLOB: &str = "https://sentinel2l2a01.blob.core.windows.net/s2/B04.tif";

    fn item(link: &str) -> Value {
        json!({ "collection": "sentinel-2-l2a", "links": [{ "rel": "self", "href": link }], "assets": {} })
    }

    #[track_caller]
    fn check(href: &str, item: &Value, location: &str, expected: &str) {
        assert_eq!(marked(href.to_owned(), item, location), expected);
    }

    #[test]
    fn files_of_its_items_are_marked() {
        let own = "https://planetarycomputer.microsoft.com/api/stac/v1/collections/sentinel-2-l2a/items/x";
        let mark = format!("{BLOB}#pc_collection=sentinel-2-l2a");
        check(BLOB, &item(own), "/data/saved.json", &mark);
        check(
            BLOB,
            &item("https://a.org/x"),
            "https://planetarycomputer.microsoft.com/api/stac/v1/search",
            &mark,
        );
        let pictured = json!({ "collection": "sentinel-2-l2a", "assets": { "tilejson": { "href": own } } });
        check(BLOB, &pictured, "/data/saved.json", &mark);
        // Signed when it was saved, some time ago.
        check(&format!("{BLOB}?sv=1&se=2020-01-01&sig=OLD%3D"), &item(own), "/data/saved.json", &mark);
        check(&mark, &item(own), "/data/saved.json", &mark);
    }

    #[test]
    fn other_files_are_not() {
        let own = item("https://planetarycomputer.microsoft.com/api/stac/v1/x");
        check(BLOB, &item("https://a.org/planetarycomputer.microsoft.com"), "/data/saved.json", BLOB);
        check("https://a.org/x.tif", &own, "/data/saved.json", "https://a.org/x.tif");
        check("/data/x.tif", &own, "/data/saved.json", "/data/x.tif");
        check(
            "https://a.blob.core.windows.net.evil.com/x.tif",
            &own,
            "",
            "https://a.blob.core.windows.net.evil.com/x.tif",
        );
    }

    #[test]
    fn gdal_signs_what_is_marked() {
        let name = |mark: &str, key| signing(&format!("{BLOB}{mark}"), key);
        assert_eq!(
            name("#pc_collection=sentinel-2-l2a", None).unwrap(),
            format!("/vsicurl?pc_url_signing=yes&pc_collection=sentinel-2-l2a&url={BLOB}")
        );
        assert_eq!(
            name("#pc_collection=a", Some("KEY")).unwrap(),
            format!("/vsicurl?pc_url_signing=yes&pc_collection=a%3Fsubscription-key%3DKEY&url={BLOB}")
        );
        assert_eq!(name("#pc_collection=", None).unwrap(), format!("/vsicurl?pc_url_signing=yes&url={BLOB}"));
        assert_eq!(
            name("?v=a%20b#pc_collection=a", None).unwrap(),
            format!("/vsicurl?pc_url_signing=yes&pc_collection=a&url={BLOB}%3Fv%3Da%2520b")
        );
        assert_eq!((name("", None), name("#x", None)), (None, None));
    }
}
