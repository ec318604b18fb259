//! Which epochs are validated, and when a training ends.

use super::*;

#[test]
fn epochs_that_are_not_watched_are_not_chosen() {
    let history = |watched: usize, patience: usize| {
        let mut setup = Setup::new();
        setup.validation.watched = watched;
        setup.config.epochs = 8;
        setup.config.early_stop_patience = patience;
        // At this rate the scores stand still, so that the first epoch stays best or one soon after it.
        setup.config.learning_rate = if patience > 0 { 1e-12 } else { 0.01 };
        setup.run().unwrap()
    };
    let watched = |trained: &Trained| -> Vec<usize> {
        let rows = trained.history().iter().filter(|row| row.validation_loss.is_some());
        rows.map(|row| row.epoch).collect()
    };
    let trained = history(3, 0);
    assert_eq!(watched(&trained), [1, 3, 6, 8]);
    assert!(watched(&trained).contains(&trained.best_epoch()));
    let all = history(1, 0);
    for row in trained.history().iter().filter(|row| row.validation_loss.is_some()) {
        let same = &all.history()[row.epoch - 1];
        assert_eq!((row.train_loss, row.validation_loss), (same.train_loss, same.validation_loss));
    }
    // Patience ends no run between two looks.
    let stopped = history(4, 1);
    assert!(watched(&stopped).len() > 1, "{:?}", stopped.history());
}

#[test]
fn early_stopping_waits_for_its_patience() {
    let mut setup = Setup::new();
    setup.config.epochs = 30;
    setup.config.learning_rate = 1e-12;
    setup.config.early_stop_patience = 2;
    // Without augmentation and at this rate only the running statistics move.
    let trained = setup.run().unwrap();
    assert_eq!(trained.history().len(), trained.best_epoch() + 2);
}

/// Issue 16: of epochs that are validated one in three, two that are no better are six that are trained.
#[test]
fn patience_counts_epochs_that_are_validated() {
    let mut setup = Setup::new();
    setup.validation.watched = 3;
    setup.config.epochs = 40;
    setup.config.learning_rate = 1e-12;
    setup.config.early_stop_patience = 2;
    let trained = setup.run().unwrap();
    let later = trained.history()[trained.best_epoch()..].iter();
    assert_eq!(later.filter(|row| row.validation_loss.is_some()).count(), 2, "{:?}", trained.history());
    assert!(trained.history().len() < 40);
}

#[test]
fn validation_may_be_empty_or_unlabelled() {
    let mut setup = Setup::new();
    setup.validation = Source::new(0);
    let trained = setup.run().unwrap();
    assert_eq!(trained.history()[0].validation_loss, None);
    setup.validation = Source::new(2);
    setup.validation.change = |patch, _| patch.target.fill(IGNORE);
    let trained = setup.run().unwrap();
    assert_eq!(trained.history()[0].validation_macro_f1, None);
    setup.train = Source::new(0);
    assert!(matches!(setup.run(), Err(Error::EmptySource { which: "training", epoch: 1 })));
}
