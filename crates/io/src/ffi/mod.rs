//! What the `gdal` crate lacks: strided reads, warping, identifying a CRS, transforming points one by one, straight
//! shapes of curves, and GDAL's error and cache state.
#![expect(
    unsafe_code,
    reason = "the one module that calls GDAL's C API directly; every block says why it is sound"
)]

use crate::Pixel;
use crate::gdal_failure::GdalFailure;
use ecotone_core::Window;
use gdal::Dataset;
use gdal::config;
use gdal::cpl::CslStringList;
use gdal::errors::CplErrType;
use gdal::raster::RasterBand;
use gdal::spatial_ref::{CoordTransform, SpatialRef};
use gdal::vector::{Geometry, OGRwkbGeometryType};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;

pub(crate) mod limits;

type Result<T> = std::result::Result<T, GdalFailure>;

/// Registers the drivers, sends GDAL's messages to `tracing`, and sets how it talks to servers; once a process.
///
/// An option that is set already (GDAL takes them from its own environment variables) is left as it is.
pub(crate) fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        gdal::DriverManager::register_all();
        config::set_error_handler(|class, number, message| match class {
            // A failure comes back to the caller as an error too, and many are only GDAL looking around.
            CplErrType::Failure | CplErrType::Fatal => tracing::debug!(number, "gdal: {message}"),
            CplErrType::Warning => tracing::warn!(number, "gdal: {message}"),
            CplErrType::None | CplErrType::Debug => tracing::trace!(number, "gdal: {message}"),
        });
        let defaults = [
            ("GDAL_HTTP_MAX_RETRY", "4"),
            ("GDAL_HTTP_RETRY_DELAY", "1"),
            ("GDAL_HTTP_CONNECTTIMEOUT", "20"),
        ];
        for (key, value) in defaults {
            let set = config::get_config_option(key, "").is_ok_and(|found| !found.is_empty());
            if !set && let Err(error) = config::set_config_option(key, value) {
                tracing::warn!("gdal: option {key}: {error}");
            }
        }
    });
}

/// The version of GDAL at run time, such as `3.6.2`.
pub fn gdal_version() -> String {
    gdal::version::VersionInfo::release_name()
}

/// Sets how many bytes of decoded blocks GDAL keeps for all open files together; its own default is 5 % of memory.
pub fn set_cache_bytes(bytes: usize) {
    init();
    // SAFETY: takes a number and touches only GDAL's own cache, which guards itself.
    unsafe { gdal_sys::GDALSetCacheMax64(i64::try_from(bytes).unwrap_or(i64::MAX)) }
}

/// Makes a write beyond the process's file-size limit (`ulimit -f`) an error like any full disk, where it would
/// kill the process. For a binary to call at its start; libraries leave signals alone.
pub fn ignore_file_size_signal() {
    #[cfg(unix)]
    {
        const SIGXFSZ: c_int = 25; // Linux (x86, ARM, RISC-V) and macOS
        const SIG_IGN: usize = 1;
        unsafe extern "C" {
            fn signal(number: c_int, handler: usize) -> usize;
        }
        // SAFETY: C's own `signal`; SIG_IGN installs no handler of ours, so that nothing runs in signal context.
        unsafe { signal(SIGXFSZ, SIG_IGN) };
    }
}

/// Advises the system to back memory that is about to be filled by large pages, since fresh pages cost more than copying
/// into them (numpy does so too). Values stay as they are; without effect where the system does not know the advice.
pub fn prefer_large_pages<T: Copy>(memory: &mut [T]) {
    #[cfg(target_os = "linux")]
    {
        const LARGE_PAGE: usize = 2 << 20;
        const MADV_HUGEPAGE: c_int = 14;
        unsafe extern "C" {
            fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
        }
        let bytes = memory.as_mut_ptr().cast::<u8>();
        let skipped = bytes.align_offset(LARGE_PAGE);
        let length = size_of_val(memory).saturating_sub(skipped) / LARGE_PAGE * LARGE_PAGE;
        if length > 0 {
            // SAFETY: the range lies inside the slice and begins and ends on page borders; this advice changes no value.
            // A refusal changes nothing at all.
            unsafe { madvise(bytes.add(skipped).cast::<c_void>(), length, MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}

/// Forgets the errors of this thread so far, so that [`failure_since_reset`] sees only later ones.
pub(crate) fn reset_errors() {
    // SAFETY: touches only this thread's error state.
    unsafe { gdal_sys::CPLErrorReset() }
}

/// The last failure of this thread since [`reset_errors`]: below GDAL 3.7, flushing and closing report it only so.
pub(crate) fn failure_since_reset() -> Result<()> {
    // SAFETY: reads this thread's error state; the message is a C string that lives until the next GDAL call.
    let (class, text) = unsafe { (gdal_sys::CPLGetLastErrorType(), owned(gdal_sys::CPLGetLastErrorMsg())) };
    if class < gdal_sys::CPLErr::CE_Failure { Ok(()) } else { Err(GdalFailure(text)) }
}

/// Where a window's pixels go in a larger buffer, in values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Of the first pixel.
    pub(crate) start: usize,
    /// From a row to the next.
    pub(crate) row: usize,
    /// From a band to the next.
    pub(crate) band: usize,
}

/// Reads a window that lies wholly inside the raster straight into its place in a buffer.
pub(crate) fn read<T: Pixel>(
    dataset: &Dataset,
    bands: &[usize],
    window: Window,
    buffer: &mut [T],
    layout: Layout,
) -> Result<()> {
    if bands.is_empty() || window.rows == 0 || window.cols == 0 {
        return Ok(());
    }
    let last = layout.start + (bands.len() - 1) * layout.band + (window.rows - 1) * layout.row + window.cols;
    if last > buffer.len() || window.cols > layout.row {
        return Err(GdalFailure(format!("{window} does not fit a buffer of {} values", buffer.len())));
    }
    let mut bands = bands.iter().map(|band| int(*band)).collect::<Result<Vec<c_int>>>()?;
    let (col, row) = (int(window.col)?, int(window.row)?);
    let (cols, rows) = (int(window.cols)?, int(window.rows)?);
    let size = size_of::<T>();
    // SAFETY: the dataset is open and used by this thread alone (`Dataset` is not `Sync`). GDAL writes `cols` values
    // of type T from `start`, `rows` times `row` apart, for each band `band` apart: all below `last`, which lies
    // inside the buffer. Any bit pattern is a valid T, a plain number.
    let status = unsafe {
        gdal_sys::GDALDatasetRasterIOEx(
            dataset.c_dataset(),
            gdal_sys::GDALRWFlag::GF_Read,
            col,
            row,
            cols,
            rows,
            buffer.as_mut_ptr().add(layout.start).cast::<c_void>(),
            cols,
            rows,
            T::gdal_ordinal(),
            int(bands.len())?,
            bands.as_mut_ptr(),
            int(size)?.into(),
            (layout.row * size) as i64,
            (layout.band * size) as i64,
            ptr::null_mut(),
        )
    };
    if status == gdal_sys::CPLErr::CE_None { Ok(()) } else { Err(last_failure()) }
}

/// Reads the mask of a band under a window that lies wholly inside: 0 where a pixel is hidden.
pub(crate) fn read_mask(dataset: &Dataset, band: usize, window: Window, shown: &mut [u8]) -> Result<()> {
    let size = (window.cols, window.rows);
    let corner = (window.col as isize, window.row as isize);
    Ok(dataset.rasterband(band)?.open_mask_band()?.read_into_slice(corner, size, size, shown, None)?)
}

/// `gdalwarp` with these arguments, onto the pixels of an existing dataset.
pub(crate) fn warp(source: &Dataset, target: &Dataset, arguments: &[&str]) -> Result<()> {
    let arguments: CslStringList = arguments.iter().copied().collect();
    let mut sources = [source.c_dataset()];
    let mut usage_error = 0;
    reset_errors();
    // SAFETY: both datasets are open and outlive the calls; the options are freed after their only use. Given an
    // existing target, GDALWarp returns that same handle or null, so that there is nothing new to close.
    let warped = unsafe {
        let options = gdal_sys::GDALWarpAppOptionsNew(arguments.as_ptr(), ptr::null_mut());
        if options.is_null() {
            return Err(last_failure());
        }
        let warped = gdal_sys::GDALWarp(
            ptr::null(),
            target.c_dataset(),
            1,
            sources.as_mut_ptr(),
            options,
            &mut usage_error,
        );
        gdal_sys::GDALWarpAppOptionsFree(options);
        warped
    };
    // A source block that cannot be read is only a message to some versions of the warper.
    if warped.is_null() { Err(last_failure()) } else { failure_since_reset() }
}

/// `gdal_translate` with these arguments as a virtual dataset, which reads from `source` and must not outlive it.
pub(crate) fn virtual_dataset(source: &Dataset, arguments: &[&str]) -> Result<Dataset> {
    let arguments: CslStringList = ["-of", "VRT"].iter().chain(arguments).copied().collect();
    let mut usage_error = 0;
    // SAFETY: the source is open; the options are freed after their only use. The new VRT takes a reference on the
    // source's handle and is owned, thus closed, by the returned `Dataset` alone.
    unsafe {
        let options = gdal_sys::GDALTranslateOptionsNew(arguments.as_ptr(), ptr::null_mut());
        if options.is_null() {
            return Err(last_failure());
        }
        let made = gdal_sys::GDALTranslate(c"".as_ptr(), source.c_dataset(), options, &mut usage_error);
        gdal_sys::GDALTranslateOptionsFree(options);
        if made.is_null() { Err(last_failure()) } else { Ok(Dataset::from_c_dataset(made)) }
    }
}

/// The EPSG code that PROJ's register finds for a system, with at least 90 % confidence: at most its name differs.
pub(crate) fn find_epsg(system: &SpatialRef) -> Option<u32> {
    let (mut count, mut confidences) = (0, ptr::null_mut());
    // SAFETY: the system is alive. GDAL returns `count` handles and as many confidences, or null; both arrays are
    // read within that length and freed once, the handles cloned first by `from_c_obj`.
    unsafe {
        let matches =
            gdal_sys::OSRFindMatches(system.to_c_hsrs(), ptr::null_mut(), &mut count, &mut confidences);
        if matches.is_null() {
            return None;
        }
        let best = (0..usize::try_from(count).unwrap_or(0))
            .find(|i| *confidences.add(*i) >= 90)
            .and_then(|i| SpatialRef::from_c_obj(*matches.add(i)).ok());
        gdal_sys::OSRFreeSRSArray(matches);
        gdal_sys::VSIFree(confidences.cast::<c_void>());
        epsg_of(&best?)
    }
}

/// The EPSG code that a system itself declares.
pub(crate) fn epsg_of(system: &SpatialRef) -> Option<u32> {
    let is_epsg = system.auth_name().is_some_and(|name| name.eq_ignore_ascii_case("epsg"));
    if is_epsg { system.auth_code().ok().and_then(|code| u32::try_from(code).ok()) } else { None }
}

/// Points in another system, x and y in place; says of each whether it could be moved.
pub(crate) fn transform_each(by: &CoordTransform, x: &mut [f64], y: &mut [f64]) -> Result<Vec<bool>> {
    let mut moved = vec![0; x.len().min(y.len())];
    let count = int(moved.len())?;
    // SAFETY: the transformation is alive; all three arrays hold `count` values, and z may be null. Its answer is that of
    // the worst point, which `moved` tells of each.
    unsafe {
        gdal_sys::OCTTransformEx(
            by.to_c_hct(),
            count,
            x.as_mut_ptr(),
            y.as_mut_ptr(),
            ptr::null_mut(),
            moved.as_mut_ptr(),
        )
    };
    Ok(moved.into_iter().map(|moved| moved != 0).collect())
}

/// Largest turn between two points of a curve that was made straight, in degrees: a disk keeps its area within .005 %.
const TURN: f64 = 1.0;

/// A shape whose curves are lines.
pub(crate) fn straight(shape: &Geometry) -> Result<Geometry> {
    // SAFETY: the shape is alive and not changed; the answer is null or a new geometry of the caller's.
    unsafe { own(gdal_sys::OGR_G_GetLinearGeometry(shape.c_geometry(), TURN, ptr::null_mut())) }
}

/// The polygons that a triangle, a triangulated or a polyhedral surface is made of.
pub(crate) fn faces(shape: &Geometry) -> Result<Geometry> {
    let single = shape.geometry_name() == "TRIANGLE";
    // SAFETY: the clone is the caller's and is handed over with its only pointer; the answer is null or owned by the
    // caller, be it the same geometry or a new one.
    unsafe {
        let shape = shape.clone().into_c_geometry();
        own(match single {
            true => gdal_sys::OGR_G_ForceToPolygon(shape),
            false => gdal_sys::OGR_G_ForceToMultiPolygon(shape),
        })
    }
}

/// Takes a new geometry of GDAL's over.
///
/// # Safety
/// `geometry` is null or a geometry that nobody else owns.
unsafe fn own(geometry: gdal_sys::OGRGeometryH) -> Result<Geometry> {
    if geometry.is_null() {
        return Err(last_failure());
    }
    // The `gdal` crate takes geometries over only as parts of others.
    let holder = Geometry::empty(OGRwkbGeometryType::wkbGeometryCollection)?;
    // SAFETY: not null, and nobody else's by this function's contract; where the holder takes it over, it is freed with
    // the holder, else here.
    unsafe {
        if gdal_sys::OGR_G_AddGeometryDirectly(holder.c_geometry(), geometry) != gdal_sys::OGRErr::OGRERR_NONE
        {
            gdal_sys::OGR_G_DestroyGeometry(geometry);
            return Err(last_failure());
        }
    }
    Ok(holder.get_geometry(0).clone())
}

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

/// A copy of a C string; empty for null.
///
/// # Safety
/// `text` is null or a C string that lives through the call.
unsafe fn owned(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and a C string by this function's contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// GDAL's last message on this thread.
fn last_failure() -> GdalFailure {
    // SAFETY: reads this thread's error state; the message is copied before any other GDAL call.
    let text = unsafe { owned(gdal_sys::CPLGetLastErrorMsg()) };
    GdalFailure(if text.is_empty() { "failed without saying why".to_owned() } else { text })
}

fn int(value: impl TryInto<c_int> + Copy + std::fmt::Display) -> Result<c_int> {
    value.try_into().ok().ok_or_else(|| GdalFailure(format!("{value} is too large for GDAL")))
}
