//! Values that a recipe may not have, beyond their types.

use super::load::Recipe;
use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_core::Crs;
use ecotone_cubes::{Dates, ILLUMINATION, told_scale};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::nearest;
use ecotone_preprocessing::Index;
use std::path::PathBuf;

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

    /// The days that scenes are taken from; empty: any.
    pub(crate) fn dates(&self) -> Result<Vec<Dates>> {
        self.inputs.dates.iter().map(|text| Ok(Dates::parse(text)?)).collect()
    }

    /// The raster of heights, beside the catalogue in this folder where the recipe says so.
    pub(crate) fn heights(&self, catalog: &str) -> Option<PathBuf> {
        let dem = &self.inputs.dem;
        (!dem.is_empty()).then(|| self.place(dem, catalog))
    }

    pub(super) fn check(&self) -> Result<()> {
        self.start()?;
        self.dates()?;
        self.each_year()?;
        for (key, value, least) in [
            ("timeline.steps", self.timeline.steps, 1),
            ("timeline.step_days", self.timeline.step_days as usize, 1),
            ("train.epochs", self.train.epochs, 1),
            ("train.batch", self.train.batch, 1),
            ("train.patch", self.train.patch, 1),
            ("predict.window", self.predict.window, 1),
            ("labels.samples", self.labels.samples, 1),
        ] {
            if value < least {
                return Err(at_least(key, value as f64, least as f64));
            }
        }
        let lengths = [("grid.resolution", self.grid.resolution), ("split.block_m", self.split.block_m)];
        if let Some((key, value)) =
            lengths.into_iter().find(|(_, value)| !(value.is_finite() && *value > 0.0))
        {
            return Err(JobError::Value {
                key,
                found: value.to_string(),
                expected: "a length above 0".to_owned(),
            }
            .into());
        }
        self.check_years()?;
        self.check_shares()?;
        self.split.gap()?;
        self.split.grouping()?.check(!self.labels.vector.is_empty())?;
        self.check_augmentation()?;
        self.check_words()?;
        self.train.loss()?;
        self.model.check()?;
        let recurrent = self.model.settings.get("trains").and_then(toml::Value::as_str) == Some("recurrent");
        if recurrent && self.train.from.is_empty() {
            return Err(JobError::Value {
                key: "model.trains",
                found: "recurrent".to_owned(),
                expected: "the weights of a trained U-Net, which stays as it is, in train.from".to_owned(),
            }
            .into());
        }
        Ok(())
    }

    /// What needs several years, and the filter of the maps.
    fn check_years(&self) -> Result<()> {
        let (years, majority) = (self.timeline.years.len(), self.predict.majority);
        if years < 2 {
            for (key, asked) in [
                ("timeline.pair_days", self.timeline.pair_days > 0),
                ("train.single_years", self.train.single_years),
            ] {
                if asked {
                    let expected = "two or more of timeline.years beside it".to_owned();
                    return Err(JobError::Value { key, found: "asked for".to_owned(), expected }.into());
                }
            }
        }
        if majority > 0 && (majority.is_multiple_of(2) || majority > 255) {
            let expected = "0 (off) or an odd number of pixels up to 255".to_owned();
            return Err(
                JobError::Value { key: "predict.majority", found: majority.to_string(), expected }.into()
            );
        }
        Ok(())
    }

    fn check_shares(&self) -> Result<()> {
        let split = &self.split;
        let sum = split.train + split.validation + split.test;
        if [split.train, split.validation, split.test].iter().any(|part| !(0.0..=1.0).contains(part))
            || (sum - 1.0).abs() > 1e-6
        {
            return Err(JobError::Value {
                key: "split",
                found: format!(
                    "train {} + validation {} + test {}",
                    split.train, split.validation, split.test
                ),
                expected: "shares from 0 to 1 that add up to 1".to_owned(),
            }
            .into());
        }
        if split.folds > 0 && (split.folds < 3 || split.fold >= split.folds) {
            return Err(JobError::Value {
                key: "split.fold",
                found: format!("{} of {}", split.fold, split.folds),
                expected: "split.folds 3 or more, and one of them, from 0".to_owned(),
            }
            .into());
        }
        for (key, value, most) in [
            ("inputs.max_cloud_cover", self.inputs.max_cloud_cover, 100.0),
            ("train.rare_share", self.train.rare_share, 1.0),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(JobError::Value {
                    key,
                    found: value.to_string(),
                    expected: format!("a number from 0 to {most}"),
                }
                .into());
            }
        }
        Ok(())
    }

    fn check_augmentation(&self) -> Result<()> {
        let (train, steps) = (&self.train, self.timeline.steps);
        let refuse =
            |key, found: String, expected: String| Err(JobError::Value { key, found, expected }.into());
        if train.temporal_shift > 0 && train.temporal_shift >= steps {
            let expected = format!("less than timeline.steps, which is {steps}");
            return refuse("train.temporal_shift", train.temporal_shift.to_string(), expected);
        }
        if !(0.0..1.0).contains(&train.date_dropout) {
            let expected = "0 (off) or above and below 1".to_owned();
            return refuse("train.date_dropout", train.date_dropout.to_string(), expected);
        }
        if !(train.band_noise.is_finite() && train.band_noise >= 0.0) {
            let expected = "0 (off) or above".to_owned();
            return refuse("train.band_noise", train.band_noise.to_string(), expected);
        }
        Ok(())
    }

    fn check_words(&self) -> Result<()> {
        self.check_layers()?;
        if !["auto", "provider", "pixels"].contains(&self.inputs.offset.as_str())
            && self.inputs.offset.parse::<f64>().is_err()
        {
            return Err(JobError::Value {
                key: "inputs.offset",
                found: self.inputs.offset.clone(),
                expected: "`auto`, `provider`, `pixels` or the number to add to each DN, such as -1000"
                    .to_owned(),
            }
            .into());
        }
        told_scale(&self.inputs.scale)?;
        check_crs(&self.grid.crs)
    }

    /// Bands, indices and collections of both sensors.
    fn check_layers(&self) -> Result<()> {
        let (inputs, sar) = (&self.inputs, &self.inputs.sar);
        let wrong = |key, found: &str, expected: &str| {
            Err(JobError::Value { key, found: found.to_owned(), expected: expected.to_owned() }.into())
        };
        if inputs.bands.is_empty() && sar.bands.is_empty() {
            return wrong("inputs.bands", "nothing", "at least one band, here or in inputs.sar.bands");
        }
        if sar.bands.is_empty() && !sar.indices.is_empty() {
            return wrong(
                "inputs.sar.indices",
                &sar.indices.join(","),
                "bands to make them from in inputs.sar.bands",
            );
        }
        // Nothing else tells radar scenes from optical ones.
        if !inputs.bands.is_empty() && !sar.bands.is_empty() {
            for (key, collections) in
                [("inputs.collections", &inputs.collections), ("inputs.sar.collections", &sar.collections)]
            {
                if collections.is_empty() {
                    return wrong(
                        key,
                        "nothing",
                        "the collections of these scenes, as there are optical and radar ones",
                    );
                }
            }
        }
        let illumination = (!inputs.dem.is_empty()).then_some(ILLUMINATION);
        let optical = inputs.bands.iter().chain(&inputs.indices).map(String::as_str).chain(illumination);
        let channels: Vec<&str> =
            optical.chain(sar.bands.iter().chain(&sar.indices).map(String::as_str)).collect();
        for (i, name) in channels.iter().enumerate() {
            if channels[..i].contains(name) {
                return wrong("inputs.bands", &format!("`{name}` twice"), "each layer once");
            }
        }
        for text in &inputs.indices {
            index("inputs.indices", text)?.bind(&inputs.bands)?;
        }
        for text in &sar.indices {
            index("inputs.sar.indices", text)?.bind(&sar.bands)?;
        }
        Ok(())
    }
}

fn at_least(key: &'static str, found: f64, least: f64) -> Error {
    JobError::Value { key, found: found.to_string(), expected: format!("{least} or more") }.into()
}

/// An index by its name or as an expression.
fn index(key: &'static str, text: &str) -> Result<Index> {
    Index::parse(text).map_err(|error| match error {
        ecotone_preprocessing::Error::UnknownIndex { name, known } => Error::from(JobError::Word {
            key,
            nearest: nearest(&name, known.split(", ")),
            found: name,
            known: format!("{known} or your own, such as `GNDVI = (B8A - B03) / (B8A + B03)`"),
        }),
        other => other.into(),
    })
}

fn check_crs(text: &str) -> Result<()> {
    let known = |crs: &Crs| ecotone_io::same_crs(crs, &Crs::epsg(4326)).is_ok();
    let parsed = text.parse::<Crs>().ok();
    if text == "auto" || parsed.as_ref().is_some_and(known) {
        return Ok(());
    }
    let code = text.rsplit(':').next().and_then(|code| code.trim().parse::<u32>().ok());
    Err(JobError::Word {
        key: "grid.crs",
        found: text.to_owned(),
        nearest: code
            .filter(|code| known(&Crs::epsg(*code)))
            .map(|code| format!("EPSG:{code}"))
            .or_else(|| nearest(text, ["auto"])),
        known: "auto, EPSG:<number> or WKT that PROJ knows".to_owned(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn recipe(text: &str, setting: Option<&str>) -> Result<Recipe> {
        let settings: Vec<String> = setting.map(str::to_owned).into_iter().collect();
        Recipe::from_text(text, "test", &settings, Path::new("/"))
    }

    #[test]
    fn gaps_are_words_or_numbers() {
        let gap = |text: &str, setting: Option<&str>| recipe(text, setting).unwrap().split.gap().unwrap();
        assert_eq!(gap("", None), None);
        assert_eq!(gap("[split]\ngap_m = 20", None), Some(20.0));
        assert_eq!(gap("[split]\ngap_m = 0.5", Some("split.gap_m=auto")), None);
        assert_eq!(gap("[split]\ngap_m = \"auto\"", Some("split.gap_m=0")), Some(0.0));
        let error = recipe("[split]\ngap_m = -20", None).unwrap_err().to_string();
        assert!(error.contains("split.gap_m") && error.contains("-20"), "{error}");
        assert!(recipe("[split]\ngap_m = true", None).is_err());
    }

    #[test]
    fn fields_of_an_attribute_need_polygons() {
        let error = recipe("[split]\ngroup = \"attribute:farm\"", None).unwrap_err().to_string();
        assert!(error.contains("split.group") && error.contains("no attributes"), "{error}");
        let vector = "[labels]\nvector = \"fields.gpkg\"\n[split]\ngroup = \"attribute:farm\"";
        assert_eq!(recipe(vector, None).unwrap().split.group, "attribute:farm");
        let error = recipe("", Some("split.group=component")).unwrap_err().to_string();
        assert!(error.contains("components"), "{error}");
    }
}
