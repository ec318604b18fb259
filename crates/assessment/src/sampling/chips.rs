//! Pictures of the ground around each point on its clearest dates, for interpreters.

use crate::Result;
use chrono::{DateTime, Utc};
use ecotone_core::{BoundingBox, Crs, GeoBox, Shape2d, Window, XY};
use ecotone_io::{
    Nothing, Query, RasterDataset, Resampling, Scene, open_catalog, transform_each, transform_points,
};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::Failure;
use ecotone_preprocessing::{MaskKind, SclClass};
use ecotone_report::{Stretch, composite};
use std::path::Path;

/// Pixels from the point to the edge of a chip.
const REACH: usize = 16;
const SIDE: usize = 2 * REACH + 1;
/// Longest side of a picture, in its own pixels.
const LONGEST: usize = 720;
/// Pixels between two dates.
const GAP: usize = 6;
/// Scenes looked at for each that is shown.
const CANDIDATES: usize = 4;
const BANDS: [&str; 3] = ["red", "green", "blue"];

/// One date around one point.
struct Chip {
    time: DateTime<Utc>,
    clear: f64,
    bands: [Vec<f32>; 3],
}

/// Writes `ID.png` for each point, its clearest dates side by side in order of time with a frame around the point, and
/// chips.csv with their days. Gives the scenes that could not be read.
///
/// # Errors
/// When the catalogue cannot be read, dates are not 1 to 6, or the folder cannot be written.
pub fn write_chips(
    folder: &Path,
    catalog: &str,
    dates: usize,
    points: &[XY<f64>],
    grid: &GeoBox,
) -> Result<Vec<Failure>> {
    if !(1..=6).contains(&dates) {
        let (found, expected) = (dates.to_string(), "1 to 6".to_owned());
        return Err(JobError::Value { key: "--dates", found, expected }.into());
    }
    let catalog = open_catalog(catalog)?;
    std::fs::create_dir_all(folder)
        .map_err(|source| JobError::WriteFile { path: folder.to_owned(), source })?;
    let degrees = transform_each(points, grid.crs(), &Crs::epsg(4326))?;
    let mut failures: Vec<Failure> = Vec::new();
    let mut days = Vec::new();
    for (i, (point, degrees)) in points.iter().zip(degrees).enumerate() {
        // A place beyond the reach of degrees has no scenes.
        let here = degrees.map(|degrees| BoundingBox { min: degrees, max: degrees });
        let over = match here {
            None => Vec::new(),
            here => catalog.search(&Query { area: here, ..Query::default() })?.scenes,
        };
        let chips = clearest(over, *point, grid, dates, &mut failures);
        let shown: Vec<String> = chips.iter().map(|chip| chip.time.date_naive().to_string()).collect();
        if !chips.is_empty() {
            let (shape, planes) = picture(&chips);
            let views = planes.each_ref().map(Vec::as_slice);
            let stretches: Vec<[&[f32]; 3]> =
                chips.iter().map(|chip| chip.bands.each_ref().map(Vec::as_slice)).collect();
            let png = composite(shape, views, &Stretch::of(&stretches));
            ecotone_io::write_atomic(folder.join(format!("{}.png", i + 1)), png.bytes())?;
        }
        days.push((i + 1, shown.join(" ")));
    }
    ecotone_io::write_csv(folder.join("chips.csv"), &["id", "dates"], days)?;
    Ok(failures)
}

/// Of the scenes over a point the dates with most clear pixels among those with the fewest clouds, in order of time.
fn clearest(
    mut over: Vec<Scene>,
    point: XY<f64>,
    grid: &GeoBox,
    dates: usize,
    failures: &mut Vec<Failure>,
) -> Vec<Chip> {
    over.retain(|scene| BANDS.iter().all(|band| scene.has_band(band)));
    let clouds = |scene: &Scene| scene.cloud_cover.unwrap_or(100.0);
    over.sort_by(|a, b| clouds(a).total_cmp(&clouds(b)));
    let mut chips = Vec::new();
    for scene in over.into_iter().take(dates * CANDIDATES) {
        match chip(&scene, point, grid) {
            Ok(chip) => chips.push(chip),
            Err(_) if failures.iter().any(|known| known.scene == scene.id) => {}
            Err(error) => {
                failures.push(Failure { scene: scene.id.clone(), reason: ecotone_jobs::reasons(&error) })
            }
        }
    }
    chips.retain(|chip| chip.clear > 0.0);
    chips.sort_by(|a, b| b.clear.total_cmp(&a.clear));
    chips.truncate(dates);
    chips.sort_by_key(|chip| chip.time);
    chips
}

fn chip(scene: &Scene, point: XY<f64>, grid: &GeoBox) -> Result<Chip> {
    let red = RasterDataset::open(&scene.band(BANDS[0])?.asset.href)?;
    let own = red.geobox();
    let there = transform_points(&[point], grid.crs(), own.crs())?;
    let pixel = own.transform().world_to_pixel(there[0]);
    let corner = |along: f64| along.floor() as i64 - REACH as i64;
    let target = own.crop(Window::new(corner(pixel.y), corner(pixel.x), SIDE, SIDE));
    let mut bands: [Vec<f32>; 3] = Default::default();
    for (band, name) in bands.iter_mut().zip(BANDS) {
        let found = scene.band(name)?;
        let dataset = RasterDataset::open(&found.asset.href)?;
        let declared = dataset.band(found.band.index)?.nodata;
        let dataset = dataset.with_nodata(declared.or(found.band.nodata));
        let read = dataset.read_onto::<f32>(found.band.index, &target, Resampling::Nearest)?;
        let valid = read.valid_mask();
        let value = |(value, valid): (&f32, bool)| if valid { *value } else { f32::NAN };
        *band = read.band(0).iter().zip(valid).map(value).collect();
    }
    let mut seen: Vec<bool> = bands[0].iter().map(|value| value.is_finite()).collect();
    if let Ok(scl) = scene.band("SCL") {
        let layer = RasterDataset::open(&scl.asset.href)?;
        let nothing = Nothing::is(u32::from(SclClass::NoData.code()));
        let codes = layer.read_codes(scl.band.index, &target, Resampling::Nearest, &nothing)?;
        let clear = MaskKind::scl().valid(&codes);
        seen.iter_mut().zip(clear).for_each(|(seen, clear)| *seen &= clear);
    }
    let clear = seen.iter().filter(|seen| **seen).count() as f64 / seen.len() as f64;
    Ok(Chip { time: scene.datetime, clear, bands })
}

/// Chips side by side, each pixel enlarged, with a white frame around the middle one.
fn picture(chips: &[Chip]) -> (Shape2d, [Vec<f32>; 3]) {
    /// Beyond any stretch: shown at full brightness.
    const WHITE: f32 = 1e9;
    let zoom = ((LONGEST - GAP * (chips.len() - 1)) / (SIDE * chips.len())).max(1);
    let side = SIDE * zoom;
    let shape = Shape2d::new(side, side * chips.len() + GAP * (chips.len() - 1));
    let mut planes: [Vec<f32>; 3] = std::array::from_fn(|_| vec![f32::NAN; shape.len()]);
    let (first, last) = (REACH * zoom - 1, (REACH + 1) * zoom);
    for (place, chip) in chips.iter().enumerate() {
        let left = place * (side + GAP);
        for (row, col) in (0..side).flat_map(|row| (0..side).map(move |col| (row, col))) {
            let on_frame = (first..=last).contains(&row)
                && (first..=last).contains(&col)
                && [row, col].iter().any(|at| [first, last].contains(at));
            for (plane, band) in planes.iter_mut().zip(&chip.bands) {
                let value = band[row / zoom * SIDE + col / zoom];
                plane[row * shape.cols + left + col] = if on_frame { WHITE } else { value };
            }
        }
    }
    (shape, planes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_stand_side_by_side_with_a_frame() {
        let chip = |value: f32| Chip {
            time: DateTime::<Utc>::MIN_UTC,
            clear: 1.0,
            bands: std::array::from_fn(|_| vec![value; SIDE * SIDE]),
        };
        let (shape, planes) = picture(&[chip(0.1), chip(0.2)]);
        let zoom = shape.rows / SIDE;
        assert!(shape.cols <= LONGEST && zoom > 1);
        let at = |row: usize, col: usize| planes[0][row * shape.cols + col];
        assert_eq!((at(0, 0), at(0, shape.cols - 1)), (0.1, 0.2));
        assert!(at(0, shape.rows).is_nan(), "a gap between the dates");
        assert_eq!(at(REACH * zoom - 1, REACH * zoom), 1e9);
        assert_eq!(at(REACH * zoom, REACH * zoom), 0.1, "the pixel itself stays");
    }
}
