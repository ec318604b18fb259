//! What a series is made of, in a word each: which catalogues, which scenes of them, on which ground.

use crate::find::{Catalogs, Place};
use crate::map_grid::{Known, MapGrid};
use crate::series::{AreaCubes, Series};
use crate::site::{self, Site};
use crate::sought::Sought;
use crate::source_spec::SourceSpec;
use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_core::BoundingBox;
use ecotone_jobs::{Error as JobError, Progress, Resources};
use std::path::PathBuf;

/// A series of scenes over some ground; everything that is typed, and nothing that is read.
///
/// ```no_run
/// use chrono::NaiveDate;
/// use ecotone_cubes::{SeriesSpec, SourceSpec};
/// use ecotone_jobs::{Resources, Silent};
///
/// let start = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap();
/// let source = SourceSpec::new(&["B04", "B08"], start, 36);
/// let spec = SeriesSpec::new("catalog.json", source, "15.0,49.0,15.1,49.1");
/// let cubes = spec.load(&Resources::new(4), &Silent)?;
/// assert_eq!(cubes.areas[0][0].timeline().steps(), 36);
/// # Ok::<(), ecotone_cubes::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesSpec {
    /// Addresses of the catalogues.
    pub catalogs: Vec<String>,
    /// How the scenes of each sensor become channels and steps; all have the same steps.
    pub sources: Vec<SourceSpec>,
    /// The first day; `None`: that of the first scene, whatever the sources say.
    pub start: Option<NaiveDate>,
    /// A raster of heights in metres, for sources that want to know how the sun shines on the ground.
    pub heights: Option<PathBuf>,
    /// The grid.
    pub grid: MapGrid,
    /// How far around the ground scenes are looked for, too, in metres: what is read around a map.
    pub margin: f64,
}

impl SeriesSpec {
    /// Scenes of one sensor in one catalogue, from the source's first day, over one area of interest on pixels of 20 m in the
    /// system of the scenes.
    pub fn new(catalog: &str, source: SourceSpec, aoi: &str) -> Self {
        Self {
            catalogs: vec![catalog.to_owned()],
            start: Some(source.start),
            sources: vec![source],
            heights: None,
            grid: MapGrid { aoi: vec![aoi.to_owned()], ..MapGrid::default() },
            margin: 0.0,
        }
    }

    /// The cubes of its areas of interest, masked and regular, before normalisation, and the scenes that failed.
    ///
    /// # Errors
    /// When no scene fits, all fail, or the grid cannot be.
    pub fn load(&self, resources: &Resources, progress: &dyn Progress) -> Result<AreaCubes> {
        let series = self.plan(resources, progress)?;
        let AreaCubes { areas, failures } = series.load_all(progress)?;
        Ok(AreaCubes { areas, failures: [series.failures(), failures].concat() })
    }

    /// Finds its scenes in its areas of interest, and opens each once.
    ///
    /// # Errors
    /// As [`SeriesSpec::load`].
    pub fn plan(&self, resources: &Resources, progress: &dyn Progress) -> Result<Series> {
        let areas = site::searched(&self.grid.aoi)?;
        let area_of = self.grid.aoi.first().map_or_else(String::new, Clone::clone);
        let sought = self.seek(&Catalogs::open(&self.catalogs)?, &areas, &area_of)?;
        let first = sought.first().ok_or_else(no_source)?;
        let site = self.grid.site(&Known::Nothing, &first.spec.bands, &first.scenes)?;
        self.plan_found(sought, site, resources, progress)
    }

    /// Finds its scenes in some rectangles in degrees and their margin; `area_of` says in messages what these are of.
    ///
    /// # Errors
    /// When a catalogue cannot be asked, or has no scene that fits.
    pub fn seek(&self, catalogs: &Catalogs, areas: &[BoundingBox], area_of: &str) -> Result<Vec<Sought>> {
        let place = Place { catalogs, areas, area_of, margin: self.margin };
        let mut start = self.start;
        let mut sought = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            source.timeline()?;
            let (scenes, failures) = place.wanted(source, start).find()?;
            let oldest = place.first_of(&scenes).unwrap_or(&scenes[0]);
            let first = *start.get_or_insert_with(|| oldest.datetime.date_naive());
            sought.push(Sought { spec: SourceSpec { start: first, ..source.clone() }, scenes, failures });
        }
        Ok(sought)
    }

    /// Plans scenes that were found on a site.
    ///
    /// # Errors
    /// When a source has no scene left, or the heights lie elsewhere.
    pub fn plan_found(
        &self,
        sought: Vec<Sought>,
        site: Site,
        resources: &Resources,
        progress: &dyn Progress,
    ) -> Result<Series> {
        Series::plan(sought, site, self.heights.clone(), resources, progress)
    }
}

fn no_source() -> Error {
    JobError::Value {
        key: "sources",
        found: "none".to_owned(),
        expected: "the bands of at least one sensor".to_owned(),
    }
    .into()
}
