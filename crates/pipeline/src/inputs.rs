//! What goes into a network besides its weights: layers, mask, steps, for each sensor. It is kept in the model's card, so
//! that a prediction reads its scenes just as the training did.

use crate::dates::Dates;
use crate::recipe::{BlendKind, FillKind, Mask, MaskFormat, RadarUnits, Recipe, Series, StepKind};
use crate::terrain::ILLUMINATION;
use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_core::Timeline;
use ecotone_preprocessing::{BoundIndex, Fill, Index, MaskKind, SclClass, StepRule};
use serde::{Deserialize, Serialize};

/// How the scenes of one sensor become channels and steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InputSpec {
    /// Bands by name, in order.
    pub(crate) bands: Vec<String>,
    /// Indices by name or as an expression, in order; they follow the bands.
    pub(crate) indices: Vec<String>,
    /// Whether the sun's incidence on the ground is the last channel.
    #[serde(default)]
    pub(crate) illumination: bool,
    /// Collections that were used; empty: all.
    pub(crate) collections: Vec<String>,
    /// Scenes with more clouds than this were left out, percent.
    pub(crate) max_cloud_cover: f64,
    /// Days that scenes are taken from; empty: any.
    #[serde(default)]
    pub(crate) dates: Vec<Dates>,
    /// Units of the stored backscatter; `None` where the scenes are optical.
    pub(crate) radar: Option<RadarUnits>,
    /// `auto`, `provider`, `pixels` or what is added to each DN of an optical scene.
    pub(crate) offset: String,
    /// `auto` or the reflectance of one DN of an optical scene.
    #[serde(default = "auto")]
    pub(crate) scale: String,
    /// How clouds are recognised.
    pub(crate) mask: Mask,
    /// First day of the series.
    pub(crate) start: NaiveDate,
    /// Days a step.
    pub(crate) step_days: u32,
    /// Number of steps.
    pub(crate) steps: usize,
    /// What one step takes from its scenes.
    pub(crate) rule: StepKind,
    /// What stands where nothing was seen.
    pub(crate) fill: FillKind,
}

impl InputSpec {
    /// Those of a recipe, the optical one first, for a series that begins on this day.
    ///
    /// # Errors
    /// When `inputs.dates` are none.
    pub(crate) fn of_recipe(recipe: &Recipe, start: NaiveDate) -> Result<Vec<Self>> {
        let (inputs, timeline) = (&recipe.inputs, &recipe.timeline);
        let optical = Self {
            bands: inputs.bands.clone(),
            indices: inputs.indices.clone(),
            illumination: !inputs.dem.is_empty(),
            collections: inputs.collections.clone(),
            max_cloud_cover: inputs.max_cloud_cover,
            dates: recipe.dates()?,
            radar: None,
            offset: inputs.offset.clone(),
            scale: inputs.scale.clone(),
            mask: inputs.mask.clone(),
            start,
            step_days: timeline.step_days,
            steps: timeline.steps,
            rule: timeline.rule,
            fill: timeline.fill,
        };
        let radar = Self {
            bands: inputs.sar.bands.clone(),
            indices: inputs.sar.indices.clone(),
            illumination: false,
            collections: inputs.sar.collections.clone(),
            max_cloud_cover: 100.0,
            radar: Some(inputs.sar.units),
            rule: inputs.sar.rule,
            ..optical.unmasked()
        };
        // A network that is trained with clouds maps with them.
        let optical = if recipe.train.series == Series::Unmasked { optical.unmasked() } else { optical };
        Ok([optical, radar].into_iter().filter(|source| !source.bands.is_empty()).collect())
    }

    /// Whether the scenes are radar images.
    pub(crate) const fn is_radar(&self) -> bool {
        self.radar.is_some()
    }

    /// The same for a series that begins on another day.
    pub(crate) fn beginning(self, start: NaiveDate) -> Self {
        let later = start - self.start;
        let dates = self.dates.iter().map(|dates| dates.moved(later)).collect();
        Self { start, dates, ..self }
    }

    /// Reflectance of one DN, where the user says it.
    pub(crate) fn told_scale(&self) -> Result<Option<f64>> {
        told_scale(&self.scale)
    }

    /// The regular steps.
    pub(crate) fn timeline(&self) -> Result<Timeline> {
        Ok(Timeline::new(self.start, self.step_days, self.steps)?)
    }

    /// The indices over the bands.
    pub(crate) fn bound_indices(&self) -> Result<Vec<BoundIndex>> {
        self.indices.iter().map(|text| Ok(Index::parse(text)?.bind(&self.bands)?)).collect()
    }

    /// Names of the network's channels: the bands, the indices, the illumination.
    pub(crate) fn channels(&self) -> Result<Vec<String>> {
        let indices = self.bound_indices()?;
        let indices = indices.iter().map(|index| index.name().to_owned());
        let illumination = self.illumination.then(|| ILLUMINATION.to_owned());
        Ok(self.bands.iter().cloned().chain(indices).chain(illumination).collect())
    }

    /// The same without a mask: clouds stay in.
    pub(crate) fn unmasked(&self) -> Self {
        Self { mask: Mask { kind: MaskFormat::None, ..self.mask.clone() }, ..self.clone() }
    }

    pub(crate) fn step_rule(&self) -> StepRule {
        match self.rule {
            StepKind::Best => StepRule::Best,
            StepKind::Median => StepRule::Median,
        }
    }

    pub(crate) fn gap_fill(&self) -> Fill {
        match self.fill {
            FillKind::Zero => Fill::Zero,
            FillKind::Linear => Fill::Linear,
            FillKind::Harmonic => Fill::Harmonic,
        }
    }

    /// How the mask's values are read; `None` where there is no mask.
    pub(crate) fn mask_kind(&self) -> Result<Option<MaskKind>> {
        let values = &self.mask.values;
        Ok(match self.mask.kind {
            MaskFormat::None => None,
            MaskFormat::Scl => {
                let class = |value: &u8| {
                    SclClass::from_code(*value)
                        .ok_or_else(|| wrong_value(*value, "scene classes from 0 to 11"))
                };
                // Where nothing was measured nothing was clear, whatever else is dropped.
                let unclear = values.iter().map(class).chain([Ok(SclClass::NoData)]);
                Some(MaskKind::Scl(unclear.collect::<Result<_>>()?))
            }
            MaskFormat::Fmask => {
                let bit = |bits: u8, value: &u8| {
                    1u8.checked_shl(u32::from(*value))
                        .map(|bit| bits | bit)
                        .ok_or_else(|| wrong_value(*value, "bits from 0 to 7"))
                };
                Some(MaskKind::Fmask(values.iter().try_fold(0, bit)?))
            }
            MaskFormat::Anybit => Some(MaskKind::AnyBit),
            MaskFormat::Plain => {
                Some(MaskKind::Plain(values.iter().map(|value| u32::from(*value)).collect()))
            }
        })
    }
}

fn auto() -> String {
    "auto".to_owned()
}

/// The number that `inputs.scale` gives, if any.
pub(crate) fn told_scale(text: &str) -> Result<Option<f64>> {
    match text.trim() {
        "auto" => Ok(None),
        number => match number.parse::<f64>() {
            Ok(scale) if scale > 0.0 && scale <= 1.0 => Ok(Some(scale)),
            _ => Err(Error::Value {
                key: "inputs.scale",
                found: text.to_owned(),
                expected: "`auto` or the reflectance of one DN, above 0 and at most 1, such as 0.0001"
                    .to_owned(),
            }),
        },
    }
}

fn wrong_value(found: u8, expected: &str) -> Error {
    Error::Value { key: "inputs.mask.values", found: found.to_string(), expected: expected.to_owned() }
}

/// What the pipeline adds to a model's card: how the series was made, and how windows meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InputCard {
    /// How the scenes of each sensor become channels and steps.
    pub(crate) sources: Vec<InputSpec>,
    /// How overlapping windows are put together.
    pub(crate) blend: BlendKind,
}
