//! A job of several years as one recipe a year.

use super::load::Recipe;
use crate::Result;
use chrono::Datelike;
use ecotone_jobs::Error as JobError;
use std::path::PathBuf;

impl Recipe {
    /// One recipe for each of `timeline.years`, in their order; the recipe itself where it names none.
    ///
    /// # Errors
    /// When a year stands there twice, or `timeline.start` is no day of each year.
    pub(crate) fn each_year(&self) -> Result<Vec<Self>> {
        let years = &self.timeline.years;
        if years.is_empty() {
            return Ok(vec![self.clone()]);
        }
        if let Some((_, year)) = years.iter().enumerate().find(|(i, year)| years[..*i].contains(year)) {
            let expected = "each year once".to_owned();
            return Err(
                JobError::Value { key: "timeline.years", found: format!("{year} twice"), expected }.into()
            );
        }
        years.iter().map(|year| self.in_year(*year)).collect()
    }

    /// The recipe of the only year, for what looks at one series.
    ///
    /// # Errors
    /// When it names several.
    pub(crate) fn only_year(&self) -> Result<Self> {
        match self.each_year()?.as_slice() {
            [only] => Ok(only.clone()),
            several => {
                let expected = format!("one year, such as --set timeline.years={}", self.timeline.years[0]);
                let found = format!("{} years", several.len());
                Err(JobError::Value { key: "timeline.years", found, expected }.into())
            }
        }
    }

    /// The recipe with its series, and the days that scenes are taken from, moved to a year.
    fn in_year(&self, year: i32) -> Result<Self> {
        let start = self.start()?;
        let Some((start, moved)) = start.and_then(|start| Some((start, start.with_year(year)?))) else {
            let expected = format!(
                "a day whose month and day begin the series of each of timeline.years, such as {year}-03-01"
            );
            let found = start.map_or_else(|| "nothing".to_owned(), |day| day.to_string());
            return Err(JobError::Value { key: "timeline.start", found, expected }.into());
        };
        let mut recipe = self.clone();
        recipe.timeline.years = Vec::new();
        recipe.timeline.start = moved.to_string();
        let dates = self.dates()?.into_iter().map(|dates| dates.moved(moved - start).to_string());
        recipe.inputs.dates = dates.collect();
        Ok(recipe)
    }

    /// A path of the recipe, its `{catalog}` replaced by a folder and its `{year}` by that in which the series begins.
    pub(crate) fn place(&self, text: &str, catalog: &str) -> PathBuf {
        let year =
            self.start().ok().flatten().map_or_else(|| "{year}".to_owned(), |day| day.year().to_string());
        PathBuf::from(text.replace("{catalog}", catalog).replace("{year}", &year))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(start: &str, years: &[i32]) -> Recipe {
        let mut recipe = Recipe::default();
        recipe.timeline.start = start.to_owned();
        recipe.timeline.years = years.to_vec();
        recipe.inputs.dates = vec!["2019-04-01/2019-05-01".to_owned()];
        recipe
    }

    #[test]
    fn a_year_moves_the_series_and_its_days() {
        let years = recipe("2019-03-01", &[2018, 2020]).each_year().unwrap();
        let starts: Vec<&str> = years.iter().map(|year| year.timeline.start.as_str()).collect();
        assert_eq!(starts, ["2018-03-01", "2020-03-01"]);
        assert_eq!(years[0].inputs.dates, ["2018-04-01/2018-05-01"]);
        assert_eq!(years[1].place("{catalog}/truth-{year}.tif", "a"), PathBuf::from("a/truth-2020.tif"));
        assert_eq!(recipe("2019-03-01", &[]).each_year().unwrap(), [recipe("2019-03-01", &[])]);
        assert_eq!(recipe("2019-03-01", &[2021]).only_year().unwrap().timeline.start, "2021-03-01");
        let several = recipe("2019-03-01", &[2018, 2020]).only_year().unwrap_err().to_string();
        assert!(several.contains("2 years") && several.contains("timeline.years=2018"), "{several}");
    }

    #[test]
    fn years_that_do_not_fit_are_refused() {
        for (start, years, words) in [
            ("", &[2018][..], "timeline.start"),
            ("2020-02-29", &[2019], "timeline.start"),
            ("2020-03-01", &[2019, 2019], "2019 twice"),
        ] {
            let message = recipe(start, years).each_year().unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
