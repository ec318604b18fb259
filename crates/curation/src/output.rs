//! What the commands that write one raster of classes share.

use crate::Result;
use ecotone_core::{GeoBox, Legend, Nodata};
use ecotone_io::{CogOptions, CogWriter, Content};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{nodata_code, read_legend};
use ecotone_labeling::{LEGENDS, NamedLegend};
use std::path::Path;

/// Bounds what GDAL keeps of a large raster, and makes a full disk an error.
pub(super) fn bound_memory() {
    ecotone_io::set_cache_bytes(ecotone_jobs::GDAL_CACHE);
    ecotone_io::ignore_file_size_signal();
}

/// A legend by its name, or from a CSV `code,name,color`, and the code for nothing in a raster of it.
pub(super) fn named_or_file(key: &'static str, text: &str) -> Result<(Legend, Option<&'static NamedLegend>)> {
    if let Some(named) = LEGENDS.iter().find(|legend| legend.name == text) {
        return Ok((named.legend()?, Some(named)));
    }
    let path = Path::new(text);
    if path.is_file() {
        return Ok((read_legend(path)?, None));
    }
    let words: Vec<&str> =
        LEGENDS.iter().map(|legend| legend.name).chain(["a CSV code,name,color"]).collect();
    Err(JobError::word(key, text, &words).into())
}

/// Starts a raster of the legend's codes.
pub(super) fn class_raster(path: &Path, grid: &GeoBox, legend: &Legend, nodata: u8) -> Result<CogWriter<u8>> {
    let options = CogOptions {
        content: Content::Classes(legend.clone()),
        nodata: Some(Nodata::new(f64::from(nodata))),
        descriptions: vec!["class".to_owned()],
        ..CogOptions::default()
    };
    Ok(CogWriter::create(path, grid.clone(), 1, options)?)
}

/// The code that stands for nothing beside these classes: that of the product, where it has one.
pub(super) fn nothing(legend: &Legend, named: Option<&NamedLegend>) -> u8 {
    named.and_then(|named| named.nodata).unwrap_or_else(|| nodata_code(legend))
}

/// Pixels and their share of all, such as `1234 pixels (12.3 %)`.
pub(super) fn share(pixels: u64, all: u64) -> String {
    format!("{pixels} pixels ({:.2} %)", 100.0 * pixels as f64 / all.max(1) as f64)
}
