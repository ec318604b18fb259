//! Reading a static catalogue: from any of its documents down to every item.

use super::document::{Document, Kind};
use super::href::is_url;
use super::http::{Client, Request};
use super::item::scene_of_item;
use super::pages::{Next, Pages, ask, located};
use crate::catalog::search::{CatalogFailure, SceneList};
use crate::{Error, Result, Scene};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::resume_unwind;

/// Documents that are read at the same time: far ones take their time each, and no more are held than these.
const AT_ONCE: usize = 16;

/// Reads everything under a document, each item into a scene as it comes. What cannot be read below the document itself is
/// a failure in the list.
///
/// # Errors
/// When the document is no STAC document, or there is no item anywhere under it.
pub(crate) fn read_static(client: &Client, root: Document) -> Result<SceneList> {
    root.kind()?;
    let location = root.location.clone();
    let mut walk = Walk { collections: Collections::new(client), scenes: Vec::new(), failures: Vec::new() };
    let mut seen = BTreeSet::from([location.clone()]);
    let mut waiting = VecDeque::new();
    walk.document(&root, &mut seen, &mut waiting);
    drop(root);
    while !waiting.is_empty() {
        let hrefs: Vec<String> = waiting.drain(..waiting.len().min(AT_ONCE)).collect();
        for (href, read) in hrefs.iter().zip(read_all(client, &hrefs)) {
            match read {
                Ok(document) => walk.document(&document, &mut seen, &mut waiting),
                Err(error) => walk.failures.push(CatalogFailure::new(href, &error)),
            }
        }
    }
    tracing::info!(location, scenes = walk.scenes.len(), failures = walk.failures.len(), "catalogue read");
    SceneList::new(&location, walk.scenes, walk.failures)
}

/// Reads documents at the same time, in their order.
fn read_all(client: &Client, hrefs: &[String]) -> Vec<Result<Document>> {
    std::thread::scope(|scope| {
        let reading: Vec<_> =
            hrefs.iter().map(|href| scope.spawn(move || Document::read(client, href))).collect();
        let joined =
            reading.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.collect()
    })
}

struct Walk<'a> {
    collections: Collections<'a>,
    scenes: Vec<Scene>,
    failures: Vec<CatalogFailure>,
}

impl Walk<'_> {
    /// Takes what a document holds; what it links to waits.
    fn document(&mut self, document: &Document, seen: &mut BTreeSet<String>, waiting: &mut VecDeque<String>) {
        match document.kind() {
            Ok(Kind::Item) => self.item(document),
            Ok(Kind::ItemCollection) => self.item_collection(document),
            Ok(Kind::Branch) => {
                self.collections.remember(document);
                // A catalogue may link back to what links to it.
                let links = ["child", "item", "items"].into_iter().flat_map(|rel| document.links(rel));
                waiting.extend(links.filter(|href| seen.insert(href.clone())));
            }
            Err(error) => self.failures.push(CatalogFailure::new(&document.location, &error)),
        }
    }

    fn item(&mut self, document: &Document) {
        match self.collections.scene(document) {
            Ok(scene) => self.scenes.push(scene),
            Err(error) => self.failures.push(CatalogFailure::new(&document.location, &error)),
        }
    }

    /// Takes the items of a page and of those that it leads to. Whatever is missing is listed: the server of a saved page
    /// may be gone.
    fn item_collection(&mut self, document: &Document) {
        let location = &document.location;
        if document.value.get("features").and_then(Value::as_array).is_none() {
            let found = "a FeatureCollection without features".to_owned();
            let error = Error::NotACatalog { location: location.clone(), found };
            return self.failures.push(CatalogFailure::new(location, &error));
        }
        let mut request = Request::get(location);
        let mut pages = Pages::new(&request);
        let mut page = Cow::Borrowed(&document.value);
        loop {
            let Some(features) = pages.items(&page) else {
                let found = page.to_string().chars().take(200).collect();
                let error = Error::NotAPage { url: request.url.clone(), found };
                self.failures.push(CatalogFailure::new(&request.url, &error));
                break;
            };
            for feature in features {
                // One in a file lies there, wherever its copy on a server is.
                let item = match is_url(&request.url) {
                    true => located(feature, &request.url),
                    false => Document { location: request.url.clone(), value: feature.clone() },
                };
                self.item(&item);
            }
            let next = match pages.next(&page, &request) {
                Next::Page(next) => next,
                Next::Unknown => {
                    let error = Error::NextUnknown { location: location.clone() };
                    self.failures.push(CatalogFailure::new(location, &error));
                    break;
                }
                Next::End => break,
            };
            page = match ask(self.collections.client, &next) {
                Ok(page) => Cow::Owned(page),
                Err(error) => {
                    self.failures.push(CatalogFailure::new(&next.url, &error));
                    break;
                }
            };
            request = next;
        }
        self.failures.extend(pages.shortfall(location).map(|error| CatalogFailure::new(location, &error)));
    }
}

/// Collections by location: items fall back on what their collection says of all items.
pub(crate) struct Collections<'a> {
    client: &'a Client,
    /// Of each no more than that: the links of one can be longer than all its scenes.
    known: BTreeMap<String, Option<Value>>,
}

impl<'a> Collections<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client, known: BTreeMap::new() }
    }

    fn remember(&mut self, document: &Document) {
        self.known.insert(document.location.clone(), Some(of_all_items(&document.value)));
    }

    /// The scene of an item; its collection is read once and may be absent.
    pub(crate) fn scene(&mut self, item: &Document) -> Result<Scene> {
        let href = item.links("collection").next();
        let collection = href.and_then(|href| {
            let read = || match Document::read(self.client, &href) {
                Ok(document) => Some(of_all_items(&document.value)),
                Err(error) => {
                    let item = &item.location;
                    tracing::warn!(
                        href,
                        item,
                        "a collection cannot be read; its items go without what it says of all of them, such as scale, \
                         offset and nodata: {error}"
                    );
                    None
                }
            };
            self.known.entry(href.clone()).or_insert_with(read).as_ref()
        });
        scene_of_item(&item.value, &item.location, collection)
    }
}

/// What a collection says of all its items.
fn of_all_items(collection: &Value) -> Value {
    json!({ "item_assets": collection.get("item_assets") })
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
