//! The series of a recipe by itself, for programs that go on from there.

use crate::find::Wanted;
use crate::inputs::InputSpec;
use crate::labels::LabelFiles;
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::series::Series;
use crate::summary::{Failure, Resources};
use crate::{Error, Result};
use ecotone_core::Cube;
use std::path::Path;

/// The masked series that a recipe's network sees, in reflectance and before normalisation, on the grid of its labels, a
/// cube for each area of interest; and the scenes that failed.
///
/// # Errors
/// When the recipe names no catalogue, no scene fits, or every scene fails.
pub fn load_cube(
    recipe: &Recipe,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<(Vec<Cube<f32>>, Vec<Failure>)> {
    let catalogs = &recipe.inputs.catalog;
    let Some(first) = catalogs.first() else {
        return Err(Error::Value {
            key: "inputs.catalog",
            found: "nothing".to_owned(),
            expected: "a catalogue".to_owned(),
        });
    };
    let files = LabelFiles::new(recipe, &catalog_folder(first));
    let series = plan(recipe, &files, catalogs, resources, progress)?;
    let (cubes, failures) = series.load_all(progress)?;
    Ok((cubes, series.failures().iter().cloned().chain(failures).collect()))
}

/// Finds the scenes of a recipe over its labels and plans them on the labels' grid.
pub(crate) fn plan(
    recipe: &Recipe,
    files: &LabelFiles,
    catalogs: &[String],
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Series> {
    let days = recipe.timeline.steps as u64 * u64::from(recipe.timeline.step_days);
    let wanted = Wanted {
        catalogs,
        collections: &recipe.inputs.collections,
        max_cloud_cover: recipe.inputs.max_cloud_cover,
        areas: files.areas(recipe)?,
        area_of: format!("the labels {}", files.path().display()),
        period: recipe.start()?.map(|start| (start, days)),
        dates: &recipe.dates()?,
    };
    let (scenes, failures) = wanted.find()?;
    let start = recipe.start()?.unwrap_or_else(|| scenes[0].datetime.date_naive());
    let site = files.site(recipe, &scenes)?;
    let folder = catalogs.first().map_or_else(String::new, |first| catalog_folder(first));
    let heights = recipe.heights(&folder);
    Series::plan(InputSpec::new(recipe, start)?, site, heights, &scenes, failures, resources, progress)
}

/// The folder of a catalogue: itself, or that of its file.
pub(crate) fn catalog_folder(location: &str) -> String {
    let path = Path::new(location);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    folder.display().to_string()
}
