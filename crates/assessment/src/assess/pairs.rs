//! Counting pairs of codes over whole rasters, in parallel and in memory of a few tiles.

use super::breakdown::{BinReader, BinTable, Breakdown, NO_BIN};
use super::pair_table::PairTable;
use crate::{Error, Result};
use ecotone_core::{GeoBox, Legend, Window};
use ecotone_io::{PixelAreas, pixel_areas};
use ecotone_jobs::{Codes, Mask, Progress, check_places, known_codes};
use ecotone_metrics::ConfusionMatrix;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// About how many pixels a thread reads at a time: what stays in its cache until it is counted.
const TILE: usize = 1 << 18;

/// What is compared with what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'a> {
    pub(super) map: &'a Path,
    /// `None`: the map with itself, which counts its codes.
    pub(super) reference: Option<&'a Path>,
    /// What stands for nothing in a reference of other codes than the legend's that declares no nodata.
    pub(super) reference_free: Option<u8>,
    /// Codes that are no class.
    pub(super) ignore: &'a [i64],
    pub(super) mask: Option<&'a (PathBuf, u8)>,
    /// Only pixels with a class on this map, too, are counted.
    pub(super) against: Option<&'a Path>,
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
    /// The same two in parts of area, where pixels are not equally large.
    weighed: Option<(PairTable, Vec<Vec<u64>>)>,
    /// Hectares of a part, or of a pixel where all are alike; `None` where the map lies nowhere.
    hectares: Option<f64>,
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
    let areas = pixel_areas(&first.grid)?;
    let areas = areas.as_ref();
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let rows: usize = tiles.iter().map(|tile| tile.rows * tile.cols).sum();
    progress.begin("assess", rows as u64, "pixels");
    let work = |reader: Reader| -> Result<Counted> {
        let mut counted = reader.empty(areas);
        while !failed.load(Ordering::Relaxed)
            && let Some(tile) = tiles.get(next.fetch_add(1, Ordering::Relaxed))
        {
            reader.add(*tile, areas, &mut counted).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
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
    mask: Option<Mask>,
    against: Option<Codes>,
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
        let classes = |path: &Path| Codes::open(path, legend, compared.ignore);
        let map = classes(compared.map)?;
        let of_reference = |path: &Path| match compared.reference_free {
            Some(free) => Codes::with_free(path, free),
            None => classes(path),
        };
        let reference = compared.reference.map(of_reference).transpose()?;
        let mask = compared.mask.map(Mask::open).transpose()?;
        let against = compared.against.map(classes).transpose()?;
        let table = legend.index_table();
        let index = |code: usize| table[code].and_then(|index| u8::try_from(index.0).ok()).unwrap_or(u8::MAX);
        let grid = map.geobox().clone();
        for other in reference.iter().chain(&against) {
            check_places((map.path(), &grid), (other.path(), other.geobox()))?;
        }
        let by =
            (compared.by.iter()).map(|by| BinReader::open(by, (map.path(), &grid))).collect::<Result<_>>()?;
        let shared = reference.as_ref().and_then(|reference| grid.window_of(reference.geobox()));
        let indices = std::array::from_fn(index);
        Ok(Self { map, reference, mask, against, by, grid, indices, classes: legend.len(), shared })
    }

    /// Windows of whole blocks of the map, over the part that the reference shares.
    fn tiles(&self) -> Vec<Window> {
        let whole = Window::whole(self.grid.shape());
        let part = if let Some(shared) = self.shared { whole.intersection(shared) } else { Some(whole) };
        let Some(part) = part else { return Vec::new() };
        let block = self.map.block();
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

    fn empty(&self, areas: Option<&PixelAreas>) -> Counted {
        let bin = || vec![0; (usize::from(NO_BIN) + 1) * self.classes * self.classes];
        let bins = || self.by.iter().map(|_| bin()).collect::<Vec<_>>();
        Counted {
            pairs: PairTable::new(),
            bins: bins(),
            weighed: areas.is_some_and(PixelAreas::vary).then(|| (PairTable::new(), bins())),
            hectares: areas.map(|areas| areas.part() / 1e4),
            classes: self.classes,
            map_nodata: self.map.nodata(),
            reference_nodata: self.reference.as_ref().unwrap_or(&self.map).nodata(),
            warped: self.reference.is_some() && self.shared.is_none(),
        }
    }

    fn add(&self, tile: Window, areas: Option<&PixelAreas>, counted: &mut Counted) -> Result<()> {
        let here = self.grid.crop(tile);
        let mut map = self.map.read(&here)?;
        if let Some(mask) = &self.mask {
            mask.apply(&here, &mut map, self.map.nodata())?;
        }
        if let Some(against) = &self.against {
            for (code, other) in map.iter_mut().zip(against.read(&here)?) {
                if other == against.nodata() {
                    *code = self.map.nodata();
                }
            }
        }
        let other = self.reference.as_ref().map(|reference| reference.read(&here)).transpose()?;
        let reference = other.as_deref().unwrap_or(&map);
        counted.pairs.add(&map, reference, 1);
        let bins: Vec<Vec<u8>> = (self.by.iter())
            .map(|reader| reader.bins(&here, self.reference.as_ref().unwrap_or(&self.map)))
            .collect::<Result<_>>()?;
        for (bins, counts) in bins.iter().zip(&mut counted.bins) {
            self.add_bins(bins, &map, reference, 1, counts);
        }
        if let (Some((pairs, binned)), Some(areas)) = (&mut counted.weighed, areas) {
            let cols = tile.col as usize..tile.col_end() as usize;
            for row in 0..tile.rows {
                for (run, parts) in areas.runs(tile.row as usize + row, cols.clone()) {
                    let run = row * tile.cols + run.start..row * tile.cols + run.end;
                    let (map, reference) = (&map[run.clone()], &reference[run.clone()]);
                    pairs.add(map, reference, parts);
                    for (bins, counts) in bins.iter().zip(binned.iter_mut()) {
                        self.add_bins(&bins[run.clone()], map, reference, parts, counts);
                    }
                }
            }
        }
        Ok(())
    }

    fn add_bins(&self, bins: &[u8], map: &[u8], reference: &[u8], parts: u64, counts: &mut [u64]) {
        let (map_nodata, nodata) = (self.map.nodata(), self.reference.as_ref().unwrap_or(&self.map).nodata());
        for ((bin, map), reference) in bins.iter().zip(map).zip(reference) {
            let (row, col) = (self.indices[usize::from(*map)], self.indices[usize::from(*reference)]);
            let scored = *map != map_nodata && *reference != nodata && row != u8::MAX && col != u8::MAX;
            if scored {
                let place = usize::from(*bin) * self.classes + usize::from(row);
                counts[place * self.classes + usize::from(col)] += parts;
            }
        }
    }
}

impl Counted {
    fn merge(&mut self, other: &Self) {
        let add = |mine: &mut [u64], theirs: &[u64]| {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        };
        self.pairs.merge(&other.pairs);
        self.bins.iter_mut().zip(&other.bins).for_each(|(mine, theirs)| add(mine, theirs));
        if let (Some((pairs, bins)), Some((their_pairs, their_bins))) = (&mut self.weighed, &other.weighed) {
            pairs.merge(their_pairs);
            bins.iter_mut().zip(their_bins).for_each(|(mine, theirs)| add(mine, theirs));
        }
    }

    /// Whether pixels are not equally large, so that areas are not counts.
    pub(super) const fn is_weighed(&self) -> bool {
        self.weighed.is_some()
    }

    /// Hectares of a count of the weighed tables; `None` where the map lies nowhere and areas are counts of pixels.
    pub(super) const fn hectares(&self) -> Option<f64> {
        self.hectares
    }

    /// Pixels of each map code with each reference code, nodata on either side left out.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u8, u8, u64)> {
        self.pairs_of(&self.pairs)
    }

    /// The same in parts of area, which are counts where pixels are equally large.
    pub(super) fn area_pairs(&self) -> impl Iterator<Item = (u8, u8, u64)> {
        self.pairs_of(self.weighed.as_ref().map_or(&self.pairs, |(pairs, _)| pairs))
    }

    fn pairs_of(&self, table: &PairTable) -> impl Iterator<Item = (u8, u8, u64)> + use<> {
        let (map_nodata, reference_nodata) = (self.map_nodata, self.reference_nodata);
        table.sums().into_iter().filter(move |(row, col, _)| *row != map_nodata && *col != reference_nodata)
    }

    /// As class indices.
    ///
    /// # Errors
    /// When a scored pixel has a code that the legend lacks.
    pub(super) fn confusion(&self, compared: &Compared<'_>) -> Result<ConfusionMatrix> {
        self.confusion_of(compared, self.pairs())
    }

    /// The same in parts of area.
    ///
    /// # Errors
    /// As [`confusion`](Self::confusion).
    pub(super) fn area_confusion(&self, compared: &Compared<'_>) -> Result<ConfusionMatrix> {
        self.confusion_of(compared, self.area_pairs())
    }

    fn confusion_of(
        &self,
        compared: &Compared<'_>,
        pairs: impl Iterator<Item = (u8, u8, u64)>,
    ) -> Result<ConfusionMatrix> {
        let table = compared.legend.index_table();
        let mut unknown = [[0u64; 256]; 2];
        let mut counts = vec![0; self.classes * self.classes];
        for (row, col, pixels) in pairs {
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
                return Err(Error::Code { side, path: path.to_owned(), code, pixels, known });
            }
        }
        Ok(ConfusionMatrix::from_counts(self.classes, counts)?)
    }

    /// The breakdowns, bins without a pixel left out.
    pub(super) fn breakdowns(&self, by: &[Breakdown]) -> Result<Vec<BinTable>> {
        self.tables_of(by, &self.bins)
    }

    /// The same in parts of area.
    pub(super) fn area_breakdowns(&self, by: &[Breakdown]) -> Result<Vec<BinTable>> {
        self.tables_of(by, self.weighed.as_ref().map_or(&self.bins, |(_, bins)| bins))
    }

    fn tables_of(&self, by: &[Breakdown], bins: &[Vec<u64>]) -> Result<Vec<BinTable>> {
        by.iter().zip(bins).map(|(by, counts)| BinTable::of(by, counts, self.classes)).collect()
    }
}
