//! Earth Search of Element 84: Sentinel-2 as COGs, and what AWS has besides.

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

const COGS: &str = "sentinel-cogs.s3.us-west-2.amazonaws.com";
const SENTINEL2: &[&str] = &["S2?_*_????????_?_L2A"];

/// Version 1, with collection 1 of Sentinel-2.
pub(super) const V1: Provider = Provider {
    name: "earth-search",
    url: "https://earth-search.aws.element84.com/v1",
    files: &[
        COGS,
        "s3://sentinel-cogs",
        "e84-earth-search-sentinel-data.s3.us-west-2.amazonaws.com",
        "copernicus-dem-30m.s3.amazonaws.com",
        "s3://sentinel-s2-l2a",
    ],
    // Pages above about 100 have failed (Element84/earth-search, issues 17 and 60).
    page_size: 100,
    collections: &[
        ProviderCollection::optical(
            "sentinel-2-l2a",
            SENTINEL2,
            Sensor::Sentinel2,
            ProviderMask::SCL,
            OffsetSource::Flag,
        ),
        ProviderCollection::optical(
            "sentinel-2-c1-l2a",
            &["S2?_T?????_????????T??????_L2A"],
            Sensor::Sentinel2,
            ProviderMask::SCL,
            OffsetSource::Listed,
        ),
        ProviderCollection::optical(
            "landsat-c2-l2",
            super::usgs::ITEMS,
            Sensor::Landsat,
            ProviderMask::LANDSAT,
            OffsetSource::LANDSAT,
        ),
        ProviderCollection::other("cop-dem-glo-30", &["Copernicus_DSM_COG_10_*"], None),
    ],
};

/// Version 0, as old catalogues and copies have it.
pub(super) const V0: Provider = Provider {
    name: "earth-search-v0",
    url: "https://earth-search.aws.element84.com/v0",
    files: &[COGS],
    page_size: 100,
    collections: &[ProviderCollection::optical(
        "sentinel-s2-l2a-cogs",
        SENTINEL2,
        Sensor::Sentinel2,
        ProviderMask::SCL,
        OffsetSource::Flag,
    )],
};
