//! A network over every window of a grid: classes, confidence and probabilities as COGs, in memory bounded by the
//! window.

use crate::recipe::BlendKind;
use crate::{Error, Result};
use ecotone_core::{Cube, Legend, Window};
use ecotone_cubes::{Series, nothing_seen};
use ecotone_curation::class_codes;
use ecotone_jobs::{
    Events, Failure, FilteredStrips, LayerFile, NO_PERCENT, Progress, Region, RowsOf, Strips, nodata_code,
    percent, write_layers,
};
use ecotone_models::{Batch, BatchShape, Predictor};
use ecotone_postprocessing::MajorityFilter;
use ecotone_preprocessing::Normalisation;
use ecotone_tiling::{Blend, Stitcher, Strip, WindowGrid};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// What is mapped, with what, and where it goes.
pub(crate) struct Mapping<'a> {
    /// The scenes.
    pub(crate) series: &'a Series,
    /// How channels are normalised.
    pub(crate) normalisation: &'a Normalisation,
    /// The classes.
    pub(crate) legend: &'a Legend,
    /// Core side of a window, in pixels.
    pub(crate) window: usize,
    /// Pixels read around it.
    pub(crate) halo: usize,
    /// How windows meet.
    pub(crate) blend: Blend,
    /// Side of the majority filter in pixels; 0 for none.
    pub(crate) majority: usize,
    /// Whether probabilities.tif is written.
    pub(crate) probabilities: bool,
    /// The run's folder.
    pub(crate) folder: &'a Path,
    /// Where finished rows wait.
    pub(crate) strips: &'a Path,
    /// Whether rows of an earlier run are taken over.
    pub(crate) resume: bool,
    /// The hash of the weights.
    pub(crate) model: &'a str,
    /// What happens in this map.
    pub(crate) events: &'a Events,
}

/// What a mapping came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapped {
    /// Windows that are done, and those to do in all.
    pub(crate) windows: (u64, u64),
    /// Time that the network itself took.
    pub(crate) network: Duration,
    /// Time from the first window to the last.
    pub(crate) total: Duration,
    /// Pixels that some scene saw.
    pub(crate) observed: u64,
}

impl Mapping<'_> {
    /// Maps the whole grid of the series.
    pub(crate) fn run(&self, predictor: &mut dyn Predictor, progress: &dyn Progress) -> Result<Mapped> {
        let shape = self.series.geobox().shape();
        let grid = WindowGrid::new(shape, self.window, self.halo)?;
        let classes = self.legend.len();
        let count = 2 + if self.probabilities { classes } else { 0 };
        // So far from each other that neither a window nor the filter of one region looks at another.
        let windows = self.series.site().regions(self.window, self.halo.max(self.majority / 2))?;
        let mut regions = Region::open_all(self.strips, windows, shape, count, &self.job(), self.resume)?;
        let mut mapped = Mapped::default();
        let begun = Instant::now();
        let rests: Vec<Window> = regions.iter().filter_map(Region::rest).collect();
        if !rests.is_empty() {
            let reaching = |rest: &Window| grid.reaching(*rest, self.blend == Blend::Cosine).len() as u64;
            mapped.windows.1 = rests.iter().map(reaching).sum();
            progress.begin("predict", mapped.windows.1, "windows");
            for region in &mut regions {
                let Some(rest) = region.rest() else { continue };
                // One channel more than classes: whether any scene saw the pixel.
                let stitcher = Stitcher::new(grid, rest, classes + 1, self.blend)?;
                self.predict(predictor, (stitcher, rest), region.strips_mut(), &mut mapped, progress)?;
            }
            progress.end();
        }
        mapped.total = begun.elapsed();
        mapped.observed = self.write(&regions, progress)?;
        Region::remove_all(self.strips, regions)?;
        match mapped.observed {
            0 => Err(nothing_seen(self.series.scenes().count(), &self.events.failures_in_windows()).into()),
            _ => Ok(mapped),
        }
    }

    /// Everything that the rows of a map follow from.
    fn job(&self) -> RowsOf {
        let Self { series, window, halo, blend, probabilities, model, .. } = self;
        let settings = vec![
            ("model", (*model).to_owned()),
            ("grid", format!("{:?}", series.geobox())),
            ("areas", series.site().in_words()),
            ("windows", format!("{window} {halo} {blend:?}")),
            ("choice of --probabilities", probabilities.to_string()),
            ("inputs", format!("{:?}", series.specs())),
            ("heights", format!("{:?}", series.heights())),
        ];
        RowsOf { settings, scenes: series.scenes().map(|scene| scene.key.clone()).collect() }
    }

    /// Fills the strips of a region, or the rest of one; reads the next window while the network works on this one.
    fn predict(
        &self,
        predictor: &mut dyn Predictor,
        (mut stitcher, region): (Stitcher, Window),
        strips: &mut Strips,
        mapped: &mut Mapped,
        progress: &dyn Progress,
    ) -> Result<()> {
        let windows = stitcher.windows().to_vec();
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            scope.spawn(move || {
                for window in windows {
                    let loaded = self.load(window.read, region);
                    // The other side is gone when the network failed; its error is the one to report.
                    if sender.send((window, loaded)).is_err() {
                        return;
                    }
                }
            });
            for (window, loaded) in receiver {
                let prediction = match loaded? {
                    Some((cubes, failures, inside)) => {
                        self.events.scenes_failed(Some(window.core), &failures)?;
                        self.window(predictor, cubes, &inside, &mut mapped.network)?
                    }
                    None => vec![0.0; (self.legend.len() + 1) * window.read.shape().len()],
                };
                for strip in stitcher.push(window, prediction)? {
                    strips.push(strip.window.rows, &self.encode(&strip))?;
                }
                progress.advance(1, "");
                mapped.windows.0 += 1;
                let (done, total) = mapped.windows;
                self.events.window(window.core, done, total)?;
            }
            Ok::<(), Error>(())
        })?;
        stitcher.finish()?;
        Ok(())
    }

    /// The cubes of a window, the scenes that failed in it, and which of its pixels are to be mapped; `None` where no area
    /// reaches it in the region.
    fn load(&self, window: Window, region: Window) -> Result<Option<Loaded>> {
        let site = self.series.site();
        let near = window.intersection(region);
        if !near.is_some_and(|near| site.areas().iter().any(|area| area.intersection(near).is_some())) {
            return Ok(None);
        }
        let Some(inside) = site.inside(window)? else { return Ok(None) };
        let (cubes, failures) = self.series.load(window)?;
        Ok(Some((cubes, failures, inside)))
    }

    /// `[class, y, x]` probabilities of a window, and a last layer that is 1 where any scene saw a pixel `inside`.
    fn window(
        &self,
        predictor: &mut dyn Predictor,
        cubes: Vec<Cube<f32>>,
        inside: &[bool],
        network: &mut Duration,
    ) -> Result<Vec<f32>> {
        let (size, classes) = (inside.len(), self.legend.len());
        let mut seen = vec![0.0; size];
        for cube in &cubes {
            let counts = cube.observations().into_iter();
            seen.iter_mut().zip(counts).filter(|(_, count)| *count > 0).for_each(|(seen, _)| *seen = 1.0);
        }
        seen.iter_mut().zip(inside).filter(|(_, inside)| !**inside).for_each(|(seen, _)| *seen = 0.0);
        let mut values = if seen.contains(&1.0) {
            let cube = self.series.join(self.normalisation, cubes)?;
            let (geobox, timeline, bands, data, valid) = cube.into_parts();
            let shape = geobox.shape();
            let shape = BatchShape {
                n: 1,
                steps: timeline.steps(),
                channels: bands.len(),
                rows: shape.rows,
                cols: shape.cols,
            };
            let batch = Batch::new(shape, data, &valid)?;
            let begun = Instant::now();
            let found = predictor.predict(&batch)?;
            *network += begun.elapsed();
            found.values
        } else {
            vec![0.0; classes * size]
        };
        values.extend(seen);
        Ok(values)
    }

    /// Class code, percent of confidence and percents of all classes, one byte each, `[layer, y, x]`.
    fn encode(&self, strip: &Strip) -> Vec<u8> {
        let (size, classes) = (strip.window.shape().len(), self.legend.len());
        let (probabilities, seen) = strip.data.split_at(classes * size);
        let mut indices = vec![ecotone_curation::UNLABELLED; size];
        let mut confidence = vec![NO_PERCENT; size];
        for pixel in (0..size).filter(|pixel| seen[*pixel] > 0.5) {
            let probability = |class: &usize| probabilities[class * size + pixel];
            let best =
                (0..classes).rev().max_by(|a, b| probability(a).total_cmp(&probability(b))).unwrap_or(0);
            indices[pixel] = best as u8;
            confidence[pixel] = percent(probability(&best));
        }
        let mut layers = class_codes(&indices, self.legend, nodata_code(self.legend));
        layers.extend(confidence);
        if self.probabilities {
            let value = |i: usize| if seen[i % size] > 0.5 { percent(probabilities[i]) } else { NO_PERCENT };
            layers.extend((0..classes * size).map(value));
        }
        layers
    }

    /// The strips as COGs; gives the number of pixels with a class.
    fn write(&self, regions: &[Region], progress: &dyn Progress) -> Result<u64> {
        let mut files = vec![LayerFile::map(), LayerFile::confidence()];
        if self.probabilities {
            files.push(LayerFile::probabilities(self.legend));
        }
        let (geobox, legend) = (self.series.geobox(), self.legend);
        let rows = regions.iter().map(|region| region.window().rows).sum();
        if self.majority == 0 {
            let strips = regions.iter().flat_map(Region::read);
            return Ok(write_layers(self.folder, geobox, legend, &files, (strips, rows), progress)?);
        }
        let mut filtered = Vec::with_capacity(regions.len());
        for region in regions {
            let filter = MajorityFilter::new(self.majority, region.window().cols, nodata_code(legend))?;
            filtered.push(FilteredStrips::new(region.read(), filter));
        }
        let strips = filtered.into_iter().flatten();
        Ok(write_layers(self.folder, geobox, legend, &files, (strips, rows), progress)?)
    }
}

/// The cubes of a window, one a source, the scenes that failed in it, and which of its pixels are mapped.
type Loaded = (Vec<Cube<f32>>, Vec<Failure>, Vec<bool>);

pub(crate) const fn blend(kind: BlendKind) -> Blend {
    match kind {
        BlendKind::Crop => Blend::Crop,
        BlendKind::Cosine => Blend::Cosine,
    }
}
