//! The COGs that are made of the finished rows of a map.

use super::Mapping;
use super::job::TileJob;
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::{LayerFile, Progress, Region, write_layers};

impl Mapping<'_> {
    /// The strips as COGs, each shown to `watch`; gives the number of pixels with a class.
    pub(super) fn write(
        &self,
        regions: &[Region],
        watch: &mut dyn FnMut(Window, &[u8]),
        progress: &dyn Progress,
    ) -> Result<u64> {
        let TileJob { series, legend, probabilities, .. } = self.tile;
        let mut files = vec![LayerFile::map(), LayerFile::confidence()];
        if probabilities {
            files.push(LayerFile::probabilities(legend));
        }
        let rows = regions.iter().map(|region| region.window().rows).sum();
        let shown = regions.iter().flat_map(Region::read).inspect(|strip| {
            if let Ok((window, layers)) = strip {
                watch(*window, layers);
            }
        });
        let strips = (shown, rows);
        Ok(write_layers(self.folder, series.geobox(), legend, &files, strips, progress)?)
    }
}
