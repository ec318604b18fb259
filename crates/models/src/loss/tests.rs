//! Values by hand and from PyTorch, the laws that every loss keeps, and gradients by finite differences.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;

use super::*;
use crate::state::to_host;
use crate::{ClassWeights, weights};

const CLASSES: usize = 3;

const LOSSES: [Loss; 6] = [
    Loss::CrossEntropy,
    Loss::Focal { gamma: 2.0 },
    Loss::Dice,
    Loss::Joint { alpha: 0.5 },
    Loss::GeneralisedCrossEntropy { q: 0.7 },
    Loss::SymmetricCrossEntropy { alpha: 0.1, beta: 1.0 },
];

/// Loss and gradient of `targets.len()` pixels in one row.
fn loss_of(
    kind: Loss,
    logits: &[f32],
    targets: &[u8],
    weights: &[f32],
    smoothing: f32,
) -> Result<(f32, Vec<f32>)> {
    let shape = [1, weights.len(), 1, targets.len()];
    let device = Device::flex().autodiff();
    let logits = Tensor::<4>::from_data(TensorData::new(logits.to_vec(), shape), &device).require_grad();
    let weights = ClassWeights::new(weights.to_vec())?;
    let loss = WeightedTargets::new(shape, targets, &weights, smoothing)?.loss(kind, logits.clone());
    let gradient = logits.grad(&loss.backward()).unwrap();
    Ok((loss.into_scalar::<f32>(), to_host(gradient)))
}

fn cross_entropy(logits: &[f32], targets: &[u8], weights: &[f32], smoothing: f32) -> Result<(f32, Vec<f32>)> {
    loss_of(Loss::CrossEntropy, logits, targets, weights, smoothing)
}

/// Logits `[class, pixel]` from one triple a pixel.
fn planes(pixels: &[[f32; CLASSES]]) -> Vec<f32> {
    (0..CLASSES).flat_map(|class| pixels.iter().map(move |pixel| pixel[class])).collect()
}

#[test]
fn one_pixel_by_hand() {
    // softmax of (0, ln 2, 0) is (1/4, 1/2, 1/4).
    let logits = [0.0, 2f32.ln(), 0.0];
    let (value, _) = cross_entropy(&logits, &[1], &[1.0, 5.0, 1.0], 0.0).unwrap();
    assert!((value - 2f32.ln()).abs() < 1e-6);
    // 0.7 on the target and 0.1 on each class: -(0.8 ln 1/2 + 0.2 ln 1/4).
    let (value, _) = cross_entropy(&logits, &[1], &[1.0; 3], 0.3).unwrap();
    assert!((value - 1.2 * 2f32.ln()).abs() < 1e-6);
    #[track_caller]
    fn check(kind: Loss, expected: f32) {
        let (value, _) = loss_of(kind, &[0.0, 2f32.ln(), 0.0], &[1], &[1.0; 3], 0.0).unwrap();
        assert!((value - expected).abs() < 1e-5, "{kind:?}: {value} instead of {expected}");
    }
    check(Loss::Focal { gamma: 2.0 }, 0.25 * 2f32.ln());
    check(Loss::Focal { gamma: 0.0 }, 2f32.ln());
    // I = 1/2, P = 1/2, T = 1.
    check(Loss::Dice, 1.0 - 2.0 / 3.0);
    check(Loss::Joint { alpha: 0.25 }, 2f32.ln());
    check(Loss::GeneralisedCrossEntropy { q: 1.0 }, 0.5);
    check(Loss::SymmetricCrossEntropy { alpha: 0.5, beta: 1.0 }, 0.5 * 2f32.ln() + 4.0 * 0.5);
}

#[test]
fn names_and_documents_give_the_same_losses() {
    for (name, loss) in Loss::NAMES.into_iter().zip(LOSSES) {
        assert_eq!(name.parse::<Loss>().unwrap(), loss);
        assert_eq!(serde_json::from_str::<Loss>(&format!(r#"{{"kind": "{name}"}}"#)).unwrap(), loss);
    }
    assert!("mse".parse::<Loss>().unwrap_err().to_string().starts_with("setting `loss` is mse"));
    assert!(serde_json::from_str::<Loss>(r#"{"kind": "focal", "gama": 1}"#).is_err());
}

#[test]
fn losses_are_those_of_pytorch() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/losses.safetensors");
    let vectors = weights::decode(&path, &weights::read(&path).unwrap()).unwrap();
    let device = Device::flex().autodiff();
    let targets: Vec<u8> = vectors["target"].values.iter().map(|&class| class as u8).collect();
    let shape = [2, 4, 5, 6];
    #[track_caller]
    fn close(what: &str, found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{what}: {worst}");
    }
    let cases = Loss::NAMES.into_iter().zip(LOSSES).map(|(name, loss)| (name, loss, 0.0));
    for (name, kind, smoothing) in cases.chain([("label_smoothing", Loss::CrossEntropy, 0.1)]) {
        let even = ClassWeights::equal(4);
        let weights = match name {
            "label_smoothing" => even,
            _ => ClassWeights::new(vectors["weight"].values.clone()).unwrap(),
        };
        let logits = TensorData::new(vectors["logits"].values.clone(), shape);
        let logits = Tensor::<4>::from_data(logits, &device).require_grad();
        let loss = WeightedTargets::new(shape, &targets, &weights, smoothing).unwrap();
        let loss = loss.loss(kind, logits.clone());
        close(name, &to_host(loss.clone()), &vectors[&format!("{name}.loss")].values);
        let gradient = to_host(logits.grad(&loss.backward()).unwrap());
        close(name, &gradient, &vectors[&format!("{name}.gradient")].values);
    }
}

#[test]
fn a_batch_without_labels_is_an_error_not_a_nan() {
    for (targets, weights) in [([IGNORE, IGNORE], [1.0; 3]), ([0, 0], [0.0, 1.0, 1.0])] {
        let error = cross_entropy(&[0.0; 6], &targets, &weights, 0.0).unwrap_err();
        assert!(matches!(error, Error::NoLabelledPixel { .. }));
    }
}

#[test]
fn targets_that_do_not_fit_are_refused() {
    let error = cross_entropy(&[0.0; 3], &[3], &[1.0; 3], 0.0);
    assert!(matches!(error, Err(Error::UnknownClass { found: 3, .. })));
    let short = WeightedTargets::new([1, 3, 1, 2], &[0], &ClassWeights::equal(3), 0.0);
    assert!(matches!(short, Err(Error::Length { what: "target", .. })));
    let few = WeightedTargets::new([1, 3, 1, 1], &[0], &ClassWeights::equal(2), 0.0);
    assert!(matches!(few, Err(Error::Length { what: "class weights", .. })));
}

#[test]
fn weights_act_on_gradients() {
    let logits = planes(&[[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]]);
    let (_, even) = cross_entropy(&logits, &[0, 1], &[1.0, 1.0, 1.0], 0.0).unwrap();
    let (_, heavy) = cross_entropy(&logits, &[0, 1], &[1.0, 9.0, 1.0], 0.0).unwrap();
    // Of pixel 0 (class 0) the share falls from 1/2 to 1/10, of pixel 1 it rises from 1/2 to 9/10.
    assert!((heavy[0] / even[0] - 0.2).abs() < 1e-5);
    assert!((heavy[3] / even[3] - 1.8).abs() < 1e-5);
}

#[test]
fn certain_pixels_give_finite_losses_and_gradients() {
    for kind in LOSSES.into_iter().chain([Loss::Focal { gamma: 0.5 }, Loss::Joint { alpha: 0.0 }]) {
        for targets in [[0, 1], [1, 0]] {
            let logits = planes(&[[200.0, 0.0, -200.0], [-300.0, 300.0, 0.0]]);
            let (value, gradient) = loss_of(kind, &logits, &targets, &[1.0; 3], 0.0).unwrap();
            assert!(value.is_finite() && gradient.iter().all(|g| g.is_finite()), "{kind:?}: {value}");
        }
    }
}

#[test]
fn wrong_labels_cannot_drive_the_robust_losses_far() {
    let logits = planes(&[[50.0, 0.0, 0.0]]);
    let bound = |kind, most: f32| {
        let (value, _) = loss_of(kind, &logits, &[1], &[1.0; 3], 0.0).unwrap();
        assert!(value <= most, "{kind:?}: {value}");
    };
    bound(Loss::GeneralisedCrossEntropy { q: 0.7 }, 1.0 / 0.7 + 1e-5);
    bound(Loss::SymmetricCrossEntropy { alpha: 0.0, beta: 1.0 }, 4.0 + 1e-5);
}

fn pixel() -> impl Strategy<Value = ([f32; CLASSES], u8)> {
    (prop::array::uniform3(-4f32..4.0), 0..CLASSES as u8)
}

fn kind() -> impl Strategy<Value = Loss> {
    prop::sample::select(LOSSES.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn unlabelled_pixels_change_nothing(
        kind in kind(),
        labelled in prop::collection::vec(pixel(), 1..6),
        unlabelled in prop::collection::vec(pixel(), 1..6),
    ) {
        let (mut logits, mut targets): (Vec<_>, Vec<_>) = labelled.into_iter().unzip();
        let weights = [0.5, 1.0, 3.0];
        let (before, gradient_before) = loss_of(kind, &planes(&logits), &targets, &weights, 0.1).unwrap();
        let count = targets.len();
        logits.extend(unlabelled.iter().map(|(logits, _)| *logits));
        targets.resize(logits.len(), IGNORE);
        let (after, gradient_after) = loss_of(kind, &planes(&logits), &targets, &weights, 0.1).unwrap();
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
    fn weight_two_is_the_pixel_twice(
        kind in kind(),
        pixels in prop::collection::vec(pixel(), 1..6),
        class in 0..CLASSES as u8,
        smoothing in prop::sample::select(vec![0.0f32, 0.2]),
    ) {
        let (mut logits, mut targets): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
        let mut weights = [1.0; CLASSES];
        weights[usize::from(class)] = 2.0;
        let (weighted, _) = loss_of(kind, &planes(&logits), &targets, &weights, smoothing).unwrap();
        for place in (0..targets.len()).filter(|&place| targets[place] == class).collect::<Vec<_>>() {
            logits.push(logits[place]);
            targets.push(class);
        }
        let (repeated, _) = loss_of(kind, &planes(&logits), &targets, &[1.0; CLASSES], smoothing).unwrap();
        prop_assert!((weighted - repeated).abs() < 1e-5);
    }

    #[test]
    fn a_perfect_prediction_reaches_the_minimum_of_zero(
        kind in kind(),
        pixels in prop::collection::vec(pixel(), 1..6),
    ) {
        let (logits, targets): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
        let (found, _) = loss_of(kind, &planes(&logits), &targets, &[1.0; CLASSES], 0.0).unwrap();
        prop_assert!(found > 0.0);
        let perfect: Vec<_> = targets.iter().map(|&target| {
            std::array::from_fn(|class| if class == usize::from(target) { 40.0 } else { 0.0 })
        }).collect();
        let (least, _) = loss_of(kind, &planes(&perfect), &targets, &[1.0; CLASSES], 0.0).unwrap();
        prop_assert!(least.abs() < 1e-5, "{least}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences(
        kind in kind(),
        pixels in prop::collection::vec(pixel(), 1..5),
        smoothing in prop::sample::select(vec![0.0f32, 0.2]),
    ) {
        const STEP: f32 = 1e-2;
        let (logits, targets): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
        let (logits, weights) = (planes(&logits), [0.5, 1.0, 3.0]);
        let (_, gradient) = loss_of(kind, &logits, &targets, &weights, smoothing).unwrap();
        for place in 0..logits.len() {
            let at = |step: f32| {
                let mut moved = logits.clone();
                moved[place] += step;
                loss_of(kind, &moved, &targets, &weights, smoothing).unwrap().0
            };
            let slope = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            prop_assert!((slope - gradient[place]).abs() < 2e-3 * (1.0 + slope.abs()), "{kind:?}: {slope}");
        }
    }
}
