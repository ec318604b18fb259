//! From a path or URL to the catalogue that lies there.

use super::provider::{provider_named, providers};
use super::safe;
use super::stac;
use super::stac::{ApiCatalog, Client, Document, file_of, is_url};
use crate::{Catalog, Error, Result};
use std::path::Path;

/// Opens whatever lies at a path or URL, or the public catalogue of a name that no file has:
///
/// - a URL of a STAC API (a landing page with a `search` link), of one of its collections, of one of its searches
///   (`…/search?…`), or of a static STAC document;
/// - a STAC document: catalogue, collection, item or item collection, whose pages are followed;
/// - a folder with a `catalog.json` or `collection.json`;
/// - a Sentinel-2 SAFE product or a folder of them;
/// - where there is no such file, a name of [`providers`], such as `earth-search`.
///
/// Static catalogues and products are read here as a whole, an API when it is asked.
///
/// # Errors
/// When nothing is there, it is none of these, or it holds no scene at all.
pub fn open_catalog(location: &str) -> Result<Box<dyn Catalog>> {
    let client = Client::default();
    let local = file_of(location);
    let location = local.as_deref().unwrap_or(location);
    let known = provider_named(location).filter(|_| !Path::new(location).exists());
    let location = known.map_or(location, |provider| provider.url);
    let path = Path::new(location);
    if is_url(location) {
        let document = Document::read(&client, location)?;
        return match ApiCatalog::behind(&document, &client) {
            Some(api) => Ok(Box::new(api)),
            None => Ok(Box::new(stac::read_static(&client, document)?)),
        };
    }
    if path.is_dir() {
        let document = ["catalog.json", "collection.json"].map(|name| path.join(name));
        if let Some(document) = document.iter().find(|document| document.is_file()) {
            let document = Document::read(&client, &document.to_string_lossy())?;
            return Ok(Box::new(stac::read_static(&client, document)?));
        }
        return Ok(Box::new(safe::read_safe_folder(path)?));
    }
    if let Some((scheme, _)) = location.split_once("://") {
        let found = format!("an address of scheme `{scheme}`, which is not http, https or file");
        return Err(Error::NotACatalog { location: location.to_owned(), found });
    }
    if !path.exists() && path.file_name().is_some_and(|name| !name.to_string_lossy().contains('.')) {
        let names: Vec<&str> = providers().iter().map(|provider| provider.name).collect();
        let found = format!("no file; the public catalogues that go by a name are {}", names.join(", "));
        return Err(Error::NotACatalog { location: location.to_owned(), found });
    }
    let document = Document::read(&client, location)?;
    Ok(Box::new(stac::read_static(&client, document)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_catalogue_is_an_error() {
        let message = open_catalog("/no/such/catalog.json").err().unwrap().to_string();
        assert!(message.contains("/no/such/catalog.json"), "{message}");
        let message = open_catalog("erth-search").err().unwrap().to_string();
        assert!(
            message.contains("erth-search") && message.contains("earth-search, earth-search-v0"),
            "{message}"
        );
        let message = open_catalog("s3://bucket/catalog.json").err().unwrap().to_string();
        assert!(message.contains("scheme `s3`"), "{message}");
    }
}
