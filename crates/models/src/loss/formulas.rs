//! The losses as tensor formulas; see [`Loss`] for each in words.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::Loss;

/// Where a logarithm or a root would be infinite, it is taken of this.
const TINY: f64 = 1e-7;
/// The logarithm of 0 in the reverse cross-entropy; Wang et al. 2019, section 4.1.
const LOG_ZERO: f64 = -4.0;

/// The loss `[1]` of `scores` `[n, class, y, x]`, of which `shares` holds each class's share of the target
/// times the pixel's share of all weights, so that all of it sums to 1. `occurring` tells the classes that
/// have a pixel.
pub(super) fn loss(kind: Loss, scores: Tensor<4>, shares: Tensor<4>, occurring: &[bool]) -> Tensor<1> {
    let log = log_softmax(scores, 1);
    let cross_entropy = |log: Tensor<4>| -(log * shares.clone()).sum();
    match kind {
        Loss::CrossEntropy => cross_entropy(log),
        Loss::Focal { gamma } => {
            let wrong = (-log.clone().exp() + 1.0).clamp_min(TINY);
            cross_entropy(log * wrong.powf_scalar(gamma))
        }
        Loss::Dice => -mean(Overlap::of(log.exp(), shares).dice(), occurring) + 1.0,
        Loss::Joint { alpha } => {
            let iou = mean(Overlap::of(log.clone().exp(), shares.clone()).iou(), occurring);
            cross_entropy(log) * alpha - iou.clamp_min(TINY).log() * (1.0 - alpha)
        }
        Loss::GeneralisedCrossEntropy { q } => {
            // The shares sum to 1.
            (-((log * q).exp() * shares).sum() + 1.0) / q
        }
        Loss::SymmetricCrossEntropy { alpha, beta } => {
            let pixel = shares.clone().sum_dim(1);
            let target = shares.clone() / pixel.clone().clamp_min(f64::from(f32::MIN_POSITIVE));
            let reverse = -(log.clone().exp() * pixel * target.clamp_min(LOG_ZERO.exp()).log()).sum();
            cross_entropy(log) * alpha + reverse * beta
        }
    }
}

/// Weighted sums `[class]` over the labelled pixels.
struct Overlap {
    /// Probability of a class on its own pixels.
    common: Tensor<1>,
    /// Its probability and its pixels, everywhere.
    both: Tensor<1>,
}

impl Overlap {
    fn of(probabilities: Tensor<4>, shares: Tensor<4>) -> Self {
        let per_class = |x: Tensor<4>| {
            let [n, classes, rows, columns] = x.dims();
            let x: Tensor<1> =
                x.reshape([n, classes, rows * columns]).sum_dim(2).sum_dim(0).reshape([classes]);
            x
        };
        let pixel = shares.clone().sum_dim(1);
        let common = per_class(probabilities.clone() * shares.clone());
        Self { common, both: per_class(probabilities * pixel + shares) }
    }

    fn dice(self) -> Tensor<1> {
        self.common * 2.0 / self.both.clamp_min(TINY)
    }

    fn iou(self) -> Tensor<1> {
        self.common.clone() / (self.both - self.common).clamp_min(TINY)
    }
}

/// The mean over the classes that occur, of `values` `[class]`.
fn mean(values: Tensor<1>, occurring: &[bool]) -> Tensor<1> {
    let count = occurring.iter().filter(|&&occurs| occurs).count().max(1) as f32;
    let weights: Vec<f32> = occurring.iter().map(|&occurs| if occurs { 1.0 / count } else { 0.0 }).collect();
    (Tensor::<1>::from_floats(weights.as_slice(), &values.device()) * values).sum()
}
