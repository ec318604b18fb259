//! Blocks of ground that calibrate conformal sets or are scored, each as a whole.

use super::AssessJob;
use super::training::{SplitBlocks, split_block_of};
use crate::Result;
use ecotone_core::{GeoBox, Window};
use ecotone_io::gsd_metres;
use ecotone_jobs::{Codes, Error as JobError};
use ecotone_metrics::{Draw, IGNORE};
use ecotone_tiling::{Part, WindowGrid};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Largest side of a block in pixels where nothing says how large blocks are, on maps that are not huge.
const SIDE: usize = 128;
/// About how many blocks there are along the longer side of a small map, and at most along that of a huge one.
const ALONG: [usize; 2] = [8, 64];

/// Side of the windows in which the parts of blocks are counted.
const WINDOW: usize = 1024;

/// Square blocks of the map's pixels: those of the split that the map's run was trained with, where it is known, so that
/// what was held out together stays together.
#[derive(Debug)]
pub(super) struct Blocks {
    side: usize,
    /// Pixels that nobody scores around a block that calibrates: a quarter of a block.
    gap: usize,
    /// Row and column at which blocks begin, below a side.
    origin: (usize, usize),
    across: usize,
    /// Those that are mostly of another part of the split than the mask asks for: all that the mask leaves of them are
    /// fields that reach in over a border, whose other pixels lie in a block next to it.
    slivers: BTreeSet<u64>,
    /// Where their size comes from.
    why: &'static str,
}

impl Blocks {
    /// By the side that is asked for in metres, else by the split beside map or mask, else by the map's size.
    ///
    /// # Errors
    /// When the side is no length, or the map's place or the split's cannot be read.
    pub(super) fn of(job: &AssessJob, asked: Option<f64>, grid: &GeoBox) -> Result<Self> {
        let longer = grid.shape().rows.max(grid.shape().cols).max(1);
        if let Some(metres) = asked {
            if !(metres.is_finite() && metres > 0.0) {
                let expected = "a number of metres greater than 0, such as 1280".to_owned();
                return Err(JobError::Value { key: "--block", found: metres.to_string(), expected }.into());
            }
            let side = (metres / gsd_metres(grid)?).round().clamp(1.0, longer as f64) as usize;
            return Ok(Self::new(grid, side, (0, 0), "as --block asks"));
        }
        if let Some(SplitBlocks { side, place, path }) = split_block_of(job, grid)? {
            let begins = |at: i64| at.rem_euclid(side as i64) as usize;
            let origin = (begins(place.row), begins(place.col));
            let blocks = Self::new(grid, side, origin, "those of the run's split");
            let same = |mask: &Path| mask.canonicalize().ok() == path.canonicalize().ok();
            return match job.mask.as_ref().filter(|(mask, _)| same(mask)) {
                Some((_, part)) => blocks.without_slivers(&path, *part, grid),
                None => Ok(blocks),
            };
        }
        let [few, many] = ALONG;
        let side = (longer / few).clamp(1, SIDE).max(longer.div_ceil(many));
        Ok(Self::new(grid, side, (0, 0), "--block gives another size"))
    }

    fn new(grid: &GeoBox, side: usize, origin: (usize, usize), why: &'static str) -> Self {
        let across = grid.shape().cols / side + 2;
        Self { side, gap: (side / 4).max(1), origin, across, slivers: BTreeSet::new(), why }
    }

    /// The same without the blocks that have more pixels of another part of the split than of this one.
    fn without_slivers(mut self, split: &Path, part: u8, grid: &GeoBox) -> Result<Self> {
        let codes = Codes::with_free(split, u8::MAX)?;
        let mut counts: BTreeMap<u64, [u64; 3]> = BTreeMap::new();
        for window in WindowGrid::new(grid.shape(), WINDOW, 0)?.windows() {
            let here = codes.read(&grid.crop(window.core))?;
            for (number, code) in self.numbers(window.core).into_iter().zip(here) {
                if let Some(place) = Part::USED.iter().position(|part| part.code() == code) {
                    counts.entry(number).or_default()[place] += 1;
                }
            }
        }
        if let Some(place) = Part::USED.iter().position(|used| used.code() == part) {
            let less = |counts: &[u64; 3]| counts.iter().any(|other| *other > counts[place]);
            self.slivers = counts.into_iter().filter(|(_, counts)| less(counts)).map(|(at, _)| at).collect();
        }
        Ok(self)
    }

    /// The classes of samples, [`IGNORE`] for those in a sliver.
    pub(super) fn whole<'a>(&self, truth: &'a [u8], numbers: &[u64]) -> Cow<'a, [u8]> {
        if self.slivers.is_empty() {
            return Cow::Borrowed(truth);
        }
        let kept = truth.iter().zip(numbers);
        kept.map(|(class, at)| if self.slivers.contains(at) { IGNORE } else { *class }).collect()
    }

    /// The row of blocks that a row of pixels lies in; beyond the map as well.
    fn row(&self, row: i64) -> u64 {
        self.along(row, self.origin.0)
    }

    /// The same of a column.
    fn col(&self, col: i64) -> u64 {
        self.along(col, self.origin.1).min(self.across as u64 - 1)
    }

    fn along(&self, at: i64, origin: usize) -> u64 {
        let side = self.side as i64;
        (at + side - origin as i64).div_euclid(side).max(0) as u64
    }

    const fn number(&self, row: u64, col: u64) -> u64 {
        row * self.across as u64 + col
    }

    /// The numbers of the blocks that a window's pixels lie in.
    pub(super) fn numbers(&self, window: Window) -> Vec<u64> {
        let cols: Vec<u64> = (window.col..window.col_end()).map(|col| self.col(col)).collect();
        let rows = (window.row..window.row_end()).map(|row| self.row(row));
        rows.flat_map(|row| cols.iter().map(move |col| self.number(row, *col))).collect()
    }

    /// Which pixels of a window are scored: those of no block that calibrates, nor near one.
    pub(super) fn scored(&self, window: Window, halves: &Halves) -> Vec<bool> {
        let gap = self.gap as i64;
        // As blocks are no smaller than the gap, none lies between these.
        let near = |at: i64| [at - gap, at, at + gap];
        let cols: Vec<[u64; 3]> =
            (window.col..window.col_end()).map(|col| near(col).map(|col| self.col(col))).collect();
        let (mut scored, mut last) = (Vec::with_capacity(window.shape().len()), None);
        for row in window.row..window.row_end() {
            let rows = near(row).map(|row| self.row(row));
            if last == Some(rows) {
                scored.extend_from_within(scored.len() - cols.len()..);
                continue;
            }
            let calibrates =
                |row: u64, cols: &[u64; 3]| cols.iter().any(|col| halves.has(self.number(row, *col)));
            scored.extend(cols.iter().map(|cols| !rows.iter().any(|row| calibrates(*row, cols))));
            last = Some(rows);
        }
        scored
    }

    /// What they are, for people.
    pub(super) fn words(&self, seed: u64) -> String {
        let slivers = match self.slivers.is_empty() {
            true => "",
            false => ", nor are those in blocks of another part, which only fields that reach in have",
        };
        format!(
            "half of the blocks of {0} x {0} pixels ({1}), drawn with seed {seed}; pixels within {2} of those blocks are \
             not scored{slivers}",
            self.side, self.why, self.gap
        )
    }
}

/// The blocks, clusters or points that calibrate.
#[derive(Debug, Default)]
pub(super) struct Halves(BTreeSet<u64>);

impl Halves {
    /// Half of each group, the larger one where they are odd.
    ///
    /// # Errors
    /// None: half of a group is no more than there is.
    pub(super) fn draw(groups: &[Vec<u64>], seed: u64) -> Result<Self> {
        let sizes: Vec<u64> = groups.iter().map(|group| group.len() as u64).collect();
        let halves: Vec<u64> = sizes.iter().map(|size| size.div_ceil(2)).collect();
        let draw = Draw::stratified(&sizes, &halves, seed)?;
        Ok(Self(draw.units().map(|unit| groups[unit.group][unit.rank as usize]).collect()))
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.0.contains(&number)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoTransform, Raster, Shape2d, XY};
    use proptest::prelude::*;

    fn places(window: Window) -> impl Iterator<Item = (i64, i64)> {
        let cols = window.col..window.col_end();
        (window.row..window.row_end()).flat_map(move |row| cols.clone().map(move |col| (row, col)))
    }

    fn grid(rows: usize, cols: usize) -> GeoBox {
        let transform = GeoTransform::north_up(XY::new(5e5, 5e6), 20.0);
        GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(32633))
    }

    proptest! {
        /// No scored pixel lies within the gap of a calibrating one, and no pixel is on both sides.
        #[test]
        fn sides_are_no_neighbours(side in 1usize..9, top in 0usize..9, left in 0usize..9, seed in 0u64..50) {
            let (rows, cols) = (20i64, 26i64);
            let blocks = Blocks::new(&grid(20, 26), side, (top % side, left % side), "");
            let whole = Window::new(0, 0, 20, 26);
            let numbers = blocks.numbers(whole);
            let all: BTreeSet<u64> = numbers.iter().copied().collect();
            let halves = Halves::draw(&[all.iter().copied().collect()], seed).unwrap();
            prop_assert_eq!(halves.len(), all.len().div_ceil(2));
            let scored = blocks.scored(whole, &halves);
            let at = |row: i64, col: i64| (row * cols + col) as usize;
            let gap = blocks.gap as i64;
            for (row, col) in places(whole) {
                let mut near = Window::new(row - gap, col - gap, 2 * blocks.gap + 1, 2 * blocks.gap + 1)
                    .intersection(whole).into_iter().flat_map(places);
                let calibrating = near.any(|(r, c)| halves.has(numbers[at(r, c)]));
                // Beyond the map's edge lies at most the rest of a block that the map has, too.
                prop_assert!(!(scored[at(row, col)] && calibrating));
                let inside = (gap..rows - gap).contains(&row) && (gap..cols - gap).contains(&col);
                prop_assert!(!inside || scored[at(row, col)] != calibrating);
            }
        }

        /// Blocks are squares of the side that begin at the origin, whatever window is looked at.
        #[test]
        fn numbers_are_squares(side in 1usize..9, top in 0usize..9, left in 0usize..9, row in 0i64..12, col in 0i64..12) {
            let blocks = Blocks::new(&grid(20, 26), side, (top % side, left % side), "");
            let part = blocks.numbers(Window::new(row, col, 8, 14));
            let of = |row: i64, col: i64| {
                let along = |at: i64, origin: usize| (at - (origin % side) as i64).div_euclid(side as i64);
                (along(row, top), along(col, left))
            };
            let squares: Vec<(i64, i64)> = places(Window::new(row, col, 8, 14)).map(|(r, c)| of(r, c)).collect();
            for (i, j) in (0..part.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                prop_assert_eq!(part[i] == part[j], squares[i] == squares[j]);
            }
        }
    }

    #[test]
    fn blocks_are_large_unless_they_are_asked_for() {
        let job = AssessJob::new("nowhere/map.tif", "truth.tif", "legend.csv", "out");
        let side = |asked, rows| Blocks::of(&job, asked, &grid(rows, 10)).map(|blocks| blocks.side);
        for (rows, expected) in [(5, 1), (64, 8), (256, 32), (1024, 128), (8192, 128), (109_800, 1716)] {
            assert_eq!(side(None, rows).unwrap(), expected, "{rows} rows");
        }
        assert_eq!((side(Some(640.0), 256).unwrap(), side(Some(1e9), 256).unwrap()), (32, 256));
        for metres in [0.0, -5.0, f64::NAN] {
            assert!(side(Some(metres), 256).unwrap_err().to_string().contains("--block"));
        }
    }

    /// Blocks of 4 x 4; one of those that train holds a row of a test field that lies in the block above.
    #[test]
    fn a_field_that_reaches_into_another_part_is_no_block() {
        let folder = tempfile::tempdir().unwrap();
        let (grid, at) = (grid(8, 8), |name: &str| folder.path().join(name));
        let part = |pixel: usize| if pixel / 8 < 4 || (pixel / 8 == 4 && pixel % 8 < 4) { 3 } else { 1 };
        let codes = Raster::new(grid.clone(), 1, (0..64).map(part).collect(), None).unwrap();
        ecotone_io::write_cog(at("split.tif"), &codes, &ecotone_io::CogOptions::default()).unwrap();
        std::fs::write(at("manifest.json"), r#"{"split_block": 4}"#).unwrap();
        let mut job = AssessJob::new(at("map.tif"), "truth.tif", "legend.csv", "out");
        let told = |job: &AssessJob| {
            let blocks = Blocks::of(job, None, &grid).unwrap();
            let numbers = blocks.numbers(Window::new(0, 0, 8, 8));
            let masked: Vec<u8> = (0..64).map(|pixel| if part(pixel) == 3 { 0 } else { IGNORE }).collect();
            let kept = blocks.whole(&masked, &numbers);
            let seen = kept.iter().zip(numbers).filter(|(class, _)| **class != IGNORE).map(|(_, at)| at);
            (seen.collect::<BTreeSet<u64>>().len(), blocks.words(1).contains("reach in"))
        };
        // Without a mask, or by another one, blocks are ground, whatever their part.
        assert_eq!(told(&job), (3, false));
        job.mask = Some((at("split.tif"), 3));
        assert_eq!(told(&job), (2, true));
        job.mask = Some((at("map.tif"), 3));
        assert_eq!(told(&job), (3, false));
    }
}
