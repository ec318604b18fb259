//! The series of a recipe as features of pixels: what forests and cleaning see.

use crate::Result;
use crate::survey::Survey;
use ecotone_core::{Cube, Window};
use ecotone_cubes::{Series, SourceSpec, windows_of};
use ecotone_jobs::{Failure, Progress, Resources};
use ndarray::Array2;

/// Side of the windows that features are made in: those of a year of twelve bands take some hundred megabytes.
const WINDOW: usize = 256;

/// The series of a recipe, as a feature for each channel of each step; holds no pixel.
pub(crate) struct PixelSeries {
    series: Series,
    names: Vec<String>,
    absent: f32,
}

/// The pixels of a window.
pub(crate) struct PixelRows {
    /// Reflectances, indices and decibels as they are, `[pixel, feature]`; 0, or what [`PixelSeries::absent_as`] says, where
    /// nothing was seen and the recipe's `timeline.fill` leaves it so.
    pub(crate) features: Array2<f32>,
    /// Whether any scene saw the pixel inside the areas of interest.
    pub(crate) seen: Vec<bool>,
    /// Scenes that failed in this window.
    pub(crate) failures: Vec<Failure>,
}

impl PixelSeries {
    /// Finds and opens the scenes of a survey on the grid of its labels.
    ///
    /// # Errors
    /// When no scene fits, or all fail.
    pub(crate) fn plan(survey: &Survey, resources: &Resources, progress: &dyn Progress) -> Result<Self> {
        Self::new(survey.plan(resources, progress)?)
    }

    /// Of a series that is planned already.
    pub(crate) fn new(series: Series) -> Result<Self> {
        let names = series.specs().iter().map(feature_names).collect::<Result<Vec<_>>>()?.concat();
        Ok(Self { series, names, absent: 0.0 })
    }

    /// With another value than 0 where nothing was seen.
    pub(crate) fn absent_as(self, absent: f32) -> Self {
        Self { absent, ..self }
    }

    /// The series.
    pub(crate) const fn series(&self) -> &Series {
        &self.series
    }

    /// Names of the features, such as `NDVI@2020-03-01`: the channel and the first day of the step.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Windows that cover the areas of interest, row by row.
    pub(crate) fn windows(&self) -> Vec<Window> {
        self.series.site().areas().iter().flat_map(|area| windows_of(*area, WINDOW)).collect()
    }

    /// The pixels of a window of the grid, in its order.
    ///
    /// # Errors
    /// When the heights cannot be read; scenes that fail are listed.
    pub(crate) fn read(&self, window: Window) -> Result<PixelRows> {
        let (cubes, failures) = self.series.load(window)?;
        let pixels = window.shape().len();
        let mut features = Array2::from_elem((pixels, self.names.len()), self.absent);
        let mut seen = vec![false; pixels];
        let mut from = 0;
        for (cube, usable) in cubes.iter().zip(self.series.usable(&cubes)) {
            from = put(cube, &usable, &mut features, from);
            let counts = cube.observations().into_iter();
            seen.iter_mut().zip(counts).for_each(|(seen, count)| *seen |= count > 0);
        }
        self.series.site().blank(window, &mut seen, false)?;
        Ok(PixelRows { features, seen, failures })
    }
}

/// Puts the layers of a cube into columns from `from` on; gives the next free column.
fn put(cube: &Cube<f32>, usable: &[bool], features: &mut Array2<f32>, from: usize) -> usize {
    let (steps, bands, pixels) = (cube.timeline().steps(), cube.bands().len(), features.nrows());
    for step in 0..steps {
        let usable = &usable[step * pixels..][..pixels];
        for band in 0..bands {
            let mut column = features.column_mut(from + step * bands + band);
            for ((feature, value), usable) in column.iter_mut().zip(cube.layer(step, band)).zip(usable) {
                if *usable {
                    *feature = *value;
                }
            }
        }
    }
    from + steps * bands
}

fn feature_names(spec: &SourceSpec) -> Result<Vec<String>> {
    let (timeline, channels) = (spec.timeline()?, spec.channels()?);
    let of_step = |step: usize| {
        let day = timeline.step_start(step);
        channels.iter().map(move |channel| format!("{channel}@{day}"))
    };
    Ok((0..timeline.steps()).flat_map(of_step).collect())
}
