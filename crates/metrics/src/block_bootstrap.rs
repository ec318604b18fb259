//! Two maps compared on the same blocks of ground: differences of their scores, with intervals from a bootstrap over blocks.
//!
//! Neighbouring pixels err together, so the unit that is drawn again is the block. What was trained again (seeds) and what
//! was seen elsewhere (landscapes) are levels of their own; see [`BlockBootstrap`].

use crate::{Error, Interval, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A figure of a map, from the pixels of some blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockMeasure {
    /// As [`ConfusionMatrix::overall_accuracy`](crate::ConfusionMatrix::overall_accuracy).
    OverallAccuracy,
    /// Mean F1 of the classes that the reference of the landscape has. Which they are depends on no map, so that two maps are
    /// judged by the same ones (of [`ConfusionMatrix::macro_f1`](crate::ConfusionMatrix::macro_f1) a class that one map
    /// alone has is one more); of a replicate they are those that the blocks drawn hold, for both sides alike.
    MacroF1,
    /// F1 of a class, as [`ConfusionMatrix::f1`](crate::ConfusionMatrix::f1).
    F1(usize),
    /// How far off the mapped area of a class is, `|mapped - reference| / reference`: 0 or more, the less the better.
    /// `None` where the reference lacks the class.
    AreaError(usize),
}

/// What a map shows in each of some blocks: of every class the pixels that are right, mapped and in the reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockCounts {
    classes: usize,
    /// `[block, class, right | mapped | reference]`.
    counts: Vec<u64>,
}

/// Right, mapped, in the reference.
const KINDS: usize = 3;

impl BlockCounts {
    /// Without any pixel.
    pub fn new(classes: usize, blocks: usize) -> Self {
        Self { classes, counts: vec![0; blocks * classes * KINDS] }
    }

    /// Counts pixels of a block that are mapped as a class (its index) where the reference says another or the same.
    ///
    /// # Errors
    /// When there is no such block or class, or more pixels than 64 bits count.
    pub fn add(&mut self, block: usize, map: usize, reference: usize, pixels: u64) -> Result<()> {
        for (side, index) in [("map", map), ("reference", reference)] {
            if index >= self.classes {
                return Err(Error::Class { side, index, classes: self.classes });
            }
        }
        let blocks = self.blocks();
        if block >= blocks {
            return Err(Error::Block { block, blocks });
        }
        let own = &mut self.counts[block * self.classes * KINDS..];
        let mut more = |place: usize| {
            own[place] = own[place].checked_add(pixels).ok_or(Error::TooManyPixels { block })?;
            Ok(())
        };
        more(map * KINDS + 1)?;
        more(reference * KINDS + 2)?;
        if map == reference { more(map * KINDS) } else { Ok(()) }
    }

    /// Number of classes.
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.counts.len() / (self.classes * KINDS).max(1)
    }

    /// A figure of all blocks together; `None` where it is undefined.
    pub fn measure(&self, measure: BlockMeasure) -> Option<f64> {
        let sums = self.sum(&vec![1; self.blocks()]);
        measure.of(&sums, &in_reference(&sums))
    }

    /// The counts of all blocks, each so many times.
    fn sum(&self, times: &[u64]) -> Vec<u64> {
        let width = self.classes * KINDS;
        let mut sum: Vec<u64> = vec![0; width];
        for (block, times) in
            self.counts.chunks_exact(width.max(1)).zip(times).filter(|(_, times)| **times > 0)
        {
            let counts = block.iter().map(|count| count.saturating_mul(*times));
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum = sum.saturating_add(count));
        }
        sum
    }

    /// Whether a figure has anything to go by in a block.
    fn speaks(&self, measure: BlockMeasure, block: usize) -> bool {
        let own = &self.counts[block * self.classes * KINDS..][..self.classes * KINDS];
        match measure {
            BlockMeasure::F1(class) => own[class * KINDS + 1] > 0 || own[class * KINDS + 2] > 0,
            // Without a pixel of the reference there is no error.
            BlockMeasure::AreaError(class) => own[class * KINDS + 2] > 0,
            BlockMeasure::OverallAccuracy | BlockMeasure::MacroF1 => own.iter().any(|count| *count > 0),
        }
    }
}

impl BlockMeasure {
    /// The figure of summed counts; `there` says which classes the reference has.
    fn of(self, sums: &[u64], there: &[bool]) -> Option<f64> {
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let f1 = |class: &[u64]| ratio(class[0].saturating_mul(2), class[1].saturating_add(class[2]));
        let classes = sums.chunks_exact(KINDS);
        match self {
            Self::OverallAccuracy => {
                let (right, all) = classes.fold((0u64, 0u64), |(right, all), class| {
                    (right.saturating_add(class[0]), all.saturating_add(class[1]))
                });
                ratio(right, all)
            }
            Self::MacroF1 => {
                mean(classes.zip(there).filter(|(_, there)| **there).filter_map(|(class, _)| f1(class)))
            }
            Self::F1(class) => f1(&sums[class * KINDS..][..KINDS]),
            Self::AreaError(class) => {
                let own = &sums[class * KINDS..][..KINDS];
                ratio(own[1].abs_diff(own[2]), own[2])
            }
        }
    }
}

/// Which classes the reference has, of summed counts.
fn in_reference(sums: &[u64]) -> Vec<bool> {
    sums.chunks_exact(KINDS).map(|class| class[2] > 0).collect()
}

/// The runs of two sides on the blocks of one landscape: one or more a side, such as trainings of several seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landscape {
    /// Of the first side.
    pub first: Vec<BlockCounts>,
    /// Of the second side.
    pub second: Vec<BlockCounts>,
}

/// What two sides score, and how sure it is that they differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockDifference {
    /// Mean of the first side over its runs, then over the landscapes where both sides have a value.
    pub first: Option<f64>,
    /// The same of the second side.
    pub second: Option<f64>,
    /// First less second.
    pub difference: Option<f64>,
    /// Of the difference; `None` where it rests on fewer than two blocks, or half of the replicates have no value.
    pub interval: Option<Interval>,
    /// Blocks that hold the class on either map or in the reference, of area errors in the reference; for figures of all
    /// classes, blocks with pixels.
    pub blocks: usize,
}

/// A bootstrap of the difference of two maps, or of two sets of runs, that were scored on the same blocks.
///
/// Each replicate draws landscapes, in each of them blocks, and in each of them runs of either side. Both sides get the
/// same landscapes and blocks: the difference is paired. Blocks and runs are crossed (every run is scored on every
/// block), so they are drawn each for itself (Owen 2007, *The pigeonhole bootstrap*, Annals of Applied Statistics
/// 1:386-411), landscapes hold their blocks (Davison and Hinkley 1997, *Bootstrap Methods and their Application*,
/// section 3.8). Of `n` units of a level `n - 1` are drawn with replacement, which makes the variance of a mean unbiased
/// (Rao and Wu 1988, JASA 83:231-241; figures are ratios, so that no weights are needed); a level of one unit is taken as it is,
/// and what it would have varied by is in no interval. With two levels or more that vary the interval is rather too wide
/// than too narrow. Ends are percentiles of the replicates (Efron and Tibshirani 1993, section 13.3).
///
/// ```
/// use ecotone_metrics::{BlockBootstrap, BlockCounts, BlockMeasure, Landscape};
///
/// // Of twenty blocks of ten pixels the first map has nine right, the second seven or eight.
/// let map = |right: &dyn Fn(usize) -> u64| {
///     let mut counts = BlockCounts::new(2, 20);
///     for block in 0..20 {
///         counts.add(block, 0, 0, right(block))?;
///         counts.add(block, 1, 0, 10 - right(block))?;
///     }
///     Ok::<_, ecotone_metrics::Error>(counts)
/// };
/// let landscape = Landscape { first: vec![map(&|_| 9)?], second: vec![map(&|block| 7 + block as u64 % 2)?] };
/// let found = BlockBootstrap::default().compare(&[landscape], &[BlockMeasure::OverallAccuracy])?[0];
/// assert!((found.difference.unwrap() - 0.15).abs() < 1e-12);
/// assert!(found.interval.unwrap().lower > 0.1 && found.interval.unwrap().upper < 0.2);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockBootstrap {
    /// How often it draws, 2 or more.
    pub replicates: usize,
    /// Of the intervals, between 0 and 1.
    pub confidence: f64,
    /// Decides every draw.
    pub seed: u64,
}

impl Default for BlockBootstrap {
    /// 2000 replicates, 95 %.
    fn default() -> Self {
        Self { replicates: 2000, confidence: 0.95, seed: 1 }
    }
}

impl BlockBootstrap {
    /// Compares both sides by each of the figures, all on the same replicates.
    ///
    /// To swap the sides changes signs and nothing else.
    ///
    /// # Errors
    /// When a side has no run in a landscape, runs of a landscape have other blocks or classes than its first one, or
    /// a setting is out of range.
    pub fn compare(
        &self,
        landscapes: &[Landscape],
        measures: &[BlockMeasure],
    ) -> Result<Vec<BlockDifference>> {
        self.check(landscapes)?;
        let observed: Vec<Scored> =
            landscapes.iter().map(|landscape| scored(landscape, None, measures)).collect();
        let mut replicates: Vec<Vec<f64>> = vec![Vec::with_capacity(self.replicates); measures.len()];
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        // The same side draws first whichever is called so.
        let swapped = landscapes.iter().map(|l| &l.second).lt(landscapes.iter().map(|l| &l.first));
        for _ in 0..self.replicates {
            let again: Vec<Scored> = drawn(&mut random, landscapes.len())
                .into_iter()
                .map(|place| {
                    let landscape = &landscapes[place];
                    scored(landscape, Some(Draw::new(&mut random, landscape, swapped)), measures)
                })
                .collect();
            for (measure, values) in replicates.iter_mut().enumerate() {
                values.extend(means(&again, measure).map(|[first, second]| first - second));
            }
        }
        let difference = |(place, values): (usize, Vec<f64>)| {
            let means = means(&observed, place);
            let blocks = landscapes.iter().map(|landscape| speaking(landscape, measures[place])).sum();
            BlockDifference {
                first: means.map(|[first, _]| first),
                second: means.map(|[_, second]| second),
                difference: means.map(|[first, second]| first - second),
                interval: means.and_then(|_| self.interval(values)).filter(|_| blocks > 1),
                blocks,
            }
        };
        Ok(replicates.into_iter().enumerate().map(difference).collect())
    }

    fn check(&self, landscapes: &[Landscape]) -> Result<()> {
        let range = |what, value, expected| Err(Error::Range { what, value, expected });
        if self.replicates < 2 {
            return range("number of replicates", self.replicates as f64, "at least 2");
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return range("confidence", self.confidence, "between 0 and 1");
        }
        if landscapes.is_empty() {
            return range("number of landscapes", 0.0, "at least 1");
        }
        for landscape in landscapes {
            let (Some(model), false) = (landscape.first.first(), landscape.second.is_empty()) else {
                return range("number of runs of a side", 0.0, "at least 1");
            };
            for run in landscape.first.iter().chain(&landscape.second) {
                if run.classes() != model.classes() {
                    return Err(Error::Classes { expected: model.classes(), found: run.classes() });
                }
                if run.blocks() != model.blocks() {
                    let (expected, found) = (model.blocks() as f64, run.blocks() as f64);
                    return Err(Error::Unlike { what: "blocks", expected, found });
                }
            }
        }
        Ok(())
    }

    /// Percentiles, the two ends as far from the middle.
    fn interval(&self, mut values: Vec<f64>) -> Option<Interval> {
        if values.len() * 2 < self.replicates || values.len() < 2 {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        let place = ((1.0 - self.confidence) / 2.0 * last as f64).round() as usize;
        Some(Interval { lower: values[place], upper: values[last - place] })
    }
}

/// The means of both sides of a landscape for each figure, where both have one.
type Scored = Vec<Option<[f64; 2]>>;

/// What a replicate takes of a landscape.
struct Draw {
    /// How often each block.
    blocks: Vec<u64>,
    /// Which runs of the first and of the second side.
    runs: [Vec<usize>; 2],
}

impl Draw {
    fn new(random: &mut ChaCha8Rng, landscape: &Landscape, swapped: bool) -> Self {
        let mut blocks = vec![0; landscape.first[0].blocks()];
        drawn(random, blocks.len()).into_iter().for_each(|block| blocks[block] += 1);
        let sides = [landscape.first.len(), landscape.second.len()];
        let mut runs = [Vec::new(), Vec::new()];
        for side in if swapped { [1, 0] } else { [0, 1] } {
            runs[side] = drawn(random, sides[side]);
        }
        Self { blocks, runs }
    }
}

/// One fewer than there are, with replacement; a single one as it is.
fn drawn(random: &mut ChaCha8Rng, units: usize) -> Vec<usize> {
    match units {
        0 | 1 => (0..units).collect(),
        _ => (1..units).map(|_| random.random_range(0..units)).collect(),
    }
}

/// Both sides of a landscape: the mean over the runs that have a value.
fn scored(landscape: &Landscape, draw: Option<Draw>, measures: &[BlockMeasure]) -> Scored {
    let draw = draw.unwrap_or_else(|| Draw {
        blocks: vec![1; landscape.first[0].blocks()],
        runs: [(0..landscape.first.len()).collect(), (0..landscape.second.len()).collect()],
    });
    let sums = |runs: &[BlockCounts], drawn: &[usize]| -> Vec<Vec<u64>> {
        drawn.iter().map(|run| runs[*run].sum(&draw.blocks)).collect()
    };
    let sides = [sums(&landscape.first, &draw.runs[0]), sums(&landscape.second, &draw.runs[1])];
    // Runs have the same reference, but for the pixels that a map has no class for.
    let mut there = vec![false; landscape.first[0].classes()];
    for sums in sides.iter().flatten() {
        there.iter_mut().zip(in_reference(sums)).for_each(|(there, own)| *there |= own);
    }
    let [first, second] = sides.map(|sums| -> Vec<Option<f64>> {
        measures.iter().map(|measure| mean(sums.iter().filter_map(|sums| measure.of(sums, &there)))).collect()
    });
    first.into_iter().zip(second).map(|(first, second)| Some([first?, second?])).collect()
}

/// The means of both sides over the landscapes where both have a value.
fn means(landscapes: &[Scored], measure: usize) -> Option<[f64; 2]> {
    let side =
        |side: usize| mean(landscapes.iter().filter_map(|scored| scored[measure].map(|both| both[side])));
    Some([side(0)?, side(1)?])
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn speaking(landscape: &Landscape, measure: BlockMeasure) -> usize {
    let runs = || landscape.first.iter().chain(&landscape.second);
    (0..landscape.first[0].blocks()).filter(|block| runs().any(|run| run.speaks(measure, *block))).count()
}

#[cfg(test)]
mod tests;
