//! Samples drawn from labelled ground, a raster or polygons: one pass that counts the pixels of each class, one that finds
//! those that were drawn. Memory knows the windows and the draw, not the pixels.

use super::picked::{Picked, Wanted};
use crate::at_pixels::Pixel;
use crate::labels::{LabelFiles, UNLABELLED, class_indices};
use crate::{Error, Result};
use ecotone_core::{ClassIndex, Legend, Window, XY};
use ecotone_cubes::{Site, windows_of};
use ecotone_io::{Areas, VectorLayer, rasterize_areas};
use ecotone_jobs::{Progress, nodata_code};
use ecotone_labeling::Sample;

/// Side of the windows that labels are read in.
const WINDOW: usize = 1024;
/// How many more samples than are wanted are drawn where thinning will take some away.
const SPARE: usize = 8;

/// Where classes come from.
pub(super) enum Labelled<'a> {
    /// The recipe's labels, a raster.
    Raster(&'a LabelFiles),
    /// Polygons, each a group of its own.
    Polygons {
        /// The file and its layer.
        layer: &'a VectorLayer,
        /// The attribute of the code.
        attribute: &'a str,
    },
}

/// The labelled pixels of a site.
pub(super) struct Ground<'a> {
    pub(super) labelled: Labelled<'a>,
    pub(super) site: &'a Site,
    pub(super) legend: &'a Legend,
    /// Codes that are no class.
    pub(super) ignore: &'a [u8],
}

/// A labelled pixel.
struct Seen<'a> {
    pixel: Pixel,
    class: usize,
    /// The polygon that it lies in.
    area: Option<&'a str>,
}

impl Ground<'_> {
    /// Draws samples of `year`.
    ///
    /// # Errors
    /// When the labels cannot be read, hold a code that the legend lacks, or no pixel of any class.
    pub(super) fn draw(&self, wanted: &Wanted, year: Option<i32>, progress: &dyn Progress) -> Result<Picked> {
        let mut population = vec![0u64; self.legend.len()];
        self.visit("count", progress, |seen| {
            population[seen.class] += 1;
            Ok(())
        })?;
        if population.iter().all(|pixels| *pixels == 0) {
            return Err(match &self.labelled {
                Labelled::Raster(files) => Error::NoLabels { labels: files.path().to_owned() },
                Labelled::Polygons { layer, .. } => Error::NoSamples { path: layer.path().to_owned() },
            });
        }
        let spare = if wanted.distance > 0.0 { SPARE } else { 1 };
        let candidates: Vec<u64> = match wanted.of(&population)? {
            None => population.clone(),
            Some(units) => {
                let most = units.iter().map(|units| (units * spare) as u64);
                most.zip(&population).map(|(most, pixels)| most.min(*pixels)).collect()
            }
        };
        let draw = ecotone_metrics::Draw::stratified(&population, &candidates, wanted.seed)?;
        let mut pass = draw.pass();
        let mut picked = Picked::new(self.site.geobox());
        let transform = self.site.geobox().transform();
        self.visit("draw", progress, |Seen { pixel, class, area }| {
            let code = self.legend.code_of(ClassIndex(class));
            if let (Some(_), Some(code)) = (pass.show(class)?, code) {
                let centre = XY::new(pixel.col as f64 + 0.5, pixel.row as f64 + 0.5);
                let sample = Sample {
                    id: String::new(),
                    place: transform.pixel_to_world(centre),
                    code,
                    group: area.map(str::to_owned),
                    year,
                    features: Vec::new(),
                };
                picked.push(sample, pixel, class);
            }
            Ok(())
        })?;
        pass.finish()?;
        let mut picked = picked.narrowed(&population, wanted)?;
        for (place, sample) in picked.samples.rows.iter_mut().enumerate() {
            sample.id = (place + 1).to_string();
        }
        Ok(picked)
    }

    /// Shows every labelled pixel, always in the same order.
    fn visit(
        &self,
        step: &str,
        progress: &dyn Progress,
        mut see: impl FnMut(Seen<'_>) -> Result<()>,
    ) -> Result<()> {
        let windows: Vec<Window> =
            self.site.areas().iter().flat_map(|area| windows_of(*area, WINDOW)).collect();
        progress.begin(step, windows.len() as u64, "windows");
        for window in windows {
            let (mut classes, areas) = self.read(window)?;
            self.site.blank(window, &mut classes, UNLABELLED)?;
            for (place, class) in classes.iter().enumerate().filter(|(_, class)| **class != UNLABELLED) {
                let (row, col) = ((place / window.cols) as i64, (place % window.cols) as i64);
                let area = areas.as_ref().and_then(|areas| {
                    let number = areas.numbers[place] as usize;
                    Some(areas.areas.get(number.checked_sub(1)?)?.id.as_str())
                });
                let pixel = Pixel { row: window.row + row, col: window.col + col };
                see(Seen { pixel, class: usize::from(*class), area })?;
            }
            progress.advance(1, "");
        }
        progress.end();
        Ok(())
    }

    /// Class indices in a window, and the polygons where the labels are such.
    fn read(&self, window: Window) -> Result<(Vec<u8>, Option<Areas>)> {
        let grid = self.site.geobox().crop(window);
        let (layer, attribute) = match &self.labelled {
            Labelled::Raster(files) => return Ok((files.window(&grid, self.legend, self.ignore)?, None)),
            Labelled::Polygons { layer, attribute } => (layer, attribute),
        };
        let areas = rasterize_areas(layer, attribute, &grid)?;
        // A polygon's code may be the one that stands for nothing elsewhere, but not that of a class.
        let nodata = nodata_code(self.legend);
        let code = |number: &u32| {
            let area = (*number as usize).checked_sub(1).and_then(|place| areas.areas.get(place));
            area.map_or(nodata, |area| area.code.0)
        };
        let codes: Vec<u8> = areas.numbers.iter().map(code).collect();
        Ok((class_indices(layer.path(), &codes, nodata.into(), self.legend, self.ignore)?, Some(areas)))
    }
}
