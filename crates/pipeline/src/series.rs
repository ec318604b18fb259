//! Scenes of a catalogue as a regular, masked cube of reflectances and indices, window by window.

use crate::inputs::InputSpec;
use crate::progress::Progress;
use crate::scene_plan::{PlannedScene, plan_scene};
use crate::site::Site;
use crate::summary::{Failure, Resources};
use crate::terrain::{Relief, Terrain};
use crate::{Error, Result};
use ecotone_core::{Cube, GeoBox, Shape2d, Window};
use ecotone_io::{DatasetPool, Scene};
use ecotone_preprocessing::{
    BoundIndex, MaskKind, Normalisation, NormalisationLearner, SeriesBuilder, StepBuilder,
};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Side of the windows that a whole cube is read in: that of a COG's usual blocks, so that each is decoded once.
const READ_WINDOW: usize = 512;

/// Files that stay open between windows.
const OPEN_FILES: usize = 384;

/// The scenes of a job and how they are read; holds no pixel.
pub(crate) struct Series {
    spec: InputSpec,
    site: Site,
    channels: Vec<String>,
    indices: Vec<BoundIndex>,
    mask: Option<MaskKind>,
    terrain: Option<Terrain>,
    scenes: Vec<PlannedScene>,
    failures: Vec<Failure>,
    pool: Arc<rayon::ThreadPool>,
    files: Arc<DatasetPool>,
}

/// The window that scenes are read onto.
struct Frame {
    target: GeoBox,
    relief: Option<Relief>,
    /// Whether no other window follows.
    last: bool,
}

impl Series {
    /// Opens every scene once: finds its bands, decides its offset; what fails is listed and left out. `heights` are
    /// those that the illumination follows from, where it is asked for.
    ///
    /// # Errors
    /// When no scene is left, or the heights lie elsewhere.
    pub(crate) fn plan(
        spec: InputSpec,
        site: Site,
        heights: Option<PathBuf>,
        scenes: &[Scene],
        mut failures: Vec<Failure>,
        resources: &Resources,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(resources.readers).build();
        let pool = pool.map_err(|source| Error::Threads { threads: resources.readers, source })?;
        let files = DatasetPool::new(OPEN_FILES);
        let terrain = heights.map(|path| Terrain::over(site.geobox(), path)).transpose()?;
        let (timeline, rule) = (spec.timeline()?, spec.offset.parse()?);
        let (indices, mask) = (spec.bound_indices()?, spec.mask_kind()?);
        let inside: Vec<&Scene> =
            scenes.iter().filter(|scene| timeline.step_of(scene.datetime.date_naive()).is_some()).collect();
        progress.begin("plan", inside.len() as u64, "scenes");
        let planned: Vec<_> = pool.install(|| {
            inside
                .par_iter()
                .with_max_len(1)
                .map(|scene| {
                    let planned = plan_scene(scene, &spec, rule, &files);
                    progress.advance(1, "");
                    planned.map_err(|error| Failure { scene: scene.id.clone(), reason: error.reasons() })
                })
                .collect()
        });
        progress.end();
        let mut scenes = Vec::new();
        for planned in planned {
            match planned {
                Ok(scene) => scenes.push(scene),
                Err(failure) => failures.push(failure),
            }
        }
        if scenes.is_empty() {
            let (count, first) = (failures.len(), failures.into_iter().next().unwrap_or_default());
            return Err(Error::AllScenesFailed { count, scene: first.scene, reason: first.reason });
        }
        let channels = spec.channels()?;
        Ok(Self {
            spec,
            site,
            channels,
            indices,
            mask,
            terrain,
            scenes,
            failures,
            pool: Arc::new(pool),
            files: Arc::new(files),
        })
    }

    /// The grid of the map.
    pub(crate) const fn geobox(&self) -> &GeoBox {
        self.site.geobox()
    }

    /// The grid of the map and the areas on it.
    pub(crate) const fn site(&self) -> &Site {
        &self.site
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
    pub(crate) const fn spec(&self) -> &InputSpec {
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
        Self {
            spec: self.spec.unmasked(),
            site: self.site.clone(),
            channels: self.channels.clone(),
            indices: self.indices.clone(),
            mask: None,
            terrain: self.terrain.clone(),
            scenes: self.scenes.clone(),
            failures: Vec::new(),
            pool: Arc::clone(&self.pool),
            files: Arc::clone(&self.files),
        }
    }

    /// The cube of a window, which may reach over the map's edge, and the scenes that failed in it.
    ///
    /// Steps are read by several threads, each by one; the result does not depend on how many.
    pub(crate) fn load(&self, window: Window) -> Result<(Cube<f32>, Vec<Failure>)> {
        self.load_window(window, false)
    }

    /// [`Self::load`], closing each scene's files after it where this window is the `last`.
    fn load_window(&self, window: Window, last: bool) -> Result<(Cube<f32>, Vec<Failure>)> {
        let target = self.geobox().crop(window);
        let relief = self.terrain.as_ref().map(|terrain| terrain.read(&target)).transpose()?;
        let mut builder = SeriesBuilder::new(
            target.clone(),
            self.spec.timeline()?,
            self.channels.clone(),
            self.spec.step_rule(),
        );
        ecotone_io::prefer_large_pages(builder.memory());
        let timeline = self.spec.timeline()?;
        let mut of_step: Vec<Vec<&PlannedScene>> = vec![Vec::new(); timeline.steps()];
        for scene in &self.scenes {
            if let Some(step) = timeline.step_of(scene.datetime.date_naive()) {
                of_step[step].push(scene);
            }
        }
        let steps: Vec<_> =
            builder.steps().into_iter().zip(of_step).filter(|(_, scenes)| !scenes.is_empty()).collect();
        let frame = Frame { target, relief, last };
        let failures: Vec<Vec<Failure>> = self.pool.install(|| {
            // One by one, so that no thread idles while another still has several.
            let steps = steps.into_par_iter().with_max_len(1);
            steps.map(|(mut step, scenes)| self.load_step(&mut step, &scenes, &frame)).collect()
        });
        Ok((builder.finish(self.spec.gap_fill())?.cube, failures.concat()))
    }

    /// Adds the scenes of a step; gives those that failed.
    fn load_step(&self, step: &mut StepBuilder<'_>, scenes: &[&PlannedScene], frame: &Frame) -> Vec<Failure> {
        let add = |scene: &&PlannedScene| {
            let cloud_cover = scene.cloud_cover.map(|cover| cover as f32);
            let added = step.read(&scene.key, scene.datetime.date_naive(), cloud_cover, |values, valid| {
                self.read(scene, frame, values, valid)
            });
            if frame.last {
                scene.close(&self.files);
            }
            added.err().map(|error| Failure { scene: scene.id.clone(), reason: error.reasons() })
        };
        scenes.iter().filter_map(add).collect()
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

    /// Normalises a cube of these scenes in place; what holds no value becomes 0.
    pub(crate) fn normalise(&self, normalisation: &Normalisation, cube: &mut Cube<f32>) -> Result<()> {
        let (usable, pixels) = (self.usable(cube), cube.geobox().shape().len());
        Ok(normalisation.apply(cube.data_mut(), &usable, pixels)?)
    }

    /// Where a cube holds values that mean something, `[time, y, x]`.
    fn usable(&self, cube: &Cube<f32>) -> Vec<bool> {
        self.spec.gap_fill().usable(cube.valid(), self.spec.steps)
    }

    /// Means and standard deviations of the channels of all areas' cubes over some pixels `[y, x]` of the map's grid,
    /// such as those of training blocks.
    pub(crate) fn learn(&self, cubes: &[Cube<f32>], pixels: &[bool]) -> Result<Normalisation> {
        let mut learner = NormalisationLearner::new(self.channels.len());
        for (area, cube) in self.site.areas().iter().zip(cubes) {
            let wanted = cut(pixels, self.geobox().shape(), *area);
            let mut usable = self.usable(cube);
            for step in usable.chunks_exact_mut(wanted.len()) {
                step.iter_mut().zip(&wanted).for_each(|(usable, wanted)| *usable &= wanted);
            }
            learner.add(cube.data(), &usable, wanted.len())?;
        }
        Ok(learner.finish()?)
    }

    /// The cubes of all areas, and the scenes that failed in any of them.
    pub(crate) fn load_all(&self, progress: &dyn Progress) -> Result<(Vec<Cube<f32>>, Vec<Failure>)> {
        let areas = self.site.areas();
        let windows: Vec<Vec<Window>> = areas.iter().map(|area| read_windows(*area)).collect();
        progress.begin("read", windows.iter().map(|windows| windows.len() as u64).sum(), "windows");
        let mut failures: Vec<Failure> = Vec::new();
        let mut cubes = Vec::with_capacity(areas.len());
        for (area, windows) in areas.iter().zip(windows) {
            let (cube, failed) = self.load_area(*area, &windows, areas.len() == 1, progress)?;
            for failure in failed {
                if !failures.iter().any(|known| known.scene == failure.scene) {
                    failures.push(failure);
                }
            }
            cubes.push(cube);
        }
        progress.end();
        Ok((cubes, failures))
    }

    /// The cube of an area, read by windows; `only` where there is no other area.
    fn load_area(
        &self,
        area: Window,
        windows: &[Window],
        only: bool,
        progress: &dyn Progress,
    ) -> Result<(Cube<f32>, Vec<Failure>)> {
        if let [window] = windows[..] {
            let loaded = self.load_window(window, only)?;
            progress.advance(1, "");
            return Ok(loaded);
        }
        let (shape, steps, bands) = (area.shape(), self.spec.steps, self.channels.len());
        let mut data = vec![0.0; steps * bands * shape.len()];
        let mut valid = vec![false; steps * shape.len()];
        let mut failures = Vec::new();
        for window in windows {
            let (cube, failed) = self.load(*window)?;
            failures.extend(failed);
            let place = window.relative_to(area);
            for (plane, layer) in data.chunks_exact_mut(shape.len()).zip(layers(&cube)) {
                paste(plane, shape, place, layer);
            }
            for (step, plane) in valid.chunks_exact_mut(shape.len()).enumerate() {
                paste(plane, shape, place, cube.valid_at(step));
            }
            progress.advance(1, "");
        }
        let (geobox, timeline) = (self.geobox().crop(area), self.spec.timeline()?);
        Ok((Cube::new(geobox, timeline, self.channels.clone(), data, valid)?, failures))
    }
}

/// The layers of a cube, `[y, x]` each, in its order.
fn layers(cube: &Cube<f32>) -> impl Iterator<Item = &[f32]> {
    let (steps, bands) = (cube.timeline().steps(), cube.bands().len());
    (0..steps).flat_map(move |step| (0..bands).map(move |band| cube.layer(step, band)))
}

fn read_windows(area: Window) -> Vec<Window> {
    let starts = |extent: usize| {
        (0..extent).step_by(READ_WINDOW).map(move |start| (start, READ_WINDOW.min(extent - start)))
    };
    starts(area.rows)
        .flat_map(|(row, rows)| {
            starts(area.cols)
                .map(move |(col, cols)| Window::new(area.row + row as i64, area.col + col as i64, rows, cols))
        })
        .collect()
}

/// The values of a window that lies inside a plane `[y, x]`.
pub(crate) fn cut<T: Copy>(plane: &[T], shape: Shape2d, window: Window) -> Vec<T> {
    let lines = plane.chunks_exact(shape.cols).skip(window.row as usize).take(window.rows);
    lines.flat_map(|line| &line[window.col as usize..][..window.cols]).copied().collect()
}

/// Copies the values of a window that lies inside into a plane `[y, x]`.
fn paste<T: Copy>(plane: &mut [T], shape: Shape2d, window: Window, values: &[T]) {
    for (row, line) in values.chunks_exact(window.cols).enumerate() {
        let start = (window.row as usize + row) * shape.cols + window.col as usize;
        plane[start..start + window.cols].copy_from_slice(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paste_back_to_the_plane() {
        let shape = Shape2d::new(300, 260);
        let mut plane = vec![0u32; shape.len()];
        for window in read_windows(Window::whole(shape)) {
            let values: Vec<u32> = (0..window.rows)
                .flat_map(|r| {
                    (0..window.cols).map(move |c| (window.row as usize + r, window.col as usize + c))
                })
                .map(|(row, col)| (row * shape.cols + col) as u32)
                .collect();
            paste(&mut plane, shape, window, &values);
            assert_eq!(cut(&plane, shape, window), values);
        }
        assert!(plane.iter().enumerate().all(|(i, value)| *value == i as u32));
    }
}
