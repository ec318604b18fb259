//! Classes that are lines, such as roads, scored with a buffer: a line a pixel off is no miss.

use super::job::{AssessJob, LineJob};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, Resolution};
use ecotone_io::{pixel_side_metres, write_csv};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Codes, Mask, Progress, RunFolder, write_json};
use ecotone_metrics::{EdgeScores, Haloed, IGNORE};
use ecotone_tiling::WindowGrid;
use serde::Serialize;

/// Side of a window in pixels: two blocks of a COG.
const WINDOW: usize = 1024;
/// The widest buffer, in pixels: every window is read with that much around it.
const MOST: usize = 512;

/// The scores of one class at one buffer; serialised, an entry of lines.json.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LineFigures {
    pub(crate) code: u8,
    pub(crate) class: String,
    pub(crate) buffer_m: f64,
    pub(crate) precision: Option<f64>,
    pub(crate) recall: Option<f64>,
    pub(crate) f1: Option<f64>,
    pub(crate) quality: Option<f64>,
    pub(crate) iou: Option<f64>,
    pub(crate) map_pixels: u64,
    pub(crate) reference_pixels: u64,
}

/// Scores the lines of a map against those of a reference raster, window by window.
///
/// # Errors
/// When a code is not in the legend, the map's pixels have no metres, a buffer is too wide, or a raster cannot be read.
pub(super) fn line_figures(
    job: &AssessJob,
    asked: &LineJob,
    legend: &Legend,
    progress: &dyn Progress,
) -> Result<Vec<LineFigures>> {
    let open = |path| Codes::open(path, legend, &job.ignore);
    let (map, reference) = (open(&job.map)?, open(&job.reference)?);
    let mask = job.mask.as_ref().map(Mask::open).transpose()?;
    let grid = map.geobox();
    let side = pixel_side_metres(grid)?;
    let side = side.ok_or_else(|| Error::NoMetres { path: job.map.clone(), crs: grid.crs().to_string() })?;
    let resolution = Resolution::new(side.x, side.y)?;
    let mut scores: Vec<EdgeScores> = Vec::new();
    for code in &asked.codes {
        let index = legend.index_of(ClassCode(*code))?;
        for buffer in &asked.buffers {
            scores.push(EdgeScores::new(index.0 as u8, *buffer, resolution)?);
        }
    }
    let halo = scores.iter().map(EdgeScores::halo).max().unwrap_or(0);
    if halo > MOST {
        let found =
            format!("{} m, which is {halo} pixels", asked.buffers.iter().copied().fold(0.0, f64::max));
        return Err(
            JobError::Value { key: "--buffer", found, expected: format!("at most {MOST} pixels") }.into()
        );
    }
    let windows = WindowGrid::new(grid.shape(), WINDOW, halo)?;
    progress.begin("lines", windows.grid_shape().len() as u64, "windows");
    for window in windows.windows() {
        // Cut at the map's edge, unlike a network's: the halo around it is all that is needed.
        let here = grid.crop(window.core.pad(halo));
        let mapped = map.read_indices(&here, legend)?;
        // A line outside the mask is not scored, but may be what one inside it is near to.
        let mut counts = vec![0; mapped.len()];
        mask.as_ref().map_or(Ok(()), |mask| mask.apply(&here, &mut counts, IGNORE))?;
        let truth = reference.read_indices(&here, legend)?;
        let frame = Haloed::around(window.core.shape(), halo);
        for scores in &mut scores {
            scores.add_where(&mapped, &truth, |place| counts[place] != IGNORE, frame)?;
        }
        progress.advance(1, "");
    }
    progress.end();
    let classes = asked.codes.iter().flat_map(|code| std::iter::repeat_n(*code, asked.buffers.len()));
    let figures = |(code, scores): (u8, EdgeScores)| {
        let index = legend.index_of(ClassCode(code))?;
        Ok(LineFigures {
            code,
            class: legend.entries()[index.0].name.clone(),
            buffer_m: scores.buffer(),
            precision: scores.precision(),
            recall: scores.recall(),
            f1: scores.f1(),
            quality: scores.quality(),
            iou: scores.iou(),
            map_pixels: scores.map_pixels(),
            reference_pixels: scores.reference_pixels(),
        })
    };
    classes.zip(scores).map(figures).collect()
}

/// Writes lines.json and lines.csv.
pub(super) fn write_lines(lines: &[LineFigures], folder: &RunFolder) -> Result<()> {
    write_json(&folder.file("lines.json"), &lines)?;
    let header = "code,class,buffer_m,precision,recall,f1,quality,iou,map_pixels,reference_pixels";
    let header: Vec<&str> = header.split(',').collect();
    Ok(write_csv(folder.file("lines.csv"), &header, lines)?)
}
