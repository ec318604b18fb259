//! The finished rows of a map, kept as files, and the COGs that are made of them.

use super::Mapping;
use super::job::{TileJob, TileSink};
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::{Failure, LayerFile, Progress, Region, Strips, write_layers};
use ecotone_tiling::HaloWindow;

impl TileSink for Strips {
    fn failed(&mut self, window: HaloWindow, failures: &[Failure]) -> Result<()> {
        self.count(window.row, window.col, failures.to_vec());
        Ok(())
    }

    fn rows(&mut self, rows: Window, layers: &[u8]) -> Result<()> {
        Ok(self.push(rows.rows, layers)?)
    }
}

impl Mapping<'_> {
    /// The strips as COGs; gives the number of pixels with a class.
    pub(super) fn write(&self, regions: &[Region], progress: &dyn Progress) -> Result<u64> {
        let TileJob { series, legend, probabilities, .. } = self.tile;
        let mut files = vec![LayerFile::map(), LayerFile::confidence()];
        if probabilities {
            files.push(LayerFile::probabilities(legend));
        }
        let rows = regions.iter().map(|region| region.window().rows).sum();
        let strips = (regions.iter().flat_map(Region::read), rows);
        Ok(write_layers(self.folder, series.geobox(), legend, &files, strips, progress)?)
    }
}
