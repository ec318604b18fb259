//! Scenes with what is known on their ground.

use crate::blocks::Split;
use crate::labels::LabelFiles;
use crate::{Error, Result};
use ecotone_cubes::{Catalogs, Series, SeriesSpec, Site, Sought};
use ecotone_jobs::{Progress, Resources};
use std::path::PathBuf;

/// Scenes, the labels on their ground, and how their blocks are split: what a recipe says to a job on labels.
#[derive(Debug, Clone)]
pub struct Survey {
    /// For people.
    pub title: String,
    /// The scenes; their areas of interest, where they name none, are those of the labels.
    pub series: SeriesSpec,
    /// The labels.
    pub labels: LabelFiles,
    /// The attribute of classes; empty where none is named.
    pub attribute: String,
    /// Codes of the labels that stand for nothing.
    pub ignore: Vec<u8>,
    /// The blocks.
    pub split: Split,
    /// All of it as TOML, every default written out: kept beside the results, and compared with when a job is resumed.
    pub recipe: String,
    /// What it was read from and all that it names: files, and addresses and boxes of coordinates among them.
    pub files: Vec<PathBuf>,
}

impl Survey {
    /// Finds the scenes over the labels.
    ///
    /// # Errors
    /// When a catalogue cannot be asked, or has no scene that fits.
    pub fn seek(&self, catalogs: &Catalogs) -> Result<Vec<Sought>> {
        let areas = self.labels.areas(&self.series.grid)?;
        let area_of = format!("the labels {}", self.labels.path().display());
        Ok(self.series.seek(catalogs, &areas, &area_of)?)
    }

    /// The grid over the labels and the scenes that were found, and the areas on it.
    ///
    /// # Errors
    /// When the grid that is asked for cannot be, or nothing says where it lies.
    pub fn site(&self, sought: &[Sought]) -> Result<Site> {
        match sought.first() {
            Some(Sought { spec, scenes, .. }) => self.labels.site(&self.series.grid, &spec.bands, scenes),
            None => self.labels.site(&self.series.grid, &[], &[]),
        }
    }

    /// Finds the scenes over the labels, and opens each once on the labels' grid.
    ///
    /// # Errors
    /// When no scene fits, or all fail.
    pub fn plan(&self, resources: &Resources, progress: &dyn Progress) -> Result<Series> {
        let sought = self.seek(&Catalogs::open(&self.series.catalogs)?)?;
        let site = self.site(&sought)?;
        self.series.plan_found(sought, site, resources, progress).map_err(Error::from)
    }
}
