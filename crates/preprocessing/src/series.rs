//! Scenes of any day gathered into a regular series: one observation a step and pixel.

use crate::composite::{Layer, median};
use crate::error::check_length;
use crate::{Error, Fill, Result};
use chrono::NaiveDate;
use ecotone_core::{Cube, GeoBox, Timeline};
use std::cmp::Ordering;

/// Which observation stands for a step that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepRule {
    /// The valid one of the best scene: least cloud cover, then the latest day, then the first id in the alphabet.
    #[default]
    Best,
    /// The median of the valid ones, band by band. Holds all scenes in memory until the end.
    Median,
}

/// A scene on the grid of a series.
#[derive(Debug, Clone, Copy)]
pub struct SceneLayer<'a> {
    /// Its name, unique in a series.
    pub id: &'a str,
    /// The day it was taken.
    pub day: NaiveDate,
    /// Clouds over the whole scene in percent; a scene of unknown cover ranks behind all others.
    pub cloud_cover: Option<f32>,
    /// Values `[band, y, x]`.
    pub values: &'a [f32],
    /// Where they hold, `[y, x]` (true = valid).
    pub valid: &'a [bool],
}

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
    scenes: Vec<Rank>,
    /// Which scene each pixel came from, as its place in `scenes` plus one; 0 for none. `[time, y, x]`.
    sources: Vec<u32>,
    /// `[time, band, y, x]`.
    data: Vec<f32>,
    /// Whether `data` holds old values where nothing was observed.
    reused: bool,
    observations: Vec<u32>,
    /// Scenes in full, for the median.
    kept: Vec<Kept>,
}

/// A regular series and how often each pixel was observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Values `[time, band, y, x]`; the mask is true where a step was observed, not where it was filled.
    pub cube: Cube<f32>,
    /// Valid observations of a pixel over all scenes, `[y, x]`; a step may hold several.
    pub observations: Vec<u32>,
}

/// What decides between scenes of one step.
#[derive(Debug)]
struct Rank {
    id: String,
    day: NaiveDate,
    cloud_cover: f32,
    step: usize,
}

impl Rank {
    /// `Less` is better.
    fn order(&self, other: &Self) -> Ordering {
        self.cloud_cover
            .total_cmp(&other.cloud_cover)
            .then(other.day.cmp(&self.day))
            .then_with(|| self.id.cmp(&other.id))
    }
}

#[derive(Debug)]
struct Kept {
    step: usize,
    values: Vec<f32>,
    valid: Vec<bool>,
}

/// Pixels copied at a time, few enough for all their bands to stay in the cache.
const CHUNK: usize = 2048;

impl SeriesBuilder {
    /// An empty series.
    pub fn new(geobox: GeoBox, timeline: Timeline, bands: Vec<String>, rule: StepRule) -> Self {
        let size = timeline.steps() * bands.len() * geobox.shape().len();
        Self { reused: false, ..Self::reusing(vec![0.0; size], geobox, timeline, bands, rule) }
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
            reused: true,
            sources: vec![0; steps * size],
            observations: vec![0; size],
            scenes: Vec::new(),
            kept: Vec::new(),
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
        if self.scenes.iter().any(|other| other.id == scene.id) {
            return Err(Error::SceneTwice { id: scene.id.to_owned() });
        }
        let cloud_cover = scene.cloud_cover.filter(|cover| cover.is_finite()).unwrap_or(f32::INFINITY);
        let rank = Rank { id: scene.id.to_owned(), day: scene.day, cloud_cover, step };
        match self.rule {
            StepRule::Best => self.take_where_better(&scene, &rank),
            StepRule::Median => self.keep(&scene, step),
        }
        self.scenes.push(rank);
        Ok(Some(step))
    }

    /// The series, with gaps filled.
    ///
    /// # Errors
    /// None that a builder can be brought into; lengths are checked when scenes are added.
    pub fn finish(mut self, fill: Fill) -> Result<Series> {
        let (size, bands) = (self.geobox.shape().len(), self.bands.len());
        let mut valid: Vec<bool> = self.sources.iter().map(|source| *source > 0).collect();
        if self.rule == StepRule::Median {
            for step in 0..self.timeline.steps() {
                let kept = self.kept.iter().filter(|kept| kept.step == step);
                let layers: Vec<_> =
                    kept.map(|kept| Layer { values: &kept.values, valid: &kept.valid }).collect();
                if layers.is_empty() {
                    continue;
                }
                let composite = median(&layers, bands)?;
                self.data[step * bands * size..(step + 1) * bands * size].copy_from_slice(&composite.values);
                valid[step * size..(step + 1) * size].copy_from_slice(&composite.valid);
            }
        }
        if self.reused {
            clear_gaps(&mut self.data, &valid, bands, size);
        }
        fill.fill(&mut self.data, &valid, &self.timeline, bands, size);
        let expected = self.data.len();
        let cube = Cube::new(self.geobox, self.timeline, self.bands, self.data, valid)
            .map_err(|source| Error::Cube { expected, source })?;
        Ok(Series { cube, observations: self.observations })
    }

    /// Copies the scene's valid pixels over those of worse scenes.
    fn take_where_better(&mut self, scene: &SceneLayer<'_>, rank: &Rank) {
        let (size, bands) = (self.geobox.shape().len(), self.bands.len());
        // By source: whether the pixel is still free or holds a worse scene.
        let yields: Vec<bool> = std::iter::once(true)
            .chain(self.scenes.iter().map(|other| other.step == rank.step && rank.order(other).is_lt()))
            .collect();
        let own = yields.len() as u32;
        let slot = &mut self.data[rank.step * bands * size..(rank.step + 1) * bands * size];
        let sources = &mut self.sources[rank.step * size..(rank.step + 1) * size];
        let mut lanes = [0; CHUNK];
        for start in (0..size).step_by(CHUNK) {
            let place = start..(start + CHUNK).min(size);
            let lanes = &mut lanes[..place.len()];
            observed(lanes, &scene.valid[place.clone()], scene.values, start, size);
            let pixels = sources[place.clone()].iter_mut().zip(&mut self.observations[place.clone()]);
            for (lane, (source, seen)) in lanes.iter_mut().zip(pixels) {
                *seen += *lane & 1;
                *lane &= if yields[*source as usize] { ALL } else { 0 };
                *source = (own & *lane) | (*source & !*lane);
            }
            for (to, from) in slot.chunks_exact_mut(size).zip(scene.values.chunks_exact(size)) {
                for ((to, from), lane) in to[place.clone()].iter_mut().zip(&from[place.clone()]).zip(&*lanes)
                {
                    *to = f32::from_bits((from.to_bits() & lane) | (to.to_bits() & !lane));
                }
            }
        }
    }

    fn keep(&mut self, scene: &SceneLayer<'_>, step: usize) {
        let mut lanes = vec![0; scene.valid.len()];
        observed(&mut lanes, scene.valid, scene.values, 0, scene.valid.len());
        for (seen, lane) in self.observations.iter_mut().zip(&lanes) {
            *seen += lane & 1;
        }
        let valid = lanes.iter().map(|lane| *lane == ALL).collect();
        self.kept.push(Kept { step, values: scene.values.to_vec(), valid });
    }
}

fn clear_gaps(data: &mut [f32], valid: &[bool], bands: usize, size: usize) {
    let steps = data.chunks_exact_mut((bands * size).max(1)).zip(valid.chunks_exact(size.max(1)));
    for (slot, valid) in steps.filter(|(_, valid)| valid.contains(&false)) {
        for layer in slot.chunks_exact_mut(size) {
            for (value, valid) in layer.iter_mut().zip(valid) {
                *value = if *valid { *value } else { 0.0 };
            }
        }
    }
}

/// A lane that passes all bits of a value. Masks as wide as values let the compiler use vector instructions.
const ALL: u32 = u32::MAX;

/// Sets the lanes of pixels that are valid and finite in every band. They start at pixel `start` of the `size` in a band.
fn observed(lanes: &mut [u32], valid: &[bool], values: &[f32], start: usize, size: usize) {
    const EXPONENT: u32 = 0x7f80_0000;
    for (lane, valid) in lanes.iter_mut().zip(valid) {
        *lane = if *valid { ALL } else { 0 };
    }
    for band in values.chunks_exact(size.max(1)) {
        for (lane, value) in lanes.iter_mut().zip(&band[start..]) {
            *lane &= if value.to_bits() & EXPONENT == EXPONENT { 0 } else { ALL };
        }
    }
}

#[cfg(test)]
mod tests;
