//! Microsoft's Planetary Computer.

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

/// Its files are the producers' own numbers in accounts of Azure that want a signature.
pub(super) const PROVIDER: Provider = Provider {
    name: "planetary-computer",
    url: "https://planetarycomputer.microsoft.com/api/stac/v1",
    files: &[
        "sentinel2l2a01.blob.core.windows.net",
        "landsateuwest.blob.core.windows.net",
        "hls2euwest.blob.core.windows.net",
        "sentinel1euwestrtc.blob.core.windows.net",
        "sentinel1euwest.blob.core.windows.net",
        "ai4edataeuwest.blob.core.windows.net",
        "elevationeuwest.blob.core.windows.net",
    ],
    page_size: 250,
    collections: &[
        ProviderCollection::optical(
            "sentinel-2-l2a",
            &["S2?_MSIL2A_????????T??????_R???_T?????_????????T??????"],
            Sensor::Sentinel2,
            ProviderMask::SCL,
            OffsetSource::Held,
        ),
        ProviderCollection::optical(
            "landsat-c2-l2",
            super::usgs::ITEMS,
            Sensor::Landsat,
            ProviderMask::LANDSAT,
            OffsetSource::LANDSAT,
        ),
        ProviderCollection::optical(
            "hls2-s30",
            super::earthdata::S30,
            Sensor::HlsS30,
            ProviderMask::HLS,
            OffsetSource::TEN_THOUSANDTHS,
        ),
        ProviderCollection::optical(
            "hls2-l30",
            super::earthdata::L30,
            Sensor::HlsL30,
            ProviderMask::HLS,
            OffsetSource::TEN_THOUSANDTHS,
        ),
        ProviderCollection::other("sentinel-1-rtc", &["S1?_IW_GRDH_*_rtc"], Some(Sensor::Sentinel1))
            .with(&[("VV", "vv-rtc"), ("VH", "vh-rtc")]),
        ProviderCollection::other("io-lulc", &["???_20??"], None),
        ProviderCollection::other("io-lulc-annual-v02", &["???-20??"], None).or(&["io-lulc-9-class"]),
        ProviderCollection::other("cop-dem-glo-30", &["Copernicus_DSM_COG_10_*"], None),
    ],
};
