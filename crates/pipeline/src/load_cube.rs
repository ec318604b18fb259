//! The series of a recipe by itself, for programs that go on from there.

use crate::find::{Catalogs, Place};
use crate::inputs::InputSpec;
use crate::labels::LabelFiles;
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::series::{AreaCubes, Series};
use crate::site::Site;
use crate::source::Sought;
use crate::summary::Resources;
use crate::{Error, Result};
use std::path::Path;

/// The masked series that a recipe's network sees, before normalisation, on the grid of its labels.
///
/// # Errors
/// When the recipe names no catalogue or several years, no scene fits, or every scene fails.
pub fn load_cube(recipe: &Recipe, resources: &Resources, progress: &dyn Progress) -> Result<AreaCubes> {
    let recipe = &recipe.only_year()?;
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
    let AreaCubes { areas, failures } = series.load_all(progress)?;
    Ok(AreaCubes { areas, failures: [series.failures(), failures].concat() })
}

/// Finds the scenes of a recipe over its labels and plans them on the labels' grid.
pub(crate) fn plan(
    recipe: &Recipe,
    files: &LabelFiles,
    catalogs: &[String],
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Series> {
    let sought = seek(recipe, files, &Catalogs::open(catalogs)?)?;
    let site = files.site(recipe, &sought[0].spec.bands, &sought[0].scenes)?;
    plan_found(recipe, sought, site, catalogs, resources, progress)
}

/// Finds the scenes of a recipe over its labels.
pub(crate) fn seek(recipe: &Recipe, files: &LabelFiles, catalogs: &Catalogs) -> Result<Vec<Sought>> {
    let areas = files.areas(recipe)?;
    let area_of = format!("the labels {}", files.path().display());
    let place = Place { catalogs, areas: &areas, area_of: &area_of };
    let mut start = recipe.start()?;
    // The first day may be that of the first scene; which layers are read does not follow from it.
    let drafts = InputSpec::of_recipe(recipe, start.unwrap_or_default())?;
    let mut sought = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let (scenes, failures) = place.wanted(&draft, start).find()?;
        let first = *start.get_or_insert_with(|| scenes[0].datetime.date_naive());
        sought.push(Sought { spec: InputSpec { start: first, ..draft }, scenes, failures });
    }
    Ok(sought)
}

/// Plans scenes that were found on a site.
pub(crate) fn plan_found(
    recipe: &Recipe,
    sought: Vec<Sought>,
    site: Site,
    catalogs: &[String],
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Series> {
    let folder = catalogs.first().map_or_else(String::new, |first| catalog_folder(first));
    Series::plan(sought, site, recipe.heights(&folder), resources, progress)
}

/// The folder of a catalogue: itself, or that of its file.
pub(crate) fn catalog_folder(location: &str) -> String {
    let path = Path::new(location);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    folder.display().to_string()
}
