//! Digital Earth Africa and Digital Earth Australia.

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::files::ProviderFiles;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

/// Africa: copies of Earth Search's Sentinel-2 and of the USGS's Landsat, and a radar series of its own.
pub(super) const AFRICA: Provider = Provider {
    name: "de-africa",
    url: "https://explorer.digitalearth.africa/stac",
    files: &[
        ProviderFiles::open("s3://deafrica-sentinel-2"),
        ProviderFiles::open("s3://deafrica-sentinel-2-l2a-c1"),
        ProviderFiles::open("s3://deafrica-landsat"),
        ProviderFiles::open("s3://deafrica-sentinel-1"),
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

/// Names of Landsat's bands in Geoscience Australia's analysis-ready data.
const LANDSAT: &[(&str, &str)] = &[
    ("coastal", "nbart_coastal_aerosol"),
    ("blue", "nbart_blue"),
    ("green", "nbart_green"),
    ("red", "nbart_red"),
    ("nir08", "nbart_nir"),
    ("pan", "nbart_panchromatic"),
    ("swir16", "nbart_swir_1"),
    ("swir22", "nbart_swir_2"),
];

/// Names of Sentinel-2's bands there.
const SENTINEL2: &[(&str, &str)] = &[
    ("coastal", "nbart_coastal_aerosol"),
    ("blue", "nbart_blue"),
    ("green", "nbart_green"),
    ("red", "nbart_red"),
    ("rededge071", "nbart_red_edge_1"),
    ("rededge075", "nbart_red_edge_2"),
    ("rededge078", "nbart_red_edge_3"),
    ("nir", "nbart_nir_1"),
    ("nir08", "nbart_nir_2"),
    ("swir16", "nbart_swir_2"),
    ("swir22", "nbart_swir_3"),
];

/// Australia: reflectance corrected for view, sun and terrain; baselines' offsets are taken out before.
pub(super) const AUSTRALIA: Provider = Provider {
    name: "de-australia",
    url: "https://explorer.dea.ga.gov.au/stac",
    files: &[
        ProviderFiles::open("s3://dea-public-data"),
        ProviderFiles::open("dea-public-data.s3.ap-southeast-2.amazonaws.com"),
        ProviderFiles::open("dea-public-data.s3-ap-southeast-2.amazonaws.com"),
        ProviderFiles::open("data.dea.ga.gov.au"),
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
        .or(&["ga_s2bm_ard_3", "ga_s2cm_ard_3"])
        .with(SENTINEL2),
        ProviderCollection::optical(
            "ga_ls8c_ard_3",
            &["ga_ls?c_ard_3-*", "ga_ls?c_nbart_3-*"],
            Sensor::Landsat,
            ProviderMask::AUSTRALIA,
            OffsetSource::TEN_THOUSANDTHS,
        )
        .or(&["ga_ls9c_ard_3"])
        .with(LANDSAT),
    ],
};
