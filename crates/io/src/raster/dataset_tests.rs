//! Windows of rasters, over the edge and of broken files.

use super::*;
use crate::{CogOptions, write_cog};
use ecotone_core::{Crs, XY};
use std::fs;
use tempfile::TempDir;

fn grid(rows: usize, cols: usize) -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(32633))
}

fn stored<T: Pixel>(bands: usize, data: Vec<T>, nodata: Option<f64>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let raster = Raster::new(grid(4, 5), bands, data, nodata.map(Nodata::new)).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    (folder, path)
}

#[test]
fn windows_over_the_edge_are_filled_with_nodata() {
    let (_keep, path) = stored(2, (0..40).map(|v| v as i16).collect(), Some(-1.0));
    let dataset = RasterDataset::open(&path).unwrap();
    let read = dataset.read_window::<i16>(&[2, 1], Window::new(3, -1, 2, 3)).unwrap();
    assert_eq!(read.band(0), [-1, 35, 36, -1, -1, -1]);
    assert_eq!(read.band(1), [-1, 15, 16, -1, -1, -1]);
    assert_eq!(read.nodata(), Some(Nodata::new(-1.0)));
    assert_eq!(read.geobox(), &grid(4, 5).crop(Window::new(3, -1, 2, 3)));
    let beyond = dataset.read_window::<f32>(&[1], Window::new(10, 10, 1, 2)).unwrap();
    assert_eq!(beyond.data(), [-1.0, -1.0]);
}

#[test]
fn without_nodata_only_a_window_over_the_edge_gets_one() {
    let (_keep, path) = stored(1, (0..20).map(|v| v as u8).collect(), None);
    let dataset = RasterDataset::open(&path).unwrap();
    assert_eq!(dataset.read_window::<u8>(&[1], Window::new(0, 0, 4, 5)).unwrap().nodata(), None);
    let over = dataset.read_window::<u8>(&[1], Window::new(0, 4, 1, 2)).unwrap();
    assert_eq!((over.data(), over.nodata()), ([4, 0].as_slice(), Some(Nodata::new(0.0))));
    let given = dataset.with_nodata(Some(Nodata::new(255.0)));
    assert_eq!(given.read_window::<u8>(&[1], Window::new(0, 4, 1, 2)).unwrap().data(), [4, 255]);
}

#[test]
fn nan_is_nodata_like_any_other() {
    let (_keep, path) = stored(1, [vec![f32::NAN], vec![0.5; 19]].concat(), Some(f64::NAN));
    let dataset = RasterDataset::open(&path).unwrap();
    assert!(dataset.band(1).unwrap().nodata.unwrap().value().is_nan());
    let read = dataset.read_window::<f64>(&[1], Window::new(0, 0, 1, 2)).unwrap();
    assert_eq!(read.valid_mask(), [false, true]);
    let error = dataset.read_window::<u8>(&[1], Window::new(0, 0, 1, 2)).unwrap_err();
    assert!(error.to_string().ends_with("is f32 and holds 0.5, which u8 cannot hold"), "{error}");
}

#[test]
fn a_wider_type_is_narrowed_where_every_value_fits() {
    let (_keep, path) =
        stored(1, (0..20).map(|v| if v < 2 { -9999 } else { v as i16 }).collect(), Some(-9999.0));
    let dataset = RasterDataset::open(&path).unwrap();
    let read = dataset.read_window::<u8>(&[1], Window::new(0, 0, 1, 6)).unwrap();
    assert_eq!((read.data(), read.nodata()), ([0, 0, 2, 3, 4, 0].as_slice(), Some(Nodata::new(0.0))));
    let (_keep, path) =
        stored(1, (0..20).map(|v| if v < 2 { -9999 } else { v as i16 - 2 }).collect(), Some(-9999.0));
    let clash =
        RasterDataset::open(&path).unwrap().read_window::<u8>(&[1], Window::new(0, 0, 4, 5)).unwrap_err();
    assert!(clash.to_string().ends_with("is i16 and holds -9999, which u8 cannot hold"), "{clash}");
}

#[test]
fn the_file_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let options = CogOptions {
        descriptions: vec!["B04".to_owned(), "B08".to_owned()],
        scale_offset: Some((1e-4, -0.1)),
        nodata: Some(Nodata::new(0.0)),
        block: 128,
        ..CogOptions::default()
    };
    write_cog(&path, &Raster::filled(grid(200, 300), 2, 7u16, None), &options).unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    assert_eq!(dataset.geobox(), &grid(200, 300));
    let band = BandInfo {
        pixel_type: PixelType::U16,
        nodata: Some(Nodata::new(0.0)),
        scale: 1e-4,
        offset: -0.1,
        description: "B08".to_owned(),
        block: Shape2d::new(128, 128),
    };
    assert_eq!(dataset.bands()[1], band);
    assert_eq!(dataset.legend(1).unwrap(), None);
    let error = dataset.band(3).unwrap_err().to_string();
    assert!(error.ends_with("a.tif has no band 3 (it has 1 to 2)"), "{error}");
    assert!(dataset.band(0).is_err());
}

/// Half a file: its header is whole, some of its blocks are gone.
#[test]
fn a_truncated_file_is_named_with_band_and_window() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.tif");
    let mut state = 7u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as u16
    });
    let raster = Raster::new(grid(600, 600), 1, noise.take(360_000).collect(), None).unwrap();
    write_cog(&path, &raster, &CogOptions { block: 256, ..CogOptions::default() }).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();

    let dataset = RasterDataset::open(&path).unwrap();
    let whole = Window::whole(raster.shape());
    let error = dataset.read_window::<u16>(&[1], whole).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("reading band 1 of ") && text.ends_with("cut.tif, rows 0..600, columns 0..600"),
        "{text}"
    );
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("GDAL: ") && cause.len() > 20, "{cause}");

    let bounds =
        crate::transform_bounds(raster.geobox().bounds(), raster.geobox().crs(), &Crs::epsg(3035)).unwrap();
    let target = GeoBox::covering(bounds, 10.0, Crs::epsg(3035));
    let error = dataset.read_onto::<u16>(1, &target, crate::Resampling::Bilinear).unwrap_err();
    assert!(error.to_string().ends_with("cut.tif to EPSG:3035"), "{error}");
}

#[test]
fn what_is_no_raster_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let missing = RasterDataset::open(&path).unwrap_err();
    assert_eq!(missing.to_string(), format!("opening {}", path.display()));
    fs::write(&path, "no raster at all").unwrap();
    assert!(matches!(RasterDataset::open(&path), Err(Error::Open { .. })));
    let plain = folder.path().join("plain.tif");
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    driver.create(&plain, 3, 3, 1).unwrap();
    let error = RasterDataset::open(&plain).unwrap_err().to_string();
    assert!(error.ends_with("plain.tif has no geotransform: it is no georeferenced raster"), "{error}");
}

#[test]
fn a_dataset_may_move_to_another_thread() {
    let (_keep, path) = stored(1, vec![3u8; 20], None);
    let dataset = RasterDataset::open(&path).unwrap();
    let read = std::thread::spawn(move || dataset.read_window::<u8>(&[1], Window::new(0, 0, 4, 5)));
    assert_eq!(read.join().unwrap().unwrap().data(), [3; 20]);
}

#[test]
fn only_a_file_in_the_same_corner_takes_the_crs_of_another() {
    let (_keep, path) = stored(1, vec![0u8; 20], None);
    // A grid of larger pixels, as another band of the scene has; its CRS tells whose was taken.
    let beside = |x| {
        let transform = GeoTransform::north_up(XY::new(x, 5_100_000.0), 20.0);
        GeoBox::new(Shape2d::new(2, 3), transform, Crs::epsg(32634))
    };
    let opened = |x| RasterDataset::open_beside(&path, &beside(x)).unwrap().geobox().clone();
    let (taken, own) = (opened(600_000.0), opened(600_010.0));
    assert_eq!((taken.crs(), taken.transform()), (&Crs::epsg(32634), grid(4, 5).transform()));
    assert_eq!(own, grid(4, 5));
}
