//! What is drawn more often than it is on the ground, and taken back.

use super::*;
use crate::{Prior, Probabilities};

fn rare() -> ClassShares {
    ClassShares::new(vec![0.9, 0.1], vec![0.5, 0.5]).unwrap()
}

fn setup(prior: Prior, shares: Option<ClassShares>) -> Setup {
    let mut setup = Setup { shares, ..Setup::new() };
    setup.config.prior = prior;
    // Half trained, so that probabilities are not all 0 or 1.
    setup.config.epochs = 1;
    setup
}

fn card(trained: &Trained) -> ModelCard {
    ModelCard { training: trained.summary("simulated", "0.1.0"), ..tiny_card() }
}

fn predict(trained: &Trained, card: ModelCard, prior: Prior, backend: Backend) -> Probabilities {
    predict_of(trained, card, prior, backend, Source::new(1).patch(0, 0).unwrap())
}

fn predict_of(
    trained: &Trained,
    card: ModelCard,
    prior: Prior,
    backend: Backend,
    patch: Patch,
) -> Probabilities {
    let shape = BatchShape { n: 1, steps: 8, channels: 3, rows: 8, cols: 8 };
    let batch = Batch::new(shape, patch.values, &patch.valid).unwrap();
    trained.predictor(card, backend).unwrap().with_prior(prior).predict(&batch).unwrap()
}

#[test]
fn the_natural_prior_is_the_drawn_one_times_the_shares_and_the_drawn_one_what_it_always_was() {
    let trained = setup(Prior::Natural, Some(rare())).run().unwrap();
    let (card, mut old) = (card(&trained), card(&trained));
    old.training.prior = None;
    assert_eq!(card.bias(), rare().bias(), "what is not calibrated is taken back by the shares");
    for backend in Backend::available().into_iter().filter(|backend| !backend.is_gpu()) {
        let drawn = predict(&trained, card.clone(), Prior::Drawn, backend).values;
        for prior in [Prior::Natural, Prior::Drawn] {
            assert_eq!(drawn, predict(&trained, old.clone(), prior, backend).values, "an old card");
        }
        let natural = predict(&trained, card.clone(), Prior::Natural, backend).values;
        for pixel in 0..64 {
            let parts = [drawn[pixel] * 0.9 / 0.5, drawn[64 + pixel] * 0.1 / 0.5];
            let expected = parts[1] / (parts[0] + parts[1]);
            let found = natural[64 + pixel];
            assert!((found - expected).abs() < 1e-5, "{backend}: {found} {expected}");
        }
        assert_ne!(drawn, natural);
    }
}

#[test]
fn epochs_are_judged_under_the_prior_of_the_map() {
    let judged = |prior, shares| {
        let row = setup(prior, shares).run().unwrap().history()[0].clone();
        (row.validation_loss, row.validation_macro_f1, row.train_loss)
    };
    let (plain, drawn, natural) = (
        judged(Prior::Natural, None),
        judged(Prior::Drawn, Some(rare())),
        judged(Prior::Natural, Some(rare())),
    );
    assert_eq!(plain, drawn);
    assert_eq!(plain.2, natural.2, "the same training");
    // Half of the pixels validated are of the class that is told to be rare.
    assert!(natural.0 > plain.0, "{natural:?} {plain:?}");
}

/// Issue 16: what an epoch is judged by is what would map: with the temperature and the bias that are fitted to it, under either
/// prior, and without the weights of the classes where the bias takes them back.
#[test]
fn epochs_are_judged_by_what_maps() {
    for (prior, calibrate) in
        [(Prior::Natural, true), (Prior::Natural, false), (Prior::Drawn, true), (Prior::Drawn, false)]
    {
        let mut setup = setup(prior, Some(rare()));
        setup.config.calibrate = calibrate;
        // Labels that the scores hardly tell, so that temperature and bias do.
        setup.validation.change = |patch, _| {
            patch.target.iter_mut().step_by(3).for_each(|class| *class = 1 - *class);
            patch.target[5] = IGNORE;
        };
        let trained = setup.run().unwrap();
        let (mut right, mut pixels, mut loss, mut weight) = (0.0, 0.0, 0.0, 0.0);
        for id in 0..2 {
            let patch = setup.validation.patch(id, 0).unwrap();
            let target = patch.target.clone();
            let found = predict_of(&trained, card(&trained), prior, Backend::Flex, patch).values;
            for (pixel, class) in target.iter().enumerate().filter(|(_, class)| **class != IGNORE) {
                let of = |class: usize| f64::from(found[class * 64 + pixel]);
                right += f64::from(u8::from((of(1) > of(0)) == (*class == 1)));
                pixels += 1.0;
                let weighs = if prior == Prior::Drawn { [1.0, 2.0][usize::from(*class)] } else { 1.0 };
                loss -= weighs * of(usize::from(*class)).ln();
                weight += weighs;
            }
        }
        let row = &trained.history()[0];
        let (accuracy, mean) = (row.validation_overall_accuracy.unwrap(), row.validation_loss.unwrap());
        assert_eq!(accuracy, right / pixels, "{prior:?} {calibrate}");
        assert!((mean - loss / weight).abs() < 1e-4, "{prior:?} {calibrate}: {mean} {}", loss / weight);
    }
}

/// The map of the drawn prior adds no bias, so that its temperature is the likeliest without one.
#[test]
fn the_drawn_prior_has_the_temperature_of_its_own_map() {
    let summary = |prior, shares| {
        let mut setup = setup(prior, shares);
        setup.config.calibrate = true;
        setup.validation.change =
            |patch, _| patch.target.iter_mut().step_by(3).for_each(|class| *class = 1 - *class);
        card(&setup.run().unwrap()).training
    };
    let (drawn, plain) = (summary(Prior::Drawn, Some(rare())), summary(Prior::Natural, None));
    assert_eq!(drawn.calibration, plain.calibration);
    assert_ne!(drawn.calibration, summary(Prior::Natural, Some(rare())).calibration);
    let bias = drawn.prior.unwrap().bias;
    assert!(bias[1] != bias[0], "fitted all the same, for who maps it under the natural prior: {bias:?}");
}

#[test]
fn a_bias_is_fitted_beside_the_temperature_and_kept_over_a_resumed_run() {
    let mut setup = setup(Prior::Natural, Some(rare()));
    setup.config.calibrate = true;
    // A third of the labels is wrong, so that a bias tells: where classes are told apart with certainty, none does.
    setup.validation.change =
        |patch, _| patch.target.iter_mut().step_by(3).for_each(|class| *class = 1 - *class);
    let fitted = card(&setup.run().unwrap()).training;
    let found = fitted.prior.clone().unwrap();
    assert_eq!((found.natural, found.drawn), (vec![0.9, 0.1], vec![0.5, 0.5]));
    // The validation has as many pixels of one class as of the other, as the draw had.
    let (apart, by_shares) = (found.bias[1] - found.bias[0], rare().bias()[1] - rare().bias()[0]);
    assert!(apart > by_shares + 0.5, "{apart} {by_shares}");
    setup.resume = true;
    assert_eq!(card(&setup.run().unwrap()).training, fitted);
    setup.shares = Some(ClassShares::new(vec![0.9, 0.1], vec![0.6, 0.4]).unwrap());
    let refused = setup.run().unwrap_err();
    assert!(matches!(refused, Error::OtherCheckpoint { what: "shares of the classes", .. }), "{refused}");
    setup.shares = Some(ClassShares::new(vec![1.0; 3], vec![1.0; 3]).unwrap());
    assert!(matches!(setup.run(), Err(Error::Length { found: 3, .. })));
}
