//! Bands on other grids, beside exact arithmetic and GDAL's own warper.

use super::*;
use crate::{CogOptions, Content, write_cog};
use ecotone_core::{BoundingBox, Crs};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tempfile::TempDir;

const NODATA: Option<Nodata> = Some(Nodata::new(0.0));

fn utm(rows: usize, cols: usize, side: f64) -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(499_000.0, 5_101_000.0), side);
    GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(32633))
}

fn stored<T: Pixel>(raster: &Raster<T>, content: Content) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    write_cog(&path, raster, &CogOptions { content, ..CogOptions::default() }).unwrap();
    (folder, path)
}

/// As `values()` of tests/reference/make_warp.py.
fn values() -> Raster<u16> {
    let value = |i: usize| {
        let (row, col) = (i / 44, i % 44);
        let hole = (10..14).contains(&row) && (20..25).contains(&col);
        if hole { 0 } else { (500 + 13 * row + 7 * col + (row * col) % 11 * 20) as u16 }
    };
    Raster::new(utm(40, 44, 20.0), 1, (0..40 * 44).map(value).collect(), NODATA).unwrap()
}

/// As `labels()` of tests/reference/make_warp.py.
fn labels() -> Raster<u8> {
    let value = |i: usize| (1 + (i / 44 / 5 + 2 * (i % 44 / 7)) % 4 * 3) as u8;
    Raster::new(utm(40, 44, 20.0), 1, (0..40 * 44).map(value).collect(), NODATA).unwrap()
}

#[derive(serde::Deserialize)]
struct Case {
    source: String,
    method: String,
    corner: (f64, f64),
    side: f64,
    rows: usize,
    cols: usize,
    expected: Vec<u16>,
}

/// rasterio 1.4.4 (GDAL 3.10, its own PROJ) against the installed GDAL. Both place points within an eighth of a pixel
/// of their exact place, but not the same eighth: a few pixels of a nearest or mode warp may fall to a neighbour,
/// and a field with steps of up to 100 a pixel may differ by an eighth of that.
#[test]
fn warps_as_rasterio_does() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/reference/warp.json")).unwrap();
    let (_keep_values, values) = stored(&values(), Content::Values);
    let (_keep_labels, labels) = stored(&labels(), Content::Codes);
    for case in cases {
        let transform = GeoTransform::north_up(XY::new(case.corner.0, case.corner.1), case.side);
        let target = GeoBox::new(Shape2d::new(case.rows, case.cols), transform, Crs::epsg(3035));
        let resampling = match case.method.as_str() {
            "nearest" => Resampling::Nearest,
            "bilinear" => Resampling::Bilinear,
            "cubic" => Resampling::Cubic,
            "average" => Resampling::Average,
            _ => Resampling::Mode,
        };
        let path = if case.source == "values" { &values } else { &labels };
        let made = RasterDataset::open(path).unwrap().read_onto::<u16>(1, &target, resampling).unwrap();
        let differences = made.data().iter().zip(&case.expected).map(|(a, b)| a.abs_diff(*b));
        let name = format!("{} {}", case.source, case.method);
        if resampling.keeps_values() {
            let off = differences.filter(|d| *d > 0).count();
            assert!(off * 50 <= made.data().len(), "{name}: {off} of {} differ", made.data().len());
        } else {
            let valid = |value: &&u16| **value != 0;
            let (a, b) =
                (made.data().iter().filter(valid).count(), case.expected.iter().filter(valid).count());
            assert!(a.abs_diff(b) * 50 <= made.data().len(), "{name}: {a} valid, expected {b}");
            let both = made.data().iter().zip(&case.expected).filter(|(a, b)| **a != 0 && **b != 0);
            let worst = both.map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(13), "{name}: {worst:?}");
        }
    }
}

#[test]
fn categories_never_gain_a_class() {
    let raster = labels();
    let (_keep, path) = stored(&raster, Content::Codes);
    let dataset = RasterDataset::open(&path).unwrap();
    let classes: BTreeSet<u8> = raster.data().iter().copied().chain([0]).collect();
    let bounds =
        crate::transform_bounds(raster.geobox().bounds(), raster.geobox().crs(), &Crs::epsg(3035)).unwrap();
    for gsd in [7.0, 10.0, 20.0, 50.0, 130.0] {
        let target = GeoBox::covering(bounds, gsd, Crs::epsg(3035));
        for resampling in [Resampling::Nearest, Resampling::Mode] {
            let made = dataset.read_onto::<u8>(1, &target, resampling).unwrap();
            let found: BTreeSet<u8> = made.data().iter().copied().collect();
            assert!(found.is_subset(&classes), "{gsd} m, {resampling:?}: {found:?}");
            assert!(found.len() > 2, "{gsd} m, {resampling:?}: {found:?}");
        }
    }
}

#[test]
fn plans_by_lattice() {
    let source = utm(40, 44, 20.0);
    let shifted = |grid: &GeoBox, x, y| {
        GeoBox::new(grid.shape(), grid.transform().shifted(XY::new(x, y)), grid.crs().clone())
    };
    let inner = source.crop(Window::new(-2, 3, 5, 6));
    assert_eq!(plan(&source, &inner, Resampling::Cubic), Plan::Same(Window::new(-2, 3, 5, 6)));
    let coarse = source.crop(Window::new(1, 1, 30, 30)).zoom_out(3);
    assert_eq!(
        plan(&source, &coarse, Resampling::Average),
        Plan::Shrink { window: Window::new(1, 1, 30, 30), factor: 3 }
    );
    assert_eq!(plan(&source, &coarse, Resampling::Bilinear), Plan::Warp);
    let fine = cut(&source, 2).crop(Window::new(-1, 3, 7, 9));
    assert_eq!(
        plan(&source, &fine, Resampling::Bilinear),
        Plan::Enlarge { window: Window::new(-1, 3, 7, 9), factor: 2 }
    );
    assert_eq!(plan(&source, &shifted(&fine, 0.5, 0.0), Resampling::Bilinear), Plan::Warp);
    let [x, a, b, y, d, e] = source.transform().to_gdal();
    let flipped = GeoTransform::from_gdal([x, a, b, y + 40.0 * e, d, -e]).unwrap();
    let flipped = GeoBox::new(source.shape(), flipped, source.crs().clone());
    assert_eq!(plan(&source, &flipped, Resampling::Nearest), Plan::Warp);
}

/// By GDAL's warper, whatever the lattices.
fn warped<T: Pixel>(dataset: &RasterDataset, target: &GeoBox, resampling: Resampling) -> Raster<T> {
    let absence = dataset.absence::<T>(1).unwrap();
    let mut data = vec![T::FILL; target.shape().len()];
    dataset.warp(Wanted { band: 1, resampling, absence }, target, &mut data).unwrap();
    Raster::new(target.clone(), 1, data, Some(Nodata::new(absence.fill.into()))).unwrap()
}

/// What the exact paths make, GDAL's warper makes too, up to rounding.
#[test]
fn exact_paths_agree_with_the_warper() {
    let raster = values();
    let (_keep, path) = stored(&raster, Content::Values);
    let dataset = RasterDataset::open(&path).unwrap();
    let coarse = raster.geobox().crop(Window::new(2, 2, 36, 40)).zoom_out(2);
    let fine = cut(raster.geobox(), 2).crop(Window::new(5, 3, 60, 70));
    let cases = [
        (&coarse, Resampling::Average, 1),
        (&coarse, Resampling::Nearest, 0),
        (&coarse, Resampling::Mode, 0),
        (&fine, Resampling::Nearest, 0),
        (&fine, Resampling::Bilinear, 1),
    ];
    for (target, resampling, tolerance) in cases {
        let exact = dataset.read_onto::<u16>(1, target, resampling).unwrap();
        let warped = warped::<u16>(&dataset, target, resampling);
        assert_eq!(exact.valid_mask(), warped.valid_mask(), "{resampling:?}");
        let worst = exact.data().iter().zip(warped.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= tolerance, "{resampling:?} onto {:?}: {worst}", target.shape());
    }
}

#[test]
fn averages_count_valid_pixels_only() {
    let raster = Raster::new(utm(2, 4, 10.0), 1, vec![4u16, 0, 0, 0, 8, 9, 0, 0], NODATA).unwrap();
    let (_keep, path) = stored(&raster, Content::Values);
    let half = RasterDataset::open(&path).unwrap();
    let half = half.read_onto::<u16>(1, &raster.geobox().zoom_out(2), Resampling::Average).unwrap();
    assert_eq!((half.data(), half.valid_mask()), ([7, 0].as_slice(), vec![true, false]));
}

#[test]
fn nan_spreads_nowhere() {
    let mut data = vec![1.0f32; 64];
    data[27] = f32::NAN;
    let raster = Raster::new(utm(8, 8, 20.0), 1, data, None).unwrap();
    let (_keep, path) = stored(&raster, Content::Values);
    let dataset = RasterDataset::open(&path).unwrap();
    let fine = dataset.read_onto::<f32>(1, &cut(raster.geobox(), 2), Resampling::Bilinear).unwrap();
    assert_eq!(fine.data().iter().filter(|v| v.is_nan()).count(), 4);
    assert!(fine.data().iter().all(|v| v.is_nan() || *v == 1.0));
    let bounds =
        crate::transform_bounds(raster.geobox().bounds(), raster.geobox().crs(), &Crs::epsg(3035)).unwrap();
    let target = GeoBox::covering(bounds, 20.0, Crs::epsg(3035));
    let warped = dataset.read_onto::<f32>(1, &target, Resampling::Bilinear).unwrap();
    assert!(warped.data().contains(&1.0));
    assert!(warped.data().iter().all(|v| v.is_nan() || (*v - 1.0).abs() < 1e-6));
}

#[test]
fn a_target_elsewhere_is_all_nodata() {
    let (_keep, path) = stored(&values(), Content::Values);
    let dataset = RasterDataset::open(&path).unwrap();
    let bounds = BoundingBox { min: XY::new(3e6, 2e6), max: XY::new(3.001e6, 2.001e6) };
    let far = [
        GeoBox::covering(bounds, 20.0, Crs::epsg(3035)),
        utm(40, 44, 20.0).crop(Window::new(900, 900, 10, 10)),
        cut(&utm(40, 44, 20.0), 2).crop(Window::new(-900, 0, 10, 10)),
        utm(40, 44, 20.0).crop(Window::new(900, 900, 10, 10)).zoom_out(2),
    ];
    for target in far {
        for resampling in [Resampling::Nearest, Resampling::Bilinear, Resampling::Average] {
            let made = dataset.read_onto::<u16>(1, &target, resampling).unwrap();
            assert!(made.valid_mask().iter().all(|valid| !valid), "{resampling:?} {target:?}");
        }
    }
}

#[test]
fn one_band_of_many_is_warped() {
    let grid = utm(12, 12, 20.0);
    let data = [vec![10u16; 144], vec![20; 144], vec![30; 144]].concat();
    let (_keep, path) = stored(&Raster::new(grid.clone(), 3, data, None).unwrap(), Content::Values);
    let dataset = RasterDataset::open(&path).unwrap().with_nodata(NODATA);
    let bounds = crate::transform_bounds(grid.bounds(), grid.crs(), &Crs::epsg(3035)).unwrap();
    let target = GeoBox::covering(bounds, 20.0, Crs::epsg(3035));
    let made = dataset.read_onto::<u16>(2, &target, Resampling::Bilinear).unwrap();
    assert_eq!(made.data().iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([0, 20]));
}

#[test]
fn a_crs_that_is_none_is_an_error() {
    let (_keep, path) = stored(&values(), Content::Values);
    let target =
        GeoBox::new(Shape2d::new(2, 2), GeoTransform::north_up(XY::new(0.0, 0.0), 1.0), Crs::epsg(999_999));
    let error =
        RasterDataset::open(&path).unwrap().read_onto::<u16>(1, &target, Resampling::Nearest).unwrap_err();
    assert_eq!(error.to_string(), "understanding the coordinate reference system EPSG:999999");
}
