//! Labelled patches as pairs of files, for programs that train by themselves.

mod folder;
mod job;
mod name;
mod table;

pub use job::PatchesJob;

use crate::blocks::{draw_split, write_split};
use crate::labels::{Labels, UNLABELLED, class_codes};
use crate::{Error, Result};
use ecotone_core::{Legend, Nodata, Raster, Window};
use ecotone_io::{CogOptions, Content, RasterDataset, write_cog};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Failure, Progress, Resources, Summary, nodata_code};
use ecotone_tiling::{BlockSplit, Part};
use folder::PatchFolder;
use std::path::Path;
use table::{Line, write_table};

use super::pixels::PixelSeries;

/// Writes `images/ROW_COL.tif` (`f32`, a band a channel and step, NaN where nothing was seen), `labels/ROW_COL.tif` (`u8`
/// codes), `patches.csv`, `patches.json`, `legend.csv`, `split.tif` and `recipe.toml`.
///
/// A patch belongs to the part of the recipe's split whose blocks' pixels it holds. One that holds those of two parts is
/// left out: whoever trained on it would know pixels that others are tested on. Of a field that reaches in from another
/// part neither values nor labels are written, and of pixels in a gap no labels, as they are left out in a training. Memory is
/// bounded by a patch, and some bytes a pixel of the labels: three, and eight more where fields stay together.
///
/// # Errors
/// When a setting makes no sense, the recipe or its labels are at fault, no patch is left, or a file cannot be written.
pub fn label_patches(job: &PatchesJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let stride = job.check()?;
    let folder = PatchFolder::claim(job)?;
    resources.apply()?;
    let files = &job.survey.labels;
    let legend = files.legend()?;
    let pixels = PixelSeries::plan(&job.survey, resources, progress)?;
    let site = pixels.series().site();
    let labels = files.read(site, &legend, &job.survey.ignore)?;
    let windows = windows(site.areas(), job.size, stride);
    if windows.is_empty() {
        let largest = site.areas().iter().map(|area| area.rows.min(area.cols)).max().unwrap_or(0);
        let shape = labels.geobox().shape();
        let expected =
            format!("at most {largest}: the areas lie on a grid of {} x {} pixels", shape.rows, shape.cols);
        return Err(JobError::Value { key: "--size", found: job.size.to_string(), expected }.into());
    }
    let drawn = draw_split(&job.survey.split, files, &labels, &legend)?;
    drawn.note().iter().for_each(|note| progress.note(note));
    let split = drawn.split;
    folder.begin(job)?;
    write_split(&split, &labels, &legend, folder.file("split.tif").as_path(), progress)?;
    let cutter =
        Cutter { job, pixels: &pixels, labels: &labels, legend: &legend, split: &split, folder: &folder };
    cutter.run(&windows, stride, progress)
}

impl PatchesJob {
    /// The stride.
    fn check(&self) -> Result<usize> {
        let refuse = |key, found: String, expected: &str| {
            Err(JobError::Value { key, found, expected: expected.to_owned() }.into())
        };
        let stride = self.stride.unwrap_or(self.size);
        if self.size == 0 {
            return refuse("--size", "0".to_owned(), "a side of 1 pixel or more");
        }
        if stride == 0 {
            return refuse("--stride", "0".to_owned(), "1 pixel or more: patches must differ");
        }
        if !(0.0..=1.0).contains(&self.least_labelled) {
            return refuse("--least-labelled", self.least_labelled.to_string(), "a share from 0 to 1");
        }
        Ok(stride)
    }
}

/// Patches that lie wholly in an area, row by row from its upper left corner.
fn windows(areas: &[Window], size: usize, stride: usize) -> Vec<Window> {
    let starts = |extent: usize| (0..(extent + 1).saturating_sub(size)).step_by(stride);
    let of = |area: &Window| -> Vec<Window> {
        let place = |(row, col): (usize, usize)| {
            Window::new(area.row + row as i64, area.col + col as i64, size, size)
        };
        starts(area.rows).flat_map(|row| starts(area.cols).map(move |col| (row, col))).map(place).collect()
    };
    areas.iter().flat_map(of).collect()
}

/// What patches are cut from.
struct Cutter<'a> {
    job: &'a PatchesJob,
    pixels: &'a PixelSeries,
    labels: &'a Labels,
    legend: &'a Legend,
    split: &'a BlockSplit,
    folder: &'a PatchFolder,
}

/// A patch that is worth writing.
struct Chosen {
    window: Window,
    part: Part,
    /// Class indices `[y, x]`, those of other parts and of gaps left out.
    indices: Vec<u8>,
    /// Which pixels `[y, x]` are of a field of another part.
    hidden: Vec<bool>,
}

/// Why windows were left out.
#[derive(Debug, Default)]
struct LeftOut {
    mixed: usize,
    /// Those that hold nothing but fields at home elsewhere, in several parts.
    away: usize,
    unlabelled: usize,
}

/// The part of a patch by the parts of its pixels and those of the blocks that they lie in; else the count of why it has
/// none.
fn part_of(parts: &[u8], own: &[u8]) -> std::result::Result<Part, fn(&mut LeftOut) -> &mut usize> {
    // Pixels that have the part of their block: others are in gaps, or of fields that reach in.
    let at_home = |part: &Part| parts.iter().zip(own).any(|(code, own)| code == own && *own == part.code());
    let home: Vec<Part> = Part::USED.into_iter().filter(at_home).collect();
    match home[..] {
        [part] => return Ok(part),
        [] => {}
        _ => return Err(|left_out| &mut left_out.mixed),
    }
    let present: Vec<Part> = Part::USED.into_iter().filter(|part| parts.contains(&part.code())).collect();
    match present[..] {
        [part] => Ok(part),
        [] => Err(|left_out| &mut left_out.unlabelled),
        _ => Err(|left_out| &mut left_out.away),
    }
}

impl Cutter<'_> {
    fn run(&self, windows: &[Window], stride: usize, progress: &dyn Progress) -> Result<Summary> {
        let mut left_out = LeftOut::default();
        let chosen: Vec<Chosen> =
            windows.iter().filter_map(|window| self.choose(*window, &mut left_out)).collect();
        if chosen.is_empty() {
            return Err(Error::NoPatchLeft {
                size: self.job.size,
                mixed: left_out.mixed + left_out.away,
                unlabelled: left_out.unlabelled,
            });
        }
        self.folder.keep_settings(&self.describe(stride)?)?;
        ecotone_io::write_atomic(self.folder.file("legend.csv"), self.legend.to_csv())?;
        let (mut lines, mut failures) = (Vec::with_capacity(chosen.len()), self.pixels.series().failures());
        progress.begin("patches", chosen.len() as u64, "patches");
        for patch in &chosen {
            let (valid, failed) = self.write(patch)?;
            for failure in failed {
                if !failures.iter().any(|known| known.scene == failure.scene) {
                    failures.push(failure);
                }
            }
            lines.push(Line::new(patch.window, patch.part, &patch.indices, valid, self.labels.geobox()));
            progress.advance(1, "");
        }
        progress.end();
        write_table(&self.folder.file("patches.csv"), self.legend, &lines)?;
        Ok(self.summary(&lines, &left_out, failures))
    }

    /// The patch of a window; `None` where it holds pixels of blocks of two parts, or too few labels.
    fn choose(&self, window: Window, left_out: &mut LeftOut) -> Option<Chosen> {
        let areas = self.split.areas();
        let parts = areas.cut(self.split.codes(), window)?;
        let own = (window.row..window.row_end())
            .flat_map(|row| (window.col..window.col_end()).map(move |col| (row as usize, col as usize)))
            .map(|(row, col)| self.split.block_part(row, col).code());
        let part = match part_of(&parts, &own.collect::<Vec<u8>>()) {
            Ok(part) => part,
            Err(count) => {
                *count(left_out) += 1;
                return None;
            }
        };
        let mut indices = areas.cut(&self.labels.indices, window)?;
        indices
            .iter_mut()
            .zip(&parts)
            .filter(|(_, code)| **code != part.code())
            .for_each(|(index, _)| *index = UNLABELLED);
        let labelled = indices.iter().filter(|index| **index != UNLABELLED).count();
        if labelled == 0 || (labelled as f64) < self.job.least_labelled * indices.len() as f64 {
            left_out.unlabelled += 1;
            return None;
        }
        let hidden = parts.iter().map(|code| ![part.code(), Part::Unused.code()].contains(code)).collect();
        Some(Chosen { window, part, indices, hidden })
    }

    /// Writes the pair, the image last: where it stands, the patch is whole. Gives the share of pixels that were seen.
    fn write(&self, patch: &Chosen) -> Result<(f64, Vec<Failure>)> {
        let (image, label) = (self.folder.image(patch.window), self.folder.label(patch.window));
        if image.exists() && label.exists() {
            return Ok((seen_share(&image)?, Vec::new()));
        }
        let (mut values, failures) = self.image(patch.window)?;
        for band in values.chunks_exact_mut(patch.hidden.len()) {
            let hidden = band.iter_mut().zip(&patch.hidden).filter(|(_, hidden)| **hidden);
            hidden.for_each(|(value, _)| *value = f32::NAN);
        }
        let geobox = self.labels.geobox().crop(patch.window);
        let nodata = nodata_code(self.legend);
        let block = patch.window.rows.next_multiple_of(16).clamp(128, 512);
        let codes = class_codes(&patch.indices, self.legend, nodata);
        let codes = Raster::new(geobox.clone(), 1, codes, Some(Nodata::new(f64::from(nodata))))?;
        let content = Content::Classes(self.legend.clone());
        write_cog(&label, &codes, &CogOptions { content, block, ..CogOptions::default() })?;
        let share = share_of_seen(&values, patch.window.shape().len());
        let bands = self.pixels.names();
        let values = Raster::new(geobox, bands.len(), values, Some(Nodata::new(f64::NAN)))?;
        let options = CogOptions { descriptions: bands.to_vec(), block, ..CogOptions::default() };
        write_cog(&image, &values, &options)?;
        Ok((share, failures))
    }

    /// `[band, y, x]`, NaN where nothing was seen.
    fn image(&self, window: Window) -> Result<(Vec<f32>, Vec<Failure>)> {
        let series = self.pixels.series();
        let (cubes, failures) = series.load(window)?;
        let size = window.shape().len();
        let mut values = Vec::with_capacity(self.pixels.names().len() * size);
        for (cube, usable) in cubes.iter().zip(series.usable(&cubes)) {
            for (step, usable) in usable.chunks_exact(size).enumerate() {
                for band in 0..cube.bands().len() {
                    let seen = cube.layer(step, band).iter().zip(usable);
                    values.extend(seen.map(|(value, usable)| if *usable { *value } else { f32::NAN }));
                }
            }
        }
        Ok((values, failures))
    }

    fn describe(&self, stride: usize) -> Result<serde_json::Value> {
        let specs = self.pixels.series().specs();
        let timeline = specs[0].timeline()?;
        let dates: Vec<String> =
            (0..timeline.steps()).map(|step| timeline.step_start(step).to_string()).collect();
        Ok(serde_json::json!({
            "title": self.job.survey.title,
            "size": self.job.size,
            "stride": stride,
            "least_labelled": self.job.least_labelled,
            "crs": self.labels.geobox().crs().to_string(),
            "resolution": self.labels.geobox().gsd(),
            "images": "float32, reflectance from 0 to 1, indices as they are and decibels; NaN where nothing was seen",
            "scale": 1.0,
            "offset": 0.0,
            "labels": "uint8, codes of legend.csv",
            "labels_nodata": nodata_code(self.legend),
            "bands": self.pixels.names(),
            "channels": self.pixels.series().channels(),
            "dates": dates,
            "step_days": timeline.step_days(),
            "parts": "training, validation and test by split.tif; no patch holds pixels of two parts",
        }))
    }

    fn summary(&self, lines: &[Line], left_out: &LeftOut, failures: Vec<Failure>) -> Summary {
        let mut summary = Summary { failures, ..Summary::default() };
        let of = |part: Part| lines.iter().filter(|line| line.part == part).count();
        summary.fact("patches", format!("{} of {} x {} pixels", lines.len(), self.job.size, self.job.size));
        for part in Part::USED {
            summary.fact(&part.to_string(), of(part).to_string());
        }
        let LeftOut { mixed, away, unlabelled } = left_out;
        summary.fact(
            "left out",
            format!(
                "{mixed} over two parts of the split, {away} with fields of other blocks in several parts alone, {unlabelled} \
                 with too few labels"
            ),
        );
        summary.fact("bands", self.pixels.names().len().to_string());
        summary.fact("folder", self.job.out.display().to_string());
        summary
    }
}

/// The share of pixels that have a value in any band of `[band, y, x]`.
fn share_of_seen(values: &[f32], size: usize) -> f64 {
    let mut seen = vec![false; size];
    for band in values.chunks_exact(size) {
        seen.iter_mut().zip(band).for_each(|(seen, value)| *seen |= !value.is_nan());
    }
    seen.iter().filter(|seen| **seen).count() as f64 / size.max(1) as f64
}

/// The same of an image that an earlier run wrote.
fn seen_share(image: &Path) -> Result<f64> {
    let dataset = RasterDataset::open(image)?;
    let bands: Vec<usize> = (1..=dataset.bands().len()).collect();
    let shape = dataset.geobox().shape();
    let read = dataset.read_window::<f32>(&bands, Window::whole(shape))?;
    Ok(share_of_seen(read.data(), shape.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parts: &[u8], own: &[u8], part: Option<Part>, counts: [usize; 3]) {
        let mut left_out = LeftOut::default();
        let found = part_of(parts, own).map_err(|count| *count(&mut left_out) += 1);
        assert_eq!(found.ok(), part);
        assert_eq!([left_out.mixed, left_out.away, left_out.unlabelled], counts);
    }

    #[test]
    fn a_patch_has_the_part_of_its_blocks_or_the_only_one_that_it_holds() {
        check(&[1, 1, 3], &[1, 1, 1], Some(Part::Train), [0; 3]);
        check(&[1, 1, 3], &[1, 1, 3], None, [1, 0, 0]);
        // All of the block's labels are of fields at home elsewhere: it has no part itself.
        check(&[3, 3, 0], &[0, 0, 0], Some(Part::Test), [0; 3]);
        check(&[3, 1, 0], &[0, 0, 0], None, [0, 1, 0]);
        check(&[0, 0, 0], &[0, 1, 1], None, [0, 0, 1]);
    }
}
