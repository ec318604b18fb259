//! COGs as they are written, read back, and not left half done.

use super::*;
use ecotone_core::{ClassCode, Crs, GeoTransform, LegendEntry, Rgb, XY};
use proptest::prelude::*;

fn grid(rows: usize, cols: usize, crs: Crs) -> GeoBox {
    GeoBox::new(
        Shape2d::new(rows, cols),
        GeoTransform::north_up(XY::new(4_321_000.0, 3_210_000.0), 20.0),
        crs,
    )
}

fn legend() -> Legend {
    let entry = |code, name: &str, color| LegendEntry {
        code: ClassCode(code),
        name: name.to_owned(),
        color: Rgb(color),
    };
    Legend::new(vec![
        entry(3, "water & <ice>", [0, 0, 255]),
        entry(1, "broadleaf forest", [0, 100, 0]),
        entry(200, "Fichte (Käfer)", [200, 30, 1]),
    ])
    .unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[track_caller]
fn round_trip<T: Pixel>(values: Vec<T>, nodata: Option<f64>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let raster = Raster::new(grid(6, 5, Crs::epsg(3035)), 2, values, nodata.map(Nodata::new)).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    let again = RasterDataset::open(&path).unwrap();
    let again = again.read_window::<T>(&[1, 2], Window::whole(raster.shape())).unwrap();
    assert_eq!(again.geobox(), raster.geobox());
    assert_eq!(again.nodata(), raster.nodata());
    assert_eq!(checksum(again.data()), checksum(raster.data()));
    assert_eq!(files(folder.path()), ["a.tif"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn pixels_of_every_type_come_back(bits in prop::collection::vec(any::<u32>(), 60)) {
        round_trip(bits.iter().map(|b| *b as u8).collect(), Some(255.0));
        round_trip(bits.iter().map(|b| *b as u16).collect(), Some(0.0));
        round_trip(bits.iter().map(|b| *b as i16).collect(), Some(-10_000.0));
        round_trip(bits.iter().map(|b| *b as i32).collect(), None);
        round_trip(bits.clone(), Some(f64::from(u32::MAX)));
        round_trip(bits.iter().map(|b| *b as f32 * 0.1).collect(), Some(f64::from(-3.4e38f32)));
        round_trip(bits.iter().map(|b| f64::from(*b).sqrt()).collect(), Some(f64::NAN));
    }
}

#[test]
fn a_map_brings_its_legend() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.tif");
    let data = (0..1200 * 900).map(|i| [1u8, 3, 200, 0][i / 700 % 4]).collect();
    let raster = Raster::new(grid(1200, 900, Crs::epsg(3035)), 1, data, Some(Nodata::new(0.0))).unwrap();
    let options = CogOptions { content: Content::Classes(legend()), ..CogOptions::default() };
    write_cog(&path, &raster, &options).unwrap();
    assert_eq!(files(folder.path()), ["map.tif", "map.tif.aux.xml"]);

    let dataset = RasterDataset::open(&path).unwrap();
    assert_eq!(dataset.legend(1).unwrap(), Some(legend()));
    let gdal = dataset.gdal();
    let band = gdal.rasterband(1).unwrap();
    let names = ffi::category_names(&band);
    assert_eq!(
        (names.len(), names[1].as_str(), names[200].as_str()),
        (201, "broadleaf forest", "Fichte (Käfer)")
    );
    let palette = band.color_table().unwrap().entry_as_rgb(200).unwrap();
    assert_eq!([palette.r, palette.g, palette.b], [200, 30, 1]);
    let table = ffi::attribute_table(&band);
    let counts: Vec<f64> = table[5].1.iter().map(|cell| cell.parse().unwrap()).collect();
    let count = |code| raster.data().iter().filter(|value| **value == code).count() as f64;
    assert_eq!((table[5].0.as_str(), counts), ("Count", vec![count(3), count(1), count(200)]));

    // Overviews by mode: no code that the map does not have.
    let overview = band.overview(0).unwrap();
    let (cols, rows) = overview.size();
    assert_eq!((cols, rows), (450, 600));
    let small = overview.read_as::<u8>((0, 0), (cols, rows), (cols, rows), None).unwrap();
    assert!(small.data().iter().all(|code| [0, 1, 3, 200].contains(code)));
    assert_eq!(dataset.gdal().metadata_item("LAYOUT", "IMAGE_STRUCTURE"), Some("COG".to_owned()));
    // Statistics leave nodata out.
    assert_eq!(band.metadata_item("STATISTICS_MINIMUM", ""), Some("1".to_owned()));
    assert_eq!(band.metadata_item("STATISTICS_MAXIMUM", ""), Some("200".to_owned()));
}

#[test]
fn overviews_of_values_are_averages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let data = (0..700 * 700).map(|i| if i % 700 % 2 == 0 { 100u16 } else { 200 }).collect();
    let raster = Raster::new(grid(700, 700, Crs::epsg(3035)), 1, data, None).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    let dataset = RasterDataset::open(&path).unwrap();
    let gdal = dataset.gdal();
    let overview = gdal.rasterband(1).unwrap().overview(0).unwrap();
    assert_eq!(overview.read_as::<u16>((0, 0), (1, 1), (1, 1), None).unwrap().data(), [150]);
}

#[test]
fn windows_in_any_order_give_the_bytes_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let geobox = grid(700, 600, Crs::epsg(32633));
    let data: Vec<u16> = (0..700 * 600u32).map(|i| (i % 977) as u16).collect();
    let raster = Raster::new(geobox.clone(), 1, data, Some(Nodata::new(0.0))).unwrap();
    write_cog(folder.path().join("whole.tif"), &raster, &CogOptions::default()).unwrap();

    let options = CogOptions { nodata: Some(Nodata::new(0.0)), ..CogOptions::default() };
    let mut writer = CogWriter::<u16>::create(folder.path().join("parts.tif"), geobox, 1, options).unwrap();
    let windows =
        [Window::new(300, 0, 400, 250), Window::new(0, 0, 300, 600), Window::new(300, 250, 400, 350)];
    writer.write_window(1, Window::new(10, 10, 300, 300), &[9; 90_000]).unwrap();
    for window in windows {
        writer.write_window(1, window, raster.crop(window).unwrap().data()).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(
        fs::read(folder.path().join("whole.tif")).unwrap(),
        fs::read(folder.path().join("parts.tif")).unwrap()
    );
}

#[test]
fn what_is_never_written_is_nodata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let options = CogOptions { nodata: Some(Nodata::new(f64::NAN)), ..CogOptions::default() };
    CogWriter::<f32>::create(&path, grid(600, 600, Crs::epsg(3035)), 2, options).unwrap().finish().unwrap();
    let read =
        RasterDataset::open(&path).unwrap().read_window::<f32>(&[2], Window::new(0, 0, 600, 600)).unwrap();
    assert!(read.data().iter().all(|value| value.is_nan()));
}

#[test]
fn dropped_or_killed_writers_leave_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.tif");
    let raster = Raster::filled(grid(9, 9, Crs::epsg(3035)), 1, 1u8, None);
    let classes = CogOptions { content: Content::Classes(legend()), ..CogOptions::default() };
    write_cog(&path, &raster, &classes).unwrap();
    let before = fs::read(&path).unwrap();

    let mut writer =
        CogWriter::<u8>::create(&path, raster.geobox().clone(), 1, CogOptions::default()).unwrap();
    writer.write_window(1, Window::new(0, 0, 1, 1), &[7]).unwrap();
    assert_eq!(files(folder.path()), [".map.tif.partial", "map.tif", "map.tif.aux.xml"]);
    drop(writer);
    assert_eq!((files(folder.path()).len(), fs::read(&path).unwrap() == before), (2, true));

    fs::create_dir(folder.path().join(".map.tif.partial")).unwrap();
    fs::write(folder.path().join(".map.tif.partial/stage.tif"), "of a killed run").unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    assert_eq!(files(folder.path()), ["map.tif"], "no description of another map stays beside it");
}

#[test]
fn bad_orders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let geobox = grid(4, 4, Crs::epsg(3035));
    let mut writer = CogWriter::<u8>::create(&path, geobox.clone(), 1, CogOptions::default()).unwrap();
    let message =
        |result: Result<()>| result.unwrap_err().to_string().replace(&path.display().to_string(), "a.tif");
    assert_eq!(
        message(writer.write_window(2, Window::new(0, 0, 1, 1), &[1])),
        "a.tif has no band 2 (it has 1 to 1)"
    );
    assert_eq!(
        message(writer.write_window(1, Window::new(0, 0, 1, 2), &[1])),
        "writing rows 0..1, columns 0..2 of a.tif: expected 2 values inside the raster, found 1"
    );
    assert!(writer.write_window(1, Window::new(3, 3, 2, 2), &[1; 4]).is_err());
    drop(writer);
    let nodata = CogOptions { nodata: Some(Nodata::new(-1.0)), ..CogOptions::default() };
    let made = CogWriter::<u8>::create(&path, geobox.clone(), 1, nodata);
    assert_eq!(message(made.map(|_| ())), "writing a.tif: nodata -1 is no u8");
    let nowhere = folder.path().join("missing/a.tif");
    let error = CogWriter::<u8>::create(&nowhere, geobox, 1, CogOptions::default()).unwrap_err().to_string();
    assert_eq!(error, format!("creating a file in {}", folder.path().join("missing").display()));
    assert_eq!(files(folder.path()), Vec::<String>::new());
}
