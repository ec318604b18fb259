//! Scenes of any day gathered into a regular series: one observation a step and pixel.

mod scene_layer;
mod step;

use crate::error::check_length;
use crate::{Error, Fill, Result};
use ecotone_core::{Cube, GeoBox, Timeline};
use step::Step;

pub use scene_layer::SceneLayer;
pub use step::{StepBuilder, StepRule};

/// Gathers scenes into a [`Series`]; the order in which they are added changes nothing.
///
/// An observation with a value that is not finite in any band counts as invalid.
///
/// ```
/// use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, Timeline, XY};
/// use ecotone_preprocessing::{Fill, SceneLayer, SeriesBuilder, StepRule};
///
/// let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
/// let geobox = GeoBox::new(Shape2d::new(1, 2), GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32631));
/// let timeline = Timeline::new(day("2020-01-01"), 10, 3)?;
/// let mut builder = SeriesBuilder::new(geobox, timeline, vec!["B04".into()], StepRule::Best);
///
/// let scene = |id, text, cover, values, valid| SceneLayer { id, day: day(text), cloud_cover: Some(cover), values, valid };
/// builder.add(scene("hazy", "2020-01-02", 60.0, &[0.3, 0.3], &[true, true]))?;
/// builder.add(scene("clear", "2020-01-07", 5.0, &[0.1, 0.1], &[true, false]))?;
/// builder.add(scene("late", "2020-01-25", 0.0, &[0.2, 0.2], &[true, true]))?;
///
/// let series = builder.finish(Fill::Linear)?;
/// assert_eq!(series.cube.layer(0, 0), [0.1, 0.3]);
/// assert_eq!(series.cube.layer(1, 0), [0.15, 0.25]); // filled
/// assert_eq!(series.cube.valid_at(1), [false, false]);
/// assert_eq!(series.observations, [3, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SeriesBuilder {
    geobox: GeoBox,
    timeline: Timeline,
    bands: Vec<String>,
    rule: StepRule,
    steps: Vec<Step>,
    /// `[time, band, y, x]`.
    data: Vec<f32>,
    /// `[time, y, x]`.
    valid: Vec<bool>,
}

/// A regular series and how often each pixel was observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Values `[time, band, y, x]`; the mask is true where a step was observed, not where it was filled.
    pub cube: Cube<f32>,
    /// Valid observations of a pixel over all scenes, `[y, x]`; a step may hold several.
    pub observations: Vec<u32>,
}

impl SeriesBuilder {
    /// An empty series.
    pub fn new(geobox: GeoBox, timeline: Timeline, bands: Vec<String>, rule: StepRule) -> Self {
        let size = timeline.steps() * bands.len() * geobox.shape().len();
        let steps = (0..timeline.steps()).map(|_| Step::over(false)).collect();
        Self { steps, ..Self::reusing(vec![0.0; size], geobox, timeline, bands, rule) }
    }

    /// An empty series in the memory of an earlier one's values ([`Cube::into_parts`]). Fresh memory costs more than
    /// all copying: reuse it where one window follows another.
    pub fn reusing(
        mut values: Vec<f32>,
        geobox: GeoBox,
        timeline: Timeline,
        bands: Vec<String>,
        rule: StepRule,
    ) -> Self {
        let (size, steps) = (geobox.shape().len(), timeline.steps());
        values.resize(steps * bands.len() * size, 0.0);
        Self {
            data: values,
            valid: vec![false; steps * size],
            steps: (0..steps).map(|_| Step::over(true)).collect(),
            geobox,
            timeline,
            bands,
            rule,
        }
    }

    /// Adds a scene and gives the step that it falls in; `None`, and nothing added, for a day off the timeline.
    ///
    /// # Errors
    /// When an array has the wrong length, or a scene of that id was added before.
    pub fn add(&mut self, scene: SceneLayer<'_>) -> Result<Option<usize>> {
        let size = self.geobox.shape().len();
        check_length("mask of a scene", size, scene.valid.len())?;
        check_length("values of a scene", self.bands.len() * size, scene.values.len())?;
        let Some(step) = self.timeline.step_of(scene.day) else { return Ok(None) };
        if self.steps.iter().any(|step| step.holds(scene.id)) {
            return Err(Error::SceneTwice { id: scene.id.to_owned() });
        }
        self.steps().swap_remove(step).add(scene);
        Ok(Some(step))
    }

    /// Its steps in order, each to be filled by itself: they share nothing, so that several threads may work on them.
    pub fn steps(&mut self) -> Vec<StepBuilder<'_>> {
        let (size, width) = (self.geobox.shape().len(), self.bands.len() * self.geobox.shape().len());
        let (mut values, mut valid) = (self.data.as_mut_slice(), self.valid.as_mut_slice());
        let mut builders = Vec::with_capacity(self.steps.len());
        for step in &mut self.steps {
            let values = values.split_off_mut(..width).unwrap_or_default();
            let valid = valid.split_off_mut(..size).unwrap_or_default();
            builders.push(StepBuilder::new(step, self.rule, values, valid));
        }
        builders
    }

    /// The memory of its values, for the system to be told how it will be used.
    pub fn memory(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// The series, with gaps filled.
    ///
    /// # Errors
    /// None that a builder can be brought into; lengths are checked when scenes are added.
    pub fn finish(mut self, fill: Fill) -> Result<Series> {
        let (size, bands) = (self.geobox.shape().len(), self.bands.len());
        for step in self.steps() {
            step.finish(bands)?;
        }
        fill.fill(&mut self.data, &self.valid, &self.timeline, bands, size);
        let mut observations = vec![0; size];
        for (step, valid) in self.steps.iter().zip(self.valid.chunks_exact(size.max(1))) {
            step.count(valid, &mut observations);
        }
        let expected = self.data.len();
        let cube = Cube::new(self.geobox, self.timeline, self.bands, self.data, self.valid)
            .map_err(|source| Error::Cube { expected, source })?;
        Ok(Series { cube, observations })
    }
}

#[cfg(test)]
mod tests;
