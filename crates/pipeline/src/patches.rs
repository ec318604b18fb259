//! The patches that a network learns from and is watched with, drawn so that rare classes are seen.

use ecotone_core::{AreaGrid, Cube, Shape2d, Window};
use ecotone_curation::UNLABELLED;
use ecotone_models::{Patch, PatchError, PatchSource};
use ecotone_tiling::{BlockSplit, Part};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How often a patch around a rare pixel is tried before any patch will do.
const TRIES: usize = 16;

/// What patches are cut from: normalised series, labels and the split, all over the same areas of one grid.
pub(crate) struct Ground<'a> {
    /// The series of each area, one or more: patches are cut from them in turn. First those that are mapped, one a year,
    /// then as many again of the same years where the network learns from another kind of series, too. A patch lies in one
    /// of the areas.
    pub(crate) cubes: Vec<Vec<&'a Cube<f32>>>,
    /// Class indices of each year, 255 for none.
    pub(crate) labels: Vec<&'a [u8]>,
    /// Which pixels are trained on.
    pub(crate) split: &'a BlockSplit,
}

impl Ground<'_> {
    fn areas(&self) -> &AreaGrid {
        self.split.areas()
    }

    /// The labels of the `turn`th series.
    fn labels(&self, turn: usize) -> &[u8] {
        self.labels[turn % self.labels.len()]
    }

    /// The `turn`th series and the labels of a window that an area holds; labels of pixels in another part are left out.
    fn cut(&self, turn: usize, window: Window, part: Part) -> Patch {
        let area = self.areas().area_of(window).unwrap_or(0);
        let cube = self.cubes[area][turn % self.cubes[area].len()];
        let (steps, channels) = (cube.timeline().steps(), cube.bands().len());
        let outer = self.areas().areas()[area];
        let rows = starts(window.relative_to(outer), outer.cols);
        let mut values = Vec::with_capacity(steps * channels * window.shape().len());
        let mut valid = Vec::with_capacity(steps * window.shape().len());
        for step in 0..steps {
            for channel in 0..channels {
                let layer = cube.layer(step, channel);
                rows.iter().for_each(|start| values.extend_from_slice(&layer[*start..start + window.cols]));
            }
            let seen = cube.valid_at(step);
            rows.iter().for_each(|start| valid.extend_from_slice(&seen[*start..start + window.cols]));
        }
        let codes = self.split.codes();
        let turn = turn % self.cubes[area].len();
        let labels = self.labels(turn);
        let label = |pixel: usize| if codes[pixel] == part.code() { labels[pixel] } else { UNLABELLED };
        let first = self.areas().part(area).start;
        let target = rows.iter().flat_map(|start| (first + start..first + start + window.cols).map(label));
        Patch {
            steps,
            channels,
            rows: window.rows,
            cols: window.cols,
            values,
            valid,
            target: target.collect(),
        }
    }

    /// Training pixels of each class that occurs, as the grid has them row by row.
    fn by_class(&self, labels: &[u8]) -> Vec<Vec<Place>> {
        let mut by_class = vec![Vec::new(); usize::from(UNLABELLED)];
        for ((row, col), (label, code)) in self.areas().pixels().zip(labels.iter().zip(self.split.codes())) {
            if *label != UNLABELLED && *code == Part::Train.code() {
                by_class[usize::from(*label)].push(Place::of(row as i64, col as i64));
            }
        }
        by_class.retain(|pixels| !pixels.is_empty());
        // Areas may lie side by side.
        by_class.iter_mut().for_each(|pixels| pixels.sort_unstable());
        by_class
    }
}

/// Where the rows of a window begin in a plane of `cols` columns.
fn starts(window: Window, cols: usize) -> Vec<usize> {
    (window.row..window.row_end()).map(|row| row as usize * cols + window.col as usize).collect()
}

/// A pixel of the grid. Row and column apart, since the pixels of a grid may be more than 32 bits can count, but not its
/// sides: those of a raster have 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    row: u32,
    col: u32,
}

impl Place {
    const fn of(row: i64, col: i64) -> Self {
        Self { row: row as u32, col: col as u32 }
    }
}

/// Training patches, drawn anew each epoch.
pub(crate) struct TrainingPatches<'a> {
    ground: Ground<'a>,
    side: usize,
    /// The first pixels of all patches, in order of place.
    origins: Vec<Place>,
    /// Training pixels of each class that occurs, year by year.
    by_class: Vec<Vec<Vec<Place>>>,
    per_epoch: usize,
    rare_share: f64,
    seed: u64,
}

impl<'a> TrainingPatches<'a> {
    /// `None` where no patch of `side` pixels fits into the training blocks.
    pub(crate) fn new(
        ground: Ground<'a>,
        side: usize,
        per_epoch: usize,
        rare_share: f64,
        seed: u64,
    ) -> Option<Self> {
        let origins: Vec<_> = ground
            .split
            .patches(Shape2d::new(side, side), 1, Part::Train)
            .into_iter()
            .map(|window| Place::of(window.row, window.col))
            .collect();
        if origins.is_empty() {
            return None;
        }
        let by_class = ground.labels.iter().map(|labels| ground.by_class(labels)).collect();
        let tiling = ground.split.pixels(Part::Train).div_ceil(side * side).max(1);
        let per_epoch = if per_epoch == 0 { tiling } else { per_epoch };
        Some(Self { ground, side, origins, by_class, per_epoch, rare_share, seed })
    }

    /// Where a patch of an epoch lies: a function of seed, epoch and place alone.
    fn window(&self, id: usize, epoch: usize) -> Window {
        let key = (epoch as u64) << 32 | id as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let rare = rng.random_bool(self.rare_share);
        let Place { row, col } = rare
            .then(|| self.around_a_class(id, &mut rng))
            .flatten()
            .unwrap_or_else(|| self.anywhere(&mut rng));
        Window::new(i64::from(row), i64::from(col), self.side, self.side)
    }

    fn anywhere(&self, rng: &mut impl Rng) -> Place {
        self.origins[rng.random_range(0..self.origins.len())]
    }

    /// A patch that holds a pixel of a class, each class as likely as any other.
    fn around_a_class(&self, turn: usize, rng: &mut impl Rng) -> Option<Place> {
        let by_class = &self.by_class[turn % self.ground.cubes[0].len() % self.by_class.len()];
        if by_class.is_empty() {
            return None;
        }
        let pixels = &by_class[rng.random_range(0..by_class.len())];
        (0..TRIES).find_map(|_| {
            let around = self.origins_around(pixels[rng.random_range(0..pixels.len())]);
            (!around.is_empty()).then(|| around[rng.random_range(0..around.len())])
        })
    }

    /// The corners of all patches that hold a pixel.
    fn origins_around(&self, Place { row, col }: Place) -> Vec<Place> {
        let first = |at: u32| (u64::from(at) + 1).saturating_sub(self.side as u64) as u32;
        (first(row)..=row)
            .flat_map(|row| {
                let from = self.origins.partition_point(|origin| *origin < Place { row, col: first(col) });
                let to = self.origins.partition_point(|origin| *origin <= Place { row, col });
                self.origins[from..to].iter().copied()
            })
            .collect()
    }

    /// Share of each class among the training pixels, in the legend's order.
    pub(crate) fn natural_shares(&self) -> Vec<f64> {
        let codes = self.ground.split.codes();
        let labelled = self.ground.labels.iter().flat_map(|labels| labels.iter().zip(codes));
        shares(labelled.filter(|(_, code)| **code == Part::Train.code()).map(|(label, _)| *label))
    }

    /// Share of each class among the labelled pixels of the patches of four epochs, in the legend's order.
    pub(crate) fn drawn_shares(&self) -> Vec<f64> {
        let drawn = (0..4).flat_map(|epoch| (0..self.per_epoch).map(move |id| (id, epoch)));
        shares(drawn.flat_map(|(id, epoch)| self.ground.cut(id, self.window(id, epoch), Part::Train).target))
    }
}

fn shares(labels: impl Iterator<Item = u8>) -> Vec<f64> {
    let mut counts = vec![0.0; usize::from(UNLABELLED)];
    labels.filter(|label| *label != UNLABELLED).for_each(|label| counts[usize::from(label)] += 1.0);
    let all: f64 = counts.iter().sum::<f64>().max(1.0);
    counts.into_iter().map(|count| count / all).collect()
}

impl PatchSource for TrainingPatches<'_> {
    fn epoch_len(&self) -> usize {
        self.per_epoch
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.per_epoch).collect()
    }

    fn patch(&self, id: usize, epoch: usize) -> Result<Patch, PatchError> {
        Ok(self.ground.cut(id, self.window(id, epoch), Part::Train))
    }
}

/// Validation patches: they tile each area once a year, the same in every epoch.
pub(crate) struct ValidationPatches<'a> {
    ground: Ground<'a>,
    windows: Vec<Window>,
}

impl<'a> ValidationPatches<'a> {
    /// Patches of `side` pixels that together hold every validation pixel of the areas that are as large as a patch at least
    /// once; each pixel is scored in one of them.
    pub(crate) fn new(ground: Ground<'a>, side: usize) -> Self {
        let starts = |first: i64, extent: usize| {
            let last = extent.saturating_sub(side);
            (0..extent).step_by(side).map(move |start| first + start.min(last) as i64)
        };
        let holds = |window: &Window| {
            let Some((first, step)) = ground.areas().rows(*window) else { return false };
            let codes = ground.split.codes();
            (0..window.rows).map(|row| first + row * step).any(|start| {
                let known = |i: usize| ground.labels.iter().any(|labels| labels[i] != UNLABELLED);
                (start..start + window.cols).any(|i| codes[i] == Part::Validation.code() && known(i))
            })
        };
        let tiles = |area: &Window| {
            let (rows, cols) = (starts(area.row, area.rows), starts(area.col, area.cols));
            let cols: Vec<i64> = cols.collect();
            rows.flat_map(move |row| {
                cols.clone().into_iter().map(move |col| Window::new(row, col, side, side))
            })
        };
        let windows = ground.areas().areas().iter().flat_map(tiles).filter(holds).collect();
        Self { ground, windows }
    }
}

impl PatchSource for ValidationPatches<'_> {
    fn epoch_len(&self) -> usize {
        self.windows.len() * self.ground.labels.len()
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.epoch_len()).collect()
    }

    fn patch(&self, id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        // Where a patch at the edge was moved inward, the pixels that its neighbour holds are scored there.
        let (year, place) = (id / self.windows.len(), id % self.windows.len());
        let window = self.windows[place];
        let mut patch = self.ground.cut(year, window, Part::Validation);
        for earlier in self.windows[..place].iter().filter_map(|earlier| earlier.intersection(window)) {
            let shared = earlier.relative_to(window);
            for row in shared.row as usize..shared.row_end() as usize {
                let start = row * window.cols + shared.col as usize;
                patch.target[start..start + shared.cols].fill(UNLABELLED);
            }
        }
        Ok(patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Timeline, XY};
    use ecotone_tiling::{Fractions, SplitConfig};

    const SIDE: usize = 50;

    fn cube() -> Cube<f32> {
        cube_of(Shape2d::new(SIDE, SIDE))
    }

    fn cube_of(shape: Shape2d) -> Cube<f32> {
        let geobox = GeoBox::new(shape, GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32633));
        let timeline = Timeline::new(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(), 10, 2).unwrap();
        let values = (0..2 * shape.len()).map(|i| i as f32).collect();
        Cube::new(geobox, timeline, vec!["NDVI".to_owned()], values, vec![true; 2 * shape.len()]).unwrap()
    }

    fn split(seed: u64) -> BlockSplit {
        let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
        BlockSplit::new(Shape2d::new(SIDE, SIDE), &SplitConfig { block: 10, gap: 1, fractions, seed })
            .unwrap()
    }

    #[test]
    fn training_patches_read_no_held_out_pixel_and_find_the_rare_class() {
        let (cube, split) = (cube(), split(3));
        let rare = split.patches(Shape2d::new(8, 8), 1, Part::Train)[0];
        let mut labels = vec![0u8; SIDE * SIDE];
        labels[(rare.row as usize + 4) * SIDE + rare.col as usize + 4] = 1;
        let ground = Ground { cubes: vec![vec![&cube]], labels: vec![&labels], split: &split };
        let source = TrainingPatches::new(ground, 8, 100, 0.8, 7).unwrap();
        let mut with_rare = 0;
        for id in source.draw(0) {
            let window = source.window(id, 0);
            for row in window.row as usize..window.row_end() as usize {
                for col in window.col as usize..window.col_end() as usize {
                    assert!(![Part::Validation, Part::Test].contains(&split.part_at(row, col)));
                }
            }
            let patch = source.patch(id, 0).unwrap();
            assert_eq!(patch, source.patch(id, 0).unwrap());
            assert_eq!(patch.values[0], (window.row as usize * SIDE + window.col as usize) as f32);
            with_rare += usize::from(patch.target.contains(&1));
        }
        assert!(with_rare > 25, "{with_rare}");
        assert_ne!(source.window(0, 0), source.window(0, 1));
    }

    #[test]
    fn validation_scores_each_pixel_once() {
        let (cube, split, labels) = (cube(), split(5), vec![0u8; SIDE * SIDE]);
        let source = ValidationPatches::new(
            Ground { cubes: vec![vec![&cube]], labels: vec![&labels], split: &split },
            16,
        );
        let scored: usize = source
            .draw(0)
            .into_iter()
            .map(|id| source.patch(id, 0).unwrap().target.iter().filter(|label| **label == 0).count())
            .sum();
        assert_eq!(scored, split.pixels(Part::Validation));
    }

    /// What is drawn over areas, found from the grid around them: which pixels and patches there are, row by row.
    fn drawn_from_the_grid(
        areas: &AreaGrid,
        split: &BlockSplit,
        labels: &[u8],
        side: usize,
    ) -> (Vec<Vec<Place>>, Vec<Place>) {
        let mut by_class = vec![Vec::new(); 2];
        for (pixel, (label, code)) in labels.iter().zip(split.codes()).enumerate() {
            let (row, col) = (pixel / split.shape().cols, pixel % split.shape().cols);
            if *label != UNLABELLED && *code == Part::Train.code() && areas.place(row, col).is_some() {
                by_class[usize::from(*label)].push(Place::of(row as i64, col as i64));
            }
        }
        let patches = split.patches(Shape2d::new(side, side), 1, Part::Train).into_iter();
        let patches = patches.filter(|patch| areas.area_of(*patch).is_some());
        (by_class, patches.map(|patch| Place::of(patch.row, patch.col)).collect())
    }

    #[test]
    fn areas_are_learnt_from_as_they_are_in_the_grid_around_them() {
        // Side by side and below each other, so that the rows of one lie between those of another.
        let windows =
            vec![Window::new(0, 0, 40, 40), Window::new(7, 60, 50, 40), Window::new(80, 20, 30, 60)];
        let shape = Shape2d::new(120, 110);
        let areas = AreaGrid::new(shape, windows).unwrap();
        let mut whole = vec![UNLABELLED; shape.len()];
        let label = |row: usize, col: usize| match col % 9 {
            0 => UNLABELLED,
            _ => u8::from((row * 31 + col * 17).is_multiple_of(23)),
        };
        areas.pixels().for_each(|(row, col)| whole[row * shape.cols + col] = label(row, col));
        let plane: Vec<u8> = areas.pixels().map(|(row, col)| label(row, col)).collect();
        let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
        let config = SplitConfig { block: 10, gap: 1, fractions, seed: 11 };
        let grid = BlockSplit::stratified(shape, &config, 2, &whole).unwrap();
        let split = BlockSplit::stratified(areas.clone(), &config, 2, &plane).unwrap();
        let cubes: Vec<Cube<f32>> = areas.areas().iter().map(|area| cube_of(area.shape())).collect();
        let ground = || Ground {
            cubes: cubes.iter().map(|cube| vec![cube]).collect(),
            labels: vec![&plane],
            split: &split,
        };
        let source = TrainingPatches::new(ground(), 8, 60, 0.7, 5).unwrap();
        let (by_class, origins) = drawn_from_the_grid(&areas, &grid, &whole, 8);
        assert_eq!((&source.by_class[0], &source.origins), (&by_class, &origins));
        let (all, labelled) = (AreaGrid::from(shape), whole);
        let target = |window: Window, part: Part| -> Vec<u8> {
            let codes = all.cut(grid.codes(), window).unwrap();
            let labels = all.cut(&labelled, window).unwrap().into_iter().zip(codes);
            labels.map(|(label, code)| if code == part.code() { label } else { UNLABELLED }).collect()
        };
        let mut seen = [false; 3];
        for id in source.draw(0) {
            let window = source.window(id, 0);
            let area = areas.area_of(window).unwrap();
            let patch = source.patch(id, 0).unwrap();
            assert_eq!(patch.target, target(window, Part::Train));
            let place = window.relative_to(areas.areas()[area]);
            let first = place.row as usize * areas.areas()[area].cols + place.col as usize;
            assert_eq!(patch.values[0], first as f32, "the series of its own area");
            seen[area] = true;
        }
        assert_eq!(seen, [true; 3]);
        let watched = ValidationPatches::new(ground(), 16);
        let scored = |patch: Patch| patch.target.iter().filter(|label| **label != UNLABELLED).count();
        let scored: usize = watched.draw(0).into_iter().map(|id| scored(watched.patch(id, 0).unwrap())).sum();
        let labelled =
            |(code, label): &(&u8, &u8)| **code == Part::Validation.code() && **label != UNLABELLED;
        assert_eq!(scored, split.codes().iter().zip(&plane).filter(labelled).count());
    }

    #[test]
    fn beyond_32_bits_a_pixel_is_still_its_own() {
        // 10^10 pixels, and a rare class in the last corner.
        let shape = Shape2d::new(100_000, 100_000);
        let far = Window::new(99_950, 99_950, SIDE, SIDE);
        let areas = AreaGrid::new(shape, vec![Window::new(0, 0, SIDE, SIDE), far]).unwrap();
        let labels: Vec<u8> = (0..areas.len()).map(|place| u8::from(place >= SIDE * SIDE)).collect();
        let fractions = Fractions { train: 1.0, validation: 0.0, test: 0.0 };
        let config = SplitConfig { block: 50, gap: 0, fractions, seed: 1 };
        let split = BlockSplit::stratified(areas.clone(), &config, 2, &labels).unwrap();
        let cube = cube();
        let ground = Ground { cubes: vec![vec![&cube], vec![&cube]], labels: vec![&labels], split: &split };
        let held = ground.labels[0].len() + ground.split.codes().len();
        let source = TrainingPatches::new(ground, 8, 40, 1.0, 3).unwrap();
        let listed: usize = source.by_class[0].iter().map(Vec::len).sum();
        assert_eq!((held, listed), (2 * areas.len(), areas.len()), "as long as the areas have pixels");
        assert!(source.origins.len() <= areas.len());
        let windows: Vec<Window> = source.draw(0).into_iter().map(|id| source.window(id, 0)).collect();
        let there = windows.iter().filter(|window| far.contains(**window)).count();
        assert!((8..32).contains(&there), "each class is as likely: {there} of 40");
        for (id, window) in windows.iter().enumerate() {
            let class = u8::from(far.contains(*window));
            assert!(source.patch(id, 0).unwrap().target.iter().all(|label| *label == class));
        }
    }
}
