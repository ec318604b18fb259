//! Values that a recipe may not have, beyond their types.

use super::load::Recipe;
use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_preprocessing::Index;

impl Recipe {
    /// The first day of the series; `None` where the recipe leaves it to the catalogue.
    ///
    /// # Errors
    /// When it is no date.
    pub fn start(&self) -> Result<Option<NaiveDate>> {
        match self.timeline.start.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|source| Error::Date {
                key: "timeline.start",
                found: text.to_owned(),
                source,
            }),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.start()?;
        for (key, value, least) in [
            ("timeline.steps", self.timeline.steps, 1),
            ("timeline.step_days", self.timeline.step_days as usize, 1),
            ("train.epochs", self.train.epochs, 1),
            ("train.batch", self.train.batch, 1),
            ("train.patch", self.train.patch, 1),
            ("predict.window", self.predict.window, 1),
        ] {
            if value < least {
                return Err(at_least(key, value as f64, least as f64));
            }
        }
        let lengths = [("grid.resolution", self.grid.resolution), ("split.block_m", self.split.block_m)];
        if let Some((key, value)) =
            lengths.into_iter().find(|(_, value)| !(value.is_finite() && *value > 0.0))
        {
            return Err(Error::Value {
                key,
                found: value.to_string(),
                expected: "a length above 0".to_owned(),
            });
        }
        self.check_shares()?;
        self.check_words()
    }

    fn check_shares(&self) -> Result<()> {
        let split = &self.split;
        let sum = split.train + split.validation + split.test;
        if [split.train, split.validation, split.test].iter().any(|part| !(0.0..=1.0).contains(part))
            || (sum - 1.0).abs() > 1e-6
        {
            return Err(Error::Value {
                key: "split",
                found: format!(
                    "train {} + validation {} + test {}",
                    split.train, split.validation, split.test
                ),
                expected: "shares from 0 to 1 that add up to 1".to_owned(),
            });
        }
        for (key, value, most) in [
            ("inputs.max_cloud_cover", self.inputs.max_cloud_cover, 100.0),
            ("train.rare_share", self.train.rare_share, 1.0),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(Error::Value {
                    key,
                    found: value.to_string(),
                    expected: format!("a number from 0 to {most}"),
                });
            }
        }
        Ok(())
    }

    fn check_words(&self) -> Result<()> {
        if self.inputs.bands.is_empty() {
            return Err(Error::Value {
                key: "inputs.bands",
                found: "nothing".to_owned(),
                expected: "at least one band".to_owned(),
            });
        }
        let channels: Vec<&String> = self.inputs.bands.iter().chain(&self.inputs.indices).collect();
        for (i, name) in channels.iter().enumerate() {
            if channels[..i].contains(name) {
                return Err(Error::Value {
                    key: "inputs.bands",
                    found: format!("`{name}` twice"),
                    expected: "each layer once".to_owned(),
                });
            }
        }
        one_of("model.kind", &self.model.kind, &["unet3d"])?;
        one_of("model.collapse", &self.model.collapse, &["masked_mean", "last", "attention"])?;
        one_of("train.optimizer", &self.train.optimizer, &["adam", "adamw"])?;
        one_of("train.schedule", &self.train.schedule, &["constant", "cosine", "step", "one_cycle"])?;
        for text in &self.inputs.indices {
            Index::parse(text)?.bind(&self.inputs.bands)?;
        }
        if !["auto", "provider"].contains(&self.inputs.offset.as_str())
            && self.inputs.offset.parse::<f64>().is_err()
        {
            return Err(Error::Value {
                key: "inputs.offset",
                found: self.inputs.offset.clone(),
                expected: "`auto`, `provider` or the number to add to each DN, such as -1000".to_owned(),
            });
        }
        if self.grid.crs != "auto" {
            self.grid.crs.parse::<ecotone_core::Crs>()?;
        }
        Ok(())
    }
}

fn at_least(key: &'static str, found: f64, least: f64) -> Error {
    Error::Value { key, found: found.to_string(), expected: format!("{least} or more") }
}

fn one_of(key: &'static str, found: &str, known: &[&str]) -> Result<()> {
    if known.contains(&found) {
        return Ok(());
    }
    Err(Error::Word {
        key,
        found: found.to_owned(),
        nearest: crate::words::nearest(found, known.iter().copied()),
        known: known.join(", "),
    })
}
