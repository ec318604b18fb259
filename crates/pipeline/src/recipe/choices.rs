//! Keys that take one of a few words.

use super::values::look_up;
use crate::Result;
use ecotone_jobs::Error as JobError;
use ecotone_models::Loss;
use toml::{Table, Value};

/// Each such key and its words.
const CHOICES: &[(&str, &[&str])] = &[
    ("inputs.simulate.preset", &crate::sample::PRESETS),
    ("inputs.mask.kind", &["none", "auto", "scl", "fmask", "bits", "anybit", "plain"]),
    ("inputs.sar.units", &["auto", "power", "decibel"]),
    ("inputs.sar.rule", &["best", "median", "mean"]),
    ("timeline.step", &["days", "month"]),
    ("timeline.rule", &["best", "median", "mean"]),
    ("timeline.fill", &["zero", "linear", "harmonic"]),
    ("labels.cleaning", &["none", "stable"]),
    ("model.collapse", &["masked_mean", "last", "attention"]),
    ("train.series", &["masked", "unmasked", "both"]),
    ("train.optimizer", &["adam", "adamw"]),
    ("train.schedule", &["constant", "cosine", "step", "one_cycle"]),
    ("train.loss", &Loss::NAMES),
    ("train.select_by", &["macro_f1", "overall_accuracy", "loss"]),
    ("train.class_weights", &["none", "inverse"]),
    ("predict.blend", &["crop", "cosine"]),
    ("predict.prior", &["natural", "drawn"]),
];

/// Refuses a word that its key does not take.
pub(super) fn check(recipe: &Table) -> Result<()> {
    for (key, words) in CHOICES {
        if let Some(Value::String(word)) = look_up(recipe, key)
            && !words.contains(&word.as_str())
        {
            return Err(JobError::word(key, word, words).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;
    use crate::recipe::load::defaults_with;
    use crate::recipe::model::DEFAULT_NETWORK;
    use crate::recipe::sections::DEFAULT_LOSS;

    /// The default recipe with another word, as far as its types let it.
    fn with(key: &str, word: &str) -> std::result::Result<Recipe, toml::de::Error> {
        let mut table = defaults_with(DEFAULT_NETWORK, DEFAULT_LOSS).unwrap();
        let mut slot = &mut table;
        let (sections, name) = key.rsplit_once('.').unwrap();
        for section in sections.split('.') {
            slot = slot[section].as_table_mut().unwrap();
        }
        assert!(slot[name].is_str(), "{key}");
        slot[name] = word.into();
        Value::Table(table).try_into()
    }

    #[test]
    fn each_word_is_one_that_the_recipe_reads() {
        for (key, words) in CHOICES {
            for word in *words {
                assert!(with(key, word).is_ok(), "{key} = {word}");
            }
            if let Err(error) = with(key, "?") {
                // Serde lists every variant of an enum between backticks, after the wrong one.
                let all: Vec<&str> = error.message().split('`').skip(1).step_by(2).skip(1).collect();
                assert_eq!(all, *words, "{key}");
            }
        }
    }

    fn leaves(table: &Table, prefix: &str) -> Vec<String> {
        table
            .iter()
            .flat_map(|(key, value)| match value {
                Value::Table(inner) => leaves(inner, &format!("{prefix}{key}.")),
                Value::String(_) => vec![format!("{prefix}{key}")],
                _ => Vec::new(),
            })
            .collect()
    }

    #[test]
    fn each_enum_of_the_recipe_is_listed() {
        for key in leaves(&defaults_with(DEFAULT_NETWORK, DEFAULT_LOSS).unwrap(), "")
            .iter()
            .filter(|key| key.contains('.'))
        {
            let listed = CHOICES.iter().any(|(known, _)| known == key);
            assert!(with(key, "?").is_ok() || listed, "{key} takes few words, but they are not listed");
        }
    }
}
