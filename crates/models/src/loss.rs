//! Cross-entropy over labelled pixels only, with a weight a class.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Tensor, TensorData};

use crate::{ClassWeights, Error, Result};

/// The target of a pixel without a label: it takes no part in loss, gradient or score.
pub const IGNORE: u8 = 255;

/// The labels of a batch, ready to be held against the network's scores.
#[derive(Debug)]
pub(crate) struct WeightedTargets {
    /// `[n, class, y, x]`: each class's share of the target times the pixel's share of all weights.
    shares: Vec<f32>,
    size: [usize; 4],
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
        Ok(Self { shares, size, weight })
    }

    /// Weighted cross-entropy, `[1]`: `sum w[t] * -log softmax(scores)[t] / sum w[t]` over the labelled
    /// pixels of `scores` `[n, class, y, x]`.
    pub(crate) fn cross_entropy(self, scores: Tensor<4>) -> Tensor<1> {
        let shares = Tensor::<4>::from_data(TensorData::new(self.shares, self.size), &scores.device());
        -(log_softmax(scores, 1) * shares).sum()
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

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::state::to_host;
    use burn::tensor::Device;
    use proptest::prelude::*;

    const CLASSES: usize = 3;

    /// Loss and gradient of `targets.len()` pixels in one row.
    fn loss(logits: &[f32], targets: &[u8], weights: &[f32], smoothing: f32) -> Result<(f32, Vec<f32>)> {
        let shape = [1, CLASSES, 1, targets.len()];
        let device = Device::flex().autodiff();
        let logits = Tensor::<4>::from_data(TensorData::new(logits.to_vec(), shape), &device).require_grad();
        let weights = ClassWeights::new(weights.to_vec())?;
        let loss = WeightedTargets::new(shape, targets, &weights, smoothing)?.cross_entropy(logits.clone());
        let gradient = logits.grad(&loss.backward()).unwrap();
        Ok((loss.into_scalar::<f32>(), to_host(gradient)))
    }

    /// Logits `[class, pixel]` from one triple a pixel.
    fn planes(pixels: &[[f32; CLASSES]]) -> Vec<f32> {
        (0..CLASSES).flat_map(|class| pixels.iter().map(move |pixel| pixel[class])).collect()
    }

    #[test]
    fn one_pixel_by_hand() {
        // softmax of (0, ln 2, 0) is (1/4, 1/2, 1/4).
        let (value, _) = loss(&[0.0, 2f32.ln(), 0.0], &[1], &[1.0, 5.0, 1.0], 0.0).unwrap();
        assert!((value - 2f32.ln()).abs() < 1e-6);
        // 0.7 on the target and 0.1 on each class: -(0.8 ln 1/2 + 0.2 ln 1/4).
        let (value, _) = loss(&[0.0, 2f32.ln(), 0.0], &[1], &[1.0; 3], 0.3).unwrap();
        assert!((value - 1.2 * 2f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn a_batch_without_labels_is_an_error_not_a_nan() {
        let error = loss(&[0.0; 6], &[IGNORE, IGNORE], &[1.0; 3], 0.0).unwrap_err();
        assert!(matches!(error, Error::NoLabelledPixel { .. }));
        let error = loss(&[0.0; 6], &[0, 0], &[0.0, 1.0, 1.0], 0.0).unwrap_err();
        assert!(matches!(error, Error::NoLabelledPixel { .. }));
    }

    #[test]
    fn targets_that_do_not_fit_are_refused() {
        assert!(matches!(loss(&[0.0; 3], &[3], &[1.0; 3], 0.0), Err(Error::UnknownClass { found: 3, .. })));
        let short = WeightedTargets::new([1, 3, 1, 2], &[0], &ClassWeights::equal(3), 0.0);
        assert!(matches!(short, Err(Error::Length { what: "target", .. })));
        let few = WeightedTargets::new([1, 3, 1, 1], &[0], &ClassWeights::equal(2), 0.0);
        assert!(matches!(few, Err(Error::Length { what: "class weights", .. })));
    }

    #[test]
    fn weights_act_on_gradients() {
        let logits = planes(&[[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]]);
        let (_, even) = loss(&logits, &[0, 1], &[1.0, 1.0, 1.0], 0.0).unwrap();
        let (_, heavy) = loss(&logits, &[0, 1], &[1.0, 9.0, 1.0], 0.0).unwrap();
        // Of pixel 0 (class 0) the share falls from 1/2 to 1/10, of pixel 1 it rises from 1/2 to 9/10.
        assert!((heavy[0] / even[0] - 0.2).abs() < 1e-5);
        assert!((heavy[3] / even[3] - 1.8).abs() < 1e-5);
    }

    fn pixel() -> impl Strategy<Value = ([f32; CLASSES], u8)> {
        (prop::array::uniform3(-4f32..4.0), 0..CLASSES as u8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn unlabelled_pixels_change_nothing(
            labelled in prop::collection::vec(pixel(), 1..6),
            unlabelled in prop::collection::vec(pixel(), 1..6),
        ) {
            let (mut logits, mut targets): (Vec<_>, Vec<_>) = labelled.into_iter().unzip();
            let weights = [0.5, 1.0, 3.0];
            let (before, gradient_before) = loss(&planes(&logits), &targets, &weights, 0.1).unwrap();
            let count = targets.len();
            logits.extend(unlabelled.iter().map(|(logits, _)| *logits));
            targets.resize(logits.len(), IGNORE);
            let (after, gradient_after) = loss(&planes(&logits), &targets, &weights, 0.1).unwrap();
            prop_assert!((before - after).abs() < 1e-5);
            for class in 0..CLASSES {
                for place in 0..targets.len() {
                    let found = gradient_after[class * targets.len() + place];
                    let expected = if place < count { gradient_before[class * count + place] } else { 0.0 };
                    prop_assert!((found - expected).abs() < 1e-5);
                }
            }
        }

        #[test]
        fn weight_two_is_the_pixel_twice(pixels in prop::collection::vec(pixel(), 1..6), class in 0..CLASSES as u8) {
            let (mut logits, mut targets): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
            let mut weights = [1.0; CLASSES];
            weights[usize::from(class)] = 2.0;
            let (weighted, _) = loss(&planes(&logits), &targets, &weights, 0.0).unwrap();
            for place in (0..targets.len()).filter(|&place| targets[place] == class).collect::<Vec<_>>() {
                logits.push(logits[place]);
                targets.push(class);
            }
            let (repeated, _) = loss(&planes(&logits), &targets, &[1.0; CLASSES], 0.0).unwrap();
            prop_assert!((weighted - repeated).abs() < 1e-5);
        }
    }
}
