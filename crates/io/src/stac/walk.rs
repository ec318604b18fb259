//! Reading a static catalogue: from any of its documents down to every item.

use super::document::{Document, Kind};
use super::http::Client;
use super::item::scene_of_item;
use crate::catalog::{CatalogFailure, SceneList};
use crate::{Error, Result, Scene};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Reads everything under a document. What cannot be read below the document itself is a failure in the list.
///
/// # Errors
/// When the document is no STAC document, or there is no item anywhere under it.
pub(crate) fn read_static(client: &Client, root: Document) -> Result<SceneList> {
    root.kind()?;
    let location = root.location.clone();
    let mut walk = Walk { collections: Collections::new(client), scenes: Vec::new(), failures: Vec::new() };
    let mut seen = BTreeSet::from([location.clone()]);
    let mut waiting = vec![root];
    while let Some(document) = waiting.pop() {
        match document.kind() {
            Ok(Kind::Item) => walk.item(&document),
            Ok(Kind::ItemCollection) => walk.item_collection(&document),
            Ok(Kind::Branch) => {
                walk.collections.remember(&document);
                // A catalogue may link back to what links to it.
                let links =
                    document.links("child").chain(document.links("item")).chain(document.links("items"));
                for href in links.filter(|href| seen.insert(href.clone())) {
                    match Document::read(client, &href) {
                        Ok(linked) => waiting.push(linked),
                        Err(error) => walk.failures.push(CatalogFailure::new(&href, &error)),
                    }
                }
            }
            Err(error) => walk.failures.push(CatalogFailure::new(&document.location, &error)),
        }
    }
    tracing::info!(location, scenes = walk.scenes.len(), failures = walk.failures.len(), "catalogue read");
    SceneList::new(&location, walk.scenes, walk.failures)
}

struct Walk<'a> {
    collections: Collections<'a>,
    scenes: Vec<Scene>,
    failures: Vec<CatalogFailure>,
}

impl Walk<'_> {
    fn item(&mut self, document: &Document) {
        match self.collections.scene(document) {
            Ok(scene) => self.scenes.push(scene),
            Err(error) => self.failures.push(CatalogFailure::new(&document.location, &error)),
        }
    }

    fn item_collection(&mut self, document: &Document) {
        let Some(features) = document.value.get("features").and_then(Value::as_array) else {
            let error = Error::NotACatalog {
                location: document.location.clone(),
                found: "a FeatureCollection without features".to_owned(),
            };
            self.failures.push(CatalogFailure::new(&document.location, &error));
            return;
        };
        for feature in features {
            self.item(&Document { location: document.location.clone(), value: feature.clone() });
        }
    }
}

/// Collections by location: items fall back on what their collection says of all items.
pub(crate) struct Collections<'a> {
    client: &'a Client,
    known: BTreeMap<String, Option<Value>>,
}

impl<'a> Collections<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client, known: BTreeMap::new() }
    }

    fn remember(&mut self, document: &Document) {
        self.known.insert(document.location.clone(), Some(document.value.clone()));
    }

    /// The scene of an item; its collection is read once and may be absent.
    pub(crate) fn scene(&mut self, item: &Document) -> Result<Scene> {
        let href = item.links("collection").next();
        let collection = href.and_then(|href| {
            let read = || match Document::read(self.client, &href) {
                Ok(document) => Some(document.value),
                Err(error) => {
                    tracing::debug!(href, %error, "an item's collection cannot be read; the item stands alone");
                    None
                }
            };
            self.known.entry(href.clone()).or_insert_with(read).as_ref()
        });
        scene_of_item(&item.value, &item.location, collection)
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
