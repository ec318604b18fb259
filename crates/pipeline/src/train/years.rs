//! The years of a job: each has its scenes, its labels and perhaps a truth of its own, on one grid.

use crate::Result;
use crate::recipe::Recipe;
use crate::recipe::catalog_folder;
use chrono::Datelike;
use ecotone_core::Legend;
use ecotone_cubes::{Catalogs, MeantBand, Series, paired};
use ecotone_curation::{LabelFiles, Labels};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, Resources};
use std::path::PathBuf;

/// A year, or all of the series where the recipe names no years.
pub(crate) struct Year {
    /// What it is called; empty where the recipe names no years.
    pub(crate) name: String,
    pub(crate) series: Series,
    /// Where its labels are from.
    pub(crate) files: LabelFiles,
    /// What the map is scored against.
    pub(crate) labels: Labels,
    /// What networks learn from and are validated with, class indices as a plane over the areas: the labels, cleaned in training
    /// blocks where the recipe says so.
    pub(crate) learnt: Vec<u8>,
    /// What a network of this year alone learns from: the same, but cleaned by this year alone.
    pub(crate) annual: Vec<u8>,
    /// What is known better than by the labels, as class indices.
    pub(crate) truth: Option<Vec<u8>>,
}

/// The years of a recipe, and the files that their labels are from.
pub(crate) fn read_years(
    recipe: &Recipe,
    catalogs: &[String],
    legend: &Legend,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<(Vec<Year>, Vec<PathBuf>)> {
    let recipes = recipe.each_year()?;
    let folder = catalog_folder(&catalogs[0]);
    let surveys = recipes.iter().map(|year| year.survey_in(catalogs)).collect::<Result<Vec<_>>>()?;
    let opened = Catalogs::open(catalogs)?;
    let mut sought = Vec::with_capacity(recipes.len());
    for survey in &surveys {
        sought.push(survey.seek(&opened)?);
    }
    drop(opened);
    let site = surveys[0].site(&sought[0])?;
    if recipe.timeline.pair_days > 0 {
        sought = paired(sought, recipe.timeline.pair_days, progress)?;
    }
    let mut years = Vec::with_capacity(recipes.len());
    let mut paths: Vec<PathBuf> = Vec::new();
    for ((own, survey), sought) in recipes.iter().zip(&surveys).zip(sought) {
        let files = &survey.labels;
        let series = survey.series.plan_found(sought, site.clone(), resources, progress)?;
        let labels = files.read(&site, legend, &own.labels.ignore)?;
        let truth = own.truth(&folder);
        for path in [Some(files), truth.as_ref()].into_iter().flatten().map(LabelFiles::path) {
            // One file may label all years.
            if !paths.iter().any(|known| known == path) {
                paths.push(path.to_owned());
            }
        }
        let truth = truth.map(|truth| truth.read(&site, legend, &own.labels.ignore)).transpose()?;
        let name = match recipe.timeline.years.is_empty() {
            true => String::new(),
            false => own.start()?.map_or_else(String::new, |day| day.year().to_string()),
        };
        let (learnt, annual) = (labels.indices.clone(), labels.indices.clone());
        let (files, truth) = (files.clone(), truth.map(|truth| truth.indices));
        years.push(Year { name, series, files, labels, learnt, annual, truth });
    }
    same_channels(&years)?;
    same_meanings(&years)?;
    Ok((years, paths))
}

/// One network learns from all years, so all have its channels.
fn same_channels(years: &[Year]) -> Result<()> {
    let channels = years[0].series.channels();
    match years.iter().find(|year| year.series.channels() != channels) {
        None => Ok(()),
        Some(other) => Err(JobError::Value {
            key: "timeline.years",
            found: format!("{}, with the channels {}", other.name, other.series.channels().join(", ")),
            expected: format!("those of {}: {}", years[0].name, channels.join(", ")),
        }
        .into()),
    }
}

/// One network learns from all years, so each name means one band in all of them, whichever sensors they are of.
fn same_meanings(years: &[Year]) -> Result<()> {
    let meant = |year: &Year| -> Vec<MeantBand> {
        year.series.specs().into_iter().flat_map(|source| source.meant).collect()
    };
    let first = meant(&years[0]);
    for year in &years[1..] {
        for band in meant(year) {
            if let Some(other) = first.iter().find(|other| other.name == band.name && !other.is_like(&band)) {
                let found = format!("{}, in which `{}` is {}", year.name, band.name, band.in_words());
                let expected = format!(
                    "{}, as in {}: name it as it is called on every sensor",
                    other.in_words(),
                    years[0].name
                );
                return Err(JobError::Value { key: "timeline.years", found, expected }.into());
            }
        }
    }
    Ok(())
}
