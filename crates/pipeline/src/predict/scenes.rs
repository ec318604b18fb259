//! From what was asked for to scenes and to the ground that is mapped.

use super::job::PredictJob;
use crate::input_card::InputCard;
use crate::recipe::reach;
use crate::{Error, Result};
use ecotone_core::{BoundingBox, Crs, GeoBox};
use ecotone_cubes::Error as CubeError;
use ecotone_cubes::{
    Catalogs, Place, Site, Sought, SourceSpec, check_resolution, extent, first_band, parts, resolution_for,
    searched, shared,
};
use ecotone_io::{RasterDataset, same_crs, transform_bounds};
use ecotone_jobs::Error as JobError;
use ecotone_models::ModelCard;
use std::path::Path;

impl PredictJob {
    /// How the model's series are made, from the day that was asked for.
    pub(super) fn inputs(&self, card: &ModelCard) -> Result<InputCard> {
        let mut inputs = InputCard::of(card, &self.model)?;
        if let Some(text) = &self.start {
            let start =
                text.parse().map_err(|source| Error::Date { key: "--start", found: text.clone(), source })?;
            inputs.sources = inputs.sources.into_iter().map(|source| source.beginning(start)).collect();
        }
        inputs.sources = self.as_asked(inputs.sources)?;
        let wrong = |found: &str, expected: &str| {
            Err(JobError::Value { key: "--dem", found: found.to_owned(), expected: expected.to_owned() }
                .into())
        };
        match (&self.dem, inputs.sources.iter().any(|source| source.illumination)) {
            (None, true) => {
                return wrong("not given", "a raster of heights: the model has the channel `illumination`");
            }
            (Some(path), false) => {
                return wrong(&path.display().to_string(), "nothing: the model does without heights");
            }
            _ => {}
        }
        Ok(inputs)
    }

    /// The scenes of each source, over the map and what is read around it.
    pub(super) fn seek(&self, sources: Vec<SourceSpec>, card: &ModelCard) -> Result<Vec<Sought>> {
        let degrees = Crs::epsg(4326);
        let grid = self.matched_grid()?;
        let on_grid = |grid: GeoBox| transform_bounds(grid.bounds(), grid.crs(), &degrees);
        let areas = match (self.aoi.as_slice(), grid.map(on_grid).transpose()?) {
            ([], Some(grid)) => vec![grid],
            (aoi, None) => searched(aoi)?,
            (aoi, Some(grid)) => {
                let near = searched(aoi)?.into_iter().filter(|area| area.intersects(&grid));
                near.map(|area| shared(area, grid)).collect()
            }
        };
        if areas.is_empty() && !self.aoi.is_empty() {
            return Err(self.elsewhere());
        }
        let area_of = self.aoi.first().map_or_else(|| "--grid".to_owned(), |aoi| format!("--aoi {aoi}"));
        let catalogs = Catalogs::open(&self.catalogs)?;
        let margin = reach(card.window.size, self.majority) as f64 * card.gsd;
        let place = Place { catalogs: &catalogs, areas: &areas, area_of: &area_of, margin };
        let seek = |spec: SourceSpec| {
            let (scenes, failures) = place.wanted(&spec, Some(spec.start)).find()?;
            Ok(Sought { spec, scenes, failures })
        };
        self.parted(sources.into_iter().map(seek).collect::<Result<_>>()?)
    }

    /// The grid of the raster that `--grid` names, where it names one.
    fn matched_grid(&self) -> Result<Option<GeoBox>> {
        let Some(path) = self.grid.as_ref().filter(|text| Path::new(text).is_file()) else { return Ok(None) };
        let grid = RasterDataset::open(path)?.geobox().clone();
        if !self.aoi.is_empty() && !grid.transform().is_axis_aligned() {
            let found = format!("{path}, which is rotated");
            let expected = "a raster whose rows run along an axis of its CRS, as --aoi is given".to_owned();
            return Err(JobError::Value { key: "--grid", found, expected }.into());
        }
        Ok(Some(grid))
    }

    /// The areas of interest are not on the raster that is matched.
    fn elsewhere(&self) -> Error {
        let expected = "an area on the raster of --grid".to_owned();
        JobError::Value { key: "--aoi", found: self.aoi.join(" "), expected }.into()
    }

    pub(super) fn site(&self, card: &ModelCard, sought: &[Sought]) -> Result<Site> {
        let Some(Sought { spec, scenes, .. }) = sought.first() else {
            return Err(JobError::Value {
                key: "MODEL",
                found: "a model without inputs".to_owned(),
                expected: "a model that `ecotone train` wrote".to_owned(),
            }
            .into());
        };
        if let Some(grid) = self.matched_grid()? {
            let parts = parts(&self.aoi, grid.crs())?;
            return match parts.is_empty() {
                true => Ok(Site::whole(grid)),
                false => Site::on(grid, &parts)?.ok_or_else(|| self.elsewhere()),
            };
        }
        let first = scenes.iter().find_map(|scene| {
            let band = first_band(scene, &spec.bands)?;
            RasterDataset::open(&band.asset.href).ok().map(|dataset| dataset.geobox().clone())
        });
        let (crs, asked) = match &self.grid {
            Some(text) => {
                let (crs, resolution) = text.split_once('@').unwrap_or((text, ""));
                let wrong = || JobError::Value {
                    key: "--grid",
                    found: text.clone(),
                    expected: "a raster, or CRS[@RESOLUTION] such as EPSG:3035@20".to_owned(),
                };
                let asked = match resolution {
                    "" => None,
                    asked => {
                        let side = asked.parse().ok().filter(|side: &f64| side.is_finite() && *side > 0.0);
                        Some(side.ok_or_else(wrong)?)
                    }
                };
                // Every scene would lie beyond the reach of a system that nobody knows.
                let known = |crs: &Crs| same_crs(crs, &Crs::epsg(4326)).is_ok();
                (crs.parse::<Crs>().ok().filter(known).ok_or_else(wrong)?, asked)
            }
            None => (first.as_ref().map_or(Crs::epsg(4326), |grid| grid.crs().clone()), None),
        };
        let parts = match self.aoi.as_slice() {
            [] => extent(scenes, &spec.bands, &crs)?.into_iter().map(Into::into).collect(),
            aoi => parts(aoi, &crs)?,
        };
        let corners = parts.iter().flat_map(|part| [part.bounds.min, part.bounds.max]);
        let resolution = match (asked, BoundingBox::around(corners)) {
            (Some(asked), _) => {
                check_resolution("--grid", asked, &crs)?;
                asked
            }
            (None, Some(area)) => resolution_for(card.gsd, &crs, area)?,
            (None, None) => card.gsd,
        };
        Site::over(&parts, resolution, &crs, first.as_ref())?
            .ok_or_else(|| CubeError::NothingObserved { scenes: scenes.len() }.into())
    }
}
