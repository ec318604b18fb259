//! SpatioTemporal Asset Catalogs (STAC 1.0 and 1.1): static documents, search APIs, and writing our own.

mod api;
mod document;
mod href;
mod http;
mod item;
mod pages;
mod parameters;
mod time;
mod walk;
mod write;
mod write_catalog;

pub use api::ApiCatalog;
pub use http::Client;
pub use item::scene_of_item;
pub use write::{BandStyle, StacItem};
pub use write_catalog::{CollectionInfo, write_catalog};

pub(crate) use document::Document;
pub(crate) use href::{file_of, is_url};
pub(crate) use walk::read_static;
