//! What a designed sample says of a map, ready to be written down.

use super::{Class, Classes, PointCounts};
use crate::Result;
use ecotone_metrics::{Assessment, ConfusionMatrix, Estimate};
use serde::Serialize;
use serde_json::Value;

/// An estimate as files tell it; `null` where its variance is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) standard_error: Option<f64>,
    pub(crate) lower: Option<f64>,
    pub(crate) upper: Option<f64>,
    pub(crate) wilson_lower: Option<f64>,
    pub(crate) wilson_upper: Option<f64>,
    pub(crate) logit_lower: Option<f64>,
    pub(crate) logit_upper: Option<f64>,
    /// Of producer's accuracies and areas: Wilson's, widened by omission that the sample did not meet.
    pub(crate) omission_lower: Option<f64>,
    pub(crate) omission_upper: Option<f64>,
}

impl From<Estimate> for Figure {
    fn from(estimate: Estimate) -> Self {
        Self {
            value: estimate.value,
            standard_error: estimate.standard_error,
            lower: estimate.lower,
            upper: estimate.upper,
            wilson_lower: estimate.wilson.map(|interval| interval.lower),
            wilson_upper: estimate.wilson.map(|interval| interval.upper),
            logit_lower: estimate.logit.map(|interval| interval.lower),
            logit_upper: estimate.logit.map(|interval| interval.upper),
            omission_lower: estimate.omission.map(|interval| interval.lower),
            omission_upper: estimate.omission.map(|interval| interval.upper),
        }
    }
}

impl Figure {
    /// Half the width of the plain interval, which papers print behind `±`.
    pub(crate) fn margin(&self) -> Option<f64> {
        self.upper.map(|upper| upper - self.value)
    }

    /// The ends of the Wilson interval.
    pub(crate) fn wilson(&self) -> Option<(f64, f64)> {
        self.wilson_lower.zip(self.wilson_upper)
    }

    /// The ends of the interval that allows for omission that the sample did not meet.
    pub(crate) fn omission(&self) -> Option<(f64, f64)> {
        self.omission_lower.zip(self.omission_upper)
    }
}

/// The estimates of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ClassEstimates {
    pub(crate) code: Value,
    pub(crate) class: String,
    pub(crate) users_accuracy: Option<Figure>,
    pub(crate) producers_accuracy: Option<Figure>,
    pub(crate) f1: Option<Figure>,
    pub(crate) area: Option<Figure>,
    pub(crate) area_proportion: Option<Figure>,
    /// By the map, errors and all.
    pub(crate) mapped_area: Option<f64>,
    /// Sample units that the map has as the class.
    pub(crate) map_units: u64,
    /// Sample units that the reference has as the class.
    pub(crate) reference_units: u64,
}

/// A part of the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct RegionEstimates {
    pub(crate) region: u8,
    pub(crate) area: f64,
    pub(crate) units: u64,
    pub(crate) overall_accuracy: Option<Figure>,
    pub(crate) classes: Vec<ClassEstimates>,
}

/// All estimates; serialised, the content of estimates.json.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Estimates {
    pub(crate) design: String,
    /// Where the formulas come from.
    pub(crate) source: String,
    pub(crate) confidence: f64,
    pub(crate) area_unit: String,
    pub(crate) sample_units: u64,
    /// What became of the points; none where counts were given instead of points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<PointCounts>,
    pub(crate) overall_accuracy: Option<Figure>,
    pub(crate) classes: Vec<ClassEstimates>,
    /// `[map, reference]`, adding up to 1.
    pub(crate) area_proportions: Vec<Vec<f64>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) regions: Vec<RegionEstimates>,
    pub(crate) notices: Vec<String>,
    #[serde(skip)]
    pub(crate) counts: ConfusionMatrix,
}

/// What estimates rest on besides the sample.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    pub(super) design: &'static str,
    pub(super) source: &'static str,
    pub(super) unit: String,
    /// Mapped area of each class.
    pub(super) mapped: Vec<f64>,
    /// Code and area of each region.
    pub(super) regions: Vec<(u8, f64)>,
    pub(super) notices: Vec<String>,
}

impl Estimates {
    /// Every figure of an assessment.
    pub(super) fn of(assessment: &Assessment, classes: &Classes, basis: Basis) -> Result<Self> {
        let counts = assessment.counts()?;
        let number = classes.len();
        let proportions = assessment.area_proportions().unwrap_or_else(|| vec![0.0; number * number]);
        let mut regions = Vec::new();
        for (region, area) in basis.regions {
            let part = assessment.in_region(usize::from(region), Some(area));
            regions.push(RegionEstimates {
                region,
                area,
                units: part.counts()?.total(),
                overall_accuracy: part.overall_accuracy().map(Figure::from),
                classes: class_estimates(&part, classes, None)?,
            });
        }
        Ok(Self {
            design: basis.design.to_owned(),
            source: basis.source.to_owned(),
            confidence: assessment.confidence(),
            area_unit: basis.unit,
            sample_units: counts.total(),
            points: None,
            overall_accuracy: assessment.overall_accuracy().map(Figure::from),
            classes: class_estimates(assessment, classes, Some(&basis.mapped))?,
            area_proportions: proportions.chunks(number).map(<[f64]>::to_vec).collect(),
            regions,
            notices: basis.notices,
            counts,
        })
    }
}

fn class_estimates(
    assessment: &Assessment,
    classes: &Classes,
    mapped: Option<&[f64]>,
) -> Result<Vec<ClassEstimates>> {
    let counts = assessment.counts()?;
    let of = |(index, class): (usize, &Class)| ClassEstimates {
        code: class.json_code(),
        class: class.name.clone(),
        users_accuracy: assessment.users_accuracy(index).map(Figure::from),
        producers_accuracy: assessment.producers_accuracy(index).map(Figure::from),
        f1: assessment.f1(index).map(Figure::from),
        area: assessment.area(index).map(Figure::from),
        area_proportion: assessment.area_proportion(index).map(Figure::from),
        mapped_area: mapped.map(|mapped| mapped[index]),
        map_units: counts.row_sum(index),
        reference_units: counts.col_sum(index),
    };
    Ok(classes.iter().enumerate().map(of).collect())
}
