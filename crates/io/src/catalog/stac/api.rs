//! Searching a STAC API, page by page.

use super::document::{Document, Kind};
use super::href::is_url;
use super::http::{Client, Request, is_too_much};
use super::pages::{Next, Pages, ask, located, without_query};
use super::parameters::{body_of, has_place, with_parameters};
use super::walk::Collections;
use crate::catalog::provider::page_size_at;
use crate::catalog::search::{Catalog, CatalogFailure, Found, Query};
use crate::earth::unwrapped;
use crate::{Error, Result, Scene};
use serde_json::Value;

/// Items asked for on a page where the provider is not known; servers may give fewer. Some answer 500 where it is more.
const PAGE_SIZE: usize = 100;

/// A STAC API with item search, or one collection of it, or one search.
#[derive(Debug, Clone)]
pub struct ApiCatalog {
    location: String,
    search: String,
    post: bool,
    /// The one collection that it is of; none means any.
    collection: Option<String>,
    /// Whether the address of the search says itself which collections.
    of_collection: bool,
    client: Client,
}

impl ApiCatalog {
    /// Opens what an API has at a URL: its landing page, a collection, or the first page of a search.
    ///
    /// # Errors
    /// When the page cannot be read or leads to no search.
    pub fn open(url: &str, client: Client) -> Result<Self> {
        let page = Document::read(&client, url)?;
        let not_one =
            || Error::NotACatalog { location: url.to_owned(), found: "no link to a search".to_owned() };
        Self::behind(&page, &client).ok_or_else(not_one)
    }

    /// What of an API a document is; `None` where it is of none, such as one of a static catalogue.
    ///
    /// A collection is searched through the API that it links to as its parent or root, else through the pages of its own
    /// items, and a page of a search through the address that it came from.
    pub(crate) fn behind(document: &Document, client: &Client) -> Option<Self> {
        match document.kind() {
            Ok(Kind::ItemCollection) => Self::of_address(&document.location, document, client)
                .filter(|_| is_search(&document.location)),
            Ok(Kind::Branch) if document.value.get("type").and_then(Value::as_str) == Some("Collection") => {
                Self::of_collection(document, client)
            }
            _ => Self::from_landing_page(document, client),
        }
    }

    /// From a landing page; `None` where it links to no search.
    fn from_landing_page(page: &Document, client: &Client) -> Option<Self> {
        let href = page.links("search").find(|href| is_url(href));
        let conforms = page.value.get("conformsTo").and_then(Value::as_array).into_iter().flatten();
        let says_search = conforms.filter_map(Value::as_str).any(|class| class.contains("item-search"));
        let search = match href {
            Some(href) => href,
            None if says_search && is_url(&page.location) => {
                format!("{}/search", page.location.trim_end_matches('/'))
            }
            None => return None,
        };
        let methods: Vec<&str> =
            page.raw_links("search").filter_map(|link| link.get("method")?.as_str()).collect();
        // A page that names no method may know both; POST has no limit of length, and a refusal says so.
        let post = methods.is_empty() || methods.iter().any(|method| method.eq_ignore_ascii_case("POST"));
        Some(Self { post, ..Self::of_address(&search, page, client)? })
    }

    fn of_collection(collection: &Document, client: &Client) -> Option<Self> {
        let id = collection.value.get("id")?.as_str()?.to_owned();
        let location = collection.location.clone();
        if let Some(own) = Self::from_landing_page(collection, client) {
            return Some(Self { collection: Some(id), ..own });
        }
        // One that links to its items, or to more of its kind, is static and read as it stands.
        if ["item", "child"].iter().any(|rel| collection.raw_links(rel).next().is_some()) {
            return None;
        }
        let mut above: Vec<String> =
            ["parent", "root"].into_iter().flat_map(|rel| collection.links(rel)).collect();
        above.dedup();
        for href in above.iter().filter(|href| is_url(href) && **href != location) {
            match Document::read(client, href) {
                Ok(page) => {
                    if let Some(api) = Self::from_landing_page(&page, client) {
                        return Some(Self { location, collection: Some(id), ..api });
                    }
                }
                Err(error) => tracing::warn!(href, "what a collection is of cannot be read: {error}"),
            }
        }
        let items = collection.links("items").find(|href| is_url(href) && is_search(href))?;
        let items = Self::of_address(&items, collection, client)?;
        Some(Self { collection: Some(id), of_collection: true, ..items })
    }

    /// What answers at an address with pages of items.
    fn of_address(search: &str, document: &Document, client: &Client) -> Option<Self> {
        let (location, search) = (document.location.clone(), search.to_owned());
        let of_collection = search.contains("/collections/");
        is_url(&search).then(|| Self {
            location,
            search,
            post: false,
            collection: None,
            of_collection,
            client: client.clone(),
        })
    }

    /// A query for what the catalogue can have; `None` where that is nothing.
    fn within(&self, query: &Query) -> Option<Query> {
        let Some(id) = &self.collection else { return Some(query.clone()) };
        let wanted = query.collections.is_empty() || query.collections.contains(id);
        wanted.then(|| Query { collections: vec![id.clone()], ..query.clone() })
    }

    /// The first page, by GET where POST is refused.
    fn first_page(&self, query: &Query, size: usize) -> Result<(Request, Value)> {
        let asked = match self.of_collection {
            true => Query { collections: Vec::new(), ..query.clone() },
            false => query.clone(),
        };
        let hasty = size > 1;
        let get = Request { hasty, ..Request::get(&with_parameters(&self.search, &asked, size)) };
        if !self.post {
            let page = self.client.json(&get)?;
            return Ok((get, page));
        }
        let post = Request { hasty, ..Request::post(&self.search, body_of(&asked, size)) };
        let refused = match self.client.json(&post) {
            Err(refused @ Error::HttpStatus { status: 400 | 403 | 404 | 405 | 415 | 501, .. }) => refused,
            answer => return Ok((post, answer?)),
        };
        tracing::debug!("POST is refused, asking by GET: {refused}");
        match (self.client.json(&get), &refused) {
            (Ok(page), _) => Ok((get, page)),
            // These may be about what was asked for: then the answer to GET says no more.
            (Err(_), Error::HttpStatus { status: 400 | 403, .. }) => Err(refused),
            (Err(error), _) => Err(error),
        }
    }

    /// All pages of a query, of as many items each as the server can do.
    fn pages(&self, query: &Query) -> Result<Answer> {
        let (mut size, mut halved) = (page_size_at(&self.search).unwrap_or(PAGE_SIZE), 0);
        loop {
            match self.pages_of(query, size) {
                // Pages may be counted, so that those of another size begin from the first.
                Err(Error::HttpStatus { status, url, .. }) if is_too_much(status) && size > 1 => {
                    size /= 2;
                    let url = without_query(&url);
                    tracing::warn!(
                        url,
                        status,
                        limit = size,
                        "a page is too much for the server: asking for less"
                    );
                    if status != 413 {
                        self.client.wait(halved);
                    }
                    halved += 1;
                }
                answer => return answer,
            }
        }
    }

    fn pages_of(&self, query: &Query, size: usize) -> Result<Answer> {
        let mut collections = Collections::new(&self.client);
        let mut answer = Answer::default();
        let (mut request, mut page) = self.first_page(query, size)?;
        let mut pages = Pages::new(&request);
        loop {
            let features = pages.items(&page).ok_or_else(|| Error::NotAPage {
                url: request.url.clone(),
                found: page.to_string().chars().take(200).collect(),
            })?;
            for feature in features {
                let item = located(feature, &request.url);
                match collections.scene(&item) {
                    Ok(scene) if query.accepts(&scene) => answer.scenes.push(scene),
                    Ok(_) => {}
                    Err(error) => answer.failures.push(CatalogFailure::new(&item.location, &error)),
                }
            }
            let enough = |limit| answer.scenes.len() >= limit || pages.given() >= limit.max(size);
            if query.limit.is_some_and(enough) {
                break;
            }
            let place = without_query(&self.search);
            let next = match pages.next(&page, &request) {
                Next::Page(next) => next,
                end => {
                    let lost = || Error::NextUnknown { location: place.to_owned() };
                    let unknown = (end == Next::Unknown).then(lost);
                    let missing = unknown.into_iter().chain(pages.shortfall(place));
                    answer.failures.extend(missing.map(|error| CatalogFailure::new(place, &error)));
                    break;
                }
            };
            page = ask(&self.client, &next)?;
            request = next;
        }
        tracing::info!(
            url = without_query(&self.search),
            pages = pages.asked(),
            scenes = answer.scenes.len(),
            "search answered"
        );
        Ok(answer)
    }
}

/// What a search gave.
#[derive(Default)]
struct Answer {
    scenes: Vec<Scene>,
    failures: Vec<CatalogFailure>,
}

impl Catalog for ApiCatalog {
    fn location(&self) -> &str {
        &self.location
    }

    fn needs_area(&self) -> bool {
        !has_place(&self.search)
    }

    /// Stops at the query's limit: it is that of the scenes the server gives first. Where few of them match, it looks at
    /// no more records than that either, a page at least.
    fn search(&self, query: &Query) -> Result<Found> {
        let Some(query) = self.within(query) else { return Ok(Found::default()) };
        // Not every server knows a rectangle over the antimeridian.
        let parts =
            query.area.map_or_else(|| vec![None], |area| unwrapped(area).into_iter().map(Some).collect());
        let mut all = Answer::default();
        for area in parts {
            let Answer { scenes, failures } = self.pages(&Query { area, ..query.clone() })?;
            all.scenes.extend(scenes);
            all.failures.extend(failures);
        }
        Ok(Found::select(&query, all.scenes, all.failures))
    }
}

/// True for addresses at which a search is answered, or the items of a collection are given.
fn is_search(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches('/');
    path.ends_with("/search") || path.ends_with("/items")
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
