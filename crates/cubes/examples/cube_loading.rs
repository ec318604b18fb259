//! How fast scenes become a cube, beside GDAL decoding the same files and doing nothing else.
//!
//! `cube_loading CATALOG THREADS [ROUNDS]` prints one JSON line: decoded megabytes, seconds of bare decoding (`decode`), and
//! seconds until the masked, indexed ten-day cube stands (`cube`), each the best of five rounds, or as many as are asked for.

use chrono::NaiveDate;
use ecotone_core::Window;
use ecotone_cubes::{MapGrid, SeriesSpec, SourceSpec};
use ecotone_io::{Query, RasterDataset, open_catalog};
use ecotone_jobs::{Resources, Silent};
use rayon::prelude::*;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 5;
const BANDS: [&str; 9] = ["B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12"];
const INDICES: [&str; 3] = ["NDVI", "NBR", "NDMI"];

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(catalog), Some(threads)) = (arguments.next(), arguments.next()) else {
        return Err("usage: cube_loading CATALOG THREADS [ROUNDS]".into());
    };
    let threads: usize = threads.parse()?;
    let rounds = arguments.next().map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let start = NaiveDate::from_ymd_opt(2021, 5, 16).ok_or("this is a day")?;
    let mut source = SourceSpec::new(&BANDS, start, 46);
    source.indices = INDICES.map(str::to_owned).to_vec();
    let files = files(&catalog, &source)?;
    let spec = SeriesSpec {
        catalogs: vec![catalog],
        sources: vec![source],
        start: Some(start),
        heights: None,
        grid: MapGrid::default(),
        margin: 0.0,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let resources = Resources::new(threads);
    let (mut decode, mut cube, mut bytes) = (f64::MAX, f64::MAX, 0);
    for _ in 0..rounds {
        let begun = Instant::now();
        bytes = pool.install(|| files.par_iter().map(|file| decoded(file)).sum::<Result<usize, _>>())?;
        decode = decode.min(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let loaded = spec.load(&resources, &Silent)?;
        cube = cube.min(begun.elapsed().as_secs_f64());
        assert!(
            loaded.failures.is_empty() && loaded.areas[0][0].data().iter().all(|value| value.is_finite())
        );
    }
    let megabytes = bytes as f64 / 1e6;
    writeln!(
        std::io::stdout(),
        "{{\"megabytes\": {megabytes:.1}, \"decode\": {decode:.3}, \"cube\": {cube:.3}}}"
    )?;
    Ok(())
}

/// The files that the cube is made of.
fn files(
    catalog: &str,
    source: &SourceSpec,
) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    let days = source.steps as u64 * u64::from(source.step_days);
    let instant = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let query = Query {
        from: Some(instant(source.start)),
        to: Some(instant(source.start + chrono::Days::new(days))),
        max_cloud_cover: Some(source.max_cloud_cover),
        ..Query::default()
    };
    let found = open_catalog(catalog)?.search(&query)?;
    let names = || source.bands.iter().chain([&source.mask.asset]);
    found
        .scenes
        .iter()
        .flat_map(|scene| names().map(move |name| Ok(scene.band(name)?.asset.href.clone())))
        .collect()
}

fn decoded(file: &str) -> Result<usize, ecotone_io::Error> {
    let dataset = RasterDataset::open(Path::new(file))?;
    let window = Window::whole(dataset.geobox().shape());
    // In the file's own type, so that nothing but decoding is timed.
    match dataset.band(1)?.pixel_type {
        ecotone_io::PixelType::U8 => Ok(dataset.read_window::<u8>(&[1], window)?.data().len()),
        _ => Ok(2 * dataset.read_window::<u16>(&[1], window)?.data().len()),
    }
}
