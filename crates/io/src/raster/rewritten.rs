//! Virtual datasets whose values differ from those that are stored: signed bytes, and pixels that a mask hides.

use crate::ffi;
use crate::gdal_failure::GdalFailure;
use gdal::{Dataset, Metadata};

/// From a byte as it is stored to its value: the one step is where the sign changes.
const SIGNED: &str = "<LUT>0:0,127:127,128:-128,255:-1</LUT>";

/// `gdal_translate` with these arguments as a virtual dataset that opens the file by itself, with an element more in how
/// each band is made of it.
pub(crate) fn rewritten(
    dataset: &Dataset,
    arguments: &[&str],
    element: &str,
) -> Result<Dataset, GdalFailure> {
    let described = ffi::virtual_dataset(dataset, arguments)?;
    let document = described.metadata_domain("xml:VRT").unwrap_or_default().concat();
    // A mask of the file's own comes last, and keeps its values.
    let (bands, mask) =
        document.find("<MaskBand>").map_or((document.as_str(), ""), |place| document.split_at(place));
    let bands = bands
        .replace("<SimpleSource", "<ComplexSource")
        .replace("</SimpleSource>", "</ComplexSource>")
        .replace("</ComplexSource>", &format!("{element}</ComplexSource>"));
    Ok(Dataset::open(format!("{bands}{mask}").replace("relativeToVRT=\"1\"", "relativeToVRT=\"0\""))?)
}

/// A dataset of signed bytes as one of 16 bits whose values are right, and whether it is one; any other as it is.
///
/// GDAL below 3.7 knows them as bytes with a remark, whose values come as 0 to 255; from 3.7 on they are a type of their
/// own, and nothing is to do.
pub(crate) fn signed_bytes(dataset: Dataset) -> Result<(Dataset, bool), GdalFailure> {
    if dataset.raster_count() == 0 {
        return Ok((dataset, false));
    }
    let remark = dataset.rasterband(1)?.metadata_item("PIXELTYPE", "IMAGE_STRUCTURE");
    if remark.as_deref() != Some("SIGNEDBYTE") {
        return Ok((dataset, false));
    }
    Ok((rewritten(&dataset, &["-ot", "Int16"], SIGNED)?, true))
}
