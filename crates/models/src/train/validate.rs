//! Loss and confusion on the validation patches.

use burn::tensor::Device;
use ecotone_metrics::ConfusionMatrix;

use super::Training;
use crate::network::Network;
use crate::state::to_host;
use crate::{Error, Result};

/// What validation found.
pub(crate) struct Validated {
    /// Mean loss over the labelled pixels, if any.
    pub(crate) loss: Option<f64>,
    /// Rows: map, columns: reference.
    pub(crate) matrix: ConfusionMatrix,
}

/// Runs `network` (without gradients) over all validation patches; none is fine.
pub(crate) fn validate(training: &Training<'_>, network: &Network, device: &Device) -> Result<Validated> {
    let classes = training.network.classes();
    let mut matrix = ConfusionMatrix::new(classes);
    if training.validation.epoch_len() == 0 {
        return Ok(Validated { loss: None, matrix });
    }
    let (mut sum, mut weight) = (0.0, 0.0);
    training.pass(training.validation, "validation", 0).run(|_, _, mut batch| {
        let targets = batch.weighted_targets(training.network, training.class_weights, 0.0);
        let scores = network.forward(batch.take_input(device), &batch.mask);
        let [_, _, rows, cols] = scores.dims();
        match targets {
            // Pixels of weight 0 count in the matrix all the same.
            Err(Error::NoLabelledPixel { .. }) => {}
            targets => {
                let targets = targets?;
                weight += targets.weight;
                let batch_weight = targets.weight;
                sum += f64::from(targets.cross_entropy(scores.clone()).into_scalar::<f32>()) * batch_weight;
            }
        }
        let map = highest_class(&to_host(scores), classes, rows * cols);
        matrix.add_many(&map, &batch.targets).map_err(|source| Error::Score { source })
    })?;
    Ok(Validated { loss: (weight > 0.0).then(|| sum / weight), matrix })
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
