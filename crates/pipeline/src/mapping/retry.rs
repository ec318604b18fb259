//! Windows in which scenes failed are tried once more when all others are done: servers come back, and signatures are renewed.

use super::job::{TileJob, TileSink};
use super::{Mapping, map_tile};
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::{Events, Failure, Region, Silent};
use ecotone_models::Predictor;
use ecotone_tiling::HaloWindow;
use std::time::Duration;

/// Rows go into those that are kept already.
struct Patched<'a> {
    region: &'a Region,
    events: &'a Events,
    /// The window that is tried again, and what fails there now.
    window: Window,
    failures: Vec<Failure>,
}

impl TileSink for Patched<'_> {
    fn failed(&mut self, window: HaloWindow, failures: &[Failure]) -> Result<()> {
        if window.read == self.window {
            self.failures = failures.to_vec();
        }
        Ok(self.events.scenes_failed(Some(window.read), failures)?)
    }

    fn rows(&mut self, rows: Window, layers: &[u8]) -> Result<()> {
        Ok(self.region.patch(rows, layers)?)
    }
}

impl Mapping<'_> {
    /// Reads the scenes again that failed in windows, and maps the ground of those windows anew in which one of them can be
    /// read now. Gives the time that the network took.
    pub(super) fn try_again(&self, regions: &[Region], predictor: &mut dyn Predictor) -> Result<Duration> {
        let tile: &TileJob<'_> = &self.tile;
        let mut network = Duration::ZERO;
        for window in self.events.failed_windows() {
            let before = self.events.failed_in(window);
            let now = tile.series.fail_again(window, &before)?;
            if before.iter().all(|scene| now.iter().any(|failure| failure.scene == *scene)) {
                continue;
            }
            let mut failures = now;
            for region in regions {
                let Some(part) = window.pad(tile.filter_reach()).intersection(region.window()) else {
                    continue;
                };
                let mut sink = Patched { region, events: self.events, window, failures: Vec::new() };
                network += map_tile(tile, part, predictor, &mut sink, &Silent)?.network;
                failures = sink.failures;
            }
            self.events.tried_again(window, &failures)?;
        }
        Ok(network)
    }
}
