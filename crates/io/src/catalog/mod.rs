//! Catalogues of scenes: STAC documents and APIs, and SAFE products.

mod datatake;
mod open;
mod provider;
mod safe;
mod scene;
mod scene_index;
mod search;
mod sensor_of;
mod stac;

pub use open::open_catalog;
pub use provider::{
    KnownScene, OffsetSource, Provider, ProviderCollection, ProviderMask, ProviderMaskKind, provider_named,
    providers,
};
pub use safe::{read_safe, read_safe_folder};
pub use scene::{Asset, AssetBand, Scene, SceneBand};
pub use scene_index::SceneIndex;
pub use search::{Catalog, CatalogFailure, Found, Query, SceneList, search_all};
pub use stac::{ApiCatalog, BandStyle, Client, CollectionInfo, StacItem, scene_of_item, write_catalog};
