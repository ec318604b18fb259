//! The Copernicus Data Space Ecosystem (CDSE).

use super::super::collection::ProviderCollection;
use super::super::entry::Provider;
use super::super::mask::ProviderMask;
use super::super::offset::OffsetSource;
use ecotone_core::Sensor;

/// Its products are ESA's, with an asset for each resolution of a band.
pub(super) const PROVIDER: Provider = Provider {
    name: "cdse",
    url: "https://stac.dataspace.copernicus.eu/v1",
    files: &["s3://eodata", "zipper.dataspace.copernicus.eu", "download.dataspace.copernicus.eu"],
    page_size: 100,
    collections: &[
        ProviderCollection::optical(
            "sentinel-2-l2a",
            &["S2?_MSIL2A_????????T??????_N????_R???_T?????_*"],
            Sensor::Sentinel2,
            ProviderMask::SCL,
            OffsetSource::Listed,
        ),
        // Quarterly mosaics of clear pixels; their data cubes' numbers count ten-thousandths.
        ProviderCollection {
            id: "sentinel-2-global-mosaics",
            others: &[],
            items: &["Sentinel-2_mosaic_*"],
            sensor: Some(Sensor::Sentinel2),
            mask: None,
            offset: OffsetSource::TEN_THOUSANDTHS,
            names: &[],
        },
    ],
};
