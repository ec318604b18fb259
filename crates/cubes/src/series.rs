//! The scenes of a job, of one sensor or two, as one regular, normalised cube.

use crate::plan::{self, Pass, Plan};
use crate::readers::Readers;
use crate::scene_plan::PlannedScene;
use crate::site::{Site, windows_of};
use crate::sought::Sought;
use crate::source::Source;
use crate::source_spec::SourceSpec;
use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_core::{Cube, GeoBox, Shape2d, Window};
use ecotone_io::DatasetPool;
use ecotone_jobs::{FailedScenes, Failure, Progress, Resources};
use ecotone_preprocessing::{Normalisation, NormalisationLearner};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Side of the windows that a whole cube is read in: that of a COG's usual blocks, so that each is decoded once.
const READ_WINDOW: usize = 512;

/// The cubes of a job's areas before normalisation.
#[derive(Debug, Clone)]
pub struct AreaCubes {
    /// For each area of interest a cube of reflectances and, where the job asks for radar, one of decibels.
    pub areas: Vec<Vec<Cube<f32>>>,
    /// The scenes that failed in any of them.
    pub failures: Vec<Failure>,
}

/// The cubes of a window, one a source, and the scenes that failed in it.
pub type Loaded = (Vec<Cube<f32>>, Vec<Failure>);

/// The scenes of a job; holds no pixel.
///
/// Each source is read, masked, filled and normalised by itself; then their channels lie side by side, the optical ones
/// first.
pub struct Series {
    plan: Plan,
    sources: Vec<Source>,
    site: Site,
    channels: Vec<String>,
    readers: Readers,
    files: Arc<DatasetPool>,
}

impl Series {
    /// Opens every scene once; what fails is listed and left out. `heights` are those that the illumination of optical
    /// scenes follows from, where it is asked for.
    ///
    /// # Errors
    /// When a source has no scene left, or the heights lie elsewhere.
    pub fn plan(
        sought: Vec<Sought>,
        site: Site,
        heights: Option<PathBuf>,
        resources: &Resources,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (readers, files) = (Readers::new(resources)?, DatasetPool::default());
        let plan = plan::plan(sought, site.geobox(), heights, (&readers, &files), progress)?;
        Self::reading(plan, site, readers, Arc::new(files))
    }

    /// The scenes of a plan over a site whose grid lies on the plan's pixels. No file is opened and no catalogue asked
    /// before a window is loaded.
    ///
    /// # Errors
    /// When the site has other pixels, or there are no threads to read with.
    pub fn of_plan(plan: Plan, site: Site, resources: &Resources) -> Result<Self> {
        Self::reading(plan, site, Readers::new(resources)?, Arc::default())
    }

    fn reading(plan: Plan, site: Site, readers: Readers, files: Arc<DatasetPool>) -> Result<Self> {
        let (own, asked) = (plan.geobox(), site.geobox());
        let same = (own == asked).then(|| Window::whole(asked.shape()));
        let Some(place) = same.or_else(|| own.window_of(asked)) else {
            return Err(Error::OtherLattice { plan: own.crs().to_string(), grid: asked.crs().to_string() });
        };
        let sources = Source::all_of(&plan, (asked, place), &readers, &files)?;
        let channels = sources.iter().flat_map(Source::channels).cloned().collect();
        Ok(Self { plan, sources, site, channels, readers, files })
    }

    /// What it reads, decided.
    pub const fn planned(&self) -> &Plan {
        &self.plan
    }

    /// How often a file of a scene was opened so far; those that planning left open do not count again.
    pub fn files_opened(&self) -> u64 {
        self.files.opened()
    }

    /// The grid of the map.
    pub const fn geobox(&self) -> &GeoBox {
        self.site.geobox()
    }

    /// The grid of the map and the areas on it.
    pub const fn site(&self) -> &Site {
        &self.site
    }

    /// The raster of heights, where there is one.
    pub fn heights(&self) -> Option<&Path> {
        self.sources.iter().find_map(Source::heights)
    }

    /// Names of the channels of all sources.
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// Names of the channels of one source.
    pub fn channels_of(&self, source: usize) -> &[String] {
        self.sources[source].channels()
    }

    /// How many of the channels, the last ones, are of the radar.
    pub fn radar_channels(&self) -> usize {
        let radar = self.sources.iter().filter(|source| source.spec().is_radar());
        radar.map(|source| source.channels().len()).sum()
    }

    /// What goes in from each source; all have the same steps.
    pub fn specs(&self) -> Vec<SourceSpec> {
        self.sources.iter().map(|source| source.spec().clone()).collect()
    }

    /// What goes in from the first source.
    pub fn spec(&self) -> &SourceSpec {
        self.sources[0].spec()
    }

    /// The first day, and the day after the last.
    ///
    /// # Errors
    /// When the timeline runs off the calendar.
    pub fn period(&self) -> Result<(NaiveDate, NaiveDate)> {
        let timeline = self.spec().timeline()?;
        Ok((timeline.start(), timeline.end()))
    }

    /// The scenes in use, source by source in order of time.
    pub fn scenes(&self) -> impl Iterator<Item = &PlannedScene> {
        self.sources.iter().flat_map(Source::scenes)
    }

    /// Scenes that could not be planned.
    pub fn failures(&self) -> Vec<Failure> {
        self.sources.iter().flat_map(Source::failures).cloned().collect()
    }

    /// The same scenes without a mask.
    ///
    /// # Errors
    /// None that masked ones do not have.
    pub fn unmasked(&self) -> Result<Self> {
        Self::reading(self.plan.unmasked(), self.site.clone(), self.readers.clone(), Arc::clone(&self.files))
    }

    /// The cube of each source over a window, which may reach over the map's edge, and the scenes that failed in it.
    pub fn load(&self, window: Window) -> Result<Loaded> {
        Ok(self.load_each(&[window])?.swap_remove(0))
    }

    /// Which of some scenes, by their names, fail in a window when they are read as if for the first time: what is known of
    /// their files, failed answers of servers among it, is forgotten before.
    pub fn fail_again(&self, window: Window, names: &[String]) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        for source in &self.sources {
            source.forget(names);
            failures.extend(source.fail(window, names)?);
        }
        Ok(failures)
    }

    /// What [`load`](Self::load) gives for each of some windows, to the bit. Files are read for all of them at once: the
    /// blocks under windows that lie side by side are decoded once.
    pub fn load_each(&self, windows: &[Window]) -> Result<Vec<Loaded>> {
        let mut all = vec![Loaded::default(); windows.len()];
        for source in &self.sources {
            for ((cubes, failures), (cube, failed)) in all.iter_mut().zip(source.load_each(windows, false)?) {
                cubes.push(cube);
                failures.extend(failed);
            }
        }
        Ok(all)
    }

    /// Bytes that the cubes of so many pixels take: values, and a byte a step and source for where they are valid.
    pub fn bytes_of(&self, pixels: usize) -> usize {
        pixels * self.spec().steps * (size_of::<f32>() * self.channels.len() + self.sources.len())
    }

    /// The dates on which the ground was looked at: the passes of all sources in order of time.
    pub fn dates(&self) -> Vec<Pass> {
        self.plan.passes()
    }

    /// The cube of each source over a window on one of the dates alone, a step without filled gaps, and the scenes that
    /// failed in it; sources that the date is not of saw nothing.
    ///
    /// # Errors
    /// When the heights cannot be read.
    pub fn load_date(&self, window: Window, date: &Pass) -> Result<(Vec<Cube<f32>>, Vec<Failure>)> {
        let loaded = self.sources.iter().enumerate().map(|(place, source)| {
            let scenes: &[usize] = if place == date.source { &date.scenes } else { &[] };
            source.load_day(window, date.day, scenes)
        });
        let (cubes, failures): (_, Vec<_>) = loaded.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok((cubes, failures.concat()))
    }

    /// One cube of a window's cubes, one a source: normalised, 0 where a source holds no value, observed where any
    /// source saw the pixel.
    pub fn join(&self, normalisation: &Normalisation, mut cubes: Vec<Cube<f32>>) -> Result<Cube<f32>> {
        let mut from = 0;
        for (source, cube) in self.sources.iter().zip(&mut cubes) {
            let (usable, pixels, to) =
                (source.usable(cube), cube.geobox().shape().len(), from + source.channels().len());
            normalisation.of_channels(from..to).apply(cube.data_mut(), &usable, pixels)?;
            from = to;
        }
        Ok(if cubes.len() == 1 { cubes.swap_remove(0) } else { side_by_side(&cubes)? })
    }

    /// Where the cube of each source over a window holds values that mean something, `[time, y, x]`.
    pub fn usable(&self, cubes: &[Cube<f32>]) -> Vec<Vec<bool>> {
        self.sources.iter().zip(cubes).map(|(source, cube)| source.usable(cube)).collect()
    }

    /// Means and standard deviations of the channels over some pixels, a plane over the areas that several series share,
    /// such as those of training blocks; `years` holds the cubes of each series' areas, one a source.
    pub fn learn(series: &[&Self], years: &[Vec<Vec<Cube<f32>>>], pixels: &[bool]) -> Result<Normalisation> {
        let (mut mean, mut std) = (Vec::new(), Vec::new());
        for place in 0..series[0].sources.len() {
            let mut learner = NormalisationLearner::new(series[0].sources[place].channels().len());
            for (own, areas) in series.iter().zip(years) {
                own.teach(&mut learner, place, areas, pixels)?;
            }
            let learnt = learner.finish()?;
            mean.extend_from_slice(learnt.mean());
            std.extend_from_slice(learnt.std());
        }
        Ok(Normalisation::new(mean, std)?)
    }

    /// Shows a learner the wanted pixels of the cubes of one source.
    fn teach(
        &self,
        learner: &mut NormalisationLearner,
        place: usize,
        areas: &[Vec<Cube<f32>>],
        pixels: &[bool],
    ) -> Result<()> {
        for ((_, wanted), cubes) in self.site.area_grid().parts(pixels).zip(areas) {
            let mut usable = self.sources[place].usable(&cubes[place]);
            for step in usable.chunks_exact_mut(wanted.len()) {
                step.iter_mut().zip(wanted).for_each(|(usable, wanted)| *usable &= wanted);
            }
            learner.add(cubes[place].data(), &usable, wanted.len())?;
        }
        Ok(())
    }

    /// The cubes of all areas, one a source each.
    pub fn load_all(&self, progress: &dyn Progress) -> Result<AreaCubes> {
        let areas = self.site.areas();
        let windows = areas.iter().map(|area| self.read_windows(*area)).collect::<Result<Vec<_>>>()?;
        let reads = self.sources.len() * windows.iter().map(Vec::len).sum::<usize>();
        progress.begin("read", reads as u64, "windows");
        let mut failed = FailedScenes::default();
        let mut all = Vec::with_capacity(areas.len());
        for (area, windows) in areas.iter().zip(windows) {
            let mut cubes = Vec::with_capacity(self.sources.len());
            for source in &self.sources {
                cubes.push(load_area(source, *area, &windows, areas.len() == 1, &mut failed, progress)?);
            }
            all.push(cubes);
        }
        progress.end();
        Ok(AreaCubes { areas: all, failures: failed.list() })
    }

    /// The windows in which an area is read, without those that lie beyond its outline.
    fn read_windows(&self, area: Window) -> Result<Vec<Window>> {
        let mut windows = Vec::new();
        for window in windows_of(area, READ_WINDOW) {
            if self.site.inside(window)?.is_some() {
                windows.push(window);
            }
        }
        Ok(windows)
    }
}

/// The cube of an area from one source, read by windows; `only` where there is no other area. Counts what failed.
fn load_area(
    source: &Source,
    area: Window,
    windows: &[Window],
    only: bool,
    failed: &mut FailedScenes,
    progress: &dyn Progress,
) -> Result<Cube<f32>> {
    if let [window] = windows
        && *window == area
    {
        let (cube, failures) = source.load(*window, only)?;
        failed.add(failures);
        progress.advance(1, "");
        return Ok(cube);
    }
    let timeline = source.spec().timeline()?;
    let (shape, steps, bands) = (area.shape(), timeline.steps(), source.channels().len());
    let mut data = vec![0.0; steps * bands * shape.len()];
    let mut valid = vec![false; steps * shape.len()];
    for window in windows {
        let (cube, failures) = source.load(*window, false)?;
        failed.add(failures);
        let place = window.relative_to(area);
        for (plane, layer) in data.chunks_exact_mut(shape.len()).zip(layers(&cube)) {
            paste(plane, shape, place, layer);
        }
        for (step, plane) in valid.chunks_exact_mut(shape.len()).enumerate() {
            paste(plane, shape, place, cube.valid_at(step));
        }
        progress.advance(1, "");
    }
    Ok(Cube::new(source.geobox().crop(area), timeline, source.channels().to_vec(), data, valid)?)
}

/// The channels of some cubes over one window side by side; a pixel was observed where any of them saw it.
fn side_by_side(cubes: &[Cube<f32>]) -> Result<Cube<f32>> {
    let (steps, size) = (cubes[0].timeline().steps(), cubes[0].geobox().shape().len());
    let channels: Vec<String> = cubes.iter().flat_map(Cube::bands).cloned().collect();
    let mut data = Vec::with_capacity(steps * channels.len() * size);
    let mut valid = vec![false; steps * size];
    for step in 0..steps {
        for cube in cubes {
            (0..cube.bands().len()).for_each(|band| data.extend_from_slice(cube.layer(step, band)));
        }
    }
    for cube in cubes {
        valid.iter_mut().zip(cube.valid()).for_each(|(valid, seen)| *valid |= seen);
    }
    Ok(Cube::new(cubes[0].geobox().clone(), cubes[0].timeline().clone(), channels, data, valid)?)
}

/// The layers of a cube, `[y, x]` each, in its order.
fn layers(cube: &Cube<f32>) -> impl Iterator<Item = &[f32]> {
    let (steps, bands) = (cube.timeline().steps(), cube.bands().len());
    (0..steps).flat_map(move |step| (0..bands).map(move |band| cube.layer(step, band)))
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
    use crate::scene_open::tests::{grid, half_seen, spec};
    use ecotone_core::AreaGrid;
    use ecotone_jobs::Silent;

    /// Issue 15: however many windows are read together, each holds what it holds alone.
    #[test]
    fn windows_that_are_loaded_together_are_those_that_are_loaded_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut scenes = [("a", 1500, 8), ("b", 2500, 30), ("c", 1800, 0)]
            .map(|(id, dn, rows)| half_seen(folder.path(), id, dn, rows))
            .to_vec();
        scenes[1].datetime = "2021-06-20T10:00:00Z".parse().unwrap();
        for settings in [&[][..], &["mask=none"]] {
            let sought = Sought { spec: spec(settings), scenes: scenes.clone(), failures: Vec::new() };
            let site = Site::whole(grid());
            let series = Series::plan(vec![sought], site, None, &Resources::new(2), &Silent).unwrap();
            let windows =
                [Window::new(-5, -7, 20, 20), Window::new(10, 3, 24, 24), Window::new(300, 0, 8, 8)];
            let together = series.load_each(&windows).unwrap();
            assert_eq!(together.len(), windows.len());
            for (window, together) in windows.into_iter().zip(together) {
                assert_eq!(series.load(window).unwrap(), together, "{window}");
            }
            assert_eq!(series.load_each(&[]).unwrap(), []);
            let seen = |window| series.load(window).unwrap().0[0].valid().contains(&true);
            assert!(seen(windows[0]) && !seen(windows[2]));
            assert_eq!(series.bytes_of(100), 100 * 46 * (2 * 4 + 1));
        }
    }

    #[test]
    fn windows_paste_back_to_the_plane() {
        let shape = Shape2d::new(300, 260);
        let mut plane = vec![0u32; shape.len()];
        for window in windows_of(Window::whole(shape), 128) {
            let values: Vec<u32> = (0..window.rows)
                .flat_map(|r| {
                    (0..window.cols).map(move |c| (window.row as usize + r, window.col as usize + c))
                })
                .map(|(row, col)| (row * shape.cols + col) as u32)
                .collect();
            paste(&mut plane, shape, window, &values);
            assert_eq!(AreaGrid::from(shape).cut(&plane, window), Some(values));
        }
        assert!(plane.iter().enumerate().all(|(i, value)| *value == i as u32));
    }
}
