//! The labels of a batch: which pixels count, for which class, and how much.

use burn::tensor::{Tensor, TensorData};

use super::{IGNORE, Loss, formulas};
use crate::{ClassWeights, Error, Result};

/// The labels of a batch, ready to be held against the network's scores.
#[derive(Debug)]
pub(crate) struct WeightedTargets {
    /// `[n, class, y, x]`: each class's share of the target times the pixel's share of all weights.
    shares: Vec<f32>,
    size: [usize; 4],
    /// For each class, whether it has a pixel that counts.
    occurring: Vec<bool>,
    /// Sum of the weights of the labelled pixels, to average batches with.
    pub(crate) weight: f64,
}

impl WeightedTargets {
    /// `targets` holds class indices `[n, y, x]` or [`IGNORE`], `size` is `[n, class, y, x]`. `smoothing` in
    /// `0..1` spreads that share of each target evenly over all classes (Szegedy et al. 2016).
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::UnknownClass`]; [`Error::NoLabelledPixel`] when all weights are 0.
    pub(crate) fn new(
        size: [usize; 4],
        targets: &[u8],
        weights: &ClassWeights,
        smoothing: f32,
    ) -> Result<Self> {
        let (shares, weight) = weighted_shares(size, targets, weights, smoothing)?;
        let mut occurring = vec![false; size[1]];
        for &target in targets.iter().filter(|&&target| target != IGNORE) {
            occurring[usize::from(target)] |= weights.get()[usize::from(target)] > 0.0;
        }
        Ok(Self { shares, size, occurring, weight })
    }

    /// The loss `[1]` of `scores` `[n, class, y, x]`, the network's before softmax.
    pub(crate) fn loss(&self, kind: Loss, scores: Tensor<4>) -> Tensor<1> {
        let data = TensorData::new(self.shares.clone(), self.size);
        let shares = Tensor::<4>::from_data(data, &scores.device());
        formulas::loss(kind, scores, shares, &self.occurring)
    }
}

fn weighted_shares(
    [n, classes, rows, columns]: [usize; 4],
    targets: &[u8],
    weights: &ClassWeights,
    smoothing: f32,
) -> Result<(Vec<f32>, f64)> {
    let pixels = rows * columns;
    if targets.len() != n * pixels {
        return Err(Error::Length { what: "target", shape: vec![n, rows, columns], found: targets.len() });
    }
    if weights.get().len() != classes {
        return Err(Error::Length {
            what: "class weights",
            shape: vec![classes],
            found: weights.get().len(),
        });
    }
    let mut sum = 0.0;
    for &target in targets.iter().filter(|&&target| target != IGNORE) {
        let weight = weights.get().get(usize::from(target));
        sum += f64::from(*weight.ok_or(Error::UnknownClass { found: target, classes })?);
    }
    if sum <= 0.0 {
        return Err(Error::NoLabelledPixel { what: "the batch".to_owned() });
    }
    let mut shares = vec![0.0; n * classes * pixels];
    for (position, &target) in targets.iter().enumerate().filter(|&(_, &target)| target != IGNORE) {
        let (sample, pixel) = (position / pixels, position % pixels);
        let weight = (f64::from(weights.get()[usize::from(target)]) / sum) as f32;
        let mut add = |class: usize, share: f32| {
            shares[(sample * classes + class) * pixels + pixel] += share * weight;
        };
        add(usize::from(target), 1.0 - smoothing);
        if smoothing > 0.0 {
            (0..classes).for_each(|class| add(class, smoothing / classes as f32));
        }
    }
    Ok((shares, sum))
}
