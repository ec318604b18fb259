//! A JSON document and where it lies.

use super::href::{is_url, resolve};
use super::http::{Client, Request};
use crate::{Error, Result};
use serde_json::Value;
use std::path::Path;

/// A STAC document with the location against which its links count.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) location: String,
    pub(crate) value: Value,
}

/// What a STAC document says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A catalogue or a collection.
    Branch,
    Item,
    ItemCollection,
}

impl Document {
    /// Reads a file or a URL.
    pub(crate) fn read(client: &Client, location: &str) -> Result<Self> {
        if is_url(location) {
            let value = client.json(&Request::get(location))?;
            return Ok(Self { location: location.to_owned(), value });
        }
        let failed = |source| Error::CatalogRead { location: location.to_owned(), source };
        let location =
            std::path::absolute(Path::new(location)).map_err(failed)?.to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&location).map_err(failed)?;
        // Some editors begin a text with a mark of its encoding.
        let value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|source| Error::CatalogJson { location: location.clone(), source })?;
        Ok(Self { location, value })
    }

    /// What it is; an error where it is nothing of STAC.
    pub(crate) fn kind(&self) -> Result<Kind> {
        match self.value.get("type").and_then(Value::as_str) {
            Some("Catalog" | "Collection") => Ok(Kind::Branch),
            Some("Feature") => Ok(Kind::Item),
            Some("FeatureCollection") => Ok(Kind::ItemCollection),
            found => Err(Error::NotACatalog {
                location: self.location.clone(),
                found: found.map_or_else(|| "no `type`".to_owned(), |found| format!("type `{found}`")),
            }),
        }
    }

    /// Its links of one relation, resolved.
    pub(crate) fn links<'a>(&'a self, rel: &'a str) -> impl Iterator<Item = String> + 'a {
        self.raw_links(rel).filter_map(|link| Some(resolve(&self.location, link.get("href")?.as_str()?)))
    }

    /// Its links of one relation, as written.
    pub(crate) fn raw_links<'a>(&'a self, rel: &'a str) -> impl Iterator<Item = &'a Value> + 'a {
        links_in(&self.value, rel)
    }
}

/// The links of one relation in a document, as written.
pub(super) fn links_in<'a>(document: &'a Value, rel: &'a str) -> impl Iterator<Item = &'a Value> + 'a {
    let links = document.get("links").and_then(Value::as_array).into_iter().flatten();
    links.filter(move |link| link.get("rel").and_then(Value::as_str) == Some(rel))
}
