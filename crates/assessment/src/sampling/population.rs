//! The pixels that a sample is drawn from, and their strata, window by window.

use crate::{Error, Result};
use ecotone_core::{GeoBox, Legend, Window};
use ecotone_io::{PixelAreas, pixel_areas};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Codes, GDAL_CACHE, Progress, inner};
use ecotone_metrics::IGNORE;
use ecotone_tiling::WindowGrid;
use std::path::{Path, PathBuf};

/// Side of a window in pixels.
const WINDOW: usize = 1024;
/// The widest strip along edges, in pixels.
const MAX_EDGE: usize = 16;
/// Stratum numbers: 0 to 255 are class indices, or values of the strata raster.
const EDGES: usize = 256;
const STRATA: usize = 257;

/// What decides the stratum of a pixel.
#[derive(Debug)]
pub(super) struct Population {
    map: Codes,
    legend: Legend,
    strata: Option<Codes>,
    edge: usize,
    areas: Option<PixelAreas>,
}

/// A stratum that has pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stratum {
    /// Class code, value of the strata raster, or for the edges a code that nothing else has.
    pub(super) code: u8,
    /// What it is called.
    pub(super) name: String,
    /// Pixels.
    pub(super) units: u64,
    /// Hectares; pixels where the map lies nowhere.
    pub(super) area: f64,
}

/// The strata, and which of them a stratum number is.
#[derive(Debug)]
pub(super) struct Counts {
    /// Strata that have pixels.
    pub(super) strata: Vec<Stratum>,
    /// Index of each stratum number among them.
    pub(super) places: Vec<Option<usize>>,
}

impl Counts {
    /// All pixels.
    pub(super) fn total(&self) -> u64 {
        self.strata.iter().map(|stratum| stratum.units).sum()
    }
}

/// A pixel of the population.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Row on the map.
    pub(super) row: u64,
    /// Column on the map.
    pub(super) col: u64,
    /// Class index of the map.
    pub(super) class: u8,
    /// Stratum number, see [`Counts::places`].
    pub(super) stratum: usize,
}

impl Population {
    /// Opens map and strata. `edge` is how far from a class edge pixels are a stratum of their own; 0 for none.
    pub(super) fn open(
        map: &Path,
        legend: Legend,
        ignored: &[i64],
        strata: Option<&PathBuf>,
        edge: usize,
    ) -> Result<Self> {
        ecotone_io::set_cache_bytes(GDAL_CACHE);
        if edge > MAX_EDGE {
            let (found, expected) = (edge.to_string(), format!("1 to {MAX_EDGE} pixels"));
            return Err(JobError::Value { key: "--edge-stratum", found, expected }.into());
        }
        let strata = strata.map(|path| Codes::with_free(path, u8::MAX)).transpose()?;
        let map = Codes::open(map, &legend, ignored)?;
        let areas = pixel_areas(map.geobox())?;
        Ok(Self { map, legend, strata, edge, areas })
    }

    /// The map's grid.
    pub(super) fn grid(&self) -> &GeoBox {
        self.map.geobox()
    }

    /// Whether areas are in hectares; else in pixels.
    pub(super) const fn has_areas(&self) -> bool {
        self.areas.is_some()
    }

    /// The classes.
    pub(super) const fn legend(&self) -> &Legend {
        &self.legend
    }

    /// Whether the strata are something other than the map's classes.
    pub(super) const fn has_own_strata(&self) -> bool {
        self.strata.is_some() || self.edge > 0
    }

    /// Shows every pixel that has a class and a stratum, always in the same order.
    pub(super) fn visit(
        &self,
        step: &str,
        progress: &dyn Progress,
        mut see: impl FnMut(Place) -> Result<()>,
    ) -> Result<()> {
        let grid = self.grid();
        let windows = WindowGrid::new(grid.shape(), WINDOW, self.edge)?;
        progress.begin(step, windows.grid_shape().len() as u64, "windows");
        for window in windows.windows() {
            let core = window.core;
            let (classes, strata) = self.read(core)?;
            for (pixel, (class, stratum)) in classes.iter().zip(&strata).enumerate() {
                if *class != IGNORE
                    && let Some(stratum) = stratum
                {
                    see(Place {
                        row: core.row as u64 + (pixel / core.cols) as u64,
                        col: core.col as u64 + (pixel % core.cols) as u64,
                        class: *class,
                        stratum: *stratum,
                    })?;
                }
            }
            progress.advance(1, "");
        }
        progress.end();
        Ok(())
    }

    /// Classes and stratum numbers under a window.
    fn read(&self, core: Window) -> Result<(Vec<u8>, Vec<Option<usize>>)> {
        let grid = self.grid();
        let wide = core.pad(self.edge);
        let around = self.map.read_indices(&grid.crop(wide), &self.legend)?;
        let within = core.relative_to(wide);
        let classes = inner(&around, wide.shape(), within);
        let mut strata: Vec<Option<usize>> = match &self.strata {
            None => classes.iter().map(|class| Some(usize::from(*class))).collect(),
            Some(strata) => {
                let values = strata.read_some(&grid.crop(core))?;
                values.into_iter().map(|value| value.map(usize::from)).collect()
            }
        };
        if self.edge > 0 {
            let near = offsets(self.edge, wide.cols);
            for (pixel, stratum) in strata.iter_mut().enumerate().filter(|(_, stratum)| stratum.is_some()) {
                let at = (within.row as usize + pixel / core.cols) * wide.cols
                    + within.col as usize
                    + pixel % core.cols;
                // A pixel of the core is at least `edge` pixels from the array's rim.
                let other = |step: &isize| {
                    let class = around[at.wrapping_add_signed(*step)];
                    class != IGNORE && class != around[at]
                };
                if near.iter().any(other) {
                    *stratum = Some(EDGES);
                }
            }
        }
        Ok((classes, strata))
    }

    /// Counts the pixels of each stratum, and gives each a code and a name.
    pub(super) fn count(&self, progress: &dyn Progress, mut also: impl FnMut(Place)) -> Result<Counts> {
        let mut units = vec![0u64; STRATA];
        let mut parts = vec![0u64; STRATA];
        let area = |parts: u64| match &self.areas {
            Some(areas) => parts as f64 * areas.part() / 1e4,
            None => parts as f64,
        };
        self.visit("count", progress, |place| {
            units[place.stratum] += 1;
            let (row, col) = (place.row as usize, place.col as usize);
            parts[place.stratum] += self.areas.as_ref().map_or(1, |areas| areas.of_pixel(row, col));
            also(place);
            Ok(())
        })?;
        if units.iter().all(|units| *units == 0) {
            return Err(Error::NothingToDraw { path: self.map.path().to_owned() });
        }
        let mut counts = Counts { strata: Vec::new(), places: vec![None; STRATA] };
        for (number, units) in units.iter().copied().enumerate().filter(|(_, units)| *units > 0) {
            counts.places[number] = Some(counts.strata.len());
            let (code, name) = self.describe(number);
            counts.strata.push(Stratum { code, name, units, area: area(parts[number]) });
        }
        Ok(counts)
    }

    fn describe(&self, number: usize) -> (u8, String) {
        match (number, &self.strata) {
            (EDGES, _) => {
                let taken = |code: &u8| match &self.strata {
                    // What values the raster has elsewhere is not known; no class has 255 as a rule, nor a stratum.
                    Some(_) => *code != u8::MAX,
                    None => self.legend.entries().iter().any(|entry| entry.code.0 == *code),
                };
                let free = (1..=u8::MAX).rev().find(|code| !taken(code));
                (free.unwrap_or(u8::MAX), format!("within {} px of an edge", self.edge))
            }
            (value, Some(_)) => (value as u8, format!("stratum {value}")),
            (index, None) => {
                let entry = &self.legend.entries()[index];
                (entry.code.0, entry.name.clone())
            }
        }
    }
}

/// Steps through an array of so many columns to every other pixel within a distance.
fn offsets(reach: usize, cols: usize) -> Vec<isize> {
    let reach = reach as isize;
    let all = (-reach..=reach).flat_map(|row| (-reach..=reach).map(move |col| (row, col)));
    let near = all.filter(|(row, col)| (1..=reach * reach).contains(&(row * row + col * col)));
    near.map(|(row, col)| row * cols as isize + col).collect()
}
