//! Two maps judged at the same points: the difference of their accuracies, and whether it is more than chance.

use super::areas::Population;
use super::design::strata_of;
use super::point::Point;
use super::points::Points;
use super::text_table::{TextTable, percent, signed};
use super::{AssessJob, Class, Classes, Design};
use crate::Result;
use ecotone_io::write_csv;
use ecotone_jobs::{RunFolder, write_json};
use ecotone_metrics::{Assessment, Estimate, McNemar, Paired, PairedUnit};
use serde::Serialize;
use serde_json::Value;
use std::path::Path;

/// All that is known of the difference; serialised, the content of comparison.json.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Comparison {
    /// The map that is assessed.
    pub(crate) first: String,
    /// The map that it is compared with.
    pub(crate) second: String,
    pub(crate) design: &'static str,
    pub(crate) confidence: f64,
    pub(crate) sample_units: usize,
    pub(crate) overall_accuracy: FigurePair,
    /// Of the first map over that of the second.
    pub(crate) overall_accuracy_ratio: Option<Difference>,
    pub(crate) classes: Vec<ClassComparison>,
    pub(crate) mcnemar: Test,
}

/// A figure of both maps, and the first less the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct FigurePair {
    pub(crate) first: Option<f64>,
    pub(crate) second: Option<f64>,
    pub(crate) difference: Option<Difference>,
}

/// A difference or ratio with its plain interval; `null` where its variance is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Difference {
    pub(crate) value: f64,
    pub(crate) standard_error: Option<f64>,
    pub(crate) lower: Option<f64>,
    pub(crate) upper: Option<f64>,
}

/// A class on both maps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ClassComparison {
    pub(crate) code: Value,
    pub(crate) class: String,
    pub(crate) users_accuracy: FigurePair,
    pub(crate) producers_accuracy: FigurePair,
}

/// McNemar's test of the units as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Test {
    pub(crate) only_first_right: u64,
    pub(crate) only_second_right: u64,
    pub(crate) exact_p_value: f64,
    pub(crate) chi_squared: Option<f64>,
    pub(crate) chi_squared_p_value: Option<f64>,
    /// Whether the test speaks of the maps; else of the sample only.
    pub(crate) fits_the_design: bool,
}

impl From<Estimate> for Difference {
    fn from(estimate: Estimate) -> Self {
        let Estimate { value, standard_error, lower, upper, .. } = estimate;
        Self { value, standard_error, lower, upper }
    }
}

impl Difference {
    /// Half the width of its interval.
    fn margin(&self) -> Option<f64> {
        self.upper.map(|upper| upper - self.value)
    }
}

impl Comparison {
    /// Compares the two maps of a job at its points.
    ///
    /// # Errors
    /// As [`strata_of`].
    pub(super) fn of(
        job: &AssessJob,
        design: Design,
        against: &Path,
        classes: &Classes,
        points: &Points,
        population: &Population,
    ) -> Result<Self> {
        let (strata, sizes) = strata_of(job, design, classes, points, population)?;
        let unit = |(point, stratum): (&Point, usize)| PairedUnit {
            stratum,
            first: point.map,
            second: point.other,
            reference: point.reference,
        };
        let units: Vec<PairedUnit> = points.scored().zip(strata).map(unit).collect();
        let paired = Paired::new(classes.len(), &units, &sizes, design.estimator())?;
        let paired = paired.with_confidence(job.confidence)?;
        let (first, second) = (paired.first()?, paired.second()?);
        let pair = |figure: &dyn Fn(&Assessment) -> Option<Estimate>, difference: Option<Estimate>| {
            let value = |map| figure(map).map(|estimate| estimate.value);
            FigurePair {
                first: value(&first),
                second: value(&second),
                difference: difference.map(Difference::from),
            }
        };
        let class = |(index, class): (usize, &Class)| ClassComparison {
            code: class.json_code(),
            class: class.name.clone(),
            users_accuracy: pair(&|map| map.users_accuracy(index), paired.users_accuracy_difference(index)),
            producers_accuracy: pair(
                &|map| map.producers_accuracy(index),
                paired.producers_accuracy_difference(index),
            ),
        };
        let overall = pair(&Assessment::overall_accuracy, paired.overall_accuracy_difference());
        Ok(Self {
            first: job.map.display().to_string(),
            second: against.display().to_string(),
            design: design.word(),
            confidence: job.confidence,
            sample_units: units.len(),
            overall_accuracy: overall,
            overall_accuracy_ratio: paired.overall_accuracy_ratio().map(Difference::from),
            classes: classes.iter().enumerate().map(class).collect(),
            mcnemar: Test::of(paired.mcnemar(), design),
        })
    }

    /// Writes comparison.json and comparison.csv.
    pub(super) fn write(&self, folder: &RunFolder) -> Result<()> {
        write_json(&folder.file("comparison.json"), self)?;
        let header =
            ["code", "class", "measure", "first", "second", "difference", "standard_error", "lower", "upper"];
        let line = |code: &Value, class: &str, measure: &str, compared: &FigurePair| {
            let FigurePair { first, second, difference } = *compared;
            let [value, error, lower, upper] =
                difference.map_or([None; 4], |d| [Some(d.value), d.standard_error, d.lower, d.upper]);
            let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
            let mut cells = vec![code, class.to_owned(), measure.to_owned()];
            let numbers = [first, second, value, error, lower, upper];
            cells.extend(numbers.map(|number| number.map_or(String::new(), |number| number.to_string())));
            cells
        };
        let mut rows = vec![line(&Value::from(""), "", "overall_accuracy", &self.overall_accuracy)];
        for class in &self.classes {
            rows.push(line(&class.code, &class.class, "users_accuracy", &class.users_accuracy));
            rows.push(line(&class.code, &class.class, "producers_accuracy", &class.producers_accuracy));
        }
        Ok(write_csv(folder.file("comparison.csv"), &header, rows)?)
    }

    /// As papers print it.
    pub(super) fn text_table(&self) -> TextTable {
        let cell = |compared: &FigurePair| {
            let difference = compared.difference;
            signed(difference.map(|d| d.value), difference.and_then(|d| d.margin()), 2)
        };
        let class = |class: &ClassComparison| {
            vec![class.class.clone(), cell(&class.producers_accuracy), cell(&class.users_accuracy)]
        };
        TextTable {
            caption: format!(
                "Accuracy of {} less that of {}, at the same {} sample units. ± is half the {} % confidence interval of \
                 the difference (linearised under the {} design).",
                self.first,
                self.second,
                self.sample_units,
                percent(self.confidence),
                self.design
            ),
            header: ["Class", "Producer’s Accuracy", "User’s Accuracy"].map(str::to_owned).to_vec(),
            rows: self.classes.iter().map(class).collect(),
            foot: format!("Overall Accuracy: {}", cell(&self.overall_accuracy)),
        }
    }

    /// The difference in one line.
    pub(super) fn fact(&self) -> String {
        let difference = self.overall_accuracy.difference;
        let told = signed(difference.map(|d| d.value), difference.and_then(|d| d.margin()), 3);
        format!("{told} against {}", self.second)
    }
}

impl Test {
    fn of(test: McNemar, design: Design) -> Self {
        Self {
            only_first_right: test.only_first,
            only_second_right: test.only_second,
            exact_p_value: test.exact_p_value,
            chi_squared: test.chi_squared,
            chi_squared_p_value: test.chi_squared_p_value,
            fits_the_design: matches!(design, Design::Simple | Design::Systematic),
        }
    }
}
