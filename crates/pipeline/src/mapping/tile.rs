//! A network over a part of a grid: finished rows, and the scenes that failed. Knows no folder, catalogue or manifest.

use super::chunks::{Chunks, shape_of};
use super::job::{TileJob, TileOutcome, TileSink};
use super::join::Joiner;
use crate::{Error, Result};
use ecotone_core::{Cube, Shape2d, Window};
use ecotone_cubes::Loaded;
use ecotone_jobs::Progress;
use ecotone_models::{Batch, BatchShape, Predictor};
use ecotone_tiling::HaloWindow;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Maps a tile, which is any window of the grid of the series, and hands its rows over as they are finished.
///
/// What a pixel gets depends on its place, the scenes and the model alone: windows lie on the lattice of the grid's CRS, they
/// and the filter look at the ground beyond the tile and beyond the grid, and only then is the map cut to the tile and to
/// the areas of the series. So tiles together, of one grid or of several on a lattice, are the map of them all, byte for
/// byte.
///
/// # Errors
/// When the network fails, the sink does, or heights cannot be read; scenes that fail are data.
pub fn map_tile(
    job: &TileJob<'_>,
    tile: Window,
    predictor: &mut dyn Predictor,
    sink: &mut dyn TileSink,
    progress: &dyn Progress,
) -> Result<TileOutcome> {
    let mut joiner = Joiner::new(job, tile, sink)?;
    let windows = joiner.windows().to_vec();
    let chunks = Chunks::of(shape_of(&windows), job.bytes_of_window(), job.memory).cut(windows);
    let mut network = Duration::ZERO;
    std::thread::scope(|scope| {
        // The next chunk is read while this one is mapped, and no further one.
        let (sender, receiver) = sync_channel(0);
        scope.spawn(move || {
            for chunk in chunks {
                // The other side is gone when the network failed; its error is the one to report.
                if sender.send(job.load(chunk, tile)).is_err() {
                    return;
                }
            }
        });
        for chunk in receiver {
            for (window, loaded) in chunk? {
                let (prediction, failures) = match loaded {
                    Some((cubes, failures)) => (job.predict(predictor, cubes, &mut network)?, failures),
                    None => (vec![0.0; (job.legend.len() + 1) * window.read.shape().len()], Vec::new()),
                };
                joiner.push(window, prediction, failures)?;
                progress.advance(1, "");
            }
        }
        Ok::<(), Error>(())
    })?;
    Ok(TileOutcome { network, ..joiner.finish()? })
}

impl TileJob<'_> {
    /// The cubes of some windows; `None` for those that have no part in any pixel of an area in the tile.
    fn load(&self, windows: Vec<HaloWindow>, tile: Window) -> Result<Vec<(HaloWindow, Option<Loaded>)>> {
        let mut wanted = Vec::with_capacity(windows.len());
        for window in &windows {
            let near = window.read.pad(self.filter_reach()).intersection(tile);
            wanted.push(match near {
                Some(near) => self.series.site().touches(near)?,
                None => false,
            });
        }
        let reads = windows.iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(window, _)| window.read);
        let mut loaded = self.series.load_each(&reads.collect::<Vec<_>>())?.into_iter();
        let of_window = |(window, wanted)| (window, if wanted { loaded.next() } else { None });
        Ok(windows.into_iter().zip(wanted).map(of_window).collect())
    }

    /// `[class, y, x]` probabilities of a window, and a last layer that is 1 where any scene saw a pixel.
    fn predict(
        &self,
        predictor: &mut dyn Predictor,
        cubes: Vec<Cube<f32>>,
        network: &mut Duration,
    ) -> Result<Vec<f32>> {
        let side = self.window + 2 * self.halo;
        let mut seen = vec![0.0; side * side];
        for cube in &cubes {
            let counts = cube.observations().into_iter();
            seen.iter_mut().zip(counts).filter(|(_, count)| *count > 0).for_each(|(seen, _)| *seen = 1.0);
        }
        let mut values = if seen.contains(&1.0) {
            let cube = self.series.join(self.normalisation, cubes)?;
            let (geobox, timeline, bands, data, valid) = cube.into_parts();
            let (Shape2d { rows, cols }, channels) = (geobox.shape(), bands.len());
            let shape = BatchShape { n: 1, steps: timeline.steps(), channels, rows, cols };
            let batch = Batch::new(shape, data, &valid)?;
            let begun = Instant::now();
            let found = predictor.predict(&batch)?;
            *network += begun.elapsed();
            found.values
        } else {
            vec![0.0; self.legend.len() * seen.len()]
        };
        values.extend(seen);
        Ok(values)
    }
}
