//! NASA's Earthdata: HLS of the LP DAAC and OPERA's radar of the ASF.

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

pub(super) const S30: &[&str] = &["HLS.S30.*"];
pub(super) const L30: &[&str] = &["HLS.L30.*"];

/// Harmonized Landsat and Sentinel-2, version 2.
pub(super) const HLS: Provider = Provider {
    name: "lpdaac",
    url: "https://cmr.earthdata.nasa.gov/stac/LPCLOUD",
    files: &["data.lpdaac.earthdatacloud.nasa.gov"],
    page_size: 100,
    collections: &[
        ProviderCollection::optical(
            "HLSS30_2.0",
            S30,
            Sensor::HlsS30,
            ProviderMask::HLS,
            OffsetSource::TEN_THOUSANDTHS,
        )
        .or(&["HLSS30.v2.0", "HLSS30"]),
        ProviderCollection::optical(
            "HLSL30_2.0",
            L30,
            Sensor::HlsL30,
            ProviderMask::HLS,
            OffsetSource::TEN_THOUSANDTHS,
        )
        .or(&["HLSL30.v2.0", "HLSL30"]),
    ],
};

/// Sentinel-1 bursts, terrain corrected.
pub(super) const OPERA: Provider = Provider {
    name: "opera",
    url: "https://cmr.earthdata.nasa.gov/stac/ASF",
    files: &["datapool.asf.alaska.edu", "cumulus.asf.earthdatacloud.nasa.gov"],
    page_size: 100,
    collections: &[ProviderCollection::other(
        "OPERA_L2_RTC-S1_V1_1",
        &["OPERA_L2_RTC-S1_*"],
        Some(Sensor::Sentinel1),
    )
    .or(&["OPERA_L2_RTC-S1_V1"])],
};
