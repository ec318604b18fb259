//! Counting pairs of codes over whole rasters, in parallel and in memory of a few tiles.

use super::AssessError;
use super::breakdown::{BinReader, BinTable, Breakdown, NO_BIN};
use super::codes::Codes;
use crate::progress::Progress;
use crate::{Error, Result};
use ecotone_core::{GeoBox, Legend, Shape2d, Window};
use ecotone_metrics::ConfusionMatrix;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// About how many pixels a thread reads at a time: what stays in its cache until it is counted.
const TILE: usize = 1 << 18;
const PAIRS: usize = 1 << 16;

/// Neighbours are counted in different tables: adding to one place again waits until the last sum is stored.
const LANES: usize = 4;

/// Counts of `[lane, map code, reference code]`.
type PairTable = Box<[[u64; PAIRS]; LANES]>;

/// What is compared with what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'a> {
    pub(super) map: &'a Path,
    /// `None`: the map with itself, which counts its codes.
    pub(super) reference: Option<&'a Path>,
    /// What stands for nothing in a reference that declares no nodata.
    pub(super) reference_free: u8,
    pub(super) mask: Option<&'a (PathBuf, u8)>,
    pub(super) by: &'a [Breakdown],
    pub(super) legend: &'a Legend,
    pub(super) threads: usize,
}

/// What was counted.
#[derive(Debug)]
pub(super) struct Counted {
    pairs: PairTable,
    /// For each breakdown, counts of `[bin, map class, reference class]`.
    bins: Vec<Vec<u64>>,
    classes: usize,
    map_nodata: u8,
    reference_nodata: u8,
    /// The reference lies on another grid.
    pub(super) warped: bool,
}

/// Counts all pairs of a map and a reference on the map's grid.
///
/// # Errors
/// When a raster cannot be read.
pub(super) fn count_pairs(compared: &Compared<'_>, progress: &dyn Progress) -> Result<Counted> {
    let first = Reader::open(compared)?;
    let tiles = first.tiles();
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let rows: usize = tiles.iter().map(|tile| tile.rows * tile.cols).sum();
    progress.begin("assess", rows as u64, "pixels");
    let work = |reader: Reader| -> Result<Counted> {
        let mut counted = reader.empty();
        while !failed.load(Ordering::Relaxed)
            && let Some(tile) = tiles.get(next.fetch_add(1, Ordering::Relaxed))
        {
            reader.add(*tile, &mut counted).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            progress.advance(tile.shape().len() as u64, "");
        }
        Ok(counted)
    };
    let others = compared.threads.clamp(1, tiles.len().max(1)) - 1;
    let counted = std::thread::scope(|scope| {
        // Datasets may not be shared: each thread opens its own.
        let begin = || scope.spawn(|| work(Reader::open(compared)?));
        let started: Vec<_> = (0..others).map(|_| begin()).collect();
        let mut counted = work(first)?;
        for thread in started {
            match thread.join() {
                Ok(theirs) => counted.merge(&theirs?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, Error>(counted)
    })?;
    progress.end();
    Ok(counted)
}

/// The open rasters of one thread.
struct Reader {
    map: Codes,
    reference: Option<Codes>,
    mask: Option<(Codes, u8)>,
    by: Vec<BinReader>,
    grid: GeoBox,
    indices: [u8; 256],
    classes: usize,
    /// Where the reference lies on the map's lattice.
    shared: Option<Window>,
}

impl Reader {
    fn open(compared: &Compared<'_>) -> Result<Self> {
        let legend = compared.legend;
        let map = Codes::open(compared.map, legend)?;
        let reference =
            compared.reference.map(|path| Codes::with_free(path, compared.reference_free)).transpose()?;
        let mask = compared
            .mask
            .map(|(path, value)| Ok::<_, Error>((Codes::with_free(path, value.wrapping_add(1))?, *value)))
            .transpose()?;
        let by = compared.by.iter().map(BinReader::open).collect::<Result<_>>()?;
        let table = legend.index_table();
        let index = |code: usize| table[code].and_then(|index| u8::try_from(index.0).ok()).unwrap_or(u8::MAX);
        let grid = map.geobox().clone();
        let shared = reference.as_ref().and_then(|reference| grid.window_of(reference.geobox()));
        let indices = std::array::from_fn(index);
        Ok(Self { map, reference, mask, by, grid, indices, classes: legend.len(), shared })
    }

    /// Windows of whole blocks of the map, over the part that the reference shares.
    fn tiles(&self) -> Vec<Window> {
        let whole = Window::whole(self.grid.shape());
        let part = if let Some(shared) = self.shared { whole.intersection(shared) } else { Some(whole) };
        let Some(part) = part else { return Vec::new() };
        let block = self.map.dataset().band(1).map_or(Shape2d::new(512, 512), |band| band.block);
        let cols = if block.cols >= whole.cols { whole.cols } else { block.cols * (512 / block.cols).max(1) };
        let rows = block.rows * (TILE / cols.max(1) / block.rows.max(1)).max(1);
        let mut tiles = Vec::new();
        for row in (0..whole.rows).step_by(rows.max(1)) {
            for col in (0..whole.cols).step_by(cols.max(1)) {
                let tile = Window::new(row as i64, col as i64, rows, cols);
                tiles.extend(part.intersection(tile));
            }
        }
        tiles
    }

    fn empty(&self) -> Counted {
        let bins = self.by.iter().map(|_| vec![0; (usize::from(NO_BIN) + 1) * self.classes * self.classes]);
        Counted {
            pairs: empty_table(),
            bins: bins.collect(),
            classes: self.classes,
            map_nodata: self.map.nodata(),
            reference_nodata: self.reference.as_ref().unwrap_or(&self.map).nodata(),
            warped: self.reference.is_some() && self.shared.is_none(),
        }
    }

    fn add(&self, tile: Window, counted: &mut Counted) -> Result<()> {
        let here = self.grid.crop(tile);
        let mut map = self.map.read(&here)?;
        if let Some((mask, value)) = &self.mask {
            for (code, scored) in map.iter_mut().zip(mask.read(&here)?) {
                if scored != *value {
                    *code = self.map.nodata();
                }
            }
        }
        let other = self.reference.as_ref().map(|reference| reference.read(&here)).transpose()?;
        let reference = other.as_deref().unwrap_or(&map);
        add_pairs(&map, reference, &mut counted.pairs);
        for (reader, counts) in self.by.iter().zip(&mut counted.bins) {
            let bins = reader.bins(&here, self.reference.as_ref().unwrap_or(&self.map))?;
            self.add_bins(&bins, &map, reference, counts);
        }
        Ok(())
    }

    fn add_bins(&self, bins: &[u8], map: &[u8], reference: &[u8], counts: &mut [u64]) {
        let (map_nodata, nodata) = (self.map.nodata(), self.reference.as_ref().unwrap_or(&self.map).nodata());
        for ((bin, map), reference) in bins.iter().zip(map).zip(reference) {
            let (row, col) = (self.indices[usize::from(*map)], self.indices[usize::from(*reference)]);
            let scored = *map != map_nodata && *reference != nodata && row != u8::MAX && col != u8::MAX;
            if scored {
                let place = usize::from(*bin) * self.classes + usize::from(row);
                counts[place * self.classes + usize::from(col)] += 1;
            }
        }
    }
}

fn empty_table() -> PairTable {
    Box::new([[0; PAIRS]; LANES])
}

/// Adds pairs eight at a time: maps have long runs of equal pixels, which are counted once a run.
fn add_pairs(map: &[u8], reference: &[u8], counts: &mut [[u64; PAIRS]; LANES]) {
    let place = |row: u8, col: u8| usize::from(u16::from_be_bytes([row, col]));
    let all_equal = |codes: [u8; 8]| codes == [codes[0]; 8];
    let mut add = |(map, reference): ([u8; 8], [u8; 8]), times: u64| {
        if all_equal(map) && all_equal(reference) {
            counts[0][place(map[0], reference[0])] += 8 * times;
        } else {
            for lane in 0..8 {
                counts[lane % LANES][place(map[lane], reference[lane])] += times;
            }
        }
    };
    let ((map8, map_rest), (reference8, rest)) = (map.as_chunks::<8>(), reference.as_chunks::<8>());
    let (mut last, mut run) = (([0; 8], [0; 8]), 0);
    for pair in map8.iter().copied().zip(reference8.iter().copied()) {
        if pair != last {
            add(last, run);
            (last, run) = (pair, 0);
        }
        run += 1;
    }
    add(last, run);
    for (row, col) in map_rest.iter().zip(rest) {
        counts[0][place(*row, *col)] += 1;
    }
}

impl Counted {
    fn merge(&mut self, other: &Self) {
        let (mine, theirs) = (self.pairs.as_flattened_mut(), other.pairs.as_flattened());
        mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        for (mine, theirs) in self.bins.iter_mut().zip(&other.bins) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
    }

    /// Pixels of each map code with each reference code, nodata on either side left out.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u8, u8, u64)> {
        let pair = |place: u16| {
            let [row, col] = place.to_be_bytes();
            let pixels: u64 = self.pairs.iter().map(|lane| lane[usize::from(place)]).sum();
            (pixels > 0).then_some((row, col, pixels))
        };
        let is_valid = |pair: &(u8, u8, u64)| pair.0 != self.map_nodata && pair.1 != self.reference_nodata;
        (0..=u16::MAX).filter_map(pair).filter(is_valid)
    }

    /// As class indices.
    ///
    /// # Errors
    /// When a scored pixel has a code that the legend lacks.
    pub(super) fn confusion(&self, compared: &Compared<'_>) -> Result<ConfusionMatrix> {
        let table = compared.legend.index_table();
        let mut unknown = [[0u64; 256]; 2];
        let mut counts = vec![0; self.classes * self.classes];
        for (row, col, pixels) in self.pairs() {
            match (table[usize::from(row)], table[usize::from(col)]) {
                (Some(row), Some(col)) => counts[row.0 * self.classes + col.0] += pixels,
                (map, reference) => {
                    unknown[0][usize::from(row)] += if map.is_none() { pixels } else { 0 };
                    unknown[1][usize::from(col)] += if reference.is_none() { pixels } else { 0 };
                }
            }
        }
        let sides = [("map", compared.map), ("reference", compared.reference.unwrap_or(compared.map))];
        for ((side, path), unknown) in sides.into_iter().zip(&unknown) {
            if let Some(code) = unknown.iter().position(|pixels| *pixels > 0) {
                let (code, pixels) = (code.to_string(), unknown[code]);
                let known = known_codes(compared.legend);
                return Err(AssessError::Code { side, path: path.to_owned(), code, pixels, known }.into());
            }
        }
        Ok(ConfusionMatrix::from_counts(self.classes, counts)?)
    }

    /// The breakdowns, bins without a pixel left out.
    pub(super) fn breakdowns(&self, by: &[Breakdown]) -> Result<Vec<BinTable>> {
        by.iter().zip(&self.bins).map(|(by, counts)| BinTable::of(by, counts, self.classes)).collect()
    }
}

pub(super) fn known_codes(legend: &Legend) -> String {
    legend.entries().iter().map(|entry| entry.code.0.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_rests_are_counted_once() {
        let map: Vec<u8> = (0..1003u32).map(|i| (i / 37 % 3) as u8).collect();
        let reference: Vec<u8> = (0..1003u32).map(|i| (i / 50 % 4) as u8 + 200).collect();
        let mut counts = empty_table();
        add_pairs(&map, &reference, &mut counts);
        let counts: Vec<u64> = (0..PAIRS).map(|place| counts.iter().map(|lane| lane[place]).sum()).collect();
        let mut expected = vec![0u64; PAIRS];
        for (row, col) in map.iter().zip(&reference) {
            expected[usize::from(*row) * 256 + usize::from(*col)] += 1;
        }
        assert_eq!(counts, expected);
    }
}
