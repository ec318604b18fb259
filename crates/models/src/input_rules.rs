//! What a network reads: the kind of its input and the sizes that it can take.

use serde::Serialize;

use crate::{Error, Result};

/// What a network makes of an input `[time, channel, y, x]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InputKind {
    /// Each date is a picture of its own; the class scores of a pixel are averaged over the dates that saw it.
    Date,
    /// One picture: the first `optical` channels, averaged over the dates that saw a pixel, and side by side after them the
    /// `radar` channels of each of so many `steps`.
    StackedRadar {
        /// Channels of a date before those of the radar.
        optical: usize,
        /// Channels of the radar a date.
        radar: usize,
        /// Dates.
        steps: usize,
    },
    /// The dates of a patch are read together.
    Series,
    /// The dates of each pixel are read together, without a look at its neighbours.
    PixelSeries,
    /// The first `optical` channels are averaged over the dates, so that a composite repeated on all of them
    /// is itself; the other channels are read as a series of radar images.
    TwoBranches {
        /// Channels of the optical branch.
        optical: usize,
        /// Channels of the radar branch.
        radar: usize,
    },
}

/// The inputs that a network can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct InputRules {
    /// What it makes of the input.
    pub kind: InputKind,
    /// Channels, exactly.
    pub channels: usize,
    /// The fewest time steps.
    pub min_steps: usize,
    /// The most time steps, where there is such a limit.
    pub max_steps: Option<usize>,
    /// Rows and columns must be multiples of this.
    pub size_factor: usize,
}

impl InputRules {
    /// Rules for `kind` with any number of steps and any number of rows and columns.
    pub(crate) const fn new(kind: InputKind, channels: usize) -> Self {
        Self { kind, channels, min_steps: 1, max_steps: None, size_factor: 1 }
    }

    /// Checks an input's sizes.
    ///
    /// # Errors
    /// [`Error::InputSize`] names the axis, what is taken and what was found.
    pub(crate) fn check(
        &self,
        network: &'static str,
        [channels, steps, rows, columns]: [usize; 4],
    ) -> Result<()> {
        let refuse = |axis, found, expected| Err(Error::InputSize { network, axis, expected, found });
        if channels != self.channels {
            return refuse("channels", channels, self.channels.to_string());
        }
        if steps < self.min_steps {
            return refuse("steps", steps, format!("at least {}", self.min_steps));
        }
        if let Some(most) = self.max_steps.filter(|&most| steps > most) {
            return refuse("steps", steps, format!("at most {most}"));
        }
        for (axis, found) in [("rows", rows), ("columns", columns)] {
            if found == 0 || !found.is_multiple_of(self.size_factor) {
                return refuse(axis, found, format!("a multiple of {}", self.size_factor));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_do_not_fit_are_named() {
        let rules = InputRules {
            min_steps: 4,
            max_steps: Some(9),
            size_factor: 4,
            ..InputRules::new(InputKind::Series, 3)
        };
        let check = |size: [usize; 4], expected: &str| {
            assert_eq!(rules.check("net", size).unwrap_err().to_string(), expected);
        };
        check([2, 8, 8, 8], "input has 2 channels, but network net takes 3");
        check([3, 3, 8, 8], "input has 3 steps, but network net takes at least 4");
        check([3, 10, 8, 8], "input has 10 steps, but network net takes at most 9");
        check([3, 4, 6, 8], "input has 6 rows, but network net takes a multiple of 4");
        check([3, 4, 8, 0], "input has 0 columns, but network net takes a multiple of 4");
        assert!(rules.check("net", [3, 5, 8, 4]).is_ok());
    }
}
