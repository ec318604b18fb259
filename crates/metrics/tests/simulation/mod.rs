//! A map whose true accuracy is known, sampled over and over: how often intervals hold the truth, and what the mean
//! estimate is. The test of the law and the example that prints the table share it.

mod figure;
mod world;

use ecotone_metrics::{Error, Estimate};
pub(crate) use figure::Figure;
use world::Sample;
pub(crate) use world::{Design, World};

/// What many samples say about a figure.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) figure: Figure,
    pub(crate) truth: f64,
    /// Mean of [`Figure::count`].
    pub(crate) expected: f64,
    /// Mean estimate less the truth.
    pub(crate) bias: f64,
    /// Standard error of that mean.
    pub(crate) error: f64,
    /// The part of the bias that a ratio has, `-cov(R, X) / E(X)` (Hartley and Ross 1954, Nature 174:270-271).
    pub(crate) ratio_term: f64,
    /// Mean estimated standard error over the standard deviation of the estimates.
    pub(crate) spread: f64,
    /// Of the samples with an interval, the share whose plain interval holds the truth, whose Wilson interval does,
    /// and whose logit interval does; one without an interval, at 0 or 1, does not.
    pub(crate) plain: f64,
    pub(crate) wilson: f64,
    pub(crate) logit: f64,
    /// The same of the interval for omission that was not met, for the figures that have one.
    pub(crate) omission: Option<f64>,
    /// Samples in which the figure had no value or, with one unit in a stratum, no interval.
    pub(crate) undefined: usize,
}

/// Draws `samples` of about `size` units and looks at every figure.
pub(crate) fn simulate(
    world: &World,
    design: Design,
    size: u64,
    samples: u64,
) -> Result<Vec<Outcome>, Error> {
    let drawn: Vec<Sample> = (0..samples)
        .filter_map(|seed| estimable(world.sample(design, size, seed)))
        .collect::<Result<_, _>>()?;
    let proportions: Vec<Vec<f64>> =
        drawn.iter().map(|sample| sample.assessment.area_proportions().unwrap_or_default()).collect();
    let truth = world.truth()?;
    let outcome = |figure: Figure| {
        let truth = figure.of(&truth).map_or(f64::NAN, |estimate| estimate.value);
        let found: Vec<(Estimate, f64)> = drawn
            .iter()
            .zip(&proportions)
            .filter_map(|(sample, p)| Some((figure.of(&sample.assessment)?, figure.denominator(p))))
            .collect();
        let values: Vec<f64> = found.iter().map(|(estimate, _)| estimate.value).collect();
        let below: Vec<f64> = found.iter().map(|(_, denominator)| *denominator).collect();
        let errors: Vec<f64> = found.iter().filter_map(|(estimate, _)| estimate.standard_error).collect();
        let deviation = covariance(&values, &values).sqrt();
        let share = |holds: &dyn Fn(&Estimate) -> Option<bool>| {
            let held = found.iter().filter(|(estimate, _)| holds(estimate) == Some(true)).count();
            held as f64 / errors.len() as f64
        };
        Outcome {
            figure,
            truth,
            expected: mean(
                &drawn.iter().take(100).map(|sample| figure.count(sample, truth)).collect::<Vec<_>>(),
            ),
            bias: mean(&values) - truth,
            error: deviation / (values.len() as f64).sqrt(),
            ratio_term: -covariance(&values, &below) / mean(&below),
            spread: mean(&errors) / deviation,
            plain: share(&|e| Some(e.lower? <= truth && truth <= e.upper?)),
            wilson: share(&|e| e.wilson.map(|interval| interval.contains(truth))),
            logit: share(&|e| e.logit.map(|interval| interval.contains(truth))),
            omission: (figure.has_omission())
                .then(|| share(&|e| e.omission.map(|interval| interval.contains(truth)))),
            undefined: samples as usize - errors.len(),
        }
    };
    Ok(Figure::all().into_iter().map(outcome).collect())
}

/// Leaves out samples that missed a post-stratum, from which nothing can be estimated.
fn estimable(sample: Result<Sample, Error>) -> Option<Result<Sample, Error>> {
    (!matches!(sample, Err(Error::EmptyStratum { .. }))).then_some(sample)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (a.len() as f64 - 1.0)
}
