//! Small maps of known pixels, as a file of bytes and a VRT that says where they lie.

use std::fs;
use std::path::{Path, PathBuf};

/// Where a small map lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Any name of a coordinate reference system that GDAL knows.
    pub(crate) crs: &'static str,
    /// Easting of the western edge, and northing of the northern one.
    pub(crate) east: f64,
    pub(crate) north: f64,
    /// Side of a pixel.
    pub(crate) side: f64,
}

/// UTM 33, pixels of 20 m.
pub(crate) const UTM: Place = Place { crs: "EPSG:32633", east: 500_000.0, north: 5_500_000.0, side: 20.0 };

/// Writes a map of class codes, row by row, nodata 0; gives its path.
pub(crate) fn small_map(folder: &Path, name: &str, place: Place, cols: usize, codes: &[u8]) -> PathBuf {
    small_bands(folder, name, place, cols, 0, &[("", codes)])
}

/// Writes bands of bytes, each with its description and its pixels row by row; gives their path.
pub(crate) fn small_bands(
    folder: &Path,
    name: &str,
    place: Place,
    cols: usize,
    nodata: u8,
    bands: &[(&str, &[u8])],
) -> PathBuf {
    let Place { crs, east, north, side } = place;
    let pixels = bands[0].1.len();
    let rows = pixels / cols;
    fs::write(
        folder.join(format!("{name}.bytes")),
        bands.iter().flat_map(|band| band.1).copied().collect::<Vec<_>>(),
    )
    .unwrap();
    let band = |(index, (description, _)): (usize, &(&str, &[u8]))| {
        format!(
            "<VRTRasterBand dataType=\"Byte\" band=\"{}\" subClass=\"VRTRawRasterBand\">\
             <Description>{description}</Description><NoDataValue>{nodata}</NoDataValue>\
             <SourceFilename relativetoVRT=\"1\">{name}.bytes</SourceFilename><ImageOffset>{}</ImageOffset>\
             <PixelOffset>1</PixelOffset><LineOffset>{cols}</LineOffset></VRTRasterBand>",
            index + 1,
            index * pixels
        )
    };
    let bands: String = bands.iter().enumerate().map(band).collect();
    let text = format!(
        "<VRTDataset rasterXSize=\"{cols}\" rasterYSize=\"{rows}\"><SRS>{crs}</SRS>\
         <GeoTransform>{east}, {side}, 0, {north}, 0, -{side}</GeoTransform>{bands}</VRTDataset>"
    );
    let path = folder.join(format!("{name}.vrt"));
    fs::write(&path, text).unwrap();
    path
}

/// Writes a legend of the codes 1, 2 and 3; gives its path.
pub(crate) fn small_legend(folder: &Path) -> PathBuf {
    let path = folder.join("legend.csv");
    fs::write(&path, "code,name,color\n1,forest,#006400\n2,field,#ffd700\n3,water,#0000c8\n").unwrap();
    path
}
