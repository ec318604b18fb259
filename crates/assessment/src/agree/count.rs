//! The one pass over all maps, window by window.

use super::job::AgreeJob;
use crate::Result;
use ecotone_core::{ClassCode, GeoBox, Legend, LegendEntry, Nodata, Rgb};
use ecotone_io::{CogOptions, CogWriter, Content, pixel_areas};
use ecotone_jobs::{Codes, Mask, Progress, RunFolder, inner};
use ecotone_metrics::{FuzzyAgreement, Haloed, IGNORE, SeriesAgreement, changes_per_pixel};
use ecotone_tiling::WindowGrid;

/// Side of a window in pixels: two blocks of a COG.
const WINDOW: usize = 1024;

/// What is counted over all windows.
#[derive(Debug)]
pub(crate) struct Counted {
    /// Pairs, changes and flows.
    pub(crate) series: SeriesAgreement,
    /// The same in parts of area, where pixels are not equally large.
    pub(crate) weighed: Option<SeriesAgreement>,
    /// Hectares of a part, or of a pixel where all are alike; `None` where the first map lies nowhere.
    pub(crate) hectares: Option<f64>,
    /// Agreement within the tolerance from each map to the next.
    pub(crate) fuzzy: Vec<FuzzyAgreement>,
}

/// Counts all maps on the first one's grid, and writes changes.tif for three or more.
pub(super) fn count(
    job: &AgreeJob,
    legend: &Legend,
    maps: &[Codes],
    folder: &RunFolder,
    progress: &dyn Progress,
) -> Result<Counted> {
    let grid = maps[0].geobox();
    let mask = job.mask.as_ref().map(Mask::open).transpose()?;
    let areas = pixel_areas(grid)?;
    let empty = || SeriesAgreement::new(legend.len(), maps.len());
    let mut series = empty()?;
    let mut weighed = areas.as_ref().filter(|areas| areas.vary()).map(|_| empty()).transpose()?;
    let mut fuzzy = vec![FuzzyAgreement::new(legend.len(), job.tolerance); maps.len() - 1];
    let mut changes = if maps.len() > 2 { Some(changes_file(folder, grid, maps.len())?) } else { None };
    let windows = WindowGrid::new(grid.shape(), WINDOW, job.tolerance)?;
    progress.begin("compare", windows.grid_shape().len() as u64, "windows");
    for window in windows.windows() {
        // Cut at the map's edge, unlike a network's: the halo around it is all that is needed.
        let read = window.core.pad(job.tolerance);
        let here = grid.crop(read);
        let classes = |map: &Codes| {
            let mut indices = map.read_indices(&here, legend)?;
            mask.as_ref().map_or(Ok(()), |mask| mask.apply(&here, &mut indices, IGNORE))?;
            Ok(indices)
        };
        let wide: Vec<Vec<u8>> = maps.iter().map(classes).collect::<Result<_>>()?;
        let frame = Haloed::around(window.core.shape(), job.tolerance);
        for (step, fuzzy) in fuzzy.iter_mut().enumerate() {
            fuzzy.add(&wide[step], &wide[step + 1], frame)?;
        }
        let cores: Vec<Vec<u8>> = wide.iter().map(|wide| inner(wide, frame.shape, frame.inner)).collect();
        let cores: Vec<&[u8]> = cores.iter().map(Vec::as_slice).collect();
        series.add(&cores)?;
        if let (Some(weighed), Some(areas)) = (&mut weighed, &areas) {
            let cols = window.core.col as usize..window.core.col_end() as usize;
            for row in 0..window.core.rows {
                for (run, parts) in areas.runs(window.core.row as usize + row, cols.clone()) {
                    let run = row * window.core.cols + run.start..row * window.core.cols + run.end;
                    let run: Vec<&[u8]> = cores.iter().map(|core| &core[run.clone()]).collect();
                    let mut pixels = empty()?;
                    pixels.add(&run)?;
                    weighed.merge_times(&pixels, parts)?;
                }
            }
        }
        if let Some(file) = &mut changes {
            file.write_window(1, window.core, &changes_per_pixel(&cores)?)?;
        }
        progress.advance(1, "");
    }
    progress.end();
    if let Some(file) = changes.filter(|_| series.complete() > 0) {
        file.finish()?;
    }
    Ok(Counted { series, weighed, hectares: areas.map(|areas| areas.part() / 1e4), fuzzy })
}

fn changes_file(folder: &RunFolder, grid: &GeoBox, maps: usize) -> Result<CogWriter<u8>> {
    // From pale to dark red; 255 is free as there are at most 254 changes.
    let entry = |changes: usize| {
        let share = changes as f64 / (maps - 1) as f64;
        let channel = |from: f64, to: f64| (from + (to - from) * share).round() as u8;
        LegendEntry {
            code: ClassCode(changes as u8),
            name: format!("{changes} change{}", if changes == 1 { "" } else { "s" }),
            color: Rgb([channel(240.0, 150.0), channel(240.0, 20.0), channel(235.0, 30.0)]),
        }
    };
    let options = CogOptions {
        content: Content::Classes(Legend::new((0..maps).map(entry).collect())?),
        nodata: Some(Nodata::new(f64::from(IGNORE))),
        descriptions: vec!["changes from a map to the next".to_owned()],
        ..CogOptions::default()
    };
    Ok(CogWriter::create(folder.file("changes.tif"), grid.clone(), 1, options)?)
}
