//! The USGS: Landsat Collection 2 Level 2.

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

/// Landsat 4 to 9: their numbers and QA_PIXEL mean the same.
pub(super) const ITEMS: &[&str] = &["LC0?_L2S?_*", "LE07_L2S?_*", "LT0?_L2S?_*"];

/// Its items name files behind a login, and the same in a bucket whose reader pays.
pub(super) const PROVIDER: Provider = Provider {
    name: "usgs-landsat",
    url: "https://landsatlook.usgs.gov/stac-server",
    files: &["landsatlook.usgs.gov", "s3://usgs-landsat"],
    page_size: 100,
    collections: &[ProviderCollection::optical(
        "landsat-c2l2-sr",
        ITEMS,
        Sensor::Landsat,
        ProviderMask::LANDSAT,
        OffsetSource::LANDSAT,
    )],
};
