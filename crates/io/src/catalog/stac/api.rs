//! Searching a STAC API, page by page.

use super::document::Document;
use super::href::{is_url, resolve};
use super::http::{Client, Request};
use super::walk::Collections;
use crate::catalog::search::{Catalog, CatalogFailure, Found, Query};
use crate::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use ecotone_core::BoundingBox;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Items asked for on a page; servers may give fewer.
const PAGE_SIZE: usize = 200;

/// Pages without an item after which a search ends, whatever link is on them: some servers have empty pages between full
/// ones, others link from their last page to empty ones for ever.
const EMPTY_PAGES: usize = 5;

/// A STAC API with item search.
#[derive(Debug, Clone)]
pub struct ApiCatalog {
    location: String,
    search: String,
    post: bool,
    client: Client,
}

impl ApiCatalog {
    /// Opens the API whose landing page lies at a URL.
    ///
    /// # Errors
    /// When the page cannot be read or links to no search.
    pub fn open(url: &str, client: Client) -> Result<Self> {
        let page = Document::read(&client, url)?;
        let not_one =
            || Error::NotACatalog { location: url.to_owned(), found: "no link to a search".to_owned() };
        Self::from_landing_page(&page, client).ok_or_else(not_one)
    }

    /// From a landing page; `None` where it links to no search.
    pub(crate) fn from_landing_page(page: &Document, client: Client) -> Option<Self> {
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
        Some(Self { location: page.location.clone(), search, post, client })
    }

    fn first_page(&self, query: &Query) -> Result<(Request, Value)> {
        let get = Request::get(&with_parameters(&self.search, query));
        if self.post {
            let post = Request::post(&self.search, body_of(query));
            match self.client.json(&post) {
                Err(Error::HttpStatus { status: 404 | 405 | 415 | 501, .. }) => {
                    tracing::debug!(url = self.search, "the search does not know POST, asking by GET");
                }
                answer => return Ok((post, answer?)),
            }
        }
        let page = self.client.json(&get)?;
        Ok((get, page))
    }
}

impl Catalog for ApiCatalog {
    fn location(&self) -> &str {
        &self.location
    }

    fn needs_area(&self) -> bool {
        true
    }

    /// Stops at the query's limit: it is that of the scenes the server gives first. Where few of them match, it looks at
    /// no more records than that either, a page at least.
    fn search(&self, query: &Query) -> Result<Found> {
        let mut collections = Collections::new(&self.client);
        let (mut scenes, mut failures) = (Vec::new(), Vec::new());
        let (mut request, mut page) = self.first_page(query)?;
        let mut asked = BTreeSet::from([request.fingerprint()]);
        let (mut empty, mut given) = (0, 0);
        loop {
            let features = page.get("features").and_then(Value::as_array).ok_or_else(|| Error::NotAPage {
                url: request.url.clone(),
                found: page.to_string().chars().take(200).collect(),
            })?;
            empty = if features.is_empty() { empty + 1 } else { 0 };
            given += features.len();
            for feature in features {
                let item = located(feature, &request.url);
                match collections.scene(&item) {
                    Ok(scene) if query.accepts(&scene) => scenes.push(scene),
                    Ok(_) => {}
                    Err(error) => failures.push(CatalogFailure::new(&item.location, &error)),
                }
            }
            let enough = |limit: usize| scenes.len() >= limit || given >= limit.max(PAGE_SIZE);
            if query.limit.is_some_and(enough) || empty == EMPTY_PAGES {
                break;
            }
            let Some(next) = next_page(&page, &request) else { break };
            if !asked.insert(next.fingerprint()) {
                if empty > 0 {
                    break;
                }
                return Err(Error::PagesCircle { url: self.search.clone(), page: asked.len() + 1 });
            }
            page = self.client.json(&next)?;
            request = next;
        }
        tracing::info!(url = self.search, pages = asked.len(), scenes = scenes.len(), "search answered");
        Ok(Found::select(query, scenes, failures))
    }
}

/// An item at the place it gives as its own, else at the page.
fn located(feature: &Value, page: &str) -> Document {
    let item = Document { location: page.to_owned(), value: feature.clone() };
    let own = item.links("self").next();
    Document { location: own.unwrap_or_else(|| page.to_owned()), ..item }
}

/// The request that a page's `next` link describes (STAC API, section on pagination): GET of the link, or POST of its
/// body, which replaces the earlier one or is merged into it.
fn next_page(page: &Value, before: &Request) -> Option<Request> {
    let document = Document { location: before.url.clone(), value: page.clone() };
    let link = document.raw_links("next").next()?;
    let url = resolve(&before.url, link.get("href")?.as_str()?);
    let headers = link.get("headers").and_then(Value::as_object).into_iter().flatten();
    let headers =
        headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let method = link.get("method").and_then(Value::as_str).unwrap_or("GET");
    if !method.eq_ignore_ascii_case("POST") {
        return Some(Request { url, headers, body: None });
    }
    let own = link.get("body").and_then(Value::as_object);
    let merge = own.is_none() || link.get("merge").and_then(Value::as_bool).unwrap_or(false);
    let earlier = before.body.as_ref().and_then(Value::as_object).filter(|_| merge);
    let fields = earlier.into_iter().flatten().chain(own.into_iter().flatten());
    let body: Map<String, Value> = fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    Some(Request { url, headers, body: Some(Value::Object(body)) })
}

fn body_of(query: &Query) -> Value {
    let mut body = json!({ "limit": PAGE_SIZE });
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

fn with_parameters(search: &str, query: &Query) -> String {
    let mut parameters = vec![format!("limit={PAGE_SIZE}")];
    if !query.collections.is_empty() {
        let collections: Vec<String> = query.collections.iter().map(|name| percent_encoded(name)).collect();
        parameters.push(format!("collections={}", collections.join(",")));
    }
    if let Some(area) = query.area {
        parameters.push(format!("bbox={}", corners(area).map(|c| c.to_string()).join(",")));
    }
    if let Some(interval) = interval(query) {
        parameters.push(format!("datetime={interval}"));
    }
    format!("{search}{}{}", if search.contains('?') { '&' } else { '?' }, parameters.join("&"))
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
#[path = "api_tests.rs"]
mod tests;
