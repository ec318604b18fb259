//! Pages of items: where one leads to the next, and when there is no more to come.

use super::document::{Document, links_in};
use super::href::resolve;
use super::http::{Client, Request};
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Pages without an item after which a search ends, whatever link is on them: some servers have empty pages between full
/// ones, others link from their last page to empty ones for ever.
pub(super) const EMPTY_PAGES: usize = 5;

/// What was seen on the pages of one search.
#[derive(Debug)]
pub(super) struct Pages {
    asked: BTreeSet<String>,
    items: BTreeSet<String>,
    /// Pages without an item, in a row up to now.
    empty: usize,
    /// How many items the server says that there are.
    matched: Option<u64>,
    /// Whether the last page brought nothing but what was there before.
    stale: bool,
}

/// Where a page leads.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    Page(Request),
    /// To another one, but what to ask for stands in the request for the first page, which nobody knows.
    Unknown,
    End,
}

impl Pages {
    /// Before the first page, which comes by this request.
    pub(super) fn new(first: &Request) -> Self {
        let asked = BTreeSet::from([first.fingerprint()]);
        Self { asked, items: BTreeSet::new(), empty: 0, matched: None, stale: false }
    }

    /// The items of the next page; `None` where it is no page of items.
    pub(super) fn items<'a>(&mut self, page: &'a Value) -> Option<&'a [Value]> {
        let features = page.get("features")?.as_array()?;
        let known = self.items.len();
        self.items.extend(features.iter().map(name));
        self.stale = !features.is_empty() && self.items.len() == known;
        self.empty = if features.is_empty() { self.empty + 1 } else { 0 };
        let matched = page.get("numberMatched").or_else(|| page.get("context")?.get("matched"));
        self.matched = self.matched.or(matched.and_then(Value::as_u64));
        Some(features)
    }

    /// How many items there were, each counted once.
    pub(super) fn given(&self) -> usize {
        self.items.len()
    }

    /// How many pages were asked for.
    pub(super) fn asked(&self) -> usize {
        self.asked.len()
    }

    /// Where the page that came by a request leads: nowhere where it brought nothing new, or to a page that was there.
    /// Servers are known to repeat their first page under ever new links, and to link back as if it were on.
    pub(super) fn next(&mut self, page: &Value, request: &Request) -> Next {
        let next = next_page(page, request);
        let Next::Page(on) = &next else { return next };
        let (url, pages) = (without_query(&request.url), self.asked.len());
        if self.empty == EMPTY_PAGES {
            tracing::debug!(url, pages, "a search ends with empty pages");
            return Next::End;
        }
        if self.stale {
            tracing::warn!(url, pages, "a page has no item that was not on those before: the search ends");
            return Next::End;
        }
        if !self.asked.insert(on.fingerprint()) {
            if self.empty == 0 {
                tracing::warn!(url, pages, "a page leads back to one before it: the search ends");
            }
            return Next::End;
        }
        next
    }

    /// An error where the server said that there are more items than it gave.
    pub(super) fn shortfall(&self, url: &str) -> Option<Error> {
        let given = self.items.len() as u64;
        let matched = self.matched.filter(|matched| *matched > given)?;
        Some(Error::SearchShort { url: url.to_owned(), matched, given })
    }
}

/// An address without what is asked for, which may hold somebody's key.
pub(super) fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

/// Asks for a page: of a server, or of a file that a file leads to.
pub(super) fn ask(client: &Client, request: &Request) -> Result<Value> {
    match super::is_url(&request.url) {
        true => client.json(request),
        false => Ok(Document::read(client, &request.url)?.value),
    }
}

/// What tells an item from the others: people's own collections have names by date, too, one a tile.
fn name(item: &Value) -> String {
    let time = item.get("properties").and_then(|properties| properties.get("datetime"));
    let parts = [item.get("collection"), item.get("id"), time, item.get("bbox")];
    parts.map(|part| part.map_or_else(String::new, Value::to_string)).join(" ")
}

/// An item at the place it gives as its own, else at the page.
pub(super) fn located(feature: &Value, page: &str) -> Document {
    let item = Document { location: page.to_owned(), value: feature.clone() };
    let own = item.links("self").next();
    Document { location: own.unwrap_or_else(|| page.to_owned()), ..item }
}

/// The request that a page's `next` link describes (STAC API, section on pagination): GET of the link, or POST of its
/// body, which replaces the earlier one or is merged into it.
fn next_page(page: &Value, before: &Request) -> Next {
    let mut links = links_in(page, "next");
    let Some((link, href)) = links.next().and_then(|link| Some((link, link.get("href")?.as_str()?))) else {
        return Next::End;
    };
    let url = as_safe_as(&before.url, resolve(&before.url, href));
    let headers = link.get("headers").and_then(Value::as_object).into_iter().flatten();
    let headers =
        headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let method = link.get("method").and_then(Value::as_str).unwrap_or("GET");
    if !method.eq_ignore_ascii_case("POST") {
        return Next::Page(Request { url, headers, body: None, hasty: before.hasty });
    }
    let own = link.get("body").and_then(Value::as_object);
    let merge = own.is_none() || link.get("merge").and_then(Value::as_bool).unwrap_or(false);
    let earlier = before.body.as_ref().and_then(Value::as_object).filter(|_| merge);
    if merge && earlier.is_none() {
        return Next::Unknown;
    }
    let fields = earlier.into_iter().flatten().chain(own.into_iter().flatten());
    let body: Map<String, Value> = fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    Next::Page(Request { url, headers, body: Some(Value::Object(body)), hasty: before.hasty })
}

/// A link to the same host by `https` where the page came so: servers behind a proxy do not know how they are asked.
fn as_safe_as(before: &str, url: String) -> String {
    let host =
        |url: &str| url.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().map(str::to_owned));
    match url.strip_prefix("http://") {
        Some(rest) if before.starts_with("https://") && host(before) == host(&url) => {
            format!("https://{rest}")
        }
        _ => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn where_a_page_leads() {
        let get = Request::get("https://a.org/v1/search?page=1");
        let post = Request::post("https://a.org/v1/search", json!({ "bbox": [1, 2, 3, 4], "limit": 9 }));
        let link = |link: Value| json!({ "links": [{ "rel": "prev", "href": "x" }, link] });
        let to = |url: &str| Next::Page(Request::get(url));
        let by = |body: Value| Next::Page(Request::post("https://a.org/v1/search", body));
        let token = json!({
            "rel": "next", "href": "https://a.org/v1/search", "method": "POST", "body": { "token": "t" },
        });
        let mut merged = token.clone();
        merged["merge"] = json!(true);
        for (before, next, expected) in [
            (&get, json!({ "rel": "self", "href": "?page=1" }), Next::End),
            (&get, json!({ "rel": "next", "href": "?page=2" }), to("https://a.org/v1/search?page=2")),
            (&get, json!({ "rel": "next", "href": "http://a.org/x" }), to("https://a.org/x")),
            (&get, json!({ "rel": "next", "href": "http://b.org/x" }), to("http://b.org/x")),
            (&get, token.clone(), by(json!({ "token": "t" }))),
            (&get, merged.clone(), Next::Unknown),
            (&post, token, by(json!({ "token": "t" }))),
            (&post, merged, by(json!({ "token": "t", "bbox": [1, 2, 3, 4], "limit": 9 }))),
        ] {
            assert_eq!(next_page(&link(next.clone()), before), expected, "{next}");
        }
    }
}
