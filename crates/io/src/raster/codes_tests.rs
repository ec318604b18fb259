//! Codes of all types, and the masks that files bring along.

use super::*;
use crate::{CogOptions, write_cog};
use ecotone_core::{Crs, GeoTransform, Nodata, Raster, Shape2d, Window, XY};
use gdal::raster::GdalType;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const NEAREST: Resampling = Resampling::Nearest;

fn grid(rows: usize, cols: usize) -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(32633))
}

fn stored<T: Pixel>(data: Vec<T>, nodata: Option<f64>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let side = data.len().isqrt();
    let raster = Raster::new(grid(side, side), 1, data, nodata.map(Nodata::new)).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    (folder, path)
}

/// A GeoTIFF of 4 x 4 pixels a band as GDAL makes it by itself, before it is closed.
fn plain<T: GdalType + Copy>(path: &Path, bands: &[[T; 16]], nodata: Option<f64>) -> gdal::Dataset {
    crate::ffi::init();
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut made = driver.create_with_band_type::<T, _>(path, 4, 4, bands.len()).unwrap();
    made.set_geo_transform(&grid(4, 4).transform().to_gdal()).unwrap();
    made.set_spatial_ref(&crate::earth::crs::spatial_ref(&Crs::epsg(32633)).unwrap()).unwrap();
    for (i, data) in bands.iter().enumerate() {
        let mut band = made.rasterband(i + 1).unwrap();
        let mut buffer = gdal::raster::Buffer::new((4, 4), data.to_vec());
        band.write((0, 0), (4, 4), &mut buffer).unwrap();
        if i == 0 {
            band.set_no_data_value(nodata).unwrap();
        }
    }
    made
}

/// The same with a mask that hides pixels, in the file or beside it.
fn masked<T: GdalType + Copy>(
    path: &Path,
    data: [T; 16],
    hidden: &[usize],
    inside: bool,
    nodata: Option<f64>,
) {
    let made = plain(path, &[data], nodata);
    let option = "GDAL_TIFF_INTERNAL_MASK";
    gdal::config::set_thread_local_config_option(option, if inside { "YES" } else { "NO" }).unwrap();
    let mut band = made.rasterband(1).unwrap();
    band.create_mask_band(true).unwrap();
    let shown = (0..16).map(|i| if hidden.contains(&i) { 0u8 } else { 255 }).collect();
    let mut buffer = gdal::raster::Buffer::new((4, 4), shown);
    band.open_mask_band().unwrap().write((0, 0), (4, 4), &mut buffer).unwrap();
    gdal::config::clear_thread_local_config_option(option).unwrap();
}

/// The same ground in another projection: everything is warped.
fn warped(side: usize, gsd: f64) -> GeoBox {
    let own = grid(side, side);
    let bounds = crate::transform_bounds(own.bounds(), own.crs(), &Crs::epsg(3035)).unwrap();
    GeoBox::covering(bounds, gsd, Crs::epsg(3035))
}

/// Half a pixel aside on the same system.
fn aside(side: usize) -> GeoBox {
    let own = grid(side, side);
    GeoBox::new(own.shape(), own.transform().shifted(XY::new(0.25, 0.25)), own.crs().clone())
}

fn count<T: PartialEq>(values: &[T], wanted: T) -> usize {
    values.iter().filter(|value| **value == wanted).count()
}

#[test]
fn a_class_of_zero_without_nodata_is_kept_on_every_lattice() {
    let half = |i: usize| u8::from(i % 16 < 8);
    let (_keep, path) = stored((0..256).map(half).collect(), None);
    let dataset = RasterDataset::open(&path).unwrap();
    let nothing = Nothing::<u16>::is(256);
    for (target, resampling) in [
        (grid(16, 16), NEAREST),
        (grid(16, 16).crop(Window::new(-8, -8, 32, 32)), NEAREST),
        (grid(16, 16).crop(Window::new(-8, -8, 32, 32)).zoom_out(2), Resampling::Mode),
        (warped(16, 10.0), NEAREST),
        (warped(16, 25.0), Resampling::Mode),
    ] {
        let codes = dataset.read_codes(1, &target, resampling, &nothing).unwrap();
        let [zeros, ones, none] = [0, 1, 256].map(|code| count(&codes, code));
        assert_eq!(zeros + ones + none, codes.len());
        let (least, most) = (zeros.min(ones), zeros.max(ones));
        assert!(least > 0 && most <= 2 * least, "{target:?}: {zeros} zeros, {ones} ones, {none}");
    }
    // Of a block of three zeros and a one, where a window over the edge needs a code for what lies beyond.
    let (_keep, path) = stored(vec![0u8, 0, 0, 1], None);
    let over = grid(2, 2).crop(Window::new(0, 0, 4, 2)).zoom_out(2);
    let codes = RasterDataset::open(&path).unwrap().read_codes(1, &over, Resampling::Mode, &nothing).unwrap();
    assert_eq!(codes, [0, 256]);
}

#[track_caller]
fn check_type<T: GdalType + Copy>(data: [T; 16], nodata: Option<f64>, expected: [u16; 16]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    plain(&path, &[data], nodata).close().unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    let nothing = Nothing::is(u16::MAX);
    assert_eq!(dataset.read_codes(1, &grid(4, 4), NEAREST, &nothing).unwrap(), expected);
    assert_eq!(dataset.read_codes(1, &aside(4), NEAREST, &nothing).unwrap(), expected, "warped");
}

#[test]
fn codes_of_any_type_are_read() {
    const NONE: u16 = u16::MAX;
    let codes: [u16; 16] = std::array::from_fn(|i| if i % 5 == 4 { NONE } else { i as u16 });
    let of = |nothing: f64| codes.map(|code| if code == NONE { nothing } else { f64::from(code) });
    check_type(of(255.0).map(|v| v as u8), Some(255.0), codes);
    check_type(of(-9999.0).map(|v| v as i16), Some(-9999.0), codes);
    check_type(of(-2e9).map(|v| v as i32), Some(-2e9), codes);
    check_type(of(4e9).map(|v| v as u32), Some(4e9), codes);
    check_type(of(-1.0).map(|v| v as i64), Some(-1.0), codes);
    check_type(of(99.0).map(|v| v as u64), Some(99.0), codes);
    check_type(of(f64::NAN).map(|v| v as f32), Some(f64::NAN), codes);
    check_type(of(f64::NAN).map(|v| v as f32), None, codes);
    check_type(of(f64::from(f32::MIN)).map(|v| v as f32), Some(f64::from(f32::MIN)), codes);
}

#[test]
fn long_numbers_are_read_as_far_as_they_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let largest = (1i64 << 53) - 1;
    let mut data = [largest; 16];
    plain(&path, &[data], None).close().unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    let read = dataset.read_window::<f64>(&[1], Window::new(0, 0, 4, 4)).unwrap();
    assert_eq!(read.data(), [largest as f64; 16]);
    let small = dataset.read_window::<i32>(&[1], Window::new(0, 0, 4, 4)).unwrap_err().to_string();
    assert!(small.ends_with("is i64 and holds 9007199254740991, which i32 cannot hold"), "{small}");
    data[3] = largest + 2;
    plain(&path, &[data], None).close().unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    for target in [grid(4, 4), aside(4)] {
        let error = dataset.read_onto::<f64>(1, &target, NEAREST).unwrap_err().to_string();
        assert!(error.ends_with("is i64 and holds 9007199254740992, which f64 cannot hold"), "{error}");
    }
}

#[test]
fn complex_numbers_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.vrt");
    let vrt = "<VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"><SRS>EPSG:32633</SRS>\
               <GeoTransform>600000,10,0,5100000,0,-10</GeoTransform>\
               <VRTRasterBand dataType=\"CFloat32\" band=\"1\"/></VRTDataset>";
    std::fs::write(&path, vrt).unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    let window = Window::new(0, 0, 4, 4);
    let errors = [
        dataset.read_window::<u8>(&[1], window).unwrap_err(),
        dataset.read_window::<f64>(&[1], window).unwrap_err(),
        dataset.read_onto::<f32>(1, &aside(4), Resampling::Bilinear).unwrap_err(),
        dataset.read_onto_slice::<f32>(1, &grid(4, 4), NEAREST, &mut [0.0; 16]).unwrap_err(),
        dataset.read_codes(1, &grid(4, 4), NEAREST, &Nothing::is(0u8)).unwrap_err(),
    ];
    for error in errors {
        let error = error.to_string();
        assert!(error.ends_with("c.vrt is complex, expected whole or real numbers"), "{error}");
    }
}

/// Changes the tag SampleFormat of a file of bytes: 1 is unsigned, 2 signed.
fn make_signed(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let tag = [0x53, 1, 3, 0, 1, 0, 0, 0, 1, 0];
    let at = bytes.windows(tag.len()).position(|found| found == tag).unwrap();
    bytes[at + 8] = 2;
    std::fs::write(path, &bytes).unwrap();
}

#[test]
fn a_mask_of_signed_bytes_keeps_its_own_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let data = std::array::from_fn(|i| if i == 7 { 255u8 } else { i as u8 });
    masked(&path, data, &[5], false, None);
    make_signed(&path);
    let dataset = RasterDataset::open(&path).unwrap();
    let nothing = Nothing::is(99u8).ignoring(&[-1]);
    for target in [grid(4, 4), aside(4)] {
        let codes = dataset.read_codes(1, &target, NEAREST, &nothing).unwrap();
        assert_eq!(codes[..9], [0, 1, 2, 3, 4, 99, 6, 99, 8]);
    }
}

#[test]
fn signed_bytes_keep_their_sign() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let mut data = [5u8; 16];
    data[..4].copy_from_slice(&[0, 127, 128, 255]);
    plain(&path, &[data], None).close().unwrap();
    make_signed(&path);
    let dataset = RasterDataset::open(&path).unwrap();
    assert_eq!(dataset.band(1).unwrap().pixel_type, crate::PixelType::I8);
    assert_eq!(dataset.geobox(), &grid(4, 4));
    let read = dataset.read_window::<i16>(&[1], Window::new(0, 0, 2, 4)).unwrap();
    assert_eq!(read.data()[..5], [0, 127, -128, -1, 5]);
    for target in [grid(4, 4), aside(4)] {
        let nothing = Nothing::is(255u8).ignoring(&[-1, -128]);
        let codes = dataset.read_codes(1, &target, NEAREST, &nothing).unwrap();
        assert_eq!(codes[..5], [0, 127, 255, 255, 5]);
        let error = dataset.read_codes(1, &target, NEAREST, &Nothing::is(255u8)).unwrap_err().to_string();
        assert!(error.ends_with("a.tif holds -128, expected whole codes from 0 to 255"), "{error}");
    }
    let given = dataset.with_nodata(Some(Nodata::new(-128.0)));
    let read = given.read_onto::<f32>(1, &grid(4, 4).zoom_out(2), Resampling::Average).unwrap();
    assert_eq!(read.data()[..2], [(0.0 + 127.0 + 5.0 + 5.0) / 4.0, (-1.0 + 5.0 + 5.0) / 3.0]);
}

#[test]
fn a_nodata_counts_unless_it_is_asked_for_as_a_code() {
    let (_keep, path) = stored(vec![0u8, 1, 255, 2], Some(0.0));
    let dataset = RasterDataset::open(&path).unwrap();
    let read = |nothing: Nothing<u32>| dataset.read_codes(1, &grid(2, 2), NEAREST, &nothing).unwrap();
    assert_eq!(read(Nothing::is(9)), [9, 1, 255, 2]);
    assert_eq!(read(Nothing::is(9).ignoring(&[255, 990])), [9, 1, 9, 2]);
    assert_eq!(read(Nothing::is(9).with_nodata_as_code()), [0, 1, 255, 2]);
    let beyond = Nothing::is(u32::MAX).with_nodata_as_code();
    assert_eq!(dataset.read_codes(1, &aside(2), NEAREST, &beyond).unwrap(), [0, 1, 255, 2]);
    let (_keep, path) = stored(vec![0i16, 1, -1, 2], Some(-1.0));
    let dataset = RasterDataset::open(&path).unwrap();
    let kept = Nothing::is(u32::MAX).with_nodata_as_code();
    assert_eq!(dataset.read_codes(1, &grid(2, 2), NEAREST, &kept).unwrap(), [0, 1, u32::MAX, 2]);
}

/// Values of 100 and more where hidden, so that none may show.
fn hidden_values() -> ([u16; 16], [usize; 5]) {
    let hidden = [0, 1, 4, 5, 10];
    (std::array::from_fn(|i| if hidden.contains(&i) { 900 } else { i as u16 }), hidden)
}

#[test]
fn masks_in_files_count_on_every_lattice() {
    let folder = tempfile::tempdir().unwrap();
    let (data, hidden) = hidden_values();
    for (name, inside, nodata) in
        [("in.tif", true, None), ("by.tif", false, None), ("nd.tif", true, Some(7.0))]
    {
        let path = folder.path().join(name);
        masked(&path, data, &hidden, inside, nodata);
        assert_eq!(path.with_extension("tif.msk").exists(), !inside);
        let dataset = RasterDataset::open(&path).unwrap();
        let valid = |i: usize| !hidden.contains(&i) && nodata != Some(i as f64);
        let expected: Vec<bool> = (0..16).map(valid).collect();
        for target in [grid(4, 4), aside(4)] {
            let read = dataset.read_onto::<f32>(1, &target, NEAREST).unwrap();
            assert_eq!(read.valid_mask(), expected, "{name}");
            let codes = dataset.read_codes(1, &target, NEAREST, &Nothing::is(77u16)).unwrap();
            let wanted: Vec<u16> = (0..16).map(|i| if valid(i) { data[i] } else { 77 }).collect();
            assert_eq!(codes, wanted, "{name}");
        }
        let window = dataset.read_window::<f32>(&[1, 1], Window::new(-1, 1, 3, 2)).unwrap();
        assert_eq!(window.valid_mask(), [false, false, false, true, false, true]);
        // Blocks of two: all hidden, none, none or the nodata, one hidden.
        let coarse = grid(4, 4).zoom_out(2);
        let means = dataset.read_onto::<f32>(1, &coarse, Resampling::Average).unwrap();
        let first = if nodata.is_some() { (2.0 + 3.0 + 6.0) / 3.0 } else { 4.5 };
        assert_eq!(means.valid_mask(), [false, true, true, true], "{name}");
        assert_eq!(means.data()[1..], [first, 10.5, (11.0 + 14.0 + 15.0) / 3.0], "{name}");
        let fine = GeoBox::new(
            Shape2d::new(8, 8),
            grid(4, 4).transform().scaled(XY::new(0.5, 0.5)),
            Crs::epsg(32633),
        );
        let large = dataset.read_onto::<f32>(1, &fine, Resampling::Bilinear).unwrap();
        let bright = |read: &Raster<f32>| read.data().iter().any(|value| *value > 15.0);
        assert!(
            !bright(&large) && count(&large.valid_mask(), false) == 4 * count(&expected, false),
            "{name}"
        );
        for resampling in [Resampling::Bilinear, Resampling::Cubic, Resampling::Average] {
            let read = dataset.read_onto::<f32>(1, &warped(4, 10.0), resampling).unwrap();
            let seen: Vec<f32> = read.data().iter().copied().filter(|v| v.is_finite() && *v != 7.0).collect();
            assert!(!seen.is_empty() && seen.iter().all(|value| *value < 25.0), "{name} {resampling:?}");
        }
    }
}

#[test]
fn whole_numbers_without_a_value_for_what_is_hidden_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.tif");
    let (data, hidden) = hidden_values();
    masked(&path, data, &hidden, true, None);
    let dataset = RasterDataset::open(&path).unwrap();
    for target in [grid(4, 4), aside(4), grid(4, 4).crop(Window::new(2, 0, 1, 1))] {
        let error = dataset.read_onto::<u16>(1, &target, NEAREST).unwrap_err().to_string();
        assert!(
            error.contains("m.tif hides pixels by a mask and declares no nodata, so that u16"),
            "{error}"
        );
    }
    let given = dataset.with_nodata(Some(Nodata::new(65_535.0)));
    assert_eq!(given.read_onto::<u16>(1, &grid(4, 4), NEAREST).unwrap().data()[..3], [65_535, 65_535, 2]);
}

#[test]
fn an_alpha_band_hides_unless_it_is_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rgba.tif");
    let (data, hidden) = hidden_values();
    let data = data.map(|value| value.min(200) as u8);
    let alpha = std::array::from_fn(|i| if hidden.contains(&i) { 0 } else { 255 });
    plain(&path, &[data, data, data, alpha], None).close().unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    let expected: Vec<bool> = (0..16).map(|i| !hidden.contains(&i)).collect();
    for target in [grid(4, 4), aside(4)] {
        for band in 1..=3 {
            assert_eq!(dataset.read_onto::<f32>(band, &target, NEAREST).unwrap().valid_mask(), expected);
        }
        assert_eq!(dataset.read_onto::<u8>(4, &target, NEAREST).unwrap().data(), alpha);
    }
    let codes = dataset.read_codes(1, &aside(4), NEAREST, &Nothing::is(255u8)).unwrap();
    assert_eq!(codes, data, "no picture holds codes");
    let dataset = dataset.with_alpha_as_data();
    for target in [grid(4, 4), aside(4)] {
        assert_eq!(dataset.read_onto::<u8>(2, &target, NEAREST).unwrap().data(), data);
    }
}

#[test]
fn four_bands_of_our_own_are_all_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.tif");
    let raster = Raster::new(grid(4, 4), 4, [vec![100u8; 48], vec![0; 16]].concat(), None).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    assert_eq!(dataset.read_window::<u8>(&[1, 2, 3, 4], Window::new(0, 0, 4, 4)).unwrap(), raster);
}
