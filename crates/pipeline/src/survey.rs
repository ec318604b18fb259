//! What a recipe says to the rooms below: its scenes, its labels, its blocks.

use crate::recipe::{Recipe, Series, catalog_folder};
use crate::{Result, sample};
use chrono::NaiveDate;
use ecotone_cubes::{AreaCubes, SeriesSpec, SourceSpec, metres_at_most};
use ecotone_curation::{LabelFiles, Survey};
use ecotone_io::VectorLayer;
use ecotone_jobs::{Error as JobError, Progress, Resources};
use std::path::Path;

impl Recipe {
    /// How the scenes of each sensor become channels and steps, the optical one first, for a series that begins on this day.
    ///
    /// # Errors
    /// When `inputs.dates` are none.
    pub(crate) fn sources(&self, start: NaiveDate) -> Result<Vec<SourceSpec>> {
        let (inputs, timeline) = (&self.inputs, &self.timeline);
        let optical = SourceSpec {
            bands: inputs.bands.clone(),
            meant: Vec::new(),
            indices: inputs.indices.clone(),
            illumination: !inputs.dem.is_empty(),
            collections: inputs.collections.clone(),
            max_cloud_cover: inputs.max_cloud_cover,
            dates: self.dates()?,
            radar: None,
            offset: inputs.offset.clone(),
            scale: inputs.scale.clone(),
            mask: inputs.mask.clone(),
            start,
            step_days: timeline.about_days(),
            steps: timeline.steps,
            calendar: timeline.step.calendar(),
            rule: timeline.rule,
            fill: timeline.fill,
        };
        let radar = SourceSpec {
            bands: inputs.sar.bands.clone(),
            indices: inputs.sar.indices.clone(),
            illumination: false,
            collections: inputs.sar.collections.clone(),
            max_cloud_cover: 100.0,
            radar: Some(inputs.sar.units),
            rule: inputs.sar.rule,
            ..optical.unmasked()
        };
        // A network that is trained with clouds maps with them.
        let optical = if self.train.series == Series::Unmasked { optical.unmasked() } else { optical };
        Ok([optical, radar].into_iter().filter(|source| !source.bands.is_empty()).collect())
    }

    /// The scenes of a recipe's own year; the first day may be that of the first scene, from which nothing else follows.
    fn series(&self, catalogs: &[String]) -> Result<SeriesSpec> {
        let start = self.start()?;
        let folder = catalogs.first().map_or_else(String::new, |first| catalog_folder(first));
        Ok(SeriesSpec {
            catalogs: catalogs.to_vec(),
            sources: self.sources(start.unwrap_or_default())?,
            start,
            heights: self.heights(&folder),
            grid: self.grid.clone(),
            margin: self.predict.reach() as f64 * metres_at_most(self.grid.resolution),
        })
    }

    /// The labels of a recipe's own year; `catalog` is the folder of the first catalogue.
    pub(crate) fn label_files(&self, catalog: &str) -> LabelFiles {
        let path = |text: &str| self.place(text, catalog);
        let (labels, legend) = (&self.labels, path(&self.labels.legend));
        match labels.vector.as_str() {
            "" => LabelFiles::raster(path(&labels.raster), legend),
            vector => {
                LabelFiles::polygons_of(VectorLayer::parse(path(vector)), labels.attribute.clone(), legend)
            }
        }
    }

    /// The truth beside the labels, where the recipe names one.
    pub(crate) fn truth(&self, catalog: &str) -> Option<LabelFiles> {
        let path = |text: &str| self.place(text, catalog);
        let truth = &self.assess.truth;
        (!truth.is_empty()).then(|| LabelFiles::raster(path(truth), path(&self.labels.legend)))
    }

    /// A recipe's own year, whose scenes are in these catalogues.
    pub(crate) fn survey_in(&self, catalogs: &[String]) -> Result<Survey> {
        let folder = catalogs.first().map_or_else(String::new, |first| catalog_folder(first));
        Ok(Survey {
            title: self.title.clone(),
            series: self.series(catalogs)?,
            labels: self.label_files(&folder),
            attribute: self.labels.attribute.clone(),
            ignore: self.labels.ignore.clone(),
            split: self.split.clone(),
            recipe: self.to_toml()?,
            files: self.inputs()?,
        })
    }
}

/// What a recipe of one year says to a job on labels. Where it names no catalogue, its sample is simulated on first use in a
/// folder relative to `here`.
///
/// # Errors
/// When it names several years, or the sample cannot be written.
pub fn survey(
    recipe: &Recipe,
    here: &Path,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Survey> {
    let year = recipe.only_year()?;
    let catalogs = catalogs(&year, here, resources, progress)?;
    // What is kept and compared is the recipe as it was given, its year not yet put in.
    Ok(Survey { recipe: recipe.to_toml()?, files: recipe.inputs()?, ..year.survey_in(&catalogs)? })
}

/// The catalogues of a recipe, or that of the sample that it simulates on first use in a folder relative to `here`.
pub(crate) fn catalogs(
    recipe: &Recipe,
    here: &Path,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Vec<String>> {
    let inputs = &recipe.inputs;
    if !inputs.catalog.is_empty() {
        return Ok(inputs.catalog.clone());
    }
    let sample = sample::ensure(&inputs.simulate, &here.join(&inputs.simulate.folder), resources, progress)?;
    Ok(vec![sample.display().to_string()])
}

/// The masked series that a recipe's network sees, before normalisation, on the grid of its labels.
///
/// # Errors
/// When the recipe names no catalogue or several years, no scene fits, or every scene fails.
pub fn load_cube(recipe: &Recipe, resources: &Resources, progress: &dyn Progress) -> Result<AreaCubes> {
    let recipe = &recipe.only_year()?;
    let catalogs = &recipe.inputs.catalog;
    if catalogs.is_empty() {
        let (key, found, expected) = ("inputs.catalog", "nothing".to_owned(), "a catalogue".to_owned());
        return Err(JobError::Value { key, found, expected }.into());
    }
    let series = recipe.survey_in(catalogs)?.plan(resources, progress)?;
    let AreaCubes { areas, failures } = series.load_all(progress)?;
    Ok(AreaCubes { areas, failures: [series.failures(), failures].concat() })
}
