//! Temperature and a bias a class, fitted together to what labels say.

mod newton;

use crate::temperature::RANGE;
use crate::{ClassShares, Error, LabelledScores, Result, Temperature};

use newton::{Convex, Slope};

/// How far a bias is expected from the one of the shares, in log space: the standard deviation of a normal prior. A pixel or
/// two of a class move it little; by a hundred it is what they say.
const SPREAD: f64 = 1.0;

/// Class scores become probabilities by `softmax(score / temperature + bias)`: vector scaling (Guo et al. 2017, section
/// 4.2) with one temperature for all classes, so that a bias is what it would be had the network been trained on other
/// shares of the classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scaling {
    temperature: Temperature,
    bias: Vec<f64>,
}

impl Scaling {
    /// The temperature, from 0.01 to 100, and biases that are likeliest by the targets and by a normal prior of each bias
    /// around that of the shares, [`ClassShares::bias`], with a standard deviation of 1.
    ///
    /// The loss is convex in the factor `1 / temperature` and the biases, and has one lowest point, which damped Newton
    /// steps find: the same numbers for the same scores. Where a class has many pixels the prior tells little, and its
    /// probabilities then sum up to its pixels, which is what the loss's slope by its bias says.
    ///
    /// A class without a target keeps the bias of its shares: others are fitted among themselves, and shifted together so
    /// that their mean over the pixels is that of their shares. Targets of a class that the training never saw are left
    /// out. Where shares are [alike](ClassShares::are_alike), there is no bias, and where fewer than two classes are left,
    /// it is that of the shares; the temperature is then that of [`Temperature::fit`].
    ///
    /// # Errors
    /// [`Error::NoLabelledPixel`] without pixels; [`Error::Length`] for shares of another number of classes.
    pub(crate) fn fit(scores: &LabelledScores, shares: &ClassShares) -> Result<Self> {
        Self::fit_within(scores, shares, SPREAD, None)
    }

    /// The likeliest biases at a temperature that is given.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub(crate) fn at(
        temperature: Temperature,
        scores: &LabelledScores,
        shares: &ClassShares,
    ) -> Result<Self> {
        Self::fit_within(scores, shares, SPREAD, Some(temperature))
    }

    fn fit_within(
        scores: &LabelledScores,
        shares: &ClassShares,
        spread: f64,
        given: Option<Temperature>,
    ) -> Result<Self> {
        let classes = scores.classes();
        if shares.natural().len() != classes {
            let found = shares.natural().len();
            return Err(Error::Length { what: "shares of the classes", shape: vec![classes], found });
        }
        let alone = || given.map_or_else(|| Temperature::fit(scores), Ok);
        if shares.are_alike() {
            return Ok(Self { temperature: alone()?, bias: vec![0.0; classes] });
        }
        let mut counts = vec![0u64; classes];
        scores.pixels().for_each(|(_, target)| counts[target] += 1);
        let fitted: Vec<usize> =
            (0..classes).filter(|class| counts[*class] > 0 && shares.is_learnt(*class)).collect();
        let mut bias = shares.bias();
        if fitted.len() < 2 {
            return Ok(Self { temperature: alone()?, bias });
        }
        let center: Vec<f64> = fitted.iter().map(|class| bias[*class]).collect();
        let loss = Loss { scores, classes: &fitted, center: &center, weight: spread.powi(-2) };
        let [low, high] = given.map_or(RANGE, |given| [given.get(); 2]);
        let first = given.map_or(1.0, |_| 1.0 / high);
        let start = std::iter::once(first).chain(center.iter().copied()).collect();
        let lowest = newton::minimise(&loss, start, [1.0 / high, 1.0 / low]);
        let moved = fitted.iter().zip(&lowest[1..]).map(|(class, found)| (*class, found - bias[*class]));
        let moved: Vec<(usize, f64)> = moved.collect();
        let pixels: u64 = fitted.iter().map(|class| counts[*class]).sum();
        let mean: f64 =
            moved.iter().map(|(class, by)| counts[*class] as f64 * by).sum::<f64>() / pixels as f64;
        moved.iter().for_each(|(class, by)| bias[*class] += by - mean);
        Ok(Self { temperature: given.unwrap_or_else(|| Temperature::of_factor(lowest[0])), bias })
    }

    /// What scores are divided by.
    pub(crate) const fn temperature(&self) -> Temperature {
        self.temperature
    }

    /// What is then added to the score of each class, in the order of class indices.
    pub(crate) fn bias(&self) -> &[f64] {
        &self.bias
    }
}

/// The negative log-likelihood of the targets among some classes, in the factor of the scores and a bias a class, with
/// `weight / 2` times the squared distance of the biases from `center`.
struct Loss<'a> {
    scores: &'a LabelledScores,
    classes: &'a [usize],
    center: &'a [f64],
    weight: f64,
}

impl Convex for Loss<'_> {
    fn slope(&self, place: &[f64]) -> Slope {
        let (factor, bias) = (place[0], &place[1..]);
        let mut slope = Slope::zero(place.len());
        let mut shares = vec![0.0; bias.len()];
        for (row, target) in self.scores.pixels() {
            let Some(target) = self.classes.iter().position(|class| *class == target) else { continue };
            let score = |k: usize| f64::from(row[self.classes[k]]);
            let logit = |k: usize| factor * score(k) + bias[k];
            let highest = (0..bias.len()).map(logit).fold(f64::NEG_INFINITY, f64::max);
            let mut sum = 0.0;
            for (k, share) in shares.iter_mut().enumerate() {
                *share = (logit(k) - highest).exp();
                sum += *share;
            }
            shares.iter_mut().for_each(|share| *share /= sum);
            let mean: f64 = shares.iter().enumerate().map(|(k, share)| share * score(k)).sum();
            slope.value += sum.ln() + highest - logit(target);
            slope.gradient[0] += mean - score(target);
            slope.gradient[1 + target] -= 1.0;
            for (k, share) in shares.iter().enumerate() {
                slope.gradient[1 + k] += share;
                let off = score(k) - mean;
                *slope.curve(0, 0) += share * off * off;
                *slope.curve(1 + k, 0) += share * off;
                *slope.curve(1 + k, 1 + k) += share;
                for (other, theirs) in shares[..=k].iter().enumerate() {
                    *slope.curve(1 + k, 1 + other) -= share * theirs;
                }
            }
        }
        for (k, (bias, center)) in bias.iter().zip(self.center).enumerate() {
            slope.value += 0.5 * self.weight * (bias - center).powi(2);
            slope.gradient[1 + k] += self.weight * (bias - center);
            *slope.curve(1 + k, 1 + k) += self.weight;
        }
        slope
    }
}

#[cfg(test)]
mod tests;
