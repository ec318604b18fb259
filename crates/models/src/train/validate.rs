//! Loss and confusion on the validation patches.

use burn::tensor::{Device, Tensor, TensorData};
use ecotone_metrics::ConfusionMatrix;

use super::Training;
use crate::calibration_summary::Fitted;
use crate::loss::WeightedTargets;
use crate::network::Network;
use crate::state::to_host;
use crate::{ClassWeights, Error, LabelledScores, Prior, Result};

/// What validation found.
pub(crate) struct Validated {
    /// Mean loss over the labelled pixels, if any.
    pub(crate) loss: Option<f64>,
    /// Rows: map, columns: reference.
    pub(crate) matrix: ConfusionMatrix,
    /// The scores of the labelled pixels as the network gives them.
    pub(crate) scores: LabelledScores,
    /// What was fitted to them, where that is asked for and there are any.
    pub(crate) fitted: Option<Fitted>,
}

impl Validated {
    /// Of an epoch that is not validated.
    pub(crate) fn nothing(classes: usize) -> Self {
        let (matrix, scores) = (ConfusionMatrix::new(classes), LabelledScores::new(classes));
        Self { loss: None, matrix, scores, fitted: None }
    }
}

/// Runs `network` (without gradients) over all validation patches; none is fine. Loss and matrix are of the map that these
/// weights would make: temperature and bias are fitted first where they will be, so that epochs are judged by what maps.
pub(crate) fn validate(training: &Training<'_>, network: &Network, device: &Device) -> Result<Validated> {
    let classes = training.network.classes();
    let mut found = Validated::nothing(classes);
    if training.validation.epoch_len() == 0 {
        return Ok(found);
    }
    // How many labelled pixels there are after each batch.
    let mut ends = vec![0];
    training.validation_pass().run(|_, _, mut batch| {
        let scores = network.predict(batch.take_input(device), &batch.mask);
        let [_, _, rows, cols] = scores.dims();
        let (scores, pixels) = (to_host(scores), rows * cols);
        for (scores, targets) in scores.chunks(classes * pixels).zip(batch.targets.chunks(pixels)) {
            found.scores.add(scores, targets)?;
        }
        ends.push(found.scores.len());
        Ok(())
    })?;
    let config = training.config.get();
    if config.calibrate && !found.scores.is_empty() {
        found.fitted = Some(Fitted::to(&found.scores, training.shares, config.prior)?);
    }
    let by_shares = || Fitted::by_shares(classes, training.shares, config.prior);
    let scores = found.fitted.clone().unwrap_or_else(by_shares).scaled(&found.scores);
    let (mut sum, mut weight) = (0.0, 0.0);
    for bounds in ends.windows(2) {
        let (scores, targets) = scores.part(bounds[0]..bounds[1]);
        let map = highest_class(&scores, classes, targets.len());
        found.matrix.add_many(&map, targets).map_err(|source| Error::Score { source })?;
        if let Some((loss, weighed)) = loss(training, scores, targets, device)? {
            sum += loss * weighed;
            weight += weighed;
        }
    }
    found.loss = (weight > 0.0).then(|| sum / weight);
    Ok(found)
}

/// The loss of scores `[class, pixel]`, and the weight of their pixels; none where that is 0.
///
/// Pixels weigh as in the training, but where the map takes the weights of the classes back each weighs the same.
fn loss(
    training: &Training<'_>,
    scores: Vec<f32>,
    targets: &[u8],
    device: &Device,
) -> Result<Option<(f64, f64)>> {
    let size = [1, training.network.classes(), 1, targets.len()];
    let taken_back = training.config.get().prior == Prior::Natural && training.shares.is_some();
    let equal = ClassWeights::equal(size[1]);
    let weights = if taken_back { &equal } else { training.class_weights };
    let targets = match WeightedTargets::new(size, targets, weights, 0.0) {
        // Pixels of weight 0 count in the matrix all the same.
        Err(Error::NoLabelledPixel { .. }) => return Ok(None),
        targets => targets?,
    };
    let scores = Tensor::<4>::from_data(TensorData::new(scores, size), device);
    let loss = targets.loss(training.config.get().loss, scores);
    Ok(Some((f64::from(loss.into_scalar::<f32>()), targets.weight)))
}

/// The class of the highest score of each pixel of `scores` `[class, pixel]`.
fn highest_class(scores: &[f32], classes: usize, pixels: usize) -> Vec<u8> {
    let of = |pixel: usize| {
        let score = |class: u8| scores[usize::from(class) * pixels + pixel];
        // `classes` is at most 255.
        (1..classes as u8).fold(0, |best, class| if score(class) > score(best) { class } else { best })
    };
    (0..pixels).map(of).collect()
}
