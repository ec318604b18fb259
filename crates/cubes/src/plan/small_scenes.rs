//! Scenes of a few pixels in a folder, for tests.

use crate::mask::{Mask, MaskFormat};
use crate::sought::Sought;
use crate::source_spec::SourceSpec;
use chrono::NaiveDate;
use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata, Raster, Shape2d, XY};
use ecotone_io::{Asset, AssetBand, CogOptions, Pixel, Scene, write_cog};
use std::collections::BTreeMap;
use std::path::Path;

/// Side of a scene of [`side_by_side`].
pub(crate) const SIDE: usize = 48;

/// A north-up grid.
pub(crate) fn grid(epsg: u32, x: f64, y: f64, side: f64, rows: usize, cols: usize) -> GeoBox {
    GeoBox::new(Shape2d::new(rows, cols), GeoTransform::north_up(XY::new(x, y), side), Crs::epsg(epsg))
}

/// Optical scenes of the year 2021 in steps of so many days, of band B04 and the mask SCL, whose numbers hold no offset.
pub(crate) fn spec(step_days: u32, steps: usize) -> SourceSpec {
    let start = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap();
    let mask = Mask { kind: MaskFormat::Scl, ..Mask::default() };
    SourceSpec { step_days, offset: "0".to_owned(), mask, ..SourceSpec::new(&["B04"], start, steps) }
}

/// A scene of Sentinel-2 without a file.
pub(crate) fn bare(id: &str, datetime: &str, grid: &GeoBox) -> Scene {
    Scene {
        id: id.to_owned(),
        collection: Some("sentinel-2-l2a".to_owned()),
        datetime: datetime.parse().unwrap(),
        platform: Some("sentinel-2a".to_owned()),
        footprint: ecotone_io::footprint(grid).unwrap(),
        cloud_cover: Some(1.0),
        processing_baseline: Some("03.00".to_owned()),
        boa_offset_applied: None,
        sun_azimuth: None,
        sun_elevation: None,
        relative_orbit: Some(22),
        datatake: None,
        crs: None,
        assets: BTreeMap::new(),
    }
}

/// Writes a file of a scene whose pixel `(row, col)` has this value.
pub(crate) fn add<T: Pixel>(
    scene: &mut Scene,
    (folder, name): (&Path, &str),
    grid: &GeoBox,
    value: impl Fn(usize, usize) -> T,
) {
    let path = folder.join(format!("{}-{name}.tif", scene.id));
    let cols = grid.shape().cols;
    let values = (0..grid.shape().len()).map(|i| value(i / cols, i % cols)).collect();
    let raster = Raster::new(grid.clone(), 1, values, Some(Nodata::new(0.0))).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    let band = AssetBand { index: 1, name: name.to_owned(), ..AssetBand::default() };
    let (key, href) = (name.to_owned(), path.display().to_string());
    scene.assets.insert(key.clone(), Asset { key, href, bands: vec![band], ..Asset::default() });
}

/// A clear scene of one number, whose every seventh pixel is a cloud.
pub(crate) fn clear(folder: &Path, id: &str, datetime: &str, grid: &GeoBox, dn: u16) -> Scene {
    let mut scene = bare(id, datetime, grid);
    add(&mut scene, (folder, "B04"), grid, |row, col| dn + (row * 3 + col) as u16 % 50);
    add(&mut scene, (folder, "SCL"), grid, |row, col| if (row + 2 * col) % 7 == 0 { 9u8 } else { 4 });
    scene
}

/// A row of tiles side by side with a scene each, and the grid of all of them.
pub(crate) fn side_by_side(folder: &Path, tiles: usize) -> (Vec<Scene>, GeoBox) {
    let tile =
        |place: usize| grid(32633, 500_000.0 + (place * SIDE * 20) as f64, 5_500_000.0, 20.0, SIDE, SIDE);
    let scene = |place: usize| {
        let (id, day) =
            (format!("T{place:02}"), format!("2021-{:02}-{:02}T10:00:00Z", 1 + place % 3, 3 + place % 20));
        clear(folder, &id, &day, &tile(place), 900 + place as u16)
    };
    ((0..tiles).map(scene).collect(), grid(32633, 500_000.0, 5_500_000.0, 20.0, SIDE, SIDE * tiles))
}

/// Scenes as a catalogue gives them: in order of time.
pub(crate) fn sought(spec: SourceSpec, mut scenes: Vec<Scene>) -> Vec<Sought> {
    scenes.sort_by(|a, b| (a.datetime, &a.id).cmp(&(b.datetime, &b.id)));
    vec![Sought { spec, scenes, failures: Vec::new() }]
}
