//! What is mapped, with what, where the rows go, and what came of it.

use super::chunks::OfWindow;
use crate::Result;
use ecotone_core::{Legend, Window};
use ecotone_cubes::Series;
use ecotone_jobs::{FailedScenes, Failure};
use ecotone_preprocessing::Normalisation;
use ecotone_tiling::{Blend, HaloWindow, WindowGrid};
use std::time::Duration;

/// Bytes of cubes that are read together where nobody says otherwise; the next ones are read while these are mapped.
pub const CUBES_IN_MEMORY: usize = 1 << 30;

/// What is mapped, and with what.
#[derive(Clone, Copy)]
pub struct TileJob<'a> {
    /// The scenes, and the grid and areas that they are read on.
    pub series: &'a Series,
    /// How channels are normalised.
    pub normalisation: &'a Normalisation,
    /// The classes.
    pub legend: &'a Legend,
    /// Core side of a window, in pixels.
    pub window: usize,
    /// Pixels read around it.
    pub halo: usize,
    /// How windows meet.
    pub blend: Blend,
    /// Side of the majority filter in pixels, odd; 0 for none.
    pub majority: usize,
    /// Whether percents of all classes are made.
    pub probabilities: bool,
    /// Where what the network says is to be scored, factors a class that make its probabilities those of the other prior;
    /// rows then hold more layers, see [`Self::layers`].
    pub scored: Option<&'a [f64]>,
    /// Bytes of cubes that are read together, at least a window: see [`CUBES_IN_MEMORY`].
    pub memory: usize,
}

/// Where the rows of a tile go.
pub trait TileSink {
    /// Takes the scenes that failed in a window. Windows come row by row, each before the rows that it has a part in.
    ///
    /// # Errors
    /// When they cannot be kept; mapping stops.
    fn failed(&mut self, _window: HaloWindow, _failures: &[Failure]) -> Result<()> {
        Ok(())
    }

    /// Takes note of a window that is mapped. Windows come as they are read, which is not row by row.
    ///
    /// # Errors
    /// When that cannot be told; mapping stops.
    fn done(&mut self, _window: HaloWindow) -> Result<()> {
        Ok(())
    }

    /// Takes the next rows of the tile, from top to bottom, as a window of the grid and bytes `[layer, y, x]`: class code,
    /// percent of confidence, and a percent a class where they are asked for.
    ///
    /// # Errors
    /// When they cannot be kept; mapping stops.
    fn rows(&mut self, rows: Window, layers: &[u8]) -> Result<()>;
}

/// What a tile came to.
#[derive(Debug, Clone, Default)]
pub struct TileOutcome {
    /// The scenes that failed in any of its windows, halos included.
    pub failures: FailedScenes,
    /// Pixels with a class.
    pub observed: u64,
    /// Time that the network itself took.
    pub network: Duration,
}

impl TileJob<'_> {
    /// Bytes a pixel of the rows that are handed over: class code, percent of confidence, where asked for a percent a class,
    /// and where what the network says is scored the index of its class before any filter, that under the other prior, and
    /// for each class the higher, then for each the lower byte of its probability, of which 65535 is 1.
    pub fn layers(&self) -> usize {
        self.layers_of_files() + if self.scored.is_some() { 2 + 2 * self.legend.len() } else { 0 }
    }

    /// Those of them that come into files.
    pub(crate) fn layers_of_files(&self) -> usize {
        2 + if self.probabilities { self.legend.len() } else { 0 }
    }

    /// How many windows a tile takes.
    ///
    /// # Errors
    /// When windows have no pixel.
    pub fn windows(&self, tile: Window) -> Result<u64> {
        let grown = tile.pad(self.filter_reach());
        Ok(self.grid()?.reaching(grown, self.blend == Blend::Cosine).len() as u64)
    }

    /// How far around a pixel the filter looks, in pixels.
    pub(super) const fn filter_reach(&self) -> usize {
        self.majority / 2
    }

    /// The windows, counted from the origin of the grid's CRS.
    pub(super) fn grid(&self) -> Result<WindowGrid> {
        window_grid(self.series, self.window, self.halo)
    }

    /// What a window takes in memory.
    pub(super) fn bytes_of_window(&self) -> OfWindow {
        let pixels = (self.window + 2 * self.halo).pow(2);
        OfWindow {
            cubes: self.series.bytes_of(pixels),
            prediction: size_of::<f32>() * (self.legend.len() + 1) * pixels,
        }
    }
}

/// The windows in which the grid of a series is mapped, counted from the origin of its CRS.
///
/// # Errors
/// When windows have no pixel.
pub(crate) fn window_grid(series: &Series, window: usize, halo: usize) -> Result<WindowGrid> {
    let place = series.geobox().on_lattice();
    Ok(WindowGrid::new(place.shape(), window, halo)?.at(place.row, place.col))
}
