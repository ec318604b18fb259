//! When the layers of a cube were seen.

use crate::{Error, Result};
use chrono::{Days, NaiveDate};

/// A regular sequence of steps of whole days, such as 46 steps of 10 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    start: NaiveDate,
    step_days: u32,
    steps: usize,
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
        Ok(Self { start, step_days, steps })
    }

    /// The first day.
    pub const fn start(&self) -> NaiveDate {
        self.start
    }

    /// Days a step.
    pub const fn step_days(&self) -> u32 {
        self.step_days
    }

    /// Number of steps.
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// The day after the last.
    pub fn end(&self) -> NaiveDate {
        self.step_start(self.steps)
    }

    /// The first day of a step.
    pub fn step_start(&self, step: usize) -> NaiveDate {
        self.start + Days::new(step as u64 * u64::from(self.step_days))
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
        let days = usize::try_from((day - self.start).num_days()).ok()?;
        let step = days / self.step_days as usize;
        (step < self.steps).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_day_falls_in_the_step_around_it(step_days in 1u32..40, steps in 1usize..80, day in 0u64..4000) {
            let start = NaiveDate::from_ymd_opt(2019, 2, 27).unwrap();
            let timeline = Timeline::new(start, step_days, steps).unwrap();
            let date = start + Days::new(day);
            match timeline.step_of(date) {
                Some(step) => prop_assert!(timeline.step_start(step) <= date && date < timeline.step_start(step + 1)),
                None => prop_assert!(date >= timeline.end()),
            }
        }
    }

    #[test]
    fn an_empty_timeline_is_refused() {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        assert!(Timeline::new(start, 0, 5).is_err());
        assert!(Timeline::new(start, 10, 0).is_err());
        assert!(Timeline::new(start, u32::MAX, usize::MAX).is_err());
    }
}
