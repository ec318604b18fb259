//! What a recipe reads.

use super::load::Recipe;
use super::paths::{PATHS, catalog_folder};
use crate::{Error, Result};
use std::path::PathBuf;
use toml::{Table, Value};

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
