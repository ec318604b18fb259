//! Probabilities as they come, checked and sorted into levels.

use crate::{Error, IGNORE, Result};

/// How finely probabilities are told apart; counts are kept by level, so that any number of pixels fits in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// 101 levels, 0 % to 100 %: exact for maps of percents.
    Percents,
    /// 10 001 levels, for probabilities as floating-point numbers.
    Fine,
}

impl Levels {
    /// The highest level; the lowest is 0.
    pub const fn highest(self) -> usize {
        match self {
            Self::Percents => 100,
            Self::Fine => 10_000,
        }
    }

    /// The level of a probability: level `l` holds those above `l - 1` and up to `l`, in parts of the highest.
    pub(crate) fn of(self, probability: f64) -> usize {
        // A thousandth of a level is forgiven, so that rounding lifts no probability over the level it stands on.
        let exact = probability * self.highest() as f64 - 1e-3;
        let below = exact as usize;
        (below + usize::from(exact > below as f64)).min(self.highest())
    }
}

/// A number that is a probability: `f32` and `f64` from 0 to 1, or `u8` percents from 0 to 100 with 255 for none.
///
/// Percents are taken as written: a rounded 0 % is no certainty, so log loss takes it for half a percent.
pub trait Probability: Copy + private::Sealed {
    /// The least probability that log loss takes.
    #[doc(hidden)]
    const LEAST: f64;

    /// 0 to 1, `None` for no data, or what it is instead.
    #[doc(hidden)]
    fn read(self) -> std::result::Result<Option<f64>, f64>;

    /// How far the sum over so many classes may be from 1.
    #[doc(hidden)]
    fn slack(classes: usize) -> f64;
}

mod private {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for u8 {}
}

impl Probability for f64 {
    const LEAST: f64 = f64::EPSILON;

    fn read(self) -> std::result::Result<Option<f64>, f64> {
        if (0.0..=1.0).contains(&self) { Ok(Some(self)) } else { Err(self) }
    }

    fn slack(_: usize) -> f64 {
        1e-3
    }
}

impl Probability for f32 {
    const LEAST: f64 = f32::EPSILON as f64;

    fn read(self) -> std::result::Result<Option<f64>, f64> {
        f64::from(self).read()
    }

    fn slack(_: usize) -> f64 {
        1e-3
    }
}

impl Probability for u8 {
    const LEAST: f64 = 0.005;

    fn read(self) -> std::result::Result<Option<f64>, f64> {
        match self {
            0..=100 => Ok(Some(f64::from(self) / 100.0)),
            IGNORE => Ok(None),
            _ => Err(f64::from(self) / 100.0),
        }
    }

    // Every percent may be rounded by half or, by other tools, cut off by a whole.
    fn slack(classes: usize) -> f64 {
        classes as f64 / 100.0 + 1e-9
    }
}

/// Calls `visit` with each pixel that has probabilities and is not left out by its reference: its index and its
/// probabilities by class. `data` is `[class, pixel]`.
pub(crate) fn for_each<T: Probability>(
    classes: usize,
    data: &[T],
    pixels: usize,
    left_out: impl Fn(usize) -> bool,
    mut visit: impl FnMut(usize, &[f64]),
) -> Result<()> {
    if data.len() != classes * pixels {
        return Err(Error::Probabilities { classes, pixels, found: data.len() });
    }
    let mut vector = vec![0.0; classes];
    'pixels: for pixel in (0..pixels).filter(|pixel| !left_out(*pixel)) {
        for (class, probability) in vector.iter_mut().enumerate() {
            match data[class * pixels + pixel].read() {
                Ok(Some(read)) => *probability = read,
                Ok(None) => continue 'pixels,
                Err(value) => return Err(Error::Probability { class, pixel, value }),
            }
        }
        let sum: f64 = vector.iter().sum();
        if (sum - 1.0).abs() > T::slack(classes) {
            return Err(Error::ProbabilitySum { classes, pixel, sum });
        }
        visit(pixel, &vector);
    }
    Ok(())
}

/// The same for pixels with a reference class, which `visit` gets behind the pixel's index; everything is checked before
/// the first visit.
pub(crate) fn for_each_referenced<T: Probability>(
    classes: usize,
    data: &[T],
    reference: &[u8],
    mut visit: impl FnMut(usize, usize, &[f64]),
) -> Result<()> {
    let outside = |class: &&u8| **class != IGNORE && usize::from(**class) >= classes;
    if let Some(class) = reference.iter().find(outside) {
        return Err(Error::ProbabilityClass { index: usize::from(*class), classes });
    }
    let left_out = |pixel: usize| reference[pixel] == IGNORE;
    for_each(classes, data, reference.len(), left_out, |_, _| {})?;
    for_each(classes, data, reference.len(), left_out, |pixel, vector| {
        visit(pixel, usize::from(reference[pixel]), vector);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_their_own_levels() {
        for percent in 0..=100u8 {
            let probability = percent.read().unwrap().unwrap();
            assert_eq!(Levels::Percents.of(probability), usize::from(percent));
            assert_eq!(Levels::Fine.of(probability), 100 * usize::from(percent));
            assert_eq!(Levels::Fine.of(f64::from(f32::from(percent) / 100.0)), 100 * usize::from(percent));
        }
        assert_eq!(Levels::Percents.of(0.151), 16);
    }

    #[track_caller]
    fn check<T: Probability>(classes: usize, data: &[T], reference: &[u8], message: &str) {
        let mut visits = 0;
        let error = for_each_referenced(classes, data, reference, |_, _, _| visits += 1).unwrap_err();
        assert_eq!((error.to_string().as_str(), visits), (message, 0));
    }

    #[test]
    fn what_is_no_probability_is_named() {
        let nan = "the probability of class 1 at pixel 1 is NaN, expected 0 to 1";
        check(2, &[1.0, 0.5, 0.0, f64::NAN], &[0, 0], nan);
        check(2, &[-0.5f32, 1.5], &[0], "the probability of class 0 at pixel 0 is -0.5, expected 0 to 1");
        check(2, &[100u8, 101], &[0], "the probability of class 1 at pixel 0 is 1.01, expected 0 to 1");
        check(2, &[0.5, 0.25], &[0], "the probabilities of 2 classes at pixel 0 sum to 0.75, expected 1");
        check(
            2,
            &[0.5, 0.5],
            &[2],
            "class index 2 of the reference is none of the 2 classes with probabilities",
        );
        check(2, &[0.5, 0.5, 0.0], &[1], "probabilities of 2 classes at 1 pixels are 2 values, found 3");
        check::<f64>(
            0,
            &[],
            &[0],
            "class index 0 of the reference is none of the 0 classes with probabilities",
        );
    }

    #[test]
    fn pixels_without_data_or_reference_are_left_out() {
        let mut seen = vec![];
        let percents = [30u8, 255, 40, 69, 255, 60];
        for_each_referenced(2, &percents, &[0, 1, 1], |pixel, class, p| {
            seen.push((pixel, class, p.to_vec()))
        })
        .unwrap();
        assert_eq!(seen, [(0, 0, vec![0.3, 0.69]), (2, 1, vec![0.4, 0.6])]);
        for_each_referenced(2, &[f64::NAN, f64::NAN], &[255], |_, _, _| seen.clear()).unwrap();
        assert_eq!(seen.len(), 2);
    }
}
