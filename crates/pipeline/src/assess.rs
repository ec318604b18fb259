//! A map against a reference raster or points, made by whomever.

use crate::accuracy::{share, write_tables};
use crate::labels::{UNLABELLED, class_indices};
use crate::progress::Progress;
use crate::report::{self, Accuracy, Fact, Report};
use crate::run_folder::{Existing, RunFolder};
use crate::summary::Summary;
use crate::{Error, Result};
use ecotone_core::{GeoBox, Legend, Shape2d, Window, XY};
use ecotone_io::{RasterDataset, Resampling, read_points};
use ecotone_metrics::ConfusionMatrix;
use std::path::{Path, PathBuf};

/// Rows that are compared at a time, so that a map of any size fits.
const STRIP: usize = 512;

/// An assessment job.
#[derive(Debug, Clone)]
pub struct AssessJob {
    /// A raster of class codes.
    pub map: PathBuf,
    /// A raster of class codes, or points with the attribute `code`.
    pub reference: PathBuf,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// Only pixels where a raster has a value are scored.
    pub mask: Option<(PathBuf, u8)>,
    /// The folder for the tables.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

/// Writes confusion.csv, metrics.csv, metrics.json and report.html.
///
/// # Errors
/// When a file cannot be read, a code is not in the legend, or map and reference share no scored pixel.
pub fn assess(job: &AssessJob, progress: &dyn Progress) -> Result<Summary> {
    let folder = RunFolder::claim(&job.out, job.existing)?;
    let file = std::fs::File::open(&job.legend).map_err(|source| Error::ReadFile {
        what: "legend",
        path: job.legend.clone(),
        source,
    })?;
    let legend =
        Legend::from_csv(file).map_err(|source| Error::Legend { path: job.legend.clone(), source })?;
    let map = RasterDataset::open(&job.map)?;
    let mut summary = Summary::default();
    let compared = Comparison { job, legend: &legend, map: &map };
    let confusion = if is_points(&job.reference) {
        compared.points(&mut summary)?
    } else {
        compared.raster(&mut summary, progress)?
    };
    if confusion.total() == 0 {
        return Err(Error::NothingToAssess { map: job.map.clone(), reference: job.reference.clone() });
    }
    write_tables(&folder, &legend, &confusion)?;
    summary.fact("scored", format!("{} pixels or points", confusion.total()));
    summary.fact("overall accuracy", share(confusion.overall_accuracy()));
    summary.fact("macro-F1", share(confusion.macro_f1()));
    summary.fact("kappa", share(confusion.kappa()));
    summary.fact("report", folder.file("report.html").display().to_string());
    let page = Report {
        title: "Map accuracy".to_owned(),
        subtitle: format!("{} against {}", job.map.display(), job.reference.display()),
        summary: summary.facts.iter().map(|(label, value)| Fact::new(label, value)).collect(),
        notices: vec![
            "Counts of pixels compared as they are. They estimate the map's accuracy without bias only where the \
             reference is a probability sample, or covers the map."
                .to_owned(),
        ],
        accuracy: Some(Accuracy { legend, confusion }),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Report::default()
    };
    ecotone_io::write_atomic(folder.file("report.html"), report::render(&page))?;
    Ok(summary)
}

fn is_points(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["csv", "gpkg", "geojson", "json", "shp", "fgb"].contains(&extension.as_str())
}

struct Comparison<'a> {
    job: &'a AssessJob,
    legend: &'a Legend,
    map: &'a RasterDataset,
}

impl Comparison<'_> {
    fn raster(&self, summary: &mut Summary, progress: &dyn Progress) -> Result<ConfusionMatrix> {
        let reference = RasterDataset::open(&self.job.reference)?;
        let mask = self
            .job
            .mask
            .as_ref()
            .map(|(path, value)| Ok::<_, Error>((RasterDataset::open(path)?, *value)))
            .transpose()?;
        if self.map.geobox().window_of(reference.geobox()).is_none() {
            summary.fact("grids", "differ: the reference was taken to the map's pixels by nearest neighbour");
        }
        let Shape2d { rows, cols } = self.map.geobox().shape();
        let mut matrix = ConfusionMatrix::new(self.legend.len());
        progress.begin("assess", rows as u64, "rows");
        for row in (0..rows).step_by(STRIP) {
            let window = Window::new(row as i64, 0, STRIP.min(rows - row), cols);
            let strip = self.map.geobox().crop(window);
            let map = self.indices(self.map, &self.job.map, &strip)?;
            let mut truth = self.indices(&reference, &self.job.reference, &strip)?;
            if let Some((dataset, value)) = &mask {
                let scored = dataset.read_onto::<u8>(1, &strip, Resampling::Nearest)?;
                for (truth, scored) in truth.iter_mut().zip(scored.band(0)) {
                    if scored != value {
                        *truth = UNLABELLED;
                    }
                }
            }
            matrix.add_many(&map, &truth)?;
            progress.advance(window.rows as u64, "");
        }
        progress.end();
        Ok(matrix)
    }

    fn indices(&self, dataset: &RasterDataset, path: &Path, grid: &GeoBox) -> Result<Vec<u8>> {
        let mut codes = dataset.read_onto::<u8>(1, grid, Resampling::Nearest)?;
        if codes.nodata().is_none() {
            // Outside a file without nodata lies its fill, 0, which may be no class.
            let free = self.legend.index_of(ecotone_core::ClassCode(0)).is_err();
            let nodata = free.then_some(ecotone_core::Nodata::new(0.0));
            codes = ecotone_core::Raster::new(grid.clone(), 1, codes.into_data(), nodata)?;
        }
        class_indices(path, &codes, self.legend, &[])
    }

    fn points(&self, summary: &mut Summary) -> Result<ConfusionMatrix> {
        let grid = self.map.geobox();
        let samples = read_points(&self.job.reference, None, "code", grid.crs())?;
        let mut matrix = ConfusionMatrix::new(self.legend.len());
        let mut outside = 0u64;
        for sample in &samples.rows {
            let XY { x, y } = grid.transform().world_to_pixel(sample.position);
            let pixel = Window::new(y.floor() as i64, x.floor() as i64, 1, 1);
            if !Window::whole(grid.shape()).contains(pixel) {
                outside += 1;
                continue;
            }
            let here = grid.crop(pixel);
            let map = self.indices(self.map, &self.job.map, &here)?;
            let scored = match &self.job.mask {
                Some((path, value)) => {
                    RasterDataset::open(path)?.read_onto::<u8>(1, &here, Resampling::Nearest)?.band(0)[0]
                        == *value
                }
                None => true,
            };
            if scored && map[0] != UNLABELLED {
                let reference = self.legend.index_of(sample.code)?;
                matrix.add(usize::from(map[0]), reference.0)?;
            }
        }
        if outside > 0 {
            summary.fact("points outside the map", outside.to_string());
        }
        Ok(matrix)
    }
}
