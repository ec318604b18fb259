//! Training patches, drawn anew each epoch around training pixels, so that rare classes are seen and every pixel is.

use super::weights::in_patches;
use super::{Ground, open};
use ecotone_core::Window;
use ecotone_curation::UNLABELLED;
use ecotone_models::{Patch, PatchError, PatchSource};
use ecotone_tiling::Part;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A pixel of the grid. Row and column apart, since the pixels of a grid may be more than 32 bits can count, but not its
/// sides: those of a raster have 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    row: u32,
    col: u32,
}

/// Training patches, drawn anew each epoch.
///
/// A labelled training pixel is drawn: with `rare_share` one of a class that is drawn before, each as likely as any other,
/// else any, each as likely as any other. A window is laid around it, each of the offsets at which it holds the pixel alike,
/// and pushed into the pixel's area where it reaches over its edge. Pixels that are held out, and those in the gap around
/// them, are hidden in it, values and labels.
pub(crate) struct TrainingPatches<'a> {
    ground: Ground<'a>,
    side: usize,
    /// A plane: what may be read.
    open: Vec<bool>,
    classes: usize,
    /// The series whose labels have something to draw.
    turns: Vec<usize>,
    /// The training pixels of each class that occurs, year by year: those that can be drawn.
    by_class: Vec<Vec<Vec<Place>>>,
    per_epoch: usize,
    rare_share: f64,
    seed: u64,
    /// What the scenes and their reading are called: see [`PatchSource::made_of`].
    scenes: String,
}

impl<'a> TrainingPatches<'a> {
    /// `None` where no training pixel has a label in an area that is as large as a patch of `side` pixels.
    ///
    /// `per_epoch` patches an epoch, or as many as have the pixels of the training blocks where it is 0; `rare_share` is a
    /// share of them, 0 to 1.
    pub(crate) fn new(
        ground: Ground<'a>,
        classes: usize,
        side: usize,
        per_epoch: usize,
        rare_share: f64,
        seed: u64,
    ) -> Option<Self> {
        let years = 0..ground.labels.len();
        let by_class: Vec<_> = years.map(|year| by_class(&ground, year, classes, side)).collect();
        let turns = 0..ground.turns();
        let turns: Vec<usize> = turns.filter(|turn| !by_class[turn % by_class.len()].is_empty()).collect();
        if turns.is_empty() {
            return None;
        }
        let tiling = ground.split.pixels(Part::Train).div_ceil(side * side).max(1);
        let per_epoch = if per_epoch == 0 { tiling } else { per_epoch };
        let (open, scenes) = (open::open(ground.split), String::new());
        Some(Self { ground, side, open, classes, turns, by_class, per_epoch, rare_share, seed, scenes })
    }

    /// The same, made of these scenes, read so: words that change where any of that does.
    #[must_use]
    pub(crate) fn of_scenes(self, scenes: String) -> Self {
        Self { scenes, ..self }
    }

    /// Pixels that an epoch reads.
    pub(crate) fn pixels(&self) -> usize {
        self.per_epoch * self.side * self.side
    }

    /// The share of each class, in the order of the legend, on the training ground of all years that some date saw; they sum
    /// up to 1. By the labels of each year as they came, since those that a cleaning confirms are more of the classes that it
    /// confirms easily.
    pub(crate) fn natural_shares(&self, came: &[&[u8]]) -> Vec<f64> {
        let mut counts = vec![0.0; self.classes];
        for (year, labels) in came.iter().enumerate() {
            let known = labels.iter().enumerate().filter(|(_, label)| **label != UNLABELLED);
            for (_, label) in known.filter(|(place, _)| self.ground.is_seen(year, *place, Part::Train)) {
                counts[usize::from(*label)] += 1.0;
            }
        }
        shares(counts)
    }

    /// The share of each class, in the order of the legend, among the labelled pixels of the patches of an epoch, as they
    /// are expected from the way they are drawn; 0 for a class that is never in one. They sum up to 1.
    ///
    /// Exact, as the mean count of the class in a patch over that of all classes; the years have the same number of patches.
    /// A loss is a mean over the pixels of a batch: batches with few labelled pixels count as much there as others, which
    /// these shares do not know.
    pub(crate) fn drawn_shares(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.classes];
        for year in (0..self.ground.labels.len()).filter(|year| !self.by_class[*year].is_empty()) {
            for (label, times) in self.ground.labels(year).iter().zip(self.in_patches(year)) {
                // A pixel that is never in a patch has 0.
                if times > 0.0 && *label != UNLABELLED {
                    counts[usize::from(*label)] += times;
                }
            }
        }
        shares(counts)
    }

    /// How often each pixel counts in a patch of a year, on average: a plane over the areas, 0 for other than labelled
    /// training pixels.
    fn in_patches(&self, year: usize) -> Vec<f64> {
        let (areas, labels) = (self.ground.areas(), self.ground.labels(year));
        let class = |place: usize| usize::from(labels[place]);
        let mut counts = vec![0usize; self.classes];
        drawable(&self.ground, year, self.side).for_each(|(_, place)| counts[class(place)] += 1);
        let classes = counts.iter().filter(|count| **count > 0).count();
        let all: usize = counts.iter().sum();
        let chance = |class: usize| {
            let rare = self.rare_share / (classes * counts[class]) as f64;
            rare + (1.0 - self.rare_share) / all as f64
        };
        let mut times = vec![0.0; areas.len()];
        for (_, place) in drawable(&self.ground, year, self.side) {
            times[place] = chance(class(place));
        }
        for (number, area) in areas.areas().iter().enumerate() {
            if area.rows.min(area.cols) >= self.side {
                in_patches(&mut times[areas.part(number)], area.shape(), self.side);
            }
        }
        let counts = |place: usize| self.ground.is_labelled(year, place, Part::Train);
        times.iter_mut().enumerate().filter(|(place, _)| !counts(*place)).for_each(|(_, times)| *times = 0.0);
        times
    }

    /// The series that a patch is cut from.
    fn turn(&self, id: usize) -> usize {
        self.turns[id % self.turns.len()]
    }

    /// Where a patch of an epoch lies: a function of seed, epoch and place alone.
    fn window(&self, id: usize, epoch: usize) -> Window {
        let key = (epoch as u64) << 32 | id as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let pixel = self.pixel(self.turn(id), &mut rng);
        let mut start = |at: u32| i64::from(at) - rng.random_range(0..self.side as i64);
        let (row, col) = (start(pixel.row), start(pixel.col));
        let areas = self.ground.areas();
        let area = areas.area_of(Window::new(i64::from(pixel.row), i64::from(pixel.col), 1, 1));
        // What is drawn lies in an area.
        let area = areas.areas()[area.unwrap_or(0)];
        let inside = |start: i64, first: i64, end: i64| start.clamp(first, end - self.side as i64);
        let (row, col) = (inside(row, area.row, area.row_end()), inside(col, area.col, area.col_end()));
        Window::new(row, col, self.side, self.side)
    }

    /// A training pixel of the labels of a series.
    fn pixel(&self, turn: usize, rng: &mut impl Rng) -> Place {
        let pools = &self.by_class[turn % self.by_class.len()];
        if rng.random_bool(self.rare_share) {
            let pool = &pools[rng.random_range(0..pools.len())];
            return pool[rng.random_range(0..pool.len())];
        }
        let mut drawn = rng.random_range(0..pools.iter().map(Vec::len).sum());
        let mut pools = pools.iter();
        loop {
            match pools.next() {
                Some(pool) if drawn < pool.len() => return pool[drawn],
                Some(pool) => drawn -= pool.len(),
                // Never, as `drawn` is below their sum.
                None => return Place { row: 0, col: 0 },
            }
        }
    }
}

impl PatchSource for TrainingPatches<'_> {
    fn epoch_len(&self) -> usize {
        self.per_epoch
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.per_epoch).collect()
    }

    fn patch(&self, id: usize, epoch: usize) -> Result<Patch, PatchError> {
        Ok(self.ground.cut(self.turn(id), self.window(id, epoch), Part::Train, Some(&self.open)))
    }

    fn made_of(&self) -> Vec<(&'static str, Vec<&[u8]>)> {
        // A split follows from the labels as they came, so that other labels are the thing to tell.
        vec![
            ("set of scenes", vec![self.scenes.as_bytes()]),
            ("set of labels", self.ground.labels.clone()),
            ("split into blocks", vec![self.ground.split.codes()]),
        ]
    }
}

/// The training pixels of each class that occurs in a year's labels, in areas that hold a patch.
fn by_class(ground: &Ground<'_>, year: usize, classes: usize, side: usize) -> Vec<Vec<Place>> {
    let mut by_class = vec![Vec::new(); classes];
    let areas = ground.areas();
    for (number, place) in drawable(ground, year, side) {
        let (area, within) = (areas.areas()[number], place - areas.part(number).start);
        let (row, col) = (within / area.cols, within % area.cols);
        let pixel = Place { row: area.row as u32 + row as u32, col: area.col as u32 + col as u32 };
        by_class[usize::from(ground.labels(year)[place])].push(pixel);
    }
    by_class.retain(|pixels| !pixels.is_empty());
    by_class
}

/// The labelled training pixels of a year in areas that hold a patch: the number of the area and the place in the plane, area
/// by area.
fn drawable<'g>(
    ground: &'g Ground<'_>,
    year: usize,
    side: usize,
) -> impl Iterator<Item = (usize, usize)> + 'g {
    let areas = ground.areas();
    let large = areas.areas().iter().enumerate().filter(move |(_, area)| area.rows.min(area.cols) >= side);
    let pixels = large.flat_map(move |(number, _)| areas.part(number).map(move |place| (number, place)));
    pixels.filter(move |(_, place)| ground.is_labelled(year, *place, Part::Train))
}

/// Counts as shares of their sum.
fn shares(mut counts: Vec<f64>) -> Vec<f64> {
    let all: f64 = counts.iter().sum();
    if all > 0.0 {
        counts.iter_mut().for_each(|count| *count /= all);
    }
    counts
}

#[cfg(test)]
mod tests;
