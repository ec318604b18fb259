//! Small maps of known pixels, as a file of bytes and a VRT that says where they lie.

use std::fs;
use std::path::{Path, PathBuf};

/// Where a small map lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Any name of a coordinate reference system that GDAL knows.
    pub(crate) crs: &'static str,
    /// Easting of the western edge; the northern edge is at 5 500 000.
    pub(crate) east: f64,
}

/// UTM 33.
pub(crate) const UTM: Place = Place { crs: "EPSG:32633", east: 500_000.0 };

/// Writes a map of class codes, row by row, pixels of 20 m, nodata 0; gives its path.
pub(crate) fn small_map(folder: &Path, name: &str, place: Place, cols: usize, codes: &[u8]) -> PathBuf {
    let Place { crs, east } = place;
    let rows = codes.len() / cols;
    fs::write(folder.join(format!("{name}.bytes")), codes).unwrap();
    let text = format!(
        "<VRTDataset rasterXSize=\"{cols}\" rasterYSize=\"{rows}\"><SRS>{crs}</SRS>\
         <GeoTransform>{east}, 20, 0, 5500000, 0, -20</GeoTransform>\
         <VRTRasterBand dataType=\"Byte\" band=\"1\" subClass=\"VRTRawRasterBand\"><NoDataValue>0</NoDataValue>\
         <SourceFilename relativetoVRT=\"1\">{name}.bytes</SourceFilename><ImageOffset>0</ImageOffset>\
         <PixelOffset>1</PixelOffset><LineOffset>{cols}</LineOffset></VRTRasterBand></VRTDataset>"
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
