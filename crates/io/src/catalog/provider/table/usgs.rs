//! The USGS: Landsat Collection 2 Level 2.

use super::super::access::Access;
use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::files::ProviderFiles;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

/// Landsat 4 to 9: their numbers and QA_PIXEL mean the same.
pub(super) const ITEMS: &[&str] = &["LC0?_L2S?_*", "LE07_L2S?_*", "LT0?_L2S?_*"];

/// Older items call their files by the ends of their names.
const OLD_NAMES: &[(&str, &str)] = &[
    ("coastal", "SR_B1.TIF"),
    ("blue", "SR_B2.TIF"),
    ("green", "SR_B3.TIF"),
    ("red", "SR_B4.TIF"),
    ("nir08", "SR_B5.TIF"),
    ("swir16", "SR_B6.TIF"),
    ("swir22", "SR_B7.TIF"),
];

/// Its items name files behind a login, and the same in a bucket whose reader pays.
pub(super) const PROVIDER: Provider = Provider {
    name: "usgs-landsat",
    url: "https://landsatlook.usgs.gov/stac-server",
    files: &[
        ProviderFiles { place: "landsatlook.usgs.gov", access: Access::Bearer },
        ProviderFiles { place: "s3://usgs-landsat", access: Access::RequesterPays },
    ],
    page_size: 100,
    collections: &[ProviderCollection::optical(
        "landsat-c2l2-sr",
        ITEMS,
        Sensor::Landsat,
        ProviderMask::LANDSAT,
        OffsetSource::LANDSAT,
    )
    .with(OLD_NAMES)],
};
