//! The granule's metadata file, `MTD_TL.xml`: where the tile lies and where the sun stood.

use crate::xml::Xml;
use crate::{Error, Result};
use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d};
use std::collections::BTreeMap;
use std::path::Path;

/// What the granule's metadata say.
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) crs: Crs,
    pub(super) sun_azimuth: Option<f64>,
    /// 90 degrees less the mean zenith angle.
    pub(super) sun_elevation: Option<f64>,
    /// Grids by resolution in metres.
    grids: BTreeMap<u32, (Shape2d, GeoTransform)>,
}

impl Tile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let xml = Xml::read(path)?;
        let crs = xml.parse("HORIZONTAL_CS_CODE")?;
        let mean_sun = xml.root().find("Mean_Sun_Angle");
        let angle = |name: &str| {
            mean_sun.and_then(|sun| sun.find(name)).map(|angle| xml.value::<f64>(angle)).transpose()
        };
        let mut grids = BTreeMap::new();
        for position in xml.root().all("Geoposition") {
            let resolution = position.attribute("resolution").unwrap_or_default();
            let size =
                xml.root().all("Size").into_iter().find(|s| s.attribute("resolution") == Some(resolution));
            let size = size.ok_or_else(|| xml.wrong("Size", "nothing"))?;
            let number = |element: &crate::xml::Element, name: &str| {
                xml.value(element.find(name).ok_or_else(|| xml.wrong(name, "nothing"))?)
            };
            let transform = [
                number(position, "ULX")?,
                number(position, "XDIM")?,
                0.0,
                number(position, "ULY")?,
                0.0,
                number(position, "YDIM")?,
            ];
            let transform = GeoTransform::from_gdal(transform)
                .map_err(|source| Error::Describe { path: path.to_owned(), source })?;
            let pixels =
                |name: &str| xml.value::<u32>(size.find(name).ok_or_else(|| xml.wrong(name, "nothing"))?);
            let shape = Shape2d::new(pixels("NROWS")? as usize, pixels("NCOLS")? as usize);
            let resolution = resolution.parse().ok().ok_or_else(|| xml.wrong("Geoposition", resolution))?;
            grids.insert(resolution, (shape, transform));
        }
        Ok(Self {
            crs,
            sun_azimuth: angle("AZIMUTH_ANGLE")?,
            sun_elevation: angle("ZENITH_ANGLE")?.map(|zenith| 90.0 - zenith),
            grids,
        })
    }

    /// The grid of a resolution in metres.
    pub(super) fn geobox(&self, resolution: u32) -> Option<GeoBox> {
        let (shape, transform) = self.grids.get(&resolution)?;
        Some(GeoBox::new(*shape, *transform, self.crs.clone()))
    }
}
