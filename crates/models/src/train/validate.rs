//! Loss and confusion on the validation patches.

use burn::tensor::Device;
use ecotone_metrics::ConfusionMatrix;

use super::Training;
use crate::network::Network;
use crate::prior::add_bias;
use crate::state::to_host;
use crate::{ClassShares, Error, LabelledScores, Prior, Result};

/// What validation found.
pub(crate) struct Validated {
    /// Mean loss over the labelled pixels, if any.
    pub(crate) loss: Option<f64>,
    /// Rows: map, columns: reference.
    pub(crate) matrix: ConfusionMatrix,
    /// To calibrate by, if asked for.
    pub(crate) scores: LabelledScores,
}

impl Validated {
    /// Of an epoch that is not validated.
    pub(crate) fn nothing(classes: usize) -> Self {
        Self { loss: None, matrix: ConfusionMatrix::new(classes), scores: LabelledScores::new(classes) }
    }
}

/// Runs `network` (without gradients) over all validation patches; none is fine. Loss and matrix are of the scores under the
/// prior of the map; those to calibrate by are as the network gives them.
pub(crate) fn validate(training: &Training<'_>, network: &Network, device: &Device) -> Result<Validated> {
    let classes = training.network.classes();
    let (mut matrix, mut labelled) = (ConfusionMatrix::new(classes), LabelledScores::new(classes));
    if training.validation.epoch_len() == 0 {
        return Ok(Validated::nothing(classes));
    }
    let bias = match training.config.get().prior {
        Prior::Natural => training.shares.map_or_else(Vec::new, ClassShares::bias),
        Prior::Drawn => Vec::new(),
    };
    let (mut sum, mut weight) = (0.0, 0.0);
    training.validation_pass().run(|_, _, mut batch| {
        let targets = batch.weighted_targets(training.network, training.class_weights, 0.0);
        let scores = network.predict(batch.take_input(device), &batch.mask);
        let [_, _, rows, cols] = scores.dims();
        let pixels = rows * cols;
        if training.config.get().calibrate {
            let scores = to_host(scores.clone());
            for (scores, targets) in scores.chunks(classes * pixels).zip(batch.targets.chunks(pixels)) {
                labelled.add(scores, targets)?;
            }
        }
        let scores = add_bias(scores, &bias);
        match targets {
            // Pixels of weight 0 count in the matrix all the same.
            Err(Error::NoLabelledPixel { .. }) => {}
            targets => {
                let targets = targets?;
                weight += targets.weight;
                let batch_weight = targets.weight;
                let loss = targets.loss(training.config.get().loss, scores.clone());
                sum += f64::from(loss.into_scalar::<f32>()) * batch_weight;
            }
        }
        let map = highest_class(&to_host(scores), classes, pixels);
        matrix.add_many(&map, &batch.targets).map_err(|source| Error::Score { source })
    })?;
    Ok(Validated { loss: (weight > 0.0).then(|| sum / weight), matrix, scores: labelled })
}

/// The class of the highest score of each pixel of `scores` `[n, class, pixel]`, as `[n, pixel]`.
fn highest_class(scores: &[f32], classes: usize, pixels: usize) -> Vec<u8> {
    let mut map = Vec::with_capacity(scores.len() / classes);
    for sample in scores.chunks(classes * pixels) {
        map.extend((0..pixels).map(|pixel| {
            let score = |class: u8| sample[usize::from(class) * pixels + pixel];
            // `classes` is at most 255.
            (1..classes as u8).fold(0, |best, class| if score(class) > score(best) { class } else { best })
        }));
    }
    map
}
