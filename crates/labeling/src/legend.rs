//! Legends of the land-cover maps that labels are most often taken from, by name.

mod corine;

pub use corine::{CorineCodes, corine_code, corine_value};

use crate::{Error, Result};
use ecotone_core::Legend;

/// A legend that comes with this crate, and where it is from.
#[derive(Debug, Clone, Copy)]
pub struct NamedLegend {
    /// What [`legend`] finds it by.
    pub name: &'static str,
    /// The product, its version and its publisher.
    pub title: &'static str,
    /// Where codes, names and colours were read, under which licence the product is, and what could not be confirmed.
    pub source: &'static str,
    /// The code of "no data" in the product's own rasters, where it is known. It is never a class.
    pub nodata: Option<u8>,
    csv: &'static str,
}

impl NamedLegend {
    /// Its classes.
    ///
    /// # Errors
    /// When the table that was built in is no legend.
    pub fn legend(&self) -> Result<Legend> {
        let failed = |source| Error::BuiltInLegend { name: self.name, source };
        Legend::from_csv(self.csv.as_bytes()).map_err(failed)
    }
}

/// The legend of this name: one of [`LEGENDS`].
///
/// ```
/// let corine = ecotone_labeling::legend("corine")?;
/// assert_eq!(corine.len(), 44);
/// assert_eq!(corine.entries()[0].name, "111 Continuous urban fabric");
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
///
/// # Errors
/// When there is none of this name; says which there are.
pub fn legend(name: &str) -> Result<Legend> {
    find(name)?.legend()
}

/// The entry of this name.
fn find(name: &str) -> Result<&'static NamedLegend> {
    LEGENDS.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownLegend {
        name: name.to_owned(),
        known: LEGENDS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    })
}

/// The legends that come with this crate.
pub const LEGENDS: &[NamedLegend] = &[
    NamedLegend {
        name: "corine",
        title: "CORINE Land Cover level 3, European Environment Agency, 44 classes as the raster values 1 to 44",
        source: "Raster values, codes and colours: clc_legend.csv (GRID_CODE, CLC_CODE, RGB) and the QGIS colour map that \
                 come with CLC2018 V2018_20, as quoted in public repositories (the latter in Deltares/hydromt_wflow); \
                 Earth Engine's catalogue has the same colours but for class 132. The 3-digit codes do not fit into a \
                 byte: they begin the names, and `corine_value` converts them. Copernicus Land Monitoring Service, \
                 full, open and free access",
        nodata: None,
        csv: include_str!("../legends/corine.csv"),
    },
    NamedLegend {
        name: "mapbiomas-brazil",
        title: "MapBiomas Brazil, collections 8 to 10, classes of all levels",
        source: "MapBiomas's entry in Earth Engine's catalogue (projects/mapbiomas-public/assets/brazil/lulc/v1); 13 and \
                 69 from legend-colors/mapbiomas-legend-qgis.qml of mapbiomas/user-toolkit (2024), which has another \
                 colour for 11. One table for the three collections: which of them has which class was not checked. \
                 MapBiomas Project, CC BY 4.0",
        nodata: Some(0),
        csv: include_str!("../legends/mapbiomas-brazil.csv"),
    },
    NamedLegend {
        name: "mapbiomas-brazil-c4",
        title: "MapBiomas Brazil, collection 4 (2019), classes of all levels",
        source: "Codes and colours: legend-colors/mapbiomas-legend-qgis.qml of mapbiomas-brazil/user-toolkit before \
                 collection 5 (commit 47dc8d448a), names in Portuguese, put into English as in that repository's \
                 mapbiomas-legend-collection50.qml, which also has the groups 1, 2, 10, 14, 22 and 26 with their colours. \
                 Codes mean other things than in later collections: 19 is all annual and perennial crops, 20 is \
                 semi-perennial. MapBiomas Project, CC BY now and CC BY-SA then, which was not confirmed",
        nodata: Some(0),
        csv: include_str!("../legends/mapbiomas-brazil-c4.csv"),
    },
    NamedLegend {
        name: "worldcover",
        title: "ESA WorldCover 10 m, v100 (2020) and v200 (2021)",
        source: "Earth Engine's catalogue (ESA/WorldCover/v200); the same colours in Planetary Computer's esa-worldcover. \
                 Zanaga et al., ESA WorldCover consortium, CC BY 4.0",
        nodata: Some(0),
        csv: include_str!("../legends/worldcover.csv"),
    },
    NamedLegend {
        name: "dynamic-world",
        title: "Dynamic World V1, Google and World Resources Institute, band `label`",
        source: "Earth Engine's catalogue (GOOGLE/DYNAMICWORLD/V1). Brown et al. (2022), doi:10.1038/s41597-022-01307-4, \
                 CC BY 4.0. Code 0 is water: its nodata must be another",
        nodata: None,
        csv: include_str!("../legends/dynamic-world.csv"),
    },
    NamedLegend {
        name: "esri",
        title: "10 m Annual Land Use Land Cover (9-class), Impact Observatory, Microsoft and Esri, since 2017",
        source: "Planetary Computer's colour map io-lulc-9-class (microsoft/planetary-computer-apis), the same in \
                 sentinel-hub/custom-scripts. Esri's own viewers use other colours, which were not confirmed. Karra et \
                 al. (2021), CC BY 4.0",
        nodata: Some(0),
        csv: include_str!("../legends/esri.csv"),
    },
    NamedLegend {
        name: "esa-cci",
        title: "ESA CCI Land Cover v2.0.7 and C3S v2.1, 22 global classes and 15 regional ones",
        source: "ESACCI-LC-Legend.csv (NB_LAB, LCCOwnLabel, R, G, B) as quoted in public repositories; the same in \
                 stactools-packages/esa-cci-lc and in flag_colors of the maps, but for 121, which there has the colour \
                 of 120. Two names were made fuller. Defourny et al., ESA Climate Change Initiative, free with citation",
        nodata: Some(0),
        csv: include_str!("../legends/esa-cci.csv"),
    },
    NamedLegend {
        name: "nlcd",
        title: "National Land Cover Database, USGS and MRLC, 16 classes and Alaska's four",
        source: "Earth Engine's catalogue (USGS/NLCD_RELEASES/2016_REL and 2021_REL/NLCD), after the legend of mrlc.gov. \
                 Public domain",
        nodata: Some(0),
        csv: include_str!("../legends/nlcd.csv"),
    },
    NamedLegend {
        name: "cgls-lc100",
        title: "Copernicus Global Land Cover 100 m, collection 3, discrete classification",
        source: "Earth Engine's catalogue (COPERNICUS/Landcover/100m/Proba-V-C3/Global), names shortened. Buchhorn et al. \
                 (2020), Copernicus Global Land Service, free with citation",
        nodata: Some(0),
        csv: include_str!("../legends/cgls-lc100.csv"),
    },
    NamedLegend {
        name: "modis-igbp",
        title: "MODIS MCD12Q1 land cover type 1 (IGBP), 500 m",
        source: "Codes and colours: Earth Engine's catalogue (MODIS/061/MCD12Q1), names shortened. The colours are the \
                 catalogue's; the product has none of its own. NASA LP DAAC, open",
        nodata: Some(255),
        csv: include_str!("../legends/modis-igbp.csv"),
    },
    NamedLegend {
        name: "worldcereal",
        title: "ESA WorldCereal 2021 v100, temporary crops",
        source: "Codes: Earth Engine's catalogue (ESA/WorldCereal/2021/MODELS/v100), the colour of 100 from its example. \
                 The colour of 0 could not be verified: it is this crate's grey. Van Tricht et al. (2023), CC BY 4.0",
        nodata: None,
        csv: include_str!("../legends/worldcereal.csv"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[track_caller]
    fn check(name: &str, classes: usize) {
        let entry = find(name).unwrap();
        let legend = entry.legend().unwrap();
        assert_eq!(legend.len(), classes, "{name}");
        let names: BTreeSet<_> = legend.entries().iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names.len(), classes, "{name} has a name twice");
        assert_eq!(Legend::from_csv(legend.to_csv().as_bytes()).unwrap(), legend);
        assert!(entry.source.len() > 40 && !entry.source.contains("  "), "{name}: {}", entry.source);
        let nodata = entry.nodata.map(usize::from);
        assert!(nodata.is_none_or(|code| legend.index_table()[code].is_none()), "{name}");
    }

    #[test]
    fn each_legend_is_whole() {
        let sizes = [
            ("corine", 44),
            ("mapbiomas-brazil", 40),
            ("mapbiomas-brazil-c4", 27),
            ("worldcover", 11),
            ("dynamic-world", 9),
            ("esri", 9),
            ("esa-cci", 37),
            ("nlcd", 20),
            ("cgls-lc100", 22),
            ("modis-igbp", 17),
            ("worldcereal", 2),
        ];
        assert_eq!(LEGENDS.iter().map(|entry| entry.name).collect::<Vec<_>>(), sizes.map(|size| size.0));
        sizes.iter().for_each(|(name, classes)| check(name, *classes));
    }

    #[test]
    fn another_name_is_answered_with_those_there_are() {
        let error = legend("corin").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no legend `corin`, expected one of corine, mapbiomas-brazil,"),
            "{error}"
        );
    }
}
