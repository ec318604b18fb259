//! The network of a recipe: its kind, and the settings of a network of that kind.

use super::sections::{Model, Timeline};
use crate::{Error, Result};
use ecotone_jobs::Error as JobError;
use ecotone_models::{NetworkConfig, ValidNetworkConfig};
use std::fmt;
use toml::{Table, Value};

/// The network of a recipe that names none.
pub(super) const DEFAULT_NETWORK: &str = "unet3d";

/// Settings that follow from the series and the legend.
const DERIVED: [&str; 5] = ["channels", "radar", "classes", "steps", "step_days"];

/// Channels, classes and steps that every network can have, for looking at its settings before any scene is read.
const SOME: [(&str, i64); 5] =
    [("channels", 12), ("radar", 2), ("classes", 7), ("steps", 12), ("step_days", 10)];

/// Every network as published, as tables with their kind.
fn published() -> Vec<(String, Table)> {
    let named = |network: &NetworkConfig| {
        let mut table = Table::try_from(network).unwrap_or_default();
        match table.remove("kind") {
            Some(Value::String(kind)) => Some((kind, table)),
            _ => None,
        }
    };
    NetworkConfig::all(12, 7).iter().filter_map(named).collect()
}

/// The kinds of networks.
pub(super) fn kinds() -> Vec<String> {
    published().into_iter().map(|(kind, _)| kind).collect()
}

/// The kind that a recipe file names.
pub(super) fn written_kind(said: &Table) -> Option<&str> {
    said.get("model")?.get("kind")?.as_str()
}

impl Model {
    /// A network as published.
    ///
    /// # Errors
    /// When there is none of that kind.
    pub(super) fn of_kind(kind: &str) -> Result<Self> {
        let kinds = kinds();
        if kinds.iter().any(|known| known == kind) {
            return Ok(Self::published(kind));
        }
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        Err(JobError::word("model.kind", kind, &kinds).into())
    }

    /// The same for a kind that there is.
    pub(super) fn published(kind: &str) -> Self {
        let found = published().into_iter().find(|(name, _)| name == kind);
        let mut settings = found.map(|(_, table)| table).unwrap_or_default();
        DERIVED.iter().for_each(|key| drop(settings.remove(*key)));
        Self { kind: kind.to_owned(), settings }
    }

    /// The network for a series of so many channels, of which so many are of the radar, and a legend of so many classes.
    ///
    /// # Errors
    /// Names the setting that cannot be.
    pub(crate) fn network(
        &self,
        channels: usize,
        radar: usize,
        classes: usize,
        timeline: &Timeline,
    ) -> Result<ValidNetworkConfig> {
        let numbers = [channels, radar, classes, timeline.steps, timeline.about_days() as usize];
        let derived = DERIVED.iter().zip(numbers).map(|(key, number)| (*key, number as i64));
        self.with(derived)
    }

    /// Sees that the settings can be, whatever the series.
    pub(super) fn check(&self) -> Result<()> {
        self.with(SOME.into_iter()).map(|_| ())
    }

    fn with(&self, derived: impl Iterator<Item = (&'static str, i64)>) -> Result<ValidNetworkConfig> {
        let known = published();
        let all = known.iter().find(|(kind, _)| *kind == self.kind).map(|(_, table)| table);
        let mut table = self.settings.clone();
        for (key, number) in derived.filter(|(key, _)| all.is_some_and(|all| all.contains_key(*key))) {
            table.insert(key.to_owned(), Value::Integer(number));
        }
        table.insert("kind".to_owned(), Value::String(self.kind.clone()));
        let network: NetworkConfig = Value::Table(table).try_into().map_err(|source| {
            Error::RecipeSyntax { origin: "[model]".to_owned(), source: Box::new(source) }
        })?;
        Ok(network.check()?)
    }
}

impl fmt::Display for Model {
    /// The kind, and its width where it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.settings.get("width") {
            Some(width) => write!(f, "{} of width {width}", self.kind),
            None => f.write_str(&self.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;
    use std::path::Path;

    fn recipe(text: &str, settings: &[&str]) -> Result<Recipe> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Recipe::from_text(text, "job.toml", &settings, Path::new("/data"))
    }

    #[test]
    fn every_network_can_be_asked_for_and_is_written_out_again() {
        for kind in kinds() {
            let made = recipe("", &[&format!("model.kind={kind}")]).unwrap();
            let network = made.model.network(12, 2, 7, &made.timeline).unwrap();
            assert_eq!(network.name(), kind);
            assert_eq!(recipe(&made.to_toml().unwrap(), &[]).unwrap(), made);
            let explained = crate::recipe::explain(&made).unwrap();
            assert_eq!(recipe(&explained, &[]).unwrap(), made, "{explained}");
        }
    }

    #[test]
    fn a_files_settings_are_those_of_the_network_that_it_names() {
        let file = "[model]\nkind = \"deepforest-1a\"\nwidth = 16\n[timeline]\nsteps = 5";
        assert_eq!(recipe(file, &[]).unwrap().model.to_string(), "deepforest-1a of width 16");
        let other = recipe(file, &["model.kind=pixel-lstm", "model.hidden=32"]).unwrap();
        assert_eq!(other.model.to_string(), "pixel-lstm");
        assert_eq!(other.model.settings["hidden"].as_integer(), Some(32));
        let steps = recipe(file, &["model.kind=tempcnn"]).unwrap();
        steps.model.network(12, 2, 7, &steps.timeline).unwrap();
        let widths =
            recipe("", &["model.kind=utae", "model.encoder=16,16,32", "model.decoder=16,16,32"]).unwrap();
        assert_eq!(widths.model.settings["encoder"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn wrong_networks_and_settings_are_named() {
        let says = |settings: &[&str], words: &[&str]| {
            let said = recipe("", settings).unwrap_err();
            let said = format!("{said} {}", ecotone_jobs::reasons(&said));
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        };
        says(&["model.kind=unet2d"], &["`model.kind` is `unet2d`", "did you mean `unet"]);
        says(&["model.kind=pixel-lstm", "model.width=4"], &["unknown key `model.width`"]);
        says(&["model.width=3"], &["setting `width` is 3"]);
        says(&["model.kind=utae", "model.encoder=a"], &["`model.encoder`", "list of numbers"]);
    }
}
