//! Samples from files, each with its features: its own where the file has them all, else those of its pixel.

use super::pixels::{PixelRows, PixelSeries};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, Window, XY};
use ecotone_io::{PointRecords, VectorLayer, read_point_records, write_csv};
use ecotone_jobs::{FailedScenes, Failure, Progress, known_codes};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A sample that a forest can learn from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Learnt {
    /// What it is called in its file.
    pub(crate) id: String,
    /// Where it lies, in the grid's CRS.
    pub(crate) place: XY<f64>,
    /// Its class.
    pub(crate) code: ClassCode,
    /// One value a feature.
    pub(crate) features: Vec<f32>,
}

/// A sample that is not learnt from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    file: PathBuf,
    id: String,
    reason: String,
}

/// The samples of some files.
#[derive(Debug, Default)]
pub(crate) struct LearningSet {
    /// Those to learn from, in the order of their files.
    pub(crate) rows: Vec<Learnt>,
    /// Those not to, in the order of their files.
    pub(crate) left_out: Vec<LeftOut>,
    /// Scenes that failed where samples lie.
    pub(crate) failures: Vec<Failure>,
}

/// A sample on its way.
struct Read {
    file: usize,
    id: String,
    place: XY<f64>,
    /// `[row, col]` of its pixel; `None` off the grid.
    pixel: Option<(i64, i64)>,
    code: ClassCode,
    features: Option<Vec<f32>>,
}

/// How pixels are read for samples, and kept for whoever reads the same window next.
pub(crate) type Kept = Option<(Window, PixelRows)>;

/// Reads samples and their features. `kept` holds the last window that was read.
///
/// Of two samples in one pixel the later counts. What has no code is not answered yet; it is left out, as are samples
/// that lie where no scene saw anything and have no features of their own.
///
/// # Errors
/// When a file cannot be read, has no column of codes or a code that the legend lacks, or nothing is left to learn from.
pub(crate) fn read(
    pixels: &PixelSeries,
    files: &[PathBuf],
    attribute: &str,
    legend: &Legend,
    windows: &[Window],
    kept: &mut Kept,
    progress: &dyn Progress,
) -> Result<LearningSet> {
    let mut set = LearningSet::default();
    let mut found: Vec<Read> = Vec::new();
    for (number, path) in files.iter().enumerate() {
        let records = read_point_records(&VectorLayer::parse(path), pixels.series().geobox().crs())?;
        let table = Table::new(path, &records, attribute, pixels.names())?;
        for row in 0..records.rows.len() {
            match table.sample(number, row, pixels, legend)? {
                Ok(sample) => found.push(sample),
                Err(reason) => set.leave(path, &records.rows[row].id, &reason),
            }
        }
    }
    let total = found.len();
    keep_latest(&mut found, files, &mut set);
    read_features(pixels, &mut found, windows, kept, &mut set, progress)?;
    for Read { file, id, place, pixel, code, features } in found {
        match (features, pixel) {
            (Some(features), _) => set.rows.push(Learnt { id, place, code, features }),
            (None, Some(_)) => set.leave(&files[file], &id, "no scene saw its pixel"),
            (None, None) => set.leave(&files[file], &id, "it lies outside the area and has not all features"),
        }
    }
    if set.rows.is_empty() {
        return Err(Error::NothingToLearn { samples: total.max(set.left_out.len()), reasons: set.reasons() });
    }
    Ok(set)
}

impl LearningSet {
    fn leave(&mut self, file: &Path, id: &str, reason: &str) {
        self.left_out.push(LeftOut { file: file.to_owned(), id: id.to_owned(), reason: reason.to_owned() });
    }

    /// Why samples were left out, with how many each.
    pub(crate) fn reasons(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        self.left_out.iter().for_each(|left| *counts.entry(&left.reason).or_default() += 1);
        let words: Vec<String> = counts.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
        if words.is_empty() { "there are none".to_owned() } else { words.join(", ") }
    }

    /// The features, `[sample, feature]`.
    pub(crate) fn features(&self) -> Array2<f32> {
        let columns = self.rows.first().map_or(0, |row| row.features.len());
        Array2::from_shape_fn((self.rows.len(), columns), |(row, column)| self.rows[row].features[column])
    }

    /// The class index of each sample.
    pub(crate) fn labels(&self, legend: &Legend) -> Result<Vec<usize>> {
        self.rows.iter().map(|row| Ok(legend.index_of(row.code)?.0)).collect()
    }

    /// Writes samples.csv, which another round can learn from, and left-out.csv where there is something in it.
    pub(crate) fn write(&self, samples: &Path, left_out: &Path, names: &[String]) -> Result<()> {
        let fixed = ["id", "x", "y", "code"].map(str::to_owned);
        let header: Vec<String> = fixed.into_iter().chain(names.iter().cloned()).collect();
        let rows = self.rows.iter().map(|row| {
            let fixed =
                [row.id.clone(), row.place.x.to_string(), row.place.y.to_string(), row.code.0.to_string()];
            fixed.into_iter().chain(row.features.iter().map(f32::to_string)).collect::<Vec<String>>()
        });
        write_csv(samples, &header, rows)?;
        if !self.left_out.is_empty() {
            let row =
                |left: &LeftOut| (left.file.display().to_string(), left.id.clone(), left.reason.clone());
            write_csv(left_out, &["file", "id", "reason"], self.left_out.iter().map(row))?;
        }
        Ok(())
    }
}

/// A file of samples, and which of its columns are what.
struct Table<'a> {
    path: &'a Path,
    records: &'a PointRecords,
    code: usize,
    /// Column of each feature; `None` where one is missing.
    features: Option<Vec<usize>>,
}

impl<'a> Table<'a> {
    fn new(path: &'a Path, records: &'a PointRecords, attribute: &str, names: &[String]) -> Result<Self> {
        let places: BTreeMap<&str, usize> =
            records.columns.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let Some(code) = places.get(attribute).copied() else {
            let known = records.columns.join(", ");
            return Err(Error::NoSampleColumn { path: path.to_owned(), column: attribute.to_owned(), known });
        };
        let features = names.iter().map(|name| places.get(name.as_str()).copied()).collect();
        Ok(Self { path, records, code, features })
    }

    /// A sample; why it is left out where its code is empty or it lies nowhere.
    fn sample(
        &self,
        file: usize,
        row: usize,
        pixels: &PixelSeries,
        legend: &Legend,
    ) -> Result<std::result::Result<Read, String>> {
        let record = &self.records.rows[row];
        let text = record.cells[self.code].trim();
        let place = match record.position {
            _ if text.is_empty() => return Ok(Err("it has no code yet".to_owned())),
            Ok(place) => place,
            Err(reason) => return Ok(Err(format!("it is {reason}"))),
        };
        let Some(code) = legend.class_named(text) else {
            return Err(Error::SampleCode {
                path: self.path.to_owned(),
                id: record.id.clone(),
                column: self.records.columns[self.code].clone(),
                found: text.to_owned(),
                known: known_codes(legend),
            });
        };
        let value =
            |column: &usize| record.cells[*column].parse::<f32>().ok().filter(|value| value.is_finite());
        let features = self.features.as_ref().and_then(|columns| columns.iter().map(value).collect());
        let pixel = pixel_of(pixels, place)?;
        Ok(Ok(Read { file, id: record.id.clone(), place, pixel, code, features }))
    }
}

/// `(row, col)` of the pixel that a place lies in; `None` outside all areas.
pub(crate) fn pixel_of(pixels: &PixelSeries, place: XY<f64>) -> Result<Option<(i64, i64)>> {
    let site = pixels.series().site();
    let at = site.geobox().transform().world_to_pixel(place);
    let (row, col) = (at.y.floor() as i64, at.x.floor() as i64);
    Ok(site.holds(row, col)?.then_some((row, col)))
}

/// Leaves out samples whose pixel a later one names.
fn keep_latest(found: &mut Vec<Read>, files: &[PathBuf], set: &mut LearningSet) {
    let mut taken = BTreeSet::new();
    let mut keep: Vec<bool> =
        found.iter().rev().map(|read| read.pixel.is_none_or(|pixel| taken.insert(pixel))).collect();
    keep.reverse();
    let mut keep = keep.into_iter();
    found.retain(|read| {
        let kept = keep.next().unwrap_or(true);
        if !kept {
            set.leave(&files[read.file], &read.id, "a later sample lies in its pixel");
        }
        kept
    });
}

/// Reads the pixels of samples that have no features of their own, each window once.
fn read_features(
    pixels: &PixelSeries,
    found: &mut [Read],
    windows: &[Window],
    kept: &mut Kept,
    set: &mut LearningSet,
    progress: &dyn Progress,
) -> Result<()> {
    let mut wanted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, read) in found.iter().enumerate().filter(|(_, read)| read.features.is_none()) {
        let Some((y, x)) = read.pixel else { continue };
        let inside = |window: &Window| window.contains(Window::new(y, x, 1, 1));
        if let Some(window) = windows.iter().position(inside) {
            wanted.entry(window).or_default().push(row);
        }
    }
    let mut failed = FailedScenes::default();
    progress.begin("read", wanted.len() as u64, "windows");
    for (number, rows) in wanted {
        let window = windows[number];
        let here = pixels.read(window)?;
        for row in rows {
            let Some((y, x)) = found[row].pixel else { continue };
            let place = (y - window.row) as usize * window.cols + (x - window.col) as usize;
            found[row].features = here.seen[place].then(|| here.features.row(place).to_vec());
        }
        failed.add(here.failures.iter().cloned());
        *kept = Some((window, here));
        progress.advance(1, "");
    }
    progress.end();
    set.failures.extend(failed.list());
    Ok(())
}
