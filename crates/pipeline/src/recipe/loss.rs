//! The loss of a recipe: its name, and the numbers of the loss of that name.

use super::sections::Train;
use crate::{Error, Result};
use ecotone_jobs::Error as JobError;
use ecotone_models::{Loss, TrainConfig};
use toml::{Table, Value};

/// The numbers of a loss as published; empty for a loss that has none.
///
/// # Errors
/// When there is no loss of that name.
pub(super) fn numbers(name: &str) -> Result<Table> {
    if !Loss::NAMES.contains(&name) {
        return Err(JobError::word("train.loss", name, &Loss::NAMES).into());
    }
    let mut table = Table::try_from(name.parse::<Loss>()?).map_err(|source| Error::WriteRecipe { source })?;
    table.remove("kind");
    Ok(table)
}

/// The loss that a recipe file names.
pub(super) fn written(said: &Table) -> Option<&str> {
    said.get("train")?.get("loss")?.as_str()
}

impl Train {
    /// What training makes small.
    ///
    /// # Errors
    /// Names the number that cannot be.
    pub(crate) fn loss(&self) -> Result<Loss> {
        let mut table = self.loss_numbers.clone();
        table.insert("kind".to_owned(), Value::String(self.loss.clone()));
        let loss: Loss = Value::Table(table).try_into().map_err(|source| Error::RecipeSyntax {
            origin: "[train.loss_numbers]".to_owned(),
            source: Box::new(source),
        })?;
        TrainConfig { loss, ..TrainConfig::default() }.check()?;
        Ok(loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Recipe, explain};
    use std::path::Path;

    fn recipe(text: &str, settings: &[&str]) -> Result<Recipe> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Recipe::from_text(text, "job.toml", &settings, Path::new("/data"))
    }

    fn loss(text: &str, settings: &[&str]) -> Loss {
        recipe(text, settings).unwrap().train.loss().unwrap()
    }

    #[test]
    fn every_loss_can_be_asked_for_and_is_written_out_again() {
        for name in Loss::NAMES {
            let made = recipe("", &[&format!("train.loss={name}")]).unwrap();
            assert_eq!(made.train.loss().unwrap(), name.parse().unwrap());
            assert_eq!(recipe(&made.to_toml().unwrap(), &[]).unwrap(), made);
            let explained = explain(&made).unwrap();
            assert_eq!(recipe(&explained, &[]).unwrap(), made, "{explained}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_loss_that_is_named_with_them() {
        let file = "[train]\nloss = \"focal\"\nloss_numbers = { gamma = 3 }";
        assert_eq!(loss(file, &[]), Loss::Focal { gamma: 3.0 });
        assert_eq!(loss(file, &["train.loss_numbers.gamma=0.5"]), Loss::Focal { gamma: 0.5 });
        assert_eq!(loss(file, &["train.loss=joint"]), Loss::Joint { alpha: 0.5 });
        let both = &["train.loss_numbers.beta=0.25", "train.loss=symmetric_cross_entropy"];
        assert_eq!(loss(file, both), Loss::SymmetricCrossEntropy { alpha: 0.1, beta: 0.25 });
        let section = "[train]\nloss = \"joint\"\n[train.loss_numbers]\nalpha = 0.25";
        assert_eq!(loss(section, &[]), Loss::Joint { alpha: 0.25 });
        assert_eq!(loss("", &["train.loss=focal"]), Loss::Focal { gamma: 2.0 });
    }

    #[test]
    fn wrong_losses_and_numbers_are_named() {
        let says = |text: &str, settings: &[&str], words: &[&str]| {
            let said = recipe(text, settings).unwrap_err();
            let said = format!("{said} {}", ecotone_jobs::reasons(&said));
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        };
        let focal = "[train]\nloss = \"focal\"\n";
        let near = ["unknown key `train.loss_numbers.gama`", "did you mean `train.loss_numbers.gamma`?"];
        says(&format!("{focal}loss_numbers.gama = 1"), &[], &near);
        let other =
            ["unknown key `train.loss_numbers.q` in --set", "expected one of train.loss_numbers.gamma"];
        says(focal, &["train.loss_numbers.q=0.5"], &other);
        let none = ["unknown key `train.loss_numbers.gamma`", "[train.loss_numbers] has no keys here"];
        says("", &["train.loss_numbers.gamma=1"], &none);
        says("[train.loss_numbers]\ngamma = 1", &[], &none);
        says("", &["train.loss=fokal"], &["`train.loss` is `fokal`", "did you mean `focal`?"]);
        says("[train]\nloss = \"fokal\"\nloss_numbers.gamma = 1", &[], &["did you mean `focal`?"]);
        says(focal, &["train.loss_numbers.gamma=-1"], &["setting `loss.gamma` is -1"]);
        says(focal, &["train.loss_numbers.gamma=much"], &["`train.loss_numbers.gamma`", "a number"]);
        says("[train]\nloss = 3", &[], &["`train.loss` in job.toml is 3, expected a string"]);
    }
}
