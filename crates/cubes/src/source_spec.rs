//! What goes into a network besides its weights: layers, mask, steps, for each sensor. It is kept in the model's card, so
//! that a prediction reads its scenes just as the training did.

use crate::Result;
use crate::band_meaning::MeantBand;
use crate::calendar::Calendar;
use crate::dates::Dates;
use crate::mask::{Mask, MaskFormat};
use crate::terrain::ILLUMINATION;
use chrono::NaiveDate;
use ecotone_core::Timeline;
use ecotone_jobs::Error as JobError;
use ecotone_preprocessing::{BackscatterUnits, BoundIndex, Fill, Index, MaskKind, StepRule};
use serde::{Deserialize, Serialize};

/// What the values of radar scenes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RadarUnits {
    /// The pixels tell.
    Auto,
    /// Linear power.
    Power,
    /// Decibels.
    Decibel,
}

impl RadarUnits {
    /// What the user says of them, if anything.
    pub const fn told(self) -> Option<BackscatterUnits> {
        match self {
            Self::Auto => None,
            Self::Power => Some(BackscatterUnits::Power),
            Self::Decibel => Some(BackscatterUnits::Decibel),
        }
    }
}

/// What one step takes from its scenes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// The clear pixel of the least cloudy scene.
    Best,
    /// The median of the clear pixels.
    Median,
    /// The mean of the clear pixels; of backscatter that of its power.
    Mean,
}

/// What stands where nothing was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FillKind {
    /// Zero, after normalisation.
    Zero,
    /// Linear in time between clear neighbours.
    Linear,
    /// A harmonic curve fitted to the clear observations.
    Harmonic,
}

/// How the scenes of one sensor become channels and steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Bands by name, in order.
    pub bands: Vec<String>,
    /// What their names mean, of those of which that is known: a plan takes it from its scenes, a model's card keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meant: Vec<MeantBand>,
    /// Indices by name or as an expression, in order; they follow the bands.
    pub indices: Vec<String>,
    /// Whether the sun's incidence on the ground is the last channel.
    #[serde(default)]
    pub illumination: bool,
    /// Collections that were used; empty: all.
    pub collections: Vec<String>,
    /// Scenes with more clouds than this were left out, percent.
    pub max_cloud_cover: f64,
    /// Days that scenes are taken from; empty: any.
    #[serde(default)]
    pub dates: Vec<Dates>,
    /// Units of the stored backscatter; `None` where the scenes are optical.
    pub radar: Option<RadarUnits>,
    /// `auto`, `provider`, `pixels` or what is added to each DN of an optical scene.
    pub offset: String,
    /// `auto` or the reflectance of one DN of an optical scene.
    #[serde(default = "auto")]
    pub scale: String,
    /// How clouds are recognised.
    pub mask: Mask,
    /// First day of the series.
    pub start: NaiveDate,
    /// Days a step.
    pub step_days: u32,
    /// Number of steps.
    pub steps: usize,
    /// Where it is there, the steps follow it, and `step_days` says about how long they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Calendar>,
    /// What one step takes from its scenes.
    pub rule: StepKind,
    /// What stands where nothing was seen.
    pub fill: FillKind,
}

impl SourceSpec {
    /// Optical scenes in steps of ten days from a first day: masked by Sentinel-2's scene classification, the best look of
    /// each step, 0 where there is none, of scenes with at most 30 % clouds.
    pub fn new(bands: &[&str], start: NaiveDate, steps: usize) -> Self {
        Self {
            bands: bands.iter().map(|band| (*band).to_owned()).collect(),
            meant: Vec::new(),
            indices: Vec::new(),
            illumination: false,
            collections: Vec::new(),
            max_cloud_cover: 30.0,
            dates: Vec::new(),
            radar: None,
            offset: auto(),
            scale: auto(),
            mask: Mask::default(),
            start,
            step_days: 10,
            steps,
            calendar: None,
            rule: StepKind::Best,
            fill: FillKind::Zero,
        }
    }

    /// Whether the scenes are radar images.
    pub const fn is_radar(&self) -> bool {
        self.radar.is_some()
    }

    /// The same for a series that begins on another day.
    pub fn beginning(self, start: NaiveDate) -> Self {
        let later = start - self.start;
        let dates = self.dates.iter().map(|dates| dates.moved(later)).collect();
        let calendar = self.calendar.map(|calendar| calendar.moved(later));
        Self { start, dates, calendar, ..self }
    }

    /// Reflectance of one DN, where the user says it.
    pub fn told_scale(&self) -> Result<Option<f64>> {
        told_scale(&self.scale)
    }

    /// The steps.
    ///
    /// # Errors
    /// When there are none, they run off the calendar, or the dates of the calendar are not `steps`.
    pub fn timeline(&self) -> Result<Timeline> {
        self.timeline_from(self.start)
    }

    /// The same for a series that begins on another day, but for dates, which are what they are.
    pub(crate) fn timeline_from(&self, start: NaiveDate) -> Result<Timeline> {
        match &self.calendar {
            None => Ok(Timeline::new(start, self.step_days, self.steps)?),
            Some(Calendar::Months) => Ok(Timeline::months(start, self.steps)?),
            Some(Calendar::Dates(dates)) if dates.len() == self.steps => Ok(Timeline::dates(dates)?),
            Some(Calendar::Dates(dates)) => {
                let expected = format!("{}, one for each date of its calendar", dates.len());
                Err(JobError::Value { key: "steps", found: self.steps.to_string(), expected }.into())
            }
        }
    }

    /// The steps for people, such as `46 steps of 10 days from 2020-04-01`.
    pub fn steps_in_words(&self) -> String {
        let Self { start, step_days, steps, .. } = self;
        match &self.calendar {
            None => format!("{steps} steps of {step_days} days from {start}"),
            Some(Calendar::Months) => format!("{steps} calendar months from that of {start}"),
            Some(Calendar::Dates(dates)) => {
                dates.first().map_or_else(String::new, |first| format!("{steps} dates from {first}"))
            }
        }
    }

    /// The indices over the bands.
    pub fn bound_indices(&self) -> Result<Vec<BoundIndex>> {
        self.indices.iter().map(|text| Ok(Index::parse(text)?.bind(&self.bands)?)).collect()
    }

    /// Names of the network's channels: the bands, the indices, the illumination.
    pub fn channels(&self) -> Result<Vec<String>> {
        let indices = self.bound_indices()?;
        let indices = indices.iter().map(|index| index.name().to_owned());
        let illumination = self.illumination.then(|| ILLUMINATION.to_owned());
        Ok(self.bands.iter().cloned().chain(indices).chain(illumination).collect())
    }

    /// The same without a mask: clouds stay in.
    pub fn unmasked(&self) -> Self {
        Self { mask: Mask { kind: MaskFormat::None, ..self.mask.clone() }, ..self.clone() }
    }

    /// The same for the builder of the series.
    pub fn step_rule(&self) -> StepRule {
        match self.rule {
            StepKind::Best => StepRule::Best,
            StepKind::Median => StepRule::Median,
            StepKind::Mean => StepRule::Mean { decibels: if self.is_radar() { self.bands.len() } else { 0 } },
        }
    }

    /// The same for the builder of the series.
    pub fn gap_fill(&self) -> Fill {
        match self.fill {
            FillKind::Zero => Fill::Zero,
            FillKind::Linear => Fill::Linear,
            FillKind::Harmonic => Fill::Harmonic,
        }
    }

    /// How the mask's values are read; `None` where there is no mask.
    ///
    /// # Errors
    /// When it names a value that its format does not have.
    pub fn mask_kind(&self) -> Result<Option<MaskKind>> {
        self.mask.rules()
    }
}

fn auto() -> String {
    "auto".to_owned()
}

/// The number that `inputs.scale` gives, if any.
pub fn told_scale(text: &str) -> Result<Option<f64>> {
    match text.trim() {
        "auto" => Ok(None),
        number => match number.parse::<f64>() {
            Ok(scale) if scale > 0.0 && scale <= 1.0 => Ok(Some(scale)),
            _ => Err(JobError::Value {
                key: "inputs.scale",
                found: text.to_owned(),
                expected: "`auto` or the reflectance of one DN, above 0 and at most 1, such as 0.0001"
                    .to_owned(),
            }
            .into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> SourceSpec {
        SourceSpec::new(&["B04"], NaiveDate::from_ymd_opt(2021, 1, 15).unwrap(), 3)
    }

    #[test]
    fn cards_of_regular_steps_stay_as_they_were() {
        let card = serde_json::to_value(spec()).unwrap();
        assert!(card.get("calendar").is_none() && card["step_days"] == 10, "{card}");
        assert!(card.get("meant").is_none(), "{card}");
        assert_eq!(serde_json::from_value::<SourceSpec>(card).unwrap(), spec());
    }

    #[test]
    fn steps_follow_the_calendar_where_there_is_one() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let months = SourceSpec { calendar: Some(Calendar::Months), ..spec() };
        let dates = vec![day("2021-02-01"), day("2021-02-06"), day("2021-07-01")];
        let dates = SourceSpec { calendar: Some(Calendar::Dates(dates)), ..spec() };
        for (spec, start, end, words) in [
            (spec(), "2021-01-15", "2021-02-14", "3 steps of 10 days from 2021-01-15"),
            (months.clone(), "2021-01-01", "2021-04-01", "3 calendar months from that of 2021-01-15"),
            (dates.clone(), "2021-02-01", "2021-07-02", "3 dates from 2021-02-01"),
        ] {
            let timeline = spec.timeline().unwrap();
            assert_eq!((timeline.start(), timeline.end()), (day(start), day(end)));
            assert_eq!(spec.steps_in_words(), words);
            let card = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<SourceSpec>(&card).unwrap(), spec, "{card}");
        }
        let later = dates.clone().beginning(day("2022-01-15")).timeline().unwrap();
        assert_eq!(later.start(), day("2022-02-01"));
        let message = SourceSpec { steps: 2, ..dates }.timeline().unwrap_err().to_string();
        assert!(message.contains("`steps` is 2, expected 3"), "{message}");
    }
}
