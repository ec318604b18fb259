//! Writing a static catalogue of our own items: the same input gives the same bytes.

use super::write::{StacItem, absolute, corners, rfc3339, write_json};
use crate::Result;
use crate::earth::bounds_of;
use ecotone_core::{BoundingBox, XY};
use serde_json::{Value, json};
use std::path::Path;

/// What a collection or catalogue says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionInfo {
    /// Identifier.
    pub id: String,
    /// What it holds.
    pub description: String,
    /// SPDX licence, or `other`.
    pub license: String,
}

/// Writes a catalogue with one folder a collection and one a item: `catalog.json`, `COLLECTION/collection.json`,
/// `COLLECTION/ITEM/ITEM.json`. All links are relative, so that the folder can be moved.
///
/// Each file appears whole, and `catalog.json` last, so that a catalogue with one is complete.
///
/// # Errors
/// When a folder or file cannot be written.
pub fn write_catalog(
    folder: &Path,
    info: &CollectionInfo,
    collections: &[(CollectionInfo, Vec<StacItem>)],
) -> Result<()> {
    let folder = absolute(folder)?;
    for (collection, items) in collections {
        write_collection(&folder, collection, items)?;
    }
    let children = collections.iter().map(|(collection, _)| {
        link("child", &format!("./{}/collection.json", file_name(&collection.id)), "application/json")
    });
    let root = link("root", "./catalog.json", "application/json");
    let catalog = json!({
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": info.id,
        "description": info.description,
        "links": std::iter::once(root).chain(children).collect::<Vec<_>>(),
    });
    write_json(&folder.join("catalog.json"), &catalog)
}

fn write_collection(root: &Path, info: &CollectionInfo, items: &[StacItem]) -> Result<()> {
    let folder = root.join(file_name(&info.id));
    let mut links = vec![
        link("root", "../catalog.json", "application/json"),
        link("parent", "../catalog.json", "application/json"),
    ];
    for item in items {
        let name = file_name(&item.scene().id);
        let item_folder = folder.join(&name);
        let mut value = item.to_json(&item_folder);
        value["collection"] = json!(info.id);
        value["links"] = json!([
            link("root", "../../catalog.json", "application/json"),
            link("parent", "../collection.json", "application/json"),
            link("collection", "../collection.json", "application/json"),
        ]);
        write_json(&item_folder.join(format!("{name}.json")), &value)?;
        links.push(link("item", &format!("./{name}/{name}.json"), "application/geo+json"));
    }
    let collection = json!({
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": info.id,
        "description": info.description,
        "license": info.license,
        "extent": extent_of(items),
        "links": links,
    });
    write_json(&folder.join("collection.json"), &collection)
}

fn extent_of(items: &[StacItem]) -> Value {
    let bounds = items.iter().filter_map(|item| bounds_of(&item.scene().footprint));
    let around = BoundingBox::around(bounds.flat_map(|b| [b.min, b.max]));
    let around = around.unwrap_or(BoundingBox { min: XY::new(-180.0, -90.0), max: XY::new(180.0, 90.0) });
    let times = || items.iter().map(|item| item.scene().datetime);
    json!({
        "spatial": { "bbox": [corners(around)] },
        "temporal": { "interval": [[times().min().map(rfc3339), times().max().map(rfc3339)]] },
    })
}

fn link(rel: &str, href: &str, media_type: &str) -> Value {
    json!({ "rel": rel, "href": href, "type": media_type })
}

fn file_name(id: &str) -> String {
    id.replace(['/', '\\', ':'], "_")
}
