//! The scenes of one sensor as a regular, masked cube of values and indices, window by window.

use crate::scene_open::{open_scene, settle};
use crate::scene_plan::PlannedScene;
use crate::source_spec::SourceSpec;
use crate::terrain::{Relief, Terrain};
use crate::{Error, Result};
use ecotone_core::{Cube, GeoBox, Window};
use ecotone_io::{DatasetPool, Scene};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Failure, Progress, Resources, reasons};
use ecotone_preprocessing::{BoundIndex, MaskKind, SeriesBuilder, StepBuilder};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The threads that read.
#[derive(Debug, Clone)]
pub(crate) struct Readers(Arc<rayon::ThreadPool>);

impl Readers {
    pub(crate) fn new(resources: &Resources) -> Result<Self> {
        let threads = resources.readers;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        Ok(Self(Arc::new(pool.map_err(|source| JobError::Threads { threads, source })?)))
    }
}

/// The scenes of one sensor and how they are read; holds no pixel.
#[derive(Clone)]
pub(crate) struct Source {
    spec: SourceSpec,
    geobox: GeoBox,
    channels: Vec<String>,
    indices: Vec<BoundIndex>,
    mask: Option<MaskKind>,
    terrain: Option<Terrain>,
    scenes: Vec<PlannedScene>,
    failures: Vec<Failure>,
    readers: Readers,
    files: Arc<DatasetPool>,
}

/// What a source is planned from.
pub struct Sought {
    /// How its scenes become channels and steps.
    pub spec: SourceSpec,
    /// Its scenes, in order of time.
    pub scenes: Vec<Scene>,
    /// Records that could not be read.
    pub failures: Vec<Failure>,
}

/// The cube of a window, and the scenes that failed in it.
pub(crate) type Loaded = (Cube<f32>, Vec<Failure>);

/// The window that scenes are read onto.
struct Frame {
    target: GeoBox,
    relief: Option<Relief>,
    /// Whether no other window follows.
    last: bool,
}

/// What scenes are called: by their identifier, by their key where several have that.
fn names(scenes: &[&Scene]) -> impl Fn(&Scene) -> String + Sync + use<> {
    let mut known = BTreeSet::new();
    let shared: BTreeSet<String> =
        scenes.iter().filter(|scene| !known.insert(&scene.id)).map(|scene| scene.id.clone()).collect();
    move |scene| if shared.contains(&scene.id) { scene.key() } else { scene.id.clone() }
}

impl Source {
    /// Opens every scene once: finds its bands, decides its units; what fails is listed and left out. `heights` are
    /// those that the illumination follows from, where it is asked for.
    ///
    /// # Errors
    /// When no scene is left, or the heights lie elsewhere.
    pub(crate) fn plan(
        sought: Sought,
        geobox: &GeoBox,
        heights: Option<PathBuf>,
        readers: &Readers,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let Sought { spec, scenes, mut failures } = sought;
        let files = DatasetPool::default();
        let terrain = heights.map(|path| Terrain::over(geobox, path)).transpose()?;
        let timeline = spec.timeline()?;
        let (indices, mask) = (spec.bound_indices()?, spec.mask_kind()?);
        let inside: Vec<&Scene> =
            scenes.iter().filter(|scene| timeline.step_of(scene.datetime.date_naive()).is_some()).collect();
        let name = names(&inside);
        progress.begin("plan", inside.len() as u64, "scenes");
        let opened: Vec<_> = readers.0.install(|| {
            let inside = inside.par_iter().with_max_len(1);
            let open = inside.map(|&scene| {
                let opened = open_scene(scene, &spec, &files);
                progress.advance(1, "");
                opened
            });
            open.collect()
        });
        progress.end();
        let called: Vec<String> = inside.iter().map(|scene| name(scene)).collect();
        let mut planned = Vec::new();
        for (name, scene) in called.into_iter().zip(settle(opened, &spec)?) {
            match scene {
                Ok(scene) => planned.push(scene.called(name)),
                Err(error) => failures.push(Failure { scene: name, reason: reasons(&error) }),
            }
        }
        let scenes = planned;
        if scenes.is_empty() {
            let (count, first) = (failures.len(), failures.into_iter().next().unwrap_or_default());
            return Err(Error::AllScenesFailed { count, scene: first.scene, reason: first.reason });
        }
        let channels = spec.channels()?;
        let (geobox, readers, files) = (geobox.clone(), readers.clone(), Arc::new(files));
        Ok(Self { spec, geobox, channels, indices, mask, terrain, scenes, failures, readers, files })
    }

    /// The grid of the map.
    pub(crate) const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// The raster of heights, where there is one.
    pub(crate) fn heights(&self) -> Option<&Path> {
        self.terrain.as_ref().map(Terrain::path)
    }

    /// Names of the channels: bands, indices, illumination.
    pub(crate) fn channels(&self) -> &[String] {
        &self.channels
    }

    /// What goes in.
    pub(crate) const fn spec(&self) -> &SourceSpec {
        &self.spec
    }

    /// The scenes in use, in order of time.
    pub(crate) fn scenes(&self) -> &[PlannedScene] {
        &self.scenes
    }

    /// Scenes that could not be planned.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The same scenes without a mask.
    pub(crate) fn unmasked(&self) -> Self {
        Self { spec: self.spec.unmasked(), mask: None, failures: Vec::new(), ..self.clone() }
    }

    /// The cube of a window, which may reach over the map's edge, and the scenes that failed in it. Where this window is the
    /// `last`, each scene's files are closed after it.
    pub(crate) fn load(&self, window: Window, last: bool) -> Result<Loaded> {
        Ok(self.load_each(&[window], last)?.swap_remove(0))
    }

    /// What [`load`](Self::load) gives for each of some windows. Each file is read for all of them before the next one, so
    /// that the blocks under them are decoded once.
    ///
    /// Steps are read by several threads, each by one; the result does not depend on how many.
    pub(crate) fn load_each(&self, windows: &[Window], last: bool) -> Result<Vec<Loaded>> {
        let timeline = self.spec.timeline()?;
        let frame = |window: &Window| {
            let target = self.geobox.crop_on_lattice(*window);
            let relief = self.terrain.as_ref().map(|terrain| terrain.read(&target)).transpose()?;
            Ok(Frame { target, relief, last })
        };
        let frames = windows.iter().map(frame).collect::<Result<Vec<_>>>()?;
        let builder = |frame: &Frame| {
            let (target, channels) = (frame.target.clone(), self.channels.clone());
            SeriesBuilder::new(target, timeline, channels, self.spec.step_rule())
        };
        let mut builders: Vec<SeriesBuilder> = frames.iter().map(builder).collect();
        let mut of_step: Vec<(Vec<StepBuilder<'_>>, Vec<&PlannedScene>)> =
            (0..timeline.steps()).map(|_| Default::default()).collect();
        for builder in &mut builders {
            ecotone_io::prefer_large_pages(builder.memory());
            of_step.iter_mut().zip(builder.steps()).for_each(|((steps, _), step)| steps.push(step));
        }
        for scene in &self.scenes {
            if let Some(step) = timeline.step_of(scene.datetime.date_naive()) {
                of_step[step].1.push(scene);
            }
        }
        of_step.retain(|(_, scenes)| !scenes.is_empty());
        let failures: Vec<Vec<Vec<Failure>>> = self.readers.0.install(|| {
            // One by one, so that no thread idles while another still has several.
            let of_step = of_step.into_par_iter().with_max_len(1);
            of_step.map(|(mut steps, scenes)| self.load_step(&mut steps, &scenes, &frames)).collect()
        });
        let finished = |(place, builder): (usize, SeriesBuilder)| {
            let failures = failures.iter().flat_map(|of_step| of_step[place].clone()).collect();
            Ok((builder.finish(self.spec.gap_fill())?.cube, failures))
        };
        builders.into_iter().enumerate().map(finished).collect()
    }

    /// Adds the scenes of a step to that step of each window; gives those that failed, window by window.
    fn load_step(
        &self,
        steps: &mut [StepBuilder<'_>],
        scenes: &[&PlannedScene],
        frames: &[Frame],
    ) -> Vec<Vec<Failure>> {
        let mut failures = vec![Vec::new(); frames.len()];
        for scene in scenes {
            let cloud_cover = scene.cloud_cover.map(|cover| cover as f32);
            for ((step, frame), failures) in steps.iter_mut().zip(frames).zip(&mut failures) {
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
        let (bands, others) = values.split_at_mut(self.spec.bands.len() * size);
        let (mask, dilation) = (self.mask.as_ref(), self.spec.mask.dilate);
        if !scene.read(&frame.target, mask, dilation, &self.files, bands, valid)? {
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
        self.spec.gap_fill().usable(cube.valid(), self.spec.steps)
    }
}
