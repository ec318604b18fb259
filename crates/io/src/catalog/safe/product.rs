//! The product's own metadata file, `MTD_MSIL1C.xml` or `MTD_MSIL2A.xml`.

use crate::catalog::datatake::unversioned;
use crate::xml::Xml;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use geo_types::{Coord, LineString, Polygon};
use std::collections::BTreeMap;
use std::path::Path;

/// Processing level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Top of atmosphere.
    L1c,
    /// Bottom of atmosphere.
    L2a,
}

/// What the product's metadata say.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) level: Level,
    /// `S2A`.
    pub(super) satellite: String,
    /// `sentinel-2a`.
    pub(super) platform: String,
    pub(super) datetime: DateTime<Utc>,
    pub(super) baseline: String,
    pub(super) relative_orbit: Option<u32>,
    pub(super) datatake: Option<String>,
    pub(super) cloud_cover: Option<f64>,
    pub(super) footprint: Polygon<f64>,
    /// Paths of the images in the product, without extension.
    pub(super) images: Vec<String>,
    pub(super) is_tiff: bool,
    pub(super) granule: Granule,
    pub(super) nodata: f64,
    pub(super) quantification: f64,
    pub(super) aot_quantification: Option<f64>,
    pub(super) wvp_quantification: Option<f64>,
    /// Additive offset in stored units by band number (0 is B01, 8 is B8A).
    pub(super) offsets: BTreeMap<usize, f64>,
}

/// What the name of a granule's folder says: `L2A_T01KAB_A042640_20230821T221944`.
#[derive(Debug)]
pub(super) struct Granule {
    pub(super) folder: String,
    /// `T01KAB`.
    pub(super) tile: String,
    /// `20230821T221944`.
    pub(super) time: String,
}

impl Product {
    /// Reads it from a product's folder.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let files = [("MTD_MSIL2A.xml", Level::L2a), ("MTD_MSIL1C.xml", Level::L1c)];
        let found = files.into_iter().find(|(name, _)| folder.join(name).is_file());
        let Some((name, level)) = found else {
            let missing = "MTD_MSIL1C.xml or MTD_MSIL2A.xml".to_owned();
            return Err(Error::SafeFile { product: folder.to_owned(), missing });
        };
        let xml = Xml::read(&folder.join(name))?;
        let (quantification, added) = match level {
            Level::L1c => ("QUANTIFICATION_VALUE", "RADIO_ADD_OFFSET"),
            Level::L2a => ("BOA_QUANTIFICATION_VALUE", "BOA_ADD_OFFSET"),
        };
        let platform = xml.find("SPACECRAFT_NAME")?.text().to_ascii_lowercase();
        let satellite = platform.replace("sentinel-", "S").to_ascii_uppercase();
        let images: Vec<String> =
            xml.root().all("IMAGE_FILE").into_iter().map(|image| image.text().to_owned()).collect();
        let granule = granule_of(&xml, &images)?;
        let format = xml.find("Granule")?.attribute("imageFormat").unwrap_or_default();
        Ok(Self {
            level,
            satellite,
            platform,
            datetime: xml.parse("PRODUCT_START_TIME")?,
            baseline: xml.find("PROCESSING_BASELINE")?.text().to_owned(),
            relative_orbit: xml.parse_optional("SENSING_ORBIT_NUMBER")?,
            datatake: xml
                .root()
                .find("Datatake")
                .and_then(|datatake| datatake.attribute("datatakeIdentifier"))
                .map(|name| unversioned(name).to_owned()),
            cloud_cover: xml
                .parse_optional("Cloud_Coverage_Assessment")?
                .filter(|cover: &f64| cover.is_finite()),
            footprint: footprint_of(&xml)?,
            is_tiff: format.eq_ignore_ascii_case("GeoTIFF"),
            images,
            granule,
            nodata: nodata_of(&xml)?,
            quantification: positive(&xml, quantification)?,
            aot_quantification: xml.parse_optional("AOT_QUANTIFICATION_VALUE")?,
            wvp_quantification: xml.parse_optional("WVP_QUANTIFICATION_VALUE")?,
            offsets: offsets_of(&xml, added)?,
        })
    }
}

fn granule_of(xml: &Xml, images: &[String]) -> Result<Granule> {
    let first = images.first().ok_or_else(|| xml.wrong("IMAGE_FILE", "no image"))?;
    let mut folders = images.iter().map(|image| image.split('/').nth(1));
    let folder = first.split('/').nth(1).filter(|folder| folders.all(|other| other == Some(folder)));
    let folder = folder.ok_or_else(|| xml.wrong("IMAGE_FILE", first))?;
    let [_, tile, _, time] = folder.split('_').collect::<Vec<_>>()[..] else {
        return Err(xml.wrong("IMAGE_FILE", first));
    };
    Ok(Granule { folder: folder.to_owned(), tile: tile.to_owned(), time: time.to_owned() })
}

fn positive(xml: &Xml, element: &str) -> Result<f64> {
    let value: f64 = xml.parse(element)?;
    if value > 0.0 && value.is_finite() { Ok(value) } else { Err(xml.wrong(element, &value.to_string())) }
}

/// The special value called NODATA; 0 where the file names none, as the format says.
fn nodata_of(xml: &Xml) -> Result<f64> {
    let values = xml.root().all("Special_Values");
    let is_nodata = |name: &str| name.eq_ignore_ascii_case("NODATA");
    let nodata =
        values.iter().find(|v| v.find("SPECIAL_VALUE_TEXT").is_some_and(|name| is_nodata(name.text())));
    nodata.and_then(|v| v.find("SPECIAL_VALUE_INDEX")).map_or(Ok(0.0), |index| xml.value(index))
}

fn offsets_of(xml: &Xml, element: &str) -> Result<BTreeMap<usize, f64>> {
    let offset = |added: &crate::xml::Element| {
        let band = added.attribute("band_id").unwrap_or_default();
        let band = band.parse().ok().ok_or_else(|| xml.wrong(element, band))?;
        Ok((band, xml.value(added)?))
    };
    xml.root().all(element).into_iter().map(offset).collect()
}

/// The outline: latitude before longitude, closed.
fn footprint_of(xml: &Xml) -> Result<Polygon<f64>> {
    let list = xml.find("EXT_POS_LIST")?.text();
    let numbers: Option<Vec<f64>> = list.split_whitespace().map(|number| number.parse().ok()).collect();
    let numbers = numbers.filter(|n| n.len() >= 6 && n.len() % 2 == 0 && n.iter().all(|v| v.is_finite()));
    let numbers = numbers.ok_or_else(|| xml.wrong("EXT_POS_LIST", list))?;
    let ring = numbers.chunks_exact(2).map(|pair| Coord { x: pair[1], y: pair[0] }).collect();
    Ok(Polygon::new(LineString(ring), Vec::new()))
}
