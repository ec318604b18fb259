//! The planned scenes of one sensor as a regular, masked cube of values and indices, window by window.

use crate::Result;
use crate::mask::MaskFormat;
use crate::plan::{Plan, PlannedSource};
use crate::readers::Readers;
use crate::scene_plan::PlannedScene;
use crate::source_spec::SourceSpec;
use crate::terrain::{Relief, Terrain};
use chrono::NaiveDate;
use ecotone_core::{Cube, GeoBox, Timeline, Window};
use ecotone_io::DatasetPool;
use ecotone_jobs::{Failure, reasons};
use ecotone_preprocessing::{BoundIndex, Fill, MaskKind, SeriesBuilder, StepBuilder, StepRule};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// The scenes of one sensor and how they are read; holds no pixel.
#[derive(Clone)]
pub(crate) struct Source {
    planned: Arc<PlannedSource>,
    geobox: GeoBox,
    /// The grid in pixels of that of the plan.
    place: Window,
    channels: Vec<String>,
    indices: Vec<BoundIndex>,
    mask: Option<MaskKind>,
    terrain: Option<Terrain>,
    readers: Readers,
    files: Arc<DatasetPool>,
}

/// The cube of a window, and the scenes that failed in it.
pub(crate) type Loaded = (Cube<f32>, Vec<Failure>);

/// The window that scenes are read onto.
struct Frame {
    target: GeoBox,
    /// The same in pixels of the plan's grid.
    on_plan: Window,
    relief: Option<Relief>,
    /// Whether no other window follows.
    last: bool,
}

/// How scenes become steps.
struct Made {
    timeline: Timeline,
    rule: StepRule,
    fill: Fill,
}

impl Source {
    /// The sources of a plan on a grid that lies at `place` of the plan's own. Opens no file.
    ///
    /// # Errors
    /// When the words of a source mean nothing.
    pub(crate) fn all_of(
        plan: &Plan,
        (geobox, place): (&GeoBox, Window),
        readers: &Readers,
        files: &Arc<DatasetPool>,
    ) -> Result<Vec<Self>> {
        let source = |planned: &Arc<PlannedSource>| {
            let spec = &planned.spec;
            let heights = plan.heights().filter(|_| spec.illumination);
            Ok(Self {
                planned: Arc::clone(planned),
                geobox: geobox.clone(),
                place,
                channels: spec.channels()?,
                indices: spec.bound_indices()?,
                mask: spec.mask_kind()?,
                terrain: heights.map(Terrain::at),
                readers: readers.clone(),
                files: Arc::clone(files),
            })
        };
        plan.shared().iter().map(source).collect()
    }

    /// The grid of the map.
    pub(crate) const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// Where its heights are, if it wants them.
    pub(crate) fn heights(&self) -> Option<&Path> {
        self.terrain.as_ref().map(|terrain| terrain.heights().place())
    }

    /// Names of the channels: bands, indices, illumination.
    pub(crate) fn channels(&self) -> &[String] {
        &self.channels
    }

    /// What goes in.
    pub(crate) fn spec(&self) -> &SourceSpec {
        &self.planned.spec
    }

    /// The scenes in use, in order of time.
    pub(crate) fn scenes(&self) -> &[PlannedScene] {
        &self.planned.scenes
    }

    /// Scenes that could not be planned.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.planned.failures
    }

    /// The cube of a window, which may reach over the map's edge, and the scenes that failed in it. Where this window is the
    /// `last`, each scene's files are closed after it.
    pub(crate) fn load(&self, window: Window, last: bool) -> Result<Loaded> {
        Ok(self.load_each(&[window], last)?.swap_remove(0))
    }

    /// What [`load`](Self::load) gives for each of some windows. Each file is read for all of them before the next one, so
    /// that the blocks under them are decoded once. Scenes whose bounds miss all windows are not opened: they would change
    /// nothing.
    ///
    /// Steps are read by several threads, each by one; the result does not depend on how many.
    pub(crate) fn load_each(&self, windows: &[Window], last: bool) -> Result<Vec<Loaded>> {
        let spec = self.spec();
        let timeline = spec.timeline()?;
        let of_step = self.by_step(&timeline, |_| true);
        let made = Made { timeline, rule: spec.step_rule(), fill: spec.gap_fill() };
        self.gather(windows, of_step, made, last)
    }

    /// The cube of some of its scenes as one step, that of a day. Where they overlap the least cloudy one shows; gaps stay.
    pub(crate) fn load_day(&self, window: Window, day: NaiveDate, scenes: &[usize]) -> Result<Loaded> {
        let scenes = scenes.iter().filter_map(|place| self.planned.scenes.get(*place)).collect();
        let made = Made { timeline: Timeline::dates(&[day])?, rule: StepRule::Best, fill: Fill::Zero };
        Ok(self.gather(&[window], vec![scenes], made, false)?.swap_remove(0))
    }

    /// Reads some of its scenes, by their names, in a window for nothing but to see which of them fail there.
    pub(crate) fn fail(&self, window: Window, names: &[String]) -> Result<Vec<Failure>> {
        let spec = self.spec();
        let timeline = spec.timeline()?;
        let of_step = self.by_step(&timeline, |scene| names.contains(&scene.id));
        let made = Made { timeline, rule: spec.step_rule(), fill: Fill::Zero };
        Ok(self.gather(&[window], of_step, made, false)?.swap_remove(0).1)
    }

    /// Closes the files of some of its scenes and forgets what is known of them.
    pub(crate) fn forget(&self, names: &[String]) {
        for scene in self.planned.scenes.iter().filter(|scene| names.contains(&scene.id)) {
            scene.files().for_each(|file| self.files.forget(file));
        }
    }

    /// Its scenes of each step, or some of them.
    fn by_step(
        &self,
        timeline: &Timeline,
        wanted: impl Fn(&PlannedScene) -> bool,
    ) -> Vec<Vec<&PlannedScene>> {
        let mut of_step: Vec<Vec<&PlannedScene>> = vec![Vec::new(); timeline.steps()];
        for scene in self.planned.scenes.iter().filter(|scene| wanted(scene)) {
            if let Some(step) = timeline.step_of(scene.datetime.date_naive()) {
                of_step[step].push(scene);
            }
        }
        of_step
    }

    fn gather(
        &self,
        windows: &[Window],
        scenes: Vec<Vec<&PlannedScene>>,
        Made { timeline, rule, fill }: Made,
        last: bool,
    ) -> Result<Vec<Loaded>> {
        let frames =
            windows.iter().map(|window| self.frame(*window, &scenes, last)).collect::<Result<Vec<_>>>()?;
        let builder = |frame: &Frame| {
            SeriesBuilder::new(frame.target.clone(), timeline.clone(), self.channels.clone(), rule)
        };
        let mut builders: Vec<SeriesBuilder> = frames.iter().map(builder).collect();
        let mut of_step: Vec<(Vec<StepBuilder<'_>>, Vec<&PlannedScene>)> =
            scenes.into_iter().map(|scenes| (Vec::new(), scenes)).collect();
        for builder in &mut builders {
            ecotone_io::prefer_large_pages(builder.memory());
            of_step.iter_mut().zip(builder.steps()).for_each(|((steps, _), step)| steps.push(step));
        }
        of_step.retain(|(_, scenes)| !scenes.is_empty());
        let failures: Vec<Vec<Vec<Failure>>> = self.readers.install(|| {
            // One by one, so that no thread idles while another still has several.
            let of_step = of_step.into_par_iter().with_max_len(1);
            of_step.map(|(mut steps, scenes)| self.load_step(&mut steps, &scenes, &frames)).collect()
        });
        let finished = |(place, builder): (usize, SeriesBuilder)| {
            let failures = failures.iter().flat_map(|of_step| of_step[place].clone()).collect();
            Ok((builder.finish(fill)?.cube, failures))
        };
        builders.into_iter().enumerate().map(finished).collect()
    }

    /// Where a window lies, with its relief where any scene reaches it.
    fn frame(&self, window: Window, scenes: &[Vec<&PlannedScene>], last: bool) -> Result<Frame> {
        let target = self.geobox.crop_on_lattice(window);
        let on_plan = Window { row: window.row + self.place.row, col: window.col + self.place.col, ..window };
        let relief = match &self.terrain {
            Some(terrain) if scenes.iter().flatten().any(|scene| scene.reaches(on_plan)) => {
                Some(terrain.read(&target)?)
            }
            _ => None,
        };
        Ok(Frame { target, on_plan, relief, last })
    }

    /// Adds the scenes of a step to that step of each window that they reach; gives those that failed, window by window.
    fn load_step(
        &self,
        steps: &mut [StepBuilder<'_>],
        scenes: &[&PlannedScene],
        frames: &[Frame],
    ) -> Vec<Vec<Failure>> {
        let mut failures = vec![Vec::new(); frames.len()];
        for scene in scenes {
            let cloud_cover = scene.cloud_cover.map(|cover| cover as f32);
            let reached = steps.iter_mut().zip(frames).zip(&mut failures);
            for ((step, frame), failures) in reached.filter(|((_, frame), _)| scene.reaches(frame.on_plan)) {
                let added =
                    step.read(&scene.key, scene.datetime.date_naive(), cloud_cover, |values, valid| {
                        self.read(scene, frame, values, valid)
                    });
                failures.extend(
                    added.err().map(|error| Failure { scene: scene.id.clone(), reason: reasons(&error) }),
                );
            }
            if frames.iter().any(|frame| frame.last) {
                scene.close(&self.files);
            }
        }
        failures
    }

    /// Reads the channels of a scene on the window's grid; false where it saw nothing of it.
    fn read(
        &self,
        scene: &PlannedScene,
        frame: &Frame,
        values: &mut [f32],
        valid: &mut [bool],
    ) -> Result<bool> {
        let size = frame.target.shape().len();
        let (bands, others) = values.split_at_mut(self.spec().bands.len() * size);
        let asked = &self.spec().mask;
        // That of the scene's provider, where the job leaves it to that.
        let own = match &scene.mask_rule {
            Some(rule) if asked.kind == MaskFormat::Auto => rule.rules()?,
            _ => None,
        };
        let mask = own.as_ref().or(self.mask.as_ref());
        if !scene.read(&frame.target, mask, asked.dilate, &self.files, bands, valid)? {
            return Ok(false);
        }
        let bands: Vec<&[f32]> = bands.chunks_exact(size).collect();
        let mut others = others.chunks_exact_mut(size);
        for (index, layer) in self.indices.iter().zip(&mut others) {
            index.evaluate(&bands, layer)?;
        }
        if let (Some(relief), Some(sun), Some(layer)) = (&frame.relief, scene.sun, others.next()) {
            layer.copy_from_slice(&relief.lit(sun)?);
        }
        Ok(true)
    }

    /// Where a cube of these scenes holds values that mean something, `[time, y, x]`.
    pub(crate) fn usable(&self, cube: &Cube<f32>) -> Vec<bool> {
        self.spec().gap_fill().usable(cube.valid(), cube.timeline().steps())
    }
}
