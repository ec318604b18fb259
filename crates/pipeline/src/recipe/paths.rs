//! Which keys are paths, and what they are relative to.

use super::load::Recipe;
use crate::survey::catalog_folder;
use crate::{Error, Result};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Keys that hold a path, or a list of them.
const PATHS: &[&str] = &[
    "inputs.catalog",
    "inputs.dem",
    "labels.raster",
    "labels.vector",
    "labels.legend",
    "grid.aoi",
    "assess.truth",
    "train.from",
];

/// Where relative paths start.
pub(super) struct Roots<'a> {
    /// The folder of the recipe.
    pub(super) recipe: &'a Path,
    /// The folder that the command was typed in.
    pub(super) here: &'a Path,
}

impl Roots<'_> {
    /// Makes the paths of a recipe file absolute.
    pub(super) fn resolve_file(&self, said: &mut Table) {
        for key in PATHS {
            let Some((section, name)) = key.split_once('.') else { continue };
            if let Some(slot) = said.get_mut(section).and_then(|s| s.get_mut(name)) {
                *slot = resolved(slot.clone(), self.recipe);
            }
        }
    }

    /// Makes a value from the command line absolute where its key is a path.
    pub(super) fn resolve_setting(&self, key: &str, value: Value) -> Value {
        if PATHS.contains(&key) { resolved(value, self.here) } else { value }
    }
}

impl Recipe {
    /// The file that the recipe was read from, and the paths that it names in each of its years; addresses and boxes of
    /// coordinates are among them.
    ///
    /// # Errors
    /// When its years make no sense.
    pub(crate) fn inputs(&self) -> Result<Vec<PathBuf>> {
        let mut inputs: Vec<PathBuf> = self.file.iter().cloned().collect();
        for year in self.each_year()? {
            let catalog = year.inputs.catalog.first().map_or_else(String::new, |first| catalog_folder(first));
            let table = Table::try_from(&year).map_err(|source| Error::WriteRecipe { source })?;
            for key in PATHS {
                let value = key.split_once('.').and_then(|(section, name)| table.get(section)?.get(name));
                let texts = match value {
                    Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
                    value => value.and_then(Value::as_str).map_or_else(Vec::new, |text| vec![text]),
                };
                let said = texts.into_iter().filter(|text| !text.is_empty());
                inputs.extend(said.map(|text| year.place(text, &catalog)));
            }
        }
        Ok(inputs)
    }
}

fn resolved(value: Value, root: &Path) -> Value {
    match value {
        Value::String(text) if is_relative_path(&text) => {
            Value::String(root.join(text).display().to_string())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| resolved(item, root)).collect()),
        other => other,
    }
}

/// Not an address, not a placeholder, not a bounding box, not already absolute, not "not said".
fn is_relative_path(text: &str) -> bool {
    let is_box =
        text.split(',').count() == 4 && text.split(',').all(|number| number.trim().parse::<f64>().is_ok());
    !text.is_empty()
        && !text.contains("://")
        && !text.starts_with('{')
        && !is_box
        && Path::new(text).is_relative()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_every_year_is_an_input() {
        let mut recipe = Recipe::default();
        recipe.inputs.catalog = vec!["/data/s2/catalog.json".to_owned(), "https://a.org/stac".to_owned()];
        recipe.labels.raster = "{catalog}/labels-{year}.tif".to_owned();
        recipe.train.from = "/runs/a/model.safetensors".to_owned();
        recipe.timeline.start = "2018-01-01".to_owned();
        recipe.timeline.years = vec![2018, 2019];
        recipe.file = Some("/data/job.toml".into());
        let inputs = recipe.inputs().unwrap();
        for expected in [
            "/data/job.toml",
            "/data/s2/catalog.json",
            "https://a.org/stac",
            "/data/s2/labels-2018.tif",
            "/data/s2/labels-2019.tif",
            "/data/s2/legend.csv",
            "/runs/a/model.safetensors",
        ] {
            assert!(inputs.contains(&PathBuf::from(expected)), "{expected} is not in {inputs:?}");
        }
    }
}
