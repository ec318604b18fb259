//! The grid that a map is asked for, and how it comes about from what is there.

use crate::site::{self, Site};
use crate::{Error, Result, grid};
use ecotone_core::{BoundingBox, Crs, GeoBox};
use ecotone_io::Scene;
use serde::{Deserialize, Serialize};

/// The grid of the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapGrid {
    /// `auto`, `EPSG:<number>` or WKT.
    pub crs: String,
    /// Side of a pixel, in units of the system.
    pub resolution: f64,
    /// Vector files, or west,south,east,north in degrees; none: all there is.
    pub aoi: Vec<String>,
}

impl Default for MapGrid {
    fn default() -> Self {
        Self { crs: "auto".to_owned(), resolution: 20.0, aoi: Vec::new() }
    }
}

/// What lies on the ground already, such as labels.
pub enum Known<'a> {
    /// Nothing: the scenes say where.
    Nothing,
    /// A raster on this grid.
    Raster(GeoBox),
    /// Something else, whose rectangle in a system this tells.
    Extent(&'a dyn Fn(&Crs) -> Result<BoundingBox>),
}

impl MapGrid {
    /// Whether the system is to follow from what is there.
    pub fn is_auto(&self) -> bool {
        self.crs == "auto"
    }

    /// The grid over what is known, or over the scenes, and the areas on it; `bands` are those of the scenes.
    ///
    /// # Errors
    /// When the resolution is none of the system, an area cannot be read, or nothing says where.
    pub fn site(&self, known: &Known<'_>, bands: &[String], scenes: &[Scene]) -> Result<Site> {
        let resolution = self.resolution;
        let native = match known {
            Known::Raster(grid) => Some(grid),
            Known::Nothing | Known::Extent(_) => None,
        };
        let as_it_is =
            |grid: &&GeoBox| self.is_auto() && self.aoi.is_empty() && grid::has_resolution(grid, resolution);
        if let Some(grid) = native.filter(as_it_is) {
            return Ok(Site::whole(grid.clone()));
        }
        let scene_grid = grid::of_first(scenes, bands);
        // Labels in degrees say nothing of a grid in metres: the scenes do.
        let leading = match native {
            Some(grid) if self.is_auto() && grid::means_metres(resolution, grid.crs())? => None,
            native => native,
        };
        let like = leading.or(scene_grid.as_ref());
        let crs = match like {
            _ if !self.is_auto() => self.crs.parse::<Crs>()?,
            Some(grid) => grid.crs().clone(),
            None => Crs::epsg(4326),
        };
        // Where no scene can be read either, planning says why.
        if !self.is_auto() || like.is_some() {
            grid::check_resolution("grid.resolution", resolution, &crs)?;
        }
        let parts = match (self.aoi.as_slice(), known) {
            ([], Known::Raster(grid)) => {
                vec![ecotone_io::transform_bounds(grid.bounds(), grid.crs(), &crs)?.into()]
            }
            // Polygons may cover a country, of which the scenes show a corner.
            ([], Known::Extent(bounds)) => {
                let (labels, scenes) = (bounds(&crs)?, grid::extent(scenes, bands, &crs)?);
                vec![scenes.map_or(labels, |scenes| grid::shared(labels, scenes)).into()]
            }
            ([], Known::Nothing) => grid::extent(scenes, bands, &crs)?.into_iter().map(Into::into).collect(),
            (aoi, _) => site::parts(aoi, &crs)?,
        };
        Site::over(&parts, resolution, &crs, like)?.ok_or(Error::NothingObserved { scenes: scenes.len() })
    }
}
