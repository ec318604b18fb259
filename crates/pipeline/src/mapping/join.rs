//! From predictions of windows to finished rows of a tile: joined, coded, filtered, and cut to the tile and its areas.

use super::encode::{blank, cut, encode, scored};
use super::job::{TileJob, TileOutcome, TileSink};
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::{Failure, FilteredStrips, nodata_code};
use ecotone_postprocessing::MajorityFilter;
use ecotone_tiling::{HaloWindow, Stitcher};
use std::collections::BTreeMap;

/// A tile in the making.
pub(super) struct Joiner<'a> {
    job: &'a TileJob<'a>,
    tile: Window,
    stitcher: Stitcher,
    filter: Option<FilteredStrips>,
    /// Failures in windows that came before their turn.
    failed: BTreeMap<HaloWindow, Vec<Failure>>,
    sink: &'a mut dyn TileSink,
    outcome: TileOutcome,
}

impl<'a> Joiner<'a> {
    /// Without a window so far. The ground that is joined is larger than the tile by what the filter looks at.
    pub(super) fn new(job: &'a TileJob<'a>, tile: Window, sink: &'a mut dyn TileSink) -> Result<Self> {
        let grown = tile.pad(job.filter_reach());
        // One channel more than classes: whether any scene saw the pixel.
        let stitcher = Stitcher::new(job.grid()?, grown, job.legend.len() + 1, job.blend);
        let filter = match job.majority {
            0 => None,
            side => {
                Some(FilteredStrips::new(MajorityFilter::new(side, grown.cols, nodata_code(job.legend))?))
            }
        };
        let (failed, outcome) = (BTreeMap::new(), TileOutcome::default());
        Ok(Self { job, tile, stitcher, filter, failed, sink, outcome })
    }

    /// The windows whose predictions are needed, row by row.
    pub(super) fn windows(&self) -> &[HaloWindow] {
        self.stitcher.windows()
    }

    /// Takes what the network said of a window, and the scenes that failed there.
    pub(super) fn push(
        &mut self,
        window: HaloWindow,
        prediction: Vec<f32>,
        failures: Vec<Failure>,
    ) -> Result<()> {
        if !failures.is_empty() {
            self.failed.insert(window, failures);
        }
        let strips = self.stitcher.push(window, prediction)?;
        // In order of windows, and before the rows that lack the scenes.
        let joined = self.stitcher.joined();
        if let Some(last) = joined.checked_sub(1).map(|last| self.stitcher.windows()[last]) {
            while let Some(first) = self.failed.first_entry().filter(|first| *first.key() <= last) {
                let (window, failures) = first.remove_entry();
                self.sink.failed(window, &failures)?;
                self.outcome.failures.add(failures);
            }
        }
        for strip in strips {
            let mut layers = encode(&strip, self.job.legend, self.job.probabilities);
            if let Some(factors) = self.job.scored {
                layers.extend(scored(&strip, factors));
            }
            let ready = match &mut self.filter {
                Some(filter) => filter.push(strip.window, layers),
                None => vec![(strip.window, layers)],
            };
            self.hand_over(ready)?;
        }
        self.sink.done(window)
    }

    /// Hands over what waited for rows below it.
    pub(super) fn finish(mut self) -> Result<TileOutcome> {
        let rest = self.filter.take().map_or_else(Vec::new, FilteredStrips::finish);
        self.hand_over(rest)?;
        self.stitcher.finish()?;
        Ok(self.outcome)
    }

    fn hand_over(&mut self, strips: Vec<(Window, Vec<u8>)>) -> Result<()> {
        for (window, mut layers) in strips {
            let Some(own) = window.intersection(self.tile) else { continue };
            if own != window {
                layers = cut(&layers, window, own);
            }
            let (size, inside) = (own.shape().len(), self.job.series.site().inside(own)?);
            blank(&mut layers, size, inside.as_deref(), self.job.legend);
            let nothing = nodata_code(self.job.legend);
            self.outcome.observed += layers[..size].iter().filter(|code| **code != nothing).count() as u64;
            self.sink.rows(own, &layers)?;
        }
        Ok(())
    }
}
