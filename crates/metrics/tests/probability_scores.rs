//! Scores of probabilities against scikit-learn, on values written by `vectors/make_probability_scores.py`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use ecotone_metrics::{
    Binning, Calibration, CalibrationBin, Levels, Probability, ProbabilityScores, area_under_curve,
};

const SCORES: &str = include_str!("vectors/probability_scores.csv");

struct Case(Vec<(String, String, Vec<f64>)>);

impl Case {
    fn read(case: &str) -> Self {
        let lines = SCORES.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let numbers = |text: &str| text.split(' ').map(|number| number.parse().unwrap()).collect();
        let line = |line: Vec<&str>| (line[1].to_owned(), line[2].to_owned(), numbers(line[3]));
        Self(lines.filter(|line| line[0] == case).map(line).collect())
    }

    fn of(&self, measure: &str, class: &str) -> &[f64] {
        &self.0.iter().find(|line| line.0 == measure && line.1 == class).unwrap().2
    }

    fn reference(&self) -> Vec<u8> {
        self.of("reference", "").iter().map(|class| *class as u8).collect()
    }

    fn probabilities(&self, classes: usize) -> Vec<f64> {
        (0..classes).flat_map(|class| self.of("probabilities", &class.to_string()).to_vec()).collect()
    }
}

#[track_caller]
fn same(found: impl IntoIterator<Item = f64>, expected: &[f64]) {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len(), "{found:?} for {expected:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
    }
}

#[track_caller]
fn same_curve(curve: &[CalibrationBin], expected: &[f64]) {
    let mean = curve.iter().map(|bin| bin.mean_probability);
    same(mean.chain(curve.iter().map(|bin| bin.observed_share)), expected);
}

/// Counted in three blocks, as maps come.
fn scores<T: Probability>(data: &[T], reference: &[u8], classes: usize, levels: Levels) -> ProbabilityScores {
    let pixels = reference.len();
    let mut scores = ProbabilityScores::new(classes, levels);
    for block in [100..150, 0..100, 150..pixels] {
        let part: Vec<T> =
            (0..classes).flat_map(|class| data[class * pixels..][block.clone()].to_vec()).collect();
        scores.add(&part, &reference[block]).unwrap();
    }
    scores
}

fn check_all(case: &Case, scores: &ProbabilityScores) {
    same(scores.brier(), case.of("brier", ""));
    same(scores.log_loss(), case.of("log_loss", ""));
    let width = Binning::EqualWidth(10);
    same(scores.confidence().expected_error(width).unwrap(), case.of("expected_error", ""));
    same(scores.confidence().maximum_error(width).unwrap(), case.of("maximum_error", ""));
    for class in 0..scores.len() {
        let (name, one) = (class.to_string(), scores.class(class).unwrap());
        same(one.brier(), case.of("class_brier", &name));
        same_curve(&one.curve(width).unwrap(), case.of("equal_width_10", &name));
    }
}

#[test]
fn percents_agree_with_scikit_learn_to_the_last_digits() {
    let case = Case::read("percents");
    let percents: Vec<u8> = case.probabilities(4).iter().map(|p| (100.0 * p).round() as u8).collect();
    for levels in [Levels::Percents, Levels::Fine] {
        let scores = scores(&percents, &case.reference(), 4, levels);
        check_all(&case, &scores);
        same(scores.macro_auc(), case.of("macro_auc", ""));
        for class in 0..4 {
            let (name, one) = (class.to_string(), scores.class(class).unwrap());
            same(one.auc(), case.of("auc", &name));
            same_curve(&one.curve(Binning::EqualMass(5)).unwrap(), case.of("equal_mass_5", &name));
        }
    }
}

#[test]
fn floating_point_probabilities_agree_with_scikit_learn() {
    let (case, classes) = (Case::read("floats"), 3);
    let (data, reference) = (case.probabilities(classes), case.reference());
    let scores = scores(&data, &reference, classes, Levels::Fine);
    check_all(&case, &scores);
    let pixels = reference.len();
    for class in 0..classes {
        let expected = case.of("auc", &class.to_string());
        let event: Vec<bool> = reference.iter().map(|truth| usize::from(*truth) == class).collect();
        same(area_under_curve(&data[class * pixels..][..pixels], &event).unwrap(), expected);
        let by_level = scores.class(class).and_then(Calibration::auc).unwrap();
        let bound = share_of_pairs_in_one_level(&data[class * pixels..][..pixels], &event) / 2.0;
        assert!(
            (by_level - expected[0]).abs() <= bound + 1e-12,
            "{by_level} for {expected:?} within {bound}"
        );
    }
}

fn share_of_pairs_in_one_level(data: &[f64], event: &[bool]) -> f64 {
    let level = |p: &f64| (p * 1e4).ceil() as u32;
    let of = |wanted: bool| {
        data.iter().zip(event).filter(move |pair| *pair.1 == wanted).map(move |pair| level(pair.0))
    };
    let ties = of(true).map(|one| of(false).filter(|other| *other == one).count()).sum::<usize>();
    ties as f64 / (of(true).count() * of(false).count()) as f64
}
