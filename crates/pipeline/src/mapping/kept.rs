//! The finished rows of a map, kept as files, and what is told on the way to them.

use super::job::TileSink;
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::{Events, Failure, Strips};
use ecotone_tiling::HaloWindow;

/// How many windows of a map are done, of how many.
pub(super) struct Count {
    pub(super) done: u64,
    pub(super) total: u64,
}

/// Rows are kept as strips, and what happens on the way to them is told.
pub(super) struct Kept<'a> {
    pub(super) strips: &'a mut Strips,
    pub(super) events: &'a Events,
    pub(super) count: &'a mut Count,
}

impl TileSink for Kept<'_> {
    fn failed(&mut self, window: HaloWindow, failures: &[Failure]) -> Result<()> {
        Ok(self.events.scenes_failed(Some(window.read), failures)?)
    }

    fn done(&mut self, window: HaloWindow) -> Result<()> {
        self.count.done += 1;
        Ok(self.events.window(window.read, self.count.done, self.count.total)?)
    }

    fn rows(&mut self, rows: Window, layers: &[u8]) -> Result<()> {
        Ok(self.strips.push(rows.rows, layers)?)
    }
}
