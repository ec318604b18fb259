//! Reading a recipe: defaults, the file, then what was said on the command line, each checked by name.

use super::loss;
use super::model::{DEFAULT_NETWORK, written_kind};
use super::paths::Roots;
use super::sections::{Assess, DEFAULT_LOSS, Inputs, Labels, Model, Predict, Timeline, Train};
use super::values::{check_type, fitted, typed};
use crate::{Error, Result};
use ecotone_cubes::MapGrid as Grid;
use ecotone_curation::Split;
use ecotone_jobs::Error as JobError;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A whole mapping job, every default written out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// A short name; names the run's folder.
    pub name: String,
    /// What the job maps, for people.
    pub title: String,
    /// Scenes and layers.
    pub inputs: Inputs,
    /// The map's grid.
    pub grid: Grid,
    /// The series' steps.
    pub timeline: Timeline,
    /// The reference on the ground.
    pub labels: Labels,
    /// Spatial blocks.
    pub split: Split,
    /// The network.
    pub model: Model,
    /// Its training.
    pub train: Train,
    /// The map.
    pub predict: Predict,
    /// The accuracy.
    pub assess: Assess,
    /// The file that it was read from, if any; no key.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: "run".to_owned(),
            title: String::new(),
            inputs: Inputs::default(),
            grid: Grid::default(),
            timeline: Timeline::default(),
            labels: Labels::default(),
            split: Split::default(),
            model: Model::published(DEFAULT_NETWORK),
            train: Train::default(),
            predict: Predict::default(),
            assess: Assess::default(),
            file: None,
        }
    }
}

impl Recipe {
    /// Reads a recipe file and lays `key=value` settings over it. Paths in the file are relative to the file, paths in
    /// settings to `here`.
    ///
    /// # Errors
    /// When the file cannot be read, or a key or value is wrong; the message names it and the nearest valid word.
    pub fn load(path: &Path, settings: &[String], here: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| JobError::ReadFile {
            what: "recipe",
            path: path.to_owned(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let recipe =
            Self::parse(&text, &path.display().to_string(), settings, &Roots { recipe: folder, here })?;
        Ok(Self { file: Some(path.to_owned()), ..recipe })
    }

    /// The same from a text that is built in; its paths are relative to `here`.
    ///
    /// # Errors
    /// As [`Recipe::load`].
    pub fn from_text(text: &str, origin: &str, settings: &[String], here: &Path) -> Result<Self> {
        Self::parse(text, origin, settings, &Roots { recipe: here, here })
    }

    fn parse(text: &str, origin: &str, settings: &[String], roots: &Roots<'_>) -> Result<Self> {
        let mut said: Table = text
            .parse()
            .map_err(|source| Error::RecipeSyntax { origin: origin.to_owned(), source: Box::new(source) })?;
        let written = written_kind(&said).unwrap_or(DEFAULT_NETWORK).to_owned();
        let kind = set_word(settings, "model.kind").unwrap_or(&written).to_owned();
        let written_loss = loss::written(&said).unwrap_or(DEFAULT_LOSS).to_owned();
        let loss = set_word(settings, "train.loss").unwrap_or(&written_loss).to_owned();
        check_keys(&said, &defaults_with(&written, &written_loss)?, "", origin)?;
        // What a file says of a network or a loss is said of the one that it names.
        if kind != written {
            said.remove("model");
        }
        if let Some(Value::Table(train)) = said.get_mut("train")
            && loss != written_loss
        {
            train.remove("loss_numbers");
        }
        let mut table = defaults_with(&kind, &loss)?;
        roots.resolve_file(&mut said);
        merge(&mut table, said);
        for setting in settings {
            apply(&mut table, setting, roots)?;
        }
        super::choices::check(&table)?;
        let recipe: Self = Value::Table(table)
            .try_into()
            .map_err(|source| Error::RecipeSyntax { origin: origin.to_owned(), source: Box::new(source) })?;
        recipe.check()?;
        Ok(recipe)
    }

    /// The recipe as TOML, every default written out.
    ///
    /// # Errors
    /// Never for a recipe that was loaded.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|source| Error::WriteRecipe { source })
    }
}

/// The default recipe with a network of this kind and the loss of this name, as a table: the list of all valid keys and of
/// their types.
pub(super) fn defaults_with(kind: &str, loss: &str) -> Result<Table> {
    let model = Model::of_kind(kind)?;
    let train = Train { loss: loss.to_owned(), loss_numbers: loss::numbers(loss)?, ..Train::default() };
    Table::try_from(Recipe { model, train, ..Recipe::default() })
        .map_err(|source| Error::WriteRecipe { source })
}

/// The word that settings of the command line give a key; the last one holds.
fn set_word<'a>(settings: &'a [String], key: &str) -> Option<&'a str> {
    let value = |setting: &'a String| {
        let (name, value) = setting.split_once('=')?;
        (name.trim() == key).then_some(value)
    };
    settings.iter().rev().find_map(value).map(|value| value.trim().trim_matches('"'))
}

fn check_keys(said: &Table, known: &Table, prefix: &str, origin: &str) -> Result<()> {
    for (key, value) in said {
        let name = format!("{prefix}{key}");
        let expected = known.get(key).ok_or_else(|| unknown_key(&name, known, prefix, origin))?;
        match (value, expected) {
            (Value::Table(said), Value::Table(known)) => {
                check_keys(said, known, &format!("{name}."), origin)?
            }
            _ => check_type(&name, value, expected, origin)?,
        }
    }
    Ok(())
}

fn unknown_key(name: &str, known: &Table, prefix: &str, origin: &str) -> Error {
    let last = name.rsplit('.').next().unwrap_or(name);
    let all = match known.is_empty() {
        true => format!("none: [{}] has no keys here", prefix.trim_end_matches('.')),
        false => known.keys().map(|key| format!("{prefix}{key}")).collect::<Vec<_>>().join(", "),
    };
    Error::UnknownKey {
        origin: origin.to_owned(),
        key: name.to_owned(),
        nearest: ecotone_jobs::nearest(last, known.keys().map(String::as_str))
            .map(|near| format!("{prefix}{near}")),
        known: all,
    }
}

fn merge(into: &mut Table, said: Table) {
    for (key, value) in said {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(said)) => merge(inner, said),
            (Some(slot), value) => *slot = fitted(slot, value),
            (None, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn apply(table: &mut Table, setting: &str, roots: &Roots<'_>) -> Result<()> {
    const ORIGIN: &str = "--set";
    let (key, text) =
        setting.split_once('=').ok_or_else(|| Error::Setting { setting: setting.to_owned() })?;
    let key = key.trim();
    let (mut inner, mut prefix) = (table, String::new());
    let parts: Vec<&str> = key.split('.').collect();
    for (depth, part) in parts.iter().enumerate() {
        let name = format!("{prefix}{part}");
        if !inner.contains_key(*part) {
            return Err(unknown_key(&name, inner, &prefix, ORIGIN));
        }
        let slot = &mut inner[*part];
        if depth + 1 == parts.len() {
            let value = fitted(slot, typed(key, slot, text.trim()));
            check_type(key, &value, slot, ORIGIN)?;
            *slot = roots.resolve_setting(key, value);
            return Ok(());
        }
        prefix = format!("{name}.");
        inner = match slot {
            Value::Table(next) => next,
            _ => return Err(unknown_key(key, &Table::new(), &prefix, ORIGIN)),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(text: &str, settings: &[&str]) -> Result<Recipe> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Recipe::from_text(text, "job.toml", &settings, Path::new("/data"))
    }

    #[track_caller]
    fn check(text: &str, settings: &[&str], message: &str) {
        let found = recipe(text, settings).unwrap_err().to_string();
        assert!(found.contains(message), "{found}");
    }

    #[test]
    fn an_empty_recipe_is_the_default() {
        let made = recipe("", &[]).unwrap();
        assert_eq!(made.train, Train::default());
        assert_eq!(recipe(&made.to_toml().unwrap(), &[]).unwrap(), made);
    }

    #[test]
    fn settings_win_over_the_file_and_the_file_over_defaults() {
        let made = recipe(
            "[train]\nepochs = 3\nbatch = 2",
            &["train.batch=7", "inputs.bands=B04,B08", "inputs.indices=NDVI"],
        )
        .unwrap();
        assert_eq!((made.train.epochs, made.train.batch), (3, 7));
        assert_eq!(made.inputs.bands, ["B04", "B08"]);
        assert_eq!(recipe("", &["inputs.mask.values=3, 8"]).unwrap().inputs.mask.values, [3, 8]);
        assert_eq!(recipe("[labels]\nignore = 2", &[]).unwrap().labels.ignore, [2]);
        assert_eq!(recipe("", &["labels.ignore=2"]).unwrap().labels.ignore, [2]);
        assert_eq!(recipe("", &["grid.resolution=10"]).unwrap().grid.resolution, 10.0);
        assert_eq!(recipe("", &["timeline.start=2020-04-01"]).unwrap().timeline.start, "2020-04-01");
    }

    #[test]
    fn paths_are_relative_to_where_they_were_written() {
        let made = recipe("[inputs]\ncatalog = \"a/catalog.json\"", &["labels.vector=fields.gpkg"]).unwrap();
        assert_eq!(made.inputs.catalog, ["/data/a/catalog.json"]);
        assert_eq!(made.labels.vector, "/data/fields.gpkg");
        assert_eq!(
            recipe("", &["inputs.catalog=https://a.org/stac"]).unwrap().inputs.catalog,
            ["https://a.org/stac"]
        );
        let named = recipe("[inputs]\ncatalog = [\"earth-search\", \"mine\"]", &[]).unwrap().inputs.catalog;
        assert_eq!(named, ["earth-search", "/data/mine"]);
        assert_eq!(recipe("", &[]).unwrap().labels.raster, "{catalog}/truth.tif");
        let from = recipe("[train]\nfrom = \"a/model.safetensors\"", &[]).unwrap().train.from;
        assert_eq!(from, "/data/a/model.safetensors");
        assert_eq!(recipe("", &["train.from=b.safetensors"]).unwrap().train.from, "/data/b.safetensors");
    }

    #[test]
    fn a_typo_names_the_nearest_key() {
        check(
            "[train]\nepoch = 3",
            &[],
            "unknown key `train.epoch` in job.toml; did you mean `train.epochs`?",
        );
        check("[inptus]\n", &[], "did you mean `inputs`?");
        check("", &["train.bach=3"], "unknown key `train.bach` in --set; did you mean `train.batch`?");
        check("", &["train.epochs"], "`--set train.epochs`: expected key=value");
        check("", &["train.epochs.x=1"], "train.epochs.x");
    }

    #[test]
    fn a_wrong_value_says_what_was_expected() {
        check(
            "[train]\nepochs = \"many\"",
            &[],
            "`train.epochs` in job.toml is \"many\", expected an integer",
        );
        check("", &["train.epochs=many"], "`train.epochs` in --set is \"many\", expected an integer");
        check(
            "[timeline]\nfill = \"liner\"",
            &[],
            "`timeline.fill` is `liner`, expected zero, linear or harmonic; did you mean `linear`?",
        );
        check(
            "",
            &["train.class_weights=inverze"],
            "`train.class_weights` is `inverze`, expected none or inverse; did you mean `inverse`?",
        );
        check("", &["inputs.simulate.preset=forrest"], "`inputs.simulate.preset` is `forrest`");
        check(
            "",
            &["grid.crs=3035"],
            "`grid.crs` is `3035`, expected auto, EPSG:<number> or WKT that PROJ knows; did you mean `EPSG:3035`?",
        );
        check("", &["grid.crs=ESPG:3035"], "did you mean `EPSG:3035`?");
        check("", &["grid.crs=atuo"], "did you mean `auto`?");
        check("", &["inputs.indices=NDWY"], "`inputs.indices` is `NDWY`");
        check("", &["inputs.dates=2021"], "`inputs.dates` is `2021`, expected FIRST/LAST");
        check("", &["train.epochs=-1"], "`train.epochs` in --set is -1, expected an integer of 0 or more");
        check(
            "[inputs]\nbands = [1, 2]",
            &[],
            "`inputs.bands` in job.toml is [1, 2], expected a list of texts",
        );
        check("", &["labels.ignore=300"], "`labels.ignore` in --set is [300], expected a list of codes");
        check("", &["grid.resolution=wide"], "expected a number");
        check("", &["grid.crs=EPSG:99999"], "`grid.crs` is `EPSG:99999`");
        check("", &["train.epochs=0"], "train.epochs");
        check("", &["train.date_dropout=1"], "`train.date_dropout` is 1, expected 0 (off) or above");
        check("", &["train.band_noise=-0.1"], "`train.band_noise` is -0.1, expected 0 (off) or above");
        check(
            "",
            &["timeline.steps=3", "train.temporal_shift=3"],
            "`train.temporal_shift` is 3, expected less than timeline.steps, which is 3",
        );
        check("not toml", &[], "job.toml");
    }
}
