//! Signed bytes as GDAL below 3.7 knows them: bytes with a remark, whose values come as 0 to 255.

use crate::error::GdalFailure;
use crate::ffi;
use gdal::{Dataset, Metadata};

/// From a byte as it is stored to its value: the one step is where the sign changes.
const TABLE: &str = "<LUT>0:0,127:127,128:-128,255:-1</LUT></ComplexSource>";

/// A dataset of signed bytes as one of 16 bits whose values are right, and whether it is one; any other as it is.
///
/// GDAL from 3.7 on has a type of its own for them, and nothing is to do.
pub(crate) fn signed_bytes(dataset: Dataset) -> Result<(Dataset, bool), GdalFailure> {
    if dataset.raster_count() == 0 {
        return Ok((dataset, false));
    }
    let remark = dataset.rasterband(1)?.metadata_item("PIXELTYPE", "IMAGE_STRUCTURE");
    if remark.as_deref() != Some("SIGNEDBYTE") {
        return Ok((dataset, false));
    }
    let described = ffi::virtual_dataset(&dataset, &["-ot", "Int16"])?;
    let document = described.metadata_domain("xml:VRT").unwrap_or_default().concat();
    let tabled = document
        .replace("<SimpleSource", "<ComplexSource")
        .replace("</SimpleSource>", TABLE)
        .replace("relativeToVRT=\"1\"", "relativeToVRT=\"0\"");
    Ok((Dataset::open(tabled)?, true))
}
