//! Values for the steps at which a pixel was not observed.

use ecotone_core::Timeline;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// How gaps in a series are filled. The mask keeps saying which steps were observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fill {
    /// With 0; networks that are told so learn to pass over gaps. Normalisation keeps these zeros.
    #[default]
    Zero,
    /// On a straight line between the observations before and after; before the first and after the last, their values.
    Linear,
    /// By a mean and two harmonics of the year, fitted to the pixel's observations by least squares. A small ridge on
    /// the harmonics keeps few observations from swinging.
    Harmonic,
}

const HARMONICS: usize = 2;
const TERMS: usize = 1 + 2 * HARMONICS;
/// Weight of "no harmonic", in observations.
const RIDGE: f64 = 0.1;
const DAYS_A_YEAR: f64 = 365.2425;

impl Fill {
    /// Where a filled series holds values that mean something, `[time, y, x]`: observed pixels, and with
    /// [`Linear`](Self::Linear) and [`Harmonic`](Self::Harmonic) all steps of a pixel that was ever observed.
    pub fn usable(self, valid: &[bool], steps: usize) -> Vec<bool> {
        if self == Self::Zero || steps == 0 {
            return valid.to_vec();
        }
        let size = valid.len() / steps;
        let mut ever = vec![false; size];
        for step in valid.chunks_exact(size.max(1)) {
            for (ever, valid) in ever.iter_mut().zip(step) {
                *ever |= valid;
            }
        }
        ever.repeat(steps)
    }

    /// Fills the gaps of `data` `[time, band, y, x]`, which holds 0 in them, by the mask `[time, y, x]`.
    pub(crate) fn fill(
        self,
        data: &mut [f32],
        valid: &[bool],
        timeline: &Timeline,
        bands: usize,
        size: usize,
    ) {
        match self {
            Self::Zero => {}
            Self::Linear => fill_linear(data, valid, bands, size),
            Self::Harmonic => fill_harmonic(data, valid, timeline, bands, size),
        }
    }
}

const NONE: u32 = u32::MAX;

/// For each step and pixel the observed step that comes next, itself included; [`NONE`] after the last.
fn next_observed(valid: &[bool], size: usize) -> Vec<u32> {
    let mut next = vec![NONE; valid.len()];
    let mut upcoming = vec![NONE; size];
    for step in (0..valid.len() / size).rev() {
        let place = step * size..(step + 1) * size;
        for ((next, upcoming), valid) in next[place.clone()].iter_mut().zip(&mut upcoming).zip(&valid[place])
        {
            *upcoming = if *valid { step as u32 } else { *upcoming };
            *next = *upcoming;
        }
    }
    next
}

fn fill_linear(data: &mut [f32], valid: &[bool], bands: usize, size: usize) {
    if valid.is_empty() {
        return;
    }
    let next = next_observed(valid, size);
    let mut last = vec![NONE; size];
    for step in 0..valid.len() / size {
        for pixel in 0..size {
            if valid[step * size + pixel] {
                last[pixel] = step as u32;
                continue;
            }
            let (before, after) = (last[pixel], next[step * size + pixel]);
            let (before, after) = match (before, after) {
                (NONE, NONE) => continue,
                (NONE, after) => (after, after),
                (before, NONE) => (before, before),
                both => both,
            };
            let span = after - before;
            let weight = if span == 0 { 0.0 } else { (step as u32 - before) as f32 / span as f32 };
            for band in 0..bands {
                let at = |step: u32| data[(step as usize * bands + band) * size + pixel];
                let (from, to) = (at(before), at(after));
                data[(step * bands + band) * size + pixel] = from + (to - from) * weight;
            }
        }
    }
}

fn fill_harmonic(data: &mut [f32], valid: &[bool], timeline: &Timeline, bands: usize, size: usize) {
    if data.is_empty() {
        return;
    }
    let basis: Vec<[f64; TERMS]> = (0..timeline.steps()).map(|step| basis_at(timeline, step)).collect();
    let observed = |step: usize, pixel: usize| valid[step * size + pixel];
    let seen: &[f32] = data;
    let fits: Vec<Option<Vec<[f64; TERMS]>>> = (0..size)
        .into_par_iter()
        .map(|pixel| {
            let steps: Vec<usize> = (0..basis.len()).filter(|step| observed(*step, pixel)).collect();
            let missing = !steps.is_empty() && steps.len() < basis.len();
            let value = |step: usize, band: usize| f64::from(seen[(step * bands + band) * size + pixel]);
            missing.then(|| fit(&basis, &steps, bands, value))
        })
        .collect();
    data.par_chunks_exact_mut(bands * size).zip(&basis).enumerate().for_each(|(step, (slot, basis))| {
        for (pixel, fit) in fits.iter().enumerate().filter(|(pixel, _)| !observed(step, *pixel)) {
            for (band, terms) in fit.iter().flatten().enumerate() {
                slot[band * size + pixel] = terms.iter().zip(basis).map(|(a, b)| a * b).sum::<f64>() as f32;
            }
        }
    });
}

/// 1, then cosine and sine of each harmonic, at the middle of a step.
fn basis_at(timeline: &Timeline, step: usize) -> [f64; TERMS] {
    let day = timeline.middle(step);
    let mut basis = [1.0; TERMS];
    for harmonic in 1..=HARMONICS {
        let (sin, cos) = (TAU * harmonic as f64 * day / DAYS_A_YEAR).sin_cos();
        basis[2 * harmonic - 1] = cos;
        basis[2 * harmonic] = sin;
    }
    basis
}

/// Ridge regression of every band on the basis at the observed steps.
fn fit(
    basis: &[[f64; TERMS]],
    steps: &[usize],
    bands: usize,
    value: impl Fn(usize, usize) -> f64,
) -> Vec<[f64; TERMS]> {
    let mut normal = [[0.0; TERMS]; TERMS];
    for step in steps {
        for (row, a) in normal.iter_mut().zip(basis[*step]) {
            for (cell, b) in row.iter_mut().zip(basis[*step]) {
                *cell += a * b;
            }
        }
    }
    for (term, row) in normal.iter_mut().enumerate().skip(1) {
        row[term] += RIDGE;
    }
    let lower = cholesky(normal);
    (0..bands)
        .map(|band| {
            let mut right = [0.0; TERMS];
            for step in steps {
                let value = value(*step, band);
                right.iter_mut().zip(basis[*step]).for_each(|(right, basis)| *right += value * basis);
            }
            solve(&lower, right)
        })
        .collect()
}

/// The lower triangle `L` of `L L^T`; the ridge keeps the matrix positive definite.
fn cholesky(matrix: [[f64; TERMS]; TERMS]) -> [[f64; TERMS]; TERMS] {
    let mut lower = [[0.0; TERMS]; TERMS];
    for row in 0..TERMS {
        for col in 0..=row {
            let known: f64 = (0..col).map(|k| lower[row][k] * lower[col][k]).sum();
            let rest = matrix[row][col] - known;
            lower[row][col] = if row == col { rest.sqrt() } else { rest / lower[col][col] };
        }
    }
    lower
}

fn solve(lower: &[[f64; TERMS]; TERMS], mut right: [f64; TERMS]) -> [f64; TERMS] {
    for row in 0..TERMS {
        let known: f64 = (0..row).map(|k| lower[row][k] * right[k]).sum();
        right[row] = (right[row] - known) / lower[row][row];
    }
    for row in (0..TERMS).rev() {
        let known: f64 = (row + 1..TERMS).map(|k| lower[k][row] * right[k]).sum();
        right[row] = (right[row] - known) / lower[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use proptest::prelude::*;

    fn timeline(steps: usize) -> Timeline {
        Timeline::new(NaiveDate::from_ymd_opt(2019, 10, 1).unwrap(), 10, steps).unwrap()
    }

    /// Fills a series of one pixel and one band.
    fn filled(fill: Fill, values: &[Option<f32>]) -> Vec<f32> {
        let mut data: Vec<f32> = values.iter().map(|v| v.unwrap_or(0.0)).collect();
        let valid: Vec<bool> = values.iter().map(Option::is_some).collect();
        fill.fill(&mut data, &valid, &timeline(values.len()), 1, 1);
        data
    }

    proptest! {
        #[test]
        fn observations_stay_and_linear_values_lie_between(
            values in proptest::collection::vec(proptest::option::weighted(0.4, 0.0..1.0f32), 1..50),
        ) {
            for fill in [Fill::Zero, Fill::Linear, Fill::Harmonic] {
                let out = filled(fill, &values);
                for (out, seen) in out.iter().zip(&values) {
                    prop_assert!(out.is_finite());
                    prop_assert!(seen.is_none_or(|seen| seen == *out));
                }
                if values.iter().all(Option::is_none) {
                    prop_assert!(out.iter().all(|value| *value == 0.0));
                }
            }
            let seen: Vec<f32> = values.iter().flatten().copied().collect();
            if let Some(least) = seen.iter().copied().reduce(f32::min) {
                let most = seen.iter().copied().fold(least, f32::max);
                prop_assert!(filled(Fill::Linear, &values).iter().all(|v| (least - 1e-6..=most + 1e-6).contains(v)));
            }
        }

        #[test]
        fn pixels_and_bands_do_not_mix(steps in 1usize..12, bands in 1usize..4, size in 1usize..6, seed in any::<u32>()) {
            let noise = |i: usize| (i as f32 * 12.9898 + seed as f32 * 1e-4).sin();
            let valid: Vec<bool> = (0..steps * size).map(|i| noise(i + 7) > -0.2).collect();
            let at = |t: usize, b: usize, p: usize| (t * bands + b) * size + p;
            let mut data = vec![0.0; steps * bands * size];
            for t in 0..steps { for b in 0..bands { for p in 0..size {
                if valid[t * size + p] { data[at(t, b, p)] = noise(at(t, b, p)); }
            }}}
            for fill in [Fill::Linear, Fill::Harmonic] {
                let mut together = data.clone();
                fill.fill(&mut together, &valid, &timeline(steps), bands, size);
                for b in 0..bands { for p in 0..size {
                    let alone: Vec<Option<f32>> = (0..steps).map(|t| valid[t * size + p].then(|| data[at(t, b, p)])).collect();
                    let found: Vec<f32> = (0..steps).map(|t| together[at(t, b, p)]).collect();
                    prop_assert_eq!(found, filled(fill, &alone));
                }}
            }
        }
    }

    #[test]
    fn a_line_is_filled_exactly() {
        let seen = [None, Some(1.0), None, None, Some(4.0), None];
        assert_eq!(filled(Fill::Linear, &seen), [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
        assert_eq!(filled(Fill::Zero, &seen), [0.0, 1.0, 0.0, 0.0, 4.0, 0.0]);
    }

    #[test]
    fn a_season_is_found_again() {
        let season = |step: usize| (0.4 + 0.3 * ((step as f64 * 10.0 - 40.0) / 365.25 * TAU).cos()) as f32;
        let seen: Vec<_> = (0..46).map(|step| (step % 3 == 0).then(|| season(step))).collect();
        let worst = filled(Fill::Harmonic, &seen)
            .iter()
            .enumerate()
            .map(|(step, value)| (value - season(step)).abs())
            .fold(0.0, f32::max);
        assert!(worst < 0.01, "{worst}");
    }

    #[test]
    fn one_observation_gives_its_value() {
        let mut seen = vec![None; 20];
        seen[4] = Some(0.5);
        assert!(filled(Fill::Harmonic, &seen).iter().all(|value| (0.0..0.6).contains(value)));
        assert!(filled(Fill::Linear, &seen).iter().all(|value| *value == 0.5));
    }

    #[test]
    fn usable_follows_the_fill() {
        let valid = [true, false, false, false, false, false];
        assert_eq!(Fill::Zero.usable(&valid, 3), valid);
        assert_eq!(Fill::Linear.usable(&valid, 3), [true, false, true, false, true, false]);
    }
}
