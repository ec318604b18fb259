//! A network over every window of a grid: classes, confidence and probabilities as COGs, in memory bounded by the
//! window.

mod chunks;
mod encode;
mod job;
mod join;
mod kept;
mod retry;
mod tile;
mod write;

pub(crate) use job::window_grid;
pub use job::{CUBES_IN_MEMORY, TileJob, TileOutcome, TileSink};
pub use tile::map_tile;

use crate::Result;
use crate::recipe::{BlendKind, PriorKind};
use ecotone_core::Window;
use ecotone_cubes::nothing_seen;
use ecotone_jobs::{Events, Progress, Region, RowsOf};
use ecotone_models::Predictor;
use ecotone_tiling::Blend;
use kept::{Count, Kept};
use std::path::Path;
use std::time::{Duration, Instant};

/// What is mapped, with what, and where it goes.
pub(crate) struct Mapping<'a> {
    /// What is mapped, and with what.
    pub(crate) tile: TileJob<'a>,
    /// The run's folder.
    pub(crate) folder: &'a Path,
    /// Where finished rows wait.
    pub(crate) strips: &'a Path,
    /// Whether rows of an earlier run are taken over.
    pub(crate) resume: bool,
    /// The hash of the weights.
    pub(crate) model: &'a str,
    /// What the predictor's probabilities hold for.
    pub(crate) prior: PriorKind,
    /// What happens in this map.
    pub(crate) events: &'a Events,
}

/// What a mapping came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapped {
    /// Time that the network itself took.
    pub(crate) network: Duration,
    /// Time from the first window to the last.
    pub(crate) total: Duration,
    /// Pixels that some scene saw.
    pub(crate) observed: u64,
}

impl Mapping<'_> {
    /// Maps the whole grid of the series, region by region of its areas; each is a tile.
    pub(crate) fn run(&self, predictor: &mut dyn Predictor, progress: &dyn Progress) -> Result<Mapped> {
        self.run_watched(predictor, &mut |_, _| (), progress)
    }

    /// The same, and shows all rows as they are written, `[layer, y, x]` over a window of the grid, see [`TileJob::layers`].
    pub(crate) fn run_watched(
        &self,
        predictor: &mut dyn Predictor,
        watch: &mut dyn FnMut(Window, &[u8]),
        progress: &dyn Progress,
    ) -> Result<Mapped> {
        let (tile, series) = (&self.tile, self.tile.series);
        let shape = series.geobox().shape();
        // So far from each other that no window is predicted for two.
        let windows = series.site().regions(tile.window, tile.halo.max(tile.filter_reach()))?;
        let mut regions =
            Region::open_all(self.strips, windows, shape, tile.layers(), &self.rows_of(), self.resume)?;
        let mut mapped = Mapped::default();
        let begun = Instant::now();
        let rests: Vec<Window> = regions.iter().filter_map(Region::rest).collect();
        if !rests.is_empty() {
            let windows = rests.iter().map(|rest| tile.windows(*rest)).sum::<Result<u64>>()?;
            progress.begin("predict", windows, "windows");
            let mut count = Count { done: 0, total: windows };
            for region in &mut regions {
                let Some(rest) = region.rest() else { continue };
                let mut sink = Kept { strips: region.strips_mut(), events: self.events, count: &mut count };
                mapped.network += map_tile(tile, rest, predictor, &mut sink, progress)?.network;
            }
            progress.end();
        }
        mapped.network += self.try_again(&regions, predictor)?;
        mapped.total = begun.elapsed();
        mapped.observed = self.write(&regions, watch, progress)?;
        Region::remove_all(self.strips, regions)?;
        match mapped.observed {
            0 => Err(nothing_seen(series.scenes().count(), &self.events.failures_in_windows()).into()),
            _ => Ok(mapped),
        }
    }

    /// Everything that the rows of a map follow from.
    fn rows_of(&self) -> RowsOf {
        let TileJob { series, window, halo, blend, majority, probabilities, .. } = self.tile;
        let settings = vec![
            ("model", self.model.to_owned()),
            ("grid", format!("{:?}", series.geobox())),
            ("areas", series.site().in_words()),
            // Earlier versions counted windows from the grid's first pixel, and kept rows as they were before the filter.
            ("windows", format!("{window} {halo} {blend:?} on the lattice of the system")),
            ("choice of --prior", self.prior.name().to_owned()),
            ("choice of --majority", majority.to_string()),
            ("choice of --probabilities", probabilities.to_string()),
            ("layers", self.tile.layers().to_string()),
            ("inputs", format!("{:?}", series.specs())),
            ("heights", format!("{:?}", series.heights())),
        ];
        RowsOf { settings, scenes: series.scenes().map(|scene| scene.key.clone()).collect() }
    }
}

pub(crate) const fn blend(kind: BlendKind) -> Blend {
    match kind {
        BlendKind::Crop => Blend::Crop,
        BlendKind::Cosine => Blend::Cosine,
    }
}
