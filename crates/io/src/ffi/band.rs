//! What a band tells of its values.

use super::failure::owned;
use gdal::raster::RasterBand;

/// Whether a band holds complex numbers, which the `gdal` crate knows no type for.
pub(crate) fn is_complex(band: &RasterBand<'_>) -> bool {
    // SAFETY: the band is alive; both calls only read, the second one a table of GDAL's.
    unsafe { gdal_sys::GDALDataTypeIsComplex(gdal_sys::GDALGetRasterDataType(band.c_rasterband())) != 0 }
}

/// The attribute table of a band: the name of each column and its cells as text.
pub(crate) fn attribute_table(band: &RasterBand<'_>) -> Vec<(String, Vec<String>)> {
    // SAFETY: the band is alive and owns the table; names and cells are C strings that GDAL keeps until the next
    // call on the table, and they are copied before it. Indices stay below the counts that GDAL gives.
    unsafe {
        let table = gdal_sys::GDALGetDefaultRAT(band.c_rasterband());
        if table.is_null() {
            return Vec::new();
        }
        let (columns, rows) = (gdal_sys::GDALRATGetColumnCount(table), gdal_sys::GDALRATGetRowCount(table));
        let column = |col| {
            let cells = (0..rows).map(|row| owned(gdal_sys::GDALRATGetValueAsString(table, row, col)));
            (owned(gdal_sys::GDALRATGetNameOfCol(table, col)), cells.collect())
        };
        (0..columns).map(column).collect()
    }
}

/// The category names of a band, from value 0 on.
pub(crate) fn category_names(band: &RasterBand<'_>) -> Vec<String> {
    // SAFETY: the band is alive and owns the null-terminated list of C strings, which are copied at once.
    unsafe {
        let names = gdal_sys::GDALGetRasterCategoryNames(band.c_rasterband());
        if names.is_null() {
            return Vec::new();
        }
        (0..).map(|i| *names.add(i)).take_while(|name| !name.is_null()).map(|name| owned(name)).collect()
    }
}
