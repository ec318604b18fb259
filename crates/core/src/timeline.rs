//! When the layers of a cube were seen.

use crate::{Error, Result};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::sync::Arc;

/// A sequence of steps that follow each other in time: of so many days each, such as 46 steps of 10 days, of a calendar month
/// each, or of single days with others between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    start: NaiveDate,
    steps: Steps,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Steps {
    Days { days: u32, count: usize },
    Months(u32),
    Dates(Arc<[NaiveDate]>),
}

impl Timeline {
    /// From the first day, the days a step and the number of steps.
    ///
    /// # Errors
    /// When there is no step, a step has no length, or the end is off the calendar.
    pub fn new(start: NaiveDate, step_days: u32, steps: usize) -> Result<Self> {
        let fits = u64::try_from(steps)
            .ok()
            .and_then(|steps| steps.checked_mul(u64::from(step_days)))
            .and_then(|days| start.checked_add_days(Days::new(days)));
        if steps == 0 || step_days == 0 || fits.is_none() {
            return Err(Error::Timeline { start, step_days, steps });
        }
        Ok(Self { start, steps: Steps::Days { days: step_days, count: steps } })
    }

    /// Calendar months, the first of which a day falls in.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use ecotone_core::Timeline;
    ///
    /// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    /// let timeline = Timeline::months(day("2020-01-15"), 3)?;
    /// assert_eq!((timeline.start(), timeline.end()), (day("2020-01-01"), day("2020-04-01")));
    /// assert_eq!(timeline.step_of(day("2020-02-29")), Some(1));
    /// # Ok::<(), ecotone_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there is no step, or the end is off the calendar.
    pub fn months(day: NaiveDate, steps: usize) -> Result<Self> {
        let wrong = || Error::TimelineMonths { start: day, steps };
        let start = day.with_day(1).ok_or_else(wrong)?;
        let count = u32::try_from(steps).ok().filter(|count| *count > 0).ok_or_else(wrong)?;
        start.checked_add_months(Months::new(count)).ok_or_else(wrong)?;
        Ok(Self { start, steps: Steps::Months(count) })
    }

    /// Steps of one day each.
    ///
    /// # Errors
    /// When there is none, or one does not come after the one before.
    pub fn dates(dates: &[NaiveDate]) -> Result<Self> {
        let rise = dates.windows(2).all(|pair| pair[0] < pair[1]);
        match (dates.first(), dates.last().and_then(NaiveDate::succ_opt)) {
            (Some(start), Some(_)) if rise => Ok(Self { start: *start, steps: Steps::Dates(dates.into()) }),
            _ => Err(Error::TimelineDates { dates: dates.to_vec() }),
        }
    }

    /// The first day.
    pub const fn start(&self) -> NaiveDate {
        self.start
    }

    /// Days a step, where all have as many and none lie between them.
    pub const fn step_days(&self) -> Option<u32> {
        match self.steps {
            Steps::Days { days, .. } => Some(days),
            Steps::Months(_) | Steps::Dates(_) => None,
        }
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        match &self.steps {
            Steps::Days { count, .. } => *count,
            Steps::Months(count) => *count as usize,
            Steps::Dates(dates) => dates.len(),
        }
    }

    /// The day after the last.
    pub fn end(&self) -> NaiveDate {
        self.step_end(self.steps() - 1)
    }

    /// The first day of a step.
    ///
    /// # Panics
    /// Of a list of dates, where there is no such step; else where there could be none.
    pub fn step_start(&self, step: usize) -> NaiveDate {
        match &self.steps {
            Steps::Days { days, .. } => self.start + Days::new(step as u64 * u64::from(*days)),
            Steps::Months(_) => self.start + Months::new(step as u32),
            Steps::Dates(dates) => dates[step],
        }
    }

    /// The day after the last one of a step.
    ///
    /// # Panics
    /// As [`Timeline::step_start`].
    pub fn step_end(&self, step: usize) -> NaiveDate {
        match &self.steps {
            Steps::Days { .. } | Steps::Months(_) => self.step_start(step + 1),
            Steps::Dates(dates) => dates[step] + Days::new(1),
        }
    }

    /// Days of a step.
    ///
    /// # Panics
    /// As [`Timeline::step_start`].
    pub fn days_of(&self, step: usize) -> i64 {
        (self.step_end(step) - self.step_start(step)).num_days()
    }

    /// The middle of a step in days after the start of the first.
    ///
    /// # Panics
    /// As [`Timeline::step_start`].
    pub fn middle(&self, step: usize) -> f64 {
        (self.step_start(step) - self.start).num_days() as f64 + self.days_of(step) as f64 / 2.0
    }

    /// The step that a day falls in; `None` outside the timeline.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use ecotone_core::Timeline;
    ///
    /// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    /// let timeline = Timeline::new(day("2020-04-01"), 10, 46)?;
    /// assert_eq!(timeline.step_of(day("2020-04-10")), Some(0));
    /// assert_eq!(timeline.step_of(day("2020-04-11")), Some(1));
    /// assert_eq!(timeline.step_of(day("2020-03-31")), None);
    /// # Ok::<(), ecotone_core::Error>(())
    /// ```
    pub fn step_of(&self, day: NaiveDate) -> Option<usize> {
        let step = match &self.steps {
            Steps::Days { days, .. } => usize::try_from((day - self.start).num_days()).ok()? / *days as usize,
            Steps::Months(_) => {
                let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
                usize::try_from(months(day) - months(self.start)).ok()?
            }
            Steps::Dates(dates) => dates.binary_search(&day).ok()?,
        };
        (step < self.steps()).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2019, 2, 27).unwrap()
    }

    fn timelines() -> impl Strategy<Value = Timeline> {
        let days =
            (1u32..40, 1usize..80).prop_map(|(days, steps)| Timeline::new(first(), days, steps).unwrap());
        let months = (1usize..50).prop_map(|steps| Timeline::months(first(), steps).unwrap());
        let dates = proptest::collection::btree_set(0u64..900, 1..30).prop_map(|days| {
            let dates: Vec<NaiveDate> = days.into_iter().map(|day| first() + Days::new(day)).collect();
            Timeline::dates(&dates).unwrap()
        });
        prop_oneof![days, months, dates]
    }

    proptest! {
        #[test]
        fn a_day_falls_in_the_step_around_it(timeline in timelines(), day in -60i64..4000) {
            let date = first() + chrono::TimeDelta::days(day);
            let around = |step: &usize| timeline.step_start(*step) <= date && date < timeline.step_end(*step);
            prop_assert_eq!(timeline.step_of(date), (0..timeline.steps()).find(around));
        }

        #[test]
        fn steps_follow_each_other(timeline in timelines()) {
            prop_assert_eq!(timeline.step_start(0), timeline.start());
            for step in 1..timeline.steps() {
                prop_assert!(timeline.step_end(step - 1) <= timeline.step_start(step));
                prop_assert!(timeline.middle(step - 1) < timeline.middle(step));
                let days = timeline.days_of(step);
                prop_assert!(timeline.step_days().is_none_or(|each| i64::from(each) == days && timeline.step_end(step - 1) == timeline.step_start(step)));
            }
            prop_assert!(timeline.step_of(timeline.end()).is_none());
            prop_assert_eq!(timeline.step_of(timeline.end().pred_opt().unwrap()), Some(timeline.steps() - 1));
        }

        #[test]
        fn the_middle_of_a_regular_step_is_half_way(days in 1u32..40, steps in 1usize..80) {
            let timeline = Timeline::new(first(), days, steps).unwrap();
            for step in 0..steps {
                prop_assert_eq!(timeline.middle(step), (step as f64 + 0.5) * f64::from(days));
            }
        }
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let timeline = Timeline::months(NaiveDate::from_ymd_opt(2019, 12, 31).unwrap(), 4).unwrap();
        let starts: Vec<String> = (0..4).map(|step| timeline.step_start(step).to_string()).collect();
        assert_eq!(starts, ["2019-12-01", "2020-01-01", "2020-02-01", "2020-03-01"]);
        assert_eq!((0..4).map(|step| timeline.days_of(step)).collect::<Vec<_>>(), [31, 31, 29, 31]);
        assert_eq!(timeline.end().to_string(), "2020-04-01");
    }

    #[test]
    fn an_empty_timeline_is_refused() {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        assert!(Timeline::new(start, 0, 5).is_err());
        assert!(Timeline::new(start, 10, 0).is_err());
        assert!(Timeline::new(start, u32::MAX, usize::MAX).is_err());
        assert!(Timeline::months(start, 0).is_err());
        assert!(Timeline::months(start, usize::MAX).is_err());
        assert!(Timeline::dates(&[]).is_err());
        assert!(Timeline::dates(&[NaiveDate::MAX]).is_err());
        let message = Timeline::dates(&[start, start]).unwrap_err().to_string();
        assert!(message.contains("2020-01-01, 2020-01-01"), "{message}");
    }
}
