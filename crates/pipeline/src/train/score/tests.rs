//! A network of a small landscape whose rare classes are drawn: its probabilities, and its map under either prior.

use super::super::prior_scores::ClassSum;
use super::*;
use crate::recipe::{PriorKind, Recipe};
use crate::{Compute, SimulateJob, simulate};
use ecotone_jobs::{Command, Events, Existing, Manifest, Resources, Silent};
use std::path::Path;

const RECIPE: &str = r#"
name = "rare"
# Without a mask every pixel is seen: what is scored here is the whole part.
inputs = { bands = ["B04", "B8A", "B12"], indices = ["NBR"], max_cloud_cover = 100, mask = { kind = "none" } }
timeline = { start = "2021-05-16", step_days = 45, steps = 10, rule = "median", fill = "linear" }
split = { block_m = 320, train = 0.4, validation = 0.3, test = 0.3 }
model = { kind = "pixel-lstm", hidden = 8, layers = 1 }
train = { epochs = 12, batch = 8, patch = 8, rare_share = 0.7, calibrate = true, learning_rate = 1e-2 }
predict = { window = 96, halo = 0 }
"#;

/// What the map says of the pixels of a part, under the prior that it is made for.
fn scores(
    folder: &Path,
    job: &mut Job<'_>,
    prepared: &Prepared,
    trained: &Trained,
    part: Part,
) -> PriorScores {
    let out =
        RunFolder::claim(Command::Train, &folder.join(part.to_string()), Existing::Refuse, &[]).unwrap();
    let card = job.save(prepared, prepared.first(), trained, &out).unwrap();
    let prior = job.recipe.predict.prior;
    let layers = job.tile(prepared, prepared.first()).layers();
    let mut said = Said::of(part, prepared, layers, &card.bias(), prior);
    let predictor = trained.predictor(card, job.resources.backend).unwrap();
    let mut predictor = predictor.with_prior(prior.of_network());
    job.map(prepared, prepared.first(), &out, &mut predictor, "weights", Some(&mut said)).unwrap();
    let labels = &prepared.labels().indices;
    PriorScores::of(&said, labels, labels).unwrap()
}

/// How far the sums of the classes are from their pixels, over all pixels.
fn off(scores: &PriorScores, sum: impl Fn(&ClassSum) -> f64) -> f64 {
    let pixels: u64 = scores.sums.iter().map(|class| class.pixels).sum();
    scores.sums.iter().map(|class| (sum(class) - class.pixels as f64).abs()).sum::<f64>() / pixels as f64
}

#[test]
fn what_was_drawn_more_often_sums_up_to_its_pixels_again() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = SimulateJob {
        preset: "forest".to_owned(),
        out: folder.path().join("forest"),
        size: Some(96),
        seed: 3,
        years: Some(2),
        every: 6,
        replace: false,
    };
    simulate(&simulated, &Resources::new(2), &Silent).unwrap();
    let catalog = simulated.out.join("catalog.json").display().to_string();
    let recipe = |prior: &str| {
        let settings = [format!("inputs.catalog={catalog}"), format!("predict.prior={prior}")];
        Recipe::from_text(RECIPE, "rare.toml", &settings, Path::new("/")).unwrap()
    };
    let (natural, drawn) = (recipe("natural"), recipe("drawn"));
    let resources = Compute::new("flex", 2).unwrap();
    let claimed =
        RunFolder::claim(Command::Train, &folder.path().join("run"), Existing::Refuse, &[]).unwrap();
    let mut job = Job {
        recipe: &natural,
        manifest: Manifest::new("train", None, 2),
        events: Events::begin(Command::Train, &[]),
        folder: claimed.clone(),
        resources: &resources,
        progress: &Silent,
    };
    let prepared = job.prepare(vec![catalog.clone()]).unwrap();
    let trained = job.train(&Lesson::of_all(&prepared, &claimed)).unwrap();

    let fitted = scores(folder.path(), &mut job, &prepared, &trained, Part::Validation);
    // Water has no pixel in the validation: what is left to it is by its shares, and not fitted.
    let known = || fitted.sums.iter().filter(|class| class.pixels > 0);
    let all =
        known().map(|class| class.pixels as f64).sum::<f64>() / known().map(|class| class.after).sum::<f64>();
    for ClassSum { after, pixels, .. } in known().filter(|class| class.pixels >= 60) {
        assert!((all * after / *pixels as f64 - 1.0).abs() < 0.03, "{after} of {pixels}: {:?}", fitted.sums);
    }
    assert!(off(&fitted, |class| class.before) > 0.05, "nothing to take back: {:?}", fitted.sums);
    let test = scores(folder.path(), &mut job, &prepared, &trained, Part::Test);
    let (before, after) = (off(&test, |class| class.before), off(&test, |class| class.after));
    assert!(after < 0.5 * before, "{before} {after}: {:?}", test.sums);

    // The map of the drawn prior is that of the scores as they are, and the other's table tells of it.
    job.recipe = &drawn;
    std::fs::remove_dir_all(folder.path().join(Part::Test.to_string())).unwrap();
    let other = scores(folder.path(), &mut job, &prepared, &trained, Part::Test);
    let of = |scores: &PriorScores, prior: PriorKind| {
        let (_, matrix) = scores.confusions.iter().find(|(of, _)| *of == prior).unwrap();
        matrix.clone()
    };
    for prior in [PriorKind::Natural, PriorKind::Drawn] {
        assert_eq!(of(&test, prior), of(&other, prior), "{prior:?}");
    }
    for (a, b) in test.sums.iter().zip(&other.sums) {
        assert_eq!(a.pixels, b.pixels);
        assert!((a.before - b.before).abs() < 0.5 && (a.after - b.after).abs() < 0.5, "{a:?} {b:?}");
    }
}
