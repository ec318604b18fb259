//! A map of new ground or new years with a trained model.

use crate::compute::Compute;
use crate::input_card::InputCard;
use crate::mapping::{CUBES_IN_MEMORY, Mapping, TileJob, blend};
use crate::recipe::reach;
use crate::{Error, Result};
use ecotone_core::{BoundingBox, ClassCode, Crs, GeoBox, Legend, LegendEntry};
use ecotone_cubes::Error as CubeError;
use ecotone_cubes::{
    Catalogs, Place, PlannedScene, Series, Site, Sought, SourceSpec, check_resolution, extent,
    is_same_resolution, parts, pixel_in_words, resolution_for, searched,
};
use ecotone_io::{RasterDataset, gsd_metres, transform_bounds};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Command, Existing, Manifest, Progress, RunFolder, Summary, sha256, write_map_item};
use ecotone_models::{InputDescription, ModelCard, NetworkPredictor, Predictor};
use ecotone_preprocessing::Normalisation;
use std::path::{Path, PathBuf};

/// A prediction job.
#[derive(Debug, Clone)]
pub struct PredictJob {
    /// The weight file.
    pub model: PathBuf,
    /// Addresses of the catalogues.
    pub catalogs: Vec<String>,
    /// A raster to match, or `CRS` or `CRS@RESOLUTION`; `None`: the first scene's CRS.
    pub grid: Option<String>,
    /// Vector files, or west,south,east,north in degrees; none: the scenes' extent.
    pub aoi: Vec<String>,
    /// Heights in metres, for a model that wants to know how the sun shines on the ground.
    pub dem: Option<PathBuf>,
    /// First day of the series, YYYY-MM-DD; `None`: that of the training.
    pub start: Option<String>,
    /// Side in pixels of the square whose most frequent class each pixel gets, odd; 0: no filter.
    pub majority: usize,
    /// Whether probabilities.tif is written.
    pub probabilities: bool,
    /// The run's folder.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

/// Maps the area.
///
/// # Errors
/// When the model cannot be loaded or refuses the input, no scene fits, or the map cannot be written; single scenes
/// that fail are listed in the summary.
pub fn predict(job: &PredictJob, resources: &Compute, progress: &dyn Progress) -> Result<Summary> {
    let folder = RunFolder::claim(Command::Predict, &job.out, job.existing, &job.files())?;
    resources.apply()?;
    let mut manifest =
        Manifest::new("predict", Some(resources.backend.to_string()), resources.machine.threads);
    manifest.stage("read");
    let mut predictor = NetworkPredictor::load(&job.model, resources.backend)?;
    let card = predictor.card().clone();
    manifest.input(&job.model)?;
    for path in job.catalogs.iter().map(Path::new).chain(job.dem.as_deref()) {
        manifest.input(path)?;
    }
    let inputs = job.inputs(&card)?;
    let sought = job.seek(inputs.sources, &card)?;
    let site = job.site(&card, &sought)?;
    let geobox = site.geobox().clone();
    let series = Series::plan(sought, site, job.dem.clone(), &resources.machine, progress)?;
    let spec = series.spec();
    let described = InputDescription {
        bands: series.channels(),
        gsd: nominal(&geobox, &card)?,
        step_days: spec.step_days,
        steps: spec.steps,
    };
    card.check_input(&described)?;
    let legend = legend_of(&card)?;
    let (mean, std) = card.normalisation.iter().map(|channel| (channel.mean, channel.std)).unzip();
    let normalisation = Normalisation::new(mean, std)?;
    let model = sha256(&job.model)?;

    folder.clear()?;
    manifest.stage("predict");
    let tile = TileJob {
        series: &series,
        normalisation: &normalisation,
        legend: &legend,
        window: card.window.size - 2 * card.window.halo,
        halo: card.window.halo,
        blend: blend(inputs.blend),
        majority: job.majority,
        probabilities: job.probabilities,
        memory: CUBES_IN_MEMORY,
    };
    let mapped = Mapping {
        tile,
        folder: folder.root(),
        strips: &folder.strips(),
        resume: folder.resumed(),
        model: &model,
    }
    .run(&mut predictor, progress)?;
    write_map_item(&folder, &geobox, &legend, series.period()?)?;
    manifest.scenes_used = series.scenes().map(PlannedScene::used).collect();
    manifest.failed(&series.failures());
    manifest.failed(&mapped.failures);
    manifest.write(&folder.file("manifest.json"))?;

    let mut summary = Summary { failures: manifest.scenes_failed.clone(), ..Summary::default() };
    let shape = geobox.shape();
    summary.fact("map", folder.file("map.tif").display().to_string());
    summary.fact(
        "grid",
        format!("{} x {} pixels of {}, {}", shape.rows, shape.cols, pixel_in_words(&geobox)?, geobox.crs()),
    );
    summary.fact(
        "mapped",
        format!(
            "{} of {} pixels from {} scenes",
            mapped.observed,
            series.site().pixels()?,
            series.scenes().count()
        ),
    );
    let share = mapped.network.as_secs_f64() / mapped.total.as_secs_f64().max(1e-9);
    summary.fact(
        "time",
        format!("{:.1} s, {:.0} % of it in the network", mapped.total.as_secs_f64(), 100.0 * share),
    );
    Ok(summary)
}

impl PredictJob {
    /// What it reads; addresses and boxes of coordinates are among it.
    fn files(&self) -> Vec<PathBuf> {
        let texts = self.catalogs.iter().chain(&self.grid).chain(&self.aoi).map(PathBuf::from);
        texts.chain([self.model.clone()]).chain(self.dem.clone()).collect()
    }

    /// How the model's series are made, from the day that was asked for.
    fn inputs(&self, card: &ModelCard) -> Result<InputCard> {
        let mut inputs: InputCard = serde_json::from_value(card.inputs.clone()).map_err(|source| {
            JobError::Json { act: "understanding the inputs of", path: self.model.clone(), source }
        })?;
        if let Some(text) = &self.start {
            let start =
                text.parse().map_err(|source| Error::Date { key: "--start", found: text.clone(), source })?;
            inputs.sources = inputs.sources.into_iter().map(|source| source.beginning(start)).collect();
        }
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
    fn seek(&self, sources: Vec<SourceSpec>, card: &ModelCard) -> Result<Vec<Sought>> {
        let degrees = Crs::epsg(4326);
        let grid = self.matched_grid()?;
        let areas = match (self.aoi.as_slice(), &grid) {
            ([], Some(grid)) => vec![transform_bounds(grid.bounds(), grid.crs(), &degrees)?],
            (aoi, _) => searched(aoi)?,
        };
        let area_of = self.aoi.first().map_or_else(|| "--grid".to_owned(), |aoi| format!("--aoi {aoi}"));
        let catalogs = Catalogs::open(&self.catalogs)?;
        let margin = reach(card.window.size, self.majority) as f64 * card.gsd;
        let place = Place { catalogs: &catalogs, areas: &areas, area_of: &area_of, margin };
        let seek = |spec: SourceSpec| {
            let (scenes, failures) = place.wanted(&spec, Some(spec.start)).find()?;
            Ok(Sought { spec, scenes, failures })
        };
        sources.into_iter().map(seek).collect()
    }

    /// The grid of the raster that `--grid` names, where it names one.
    fn matched_grid(&self) -> Result<Option<GeoBox>> {
        match &self.grid {
            Some(text) if Path::new(text).is_file() => Ok(Some(RasterDataset::open(text)?.geobox().clone())),
            _ => Ok(None),
        }
    }

    fn site(&self, card: &ModelCard, sought: &[Sought]) -> Result<Site> {
        let Some(Sought { spec, scenes, .. }) = sought.first() else {
            return Err(JobError::Value {
                key: "MODEL",
                found: "a model without inputs".to_owned(),
                expected: "a model that `ecotone train` wrote".to_owned(),
            }
            .into());
        };
        if let Some(grid) = self.matched_grid()?.filter(|_| self.aoi.is_empty()) {
            return Ok(Site::whole(grid));
        }
        let first = scenes.iter().find_map(|scene| {
            let band = scene.band(spec.bands.first()?).ok()?;
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
                (crs.parse::<Crs>().ok().ok_or_else(wrong)?, asked)
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

/// The side of a pixel on the ground, as the card has it where they differ by less than a hundredth.
fn nominal(geobox: &GeoBox, card: &ModelCard) -> Result<f64> {
    let gsd = gsd_metres(geobox)?;
    Ok(if is_same_resolution(gsd, card.gsd) { card.gsd } else { gsd })
}

fn legend_of(card: &ModelCard) -> Result<Legend> {
    let entry = |class: &ecotone_models::LegendClass| {
        let color = class.color.parse().ok().ok_or_else(|| JobError::Value {
            key: "legend.color",
            found: class.color.clone(),
            expected: "#rrggbb".to_owned(),
        })?;
        Ok(LegendEntry { code: ClassCode(class.code), name: class.name.clone(), color })
    };
    Ok(Legend::new(card.legend.iter().map(entry).collect::<Result<_>>()?)?)
}
