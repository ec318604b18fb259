//! Digital Earth Africa and Digital Earth Australia.

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

/// Africa: copies of Earth Search's Sentinel-2 and of the USGS's Landsat, and a radar series of its own.
pub(super) const AFRICA: Provider = Provider {
    name: "de-africa",
    url: "https://explorer.digitalearth.africa/stac",
    files: &[
        "s3://deafrica-sentinel-2",
        "s3://deafrica-sentinel-2-l2a-c1",
        "s3://deafrica-landsat",
        "s3://deafrica-sentinel-1",
    ],
    page_size: 100,
    collections: &[
        ProviderCollection::optical(
            "s2_l2a",
            &["S2?_*_????????_?_L2A"],
            Sensor::Sentinel2,
            ProviderMask::SCL,
            OffsetSource::Flag,
        ),
        ProviderCollection::optical(
            "s2_l2a_c1",
            &["S2?_T?????_????????T??????_L2A"],
            Sensor::Sentinel2,
            ProviderMask::SCL,
            OffsetSource::Listed,
        ),
        ProviderCollection::optical(
            "ls8_sr",
            super::usgs::ITEMS,
            Sensor::Landsat,
            ProviderMask::LANDSAT,
            OffsetSource::LANDSAT,
        )
        .or(&["ls9_sr"]),
        ProviderCollection::other("s1_rtc", &["s1_rtc_*"], Some(Sensor::Sentinel1)),
    ],
};

/// Australia: reflectance corrected for view, sun and terrain; baselines' offsets are taken out before.
pub(super) const AUSTRALIA: Provider = Provider {
    name: "de-australia",
    url: "https://explorer.dea.ga.gov.au/stac",
    files: &[
        "s3://dea-public-data",
        "dea-public-data.s3.ap-southeast-2.amazonaws.com",
        "dea-public-data.s3-ap-southeast-2.amazonaws.com",
        "data.dea.ga.gov.au",
    ],
    page_size: 100,
    collections: &[
        ProviderCollection::optical(
            "ga_s2am_ard_3",
            &["ga_s2?m_ard_3-*", "ga_s2?m_nbart_3-*"],
            Sensor::Sentinel2,
            ProviderMask::AUSTRALIA,
            OffsetSource::TEN_THOUSANDTHS,
        )
        .or(&["ga_s2bm_ard_3", "ga_s2cm_ard_3"]),
        ProviderCollection::optical(
            "ga_ls8c_ard_3",
            &["ga_ls?c_ard_3-*", "ga_ls?c_nbart_3-*"],
            Sensor::Landsat,
            ProviderMask::AUSTRALIA,
            OffsetSource::TEN_THOUSANDTHS,
        )
        .or(&["ga_ls9c_ard_3"]),
    ],
};
