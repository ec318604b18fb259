//! Normalisation, pooling and layouts against their definitions.

use ecotone_kernels::{
    Extent, Isa, Maxima, Normalisation, View, Way, channels_first, channels_last, joined, max_pool,
    max_pool_gradient, moments, rectifier_gradient,
};

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| (((i + 1) * (2 * seed + 7919)) % 1009) as f32 / 504.5 - 1.0).collect()
}

const EXTENT: Extent = Extent { n: 2, space: [3, 4, 6], c: 5 };

/// The sum of normalised, rectified and weighted values, in double precision.
fn loss([x, gamma, beta, weights]: [&[f64]; 4], slope: f64) -> f64 {
    let count = (x.len() / gamma.len()) as f64;
    let of = |c: usize| x.iter().skip(c).step_by(gamma.len());
    let one = |c: usize| {
        let mean = of(c).sum::<f64>() / count;
        let variance = of(c).map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let values = of(c).zip(weights.iter().skip(c).step_by(gamma.len()));
        let rectified = |value: f64| {
            let value = (value - mean) / (variance + 1e-3).sqrt() * gamma[c] + beta[c];
            value.max(slope * value)
        };
        values.map(|(value, weight)| rectified(*value) * weight).sum::<f64>()
    };
    (0..gamma.len()).map(one).sum()
}

#[test]
fn a_normalised_batch_has_mean_0_and_variance_1() {
    let x = numbers(EXTENT.numbers().unwrap(), 1);
    let view = View::dense(&x, EXTENT).unwrap();
    let norm = Normalisation::new(moments(Isa::current(), view), &[1.0; 5], &[0.0; 5], 0.0, 1.0);
    let found = moments(Isa::current(), View::dense(&norm.apply(Isa::current(), view), EXTENT).unwrap());
    assert!(found.mean.iter().all(|mean| mean.abs() < 1e-6), "{found:?}");
    assert!(found.variance.iter().all(|variance| (variance - 1.0).abs() < 1e-5), "{found:?}");
}

#[test]
fn the_way_back_through_a_normalisation_is_that_of_differences() {
    let (x, weights) = (numbers(EXTENT.numbers().unwrap(), 1), numbers(EXTENT.numbers().unwrap(), 2));
    let (gamma, beta) = ([1.0, -0.5, 2.0, 0.3, 1.5], [0.1, 0.2, -0.3, 0.0, 0.5]);
    let double = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<f64>>();
    let inputs = [double(&x), double(&gamma), double(&beta), double(&weights)];
    for slope in [1.0, 0.01, 0.0] {
        let view = View::dense(&x, EXTENT).unwrap();
        let norm = Normalisation::new(moments(Isa::current(), view), &gamma, &beta, 1e-3, slope);
        let sum: f64 =
            norm.apply(Isa::current(), view).iter().zip(&inputs[3]).map(|(y, w)| f64::from(*y) * w).sum();
        let expected = loss(inputs.each_ref().map(Vec::as_slice), f64::from(slope));
        assert!((sum - expected).abs() < 1e-4, "{sum} {expected}");
        let found = norm.gradient(Isa::current(), view, View::dense(&weights, EXTENT).unwrap());
        for (which, found) in [&found.x, &found.gamma, &found.beta].into_iter().enumerate() {
            for (place, found) in found.iter().enumerate() {
                let step = 1e-7;
                let moved = |step: f64| {
                    let mut inputs = inputs.clone();
                    inputs[which][place] += step;
                    loss(inputs.each_ref().map(Vec::as_slice), f64::from(slope))
                };
                let expected = (moved(step) - moved(-step)) / (2.0 * step);
                let near = (f64::from(*found) - expected).abs() < 1e-4 * expected.abs().max(1.0);
                assert!(near, "{which} {place} {slope}: {found} {expected}");
            }
        }
    }
}

#[test]
fn a_rectifier_lets_through_what_was_above_0() {
    let extent = Extent { n: 1, space: [1, 1, 4], c: 1 };
    let (y, gradient) = ([1.0, 0.0, -0.5, 2.0], [1.0, 2.0, 3.0, 4.0]);
    let views = [&y, &gradient].map(|values| View::dense(values, extent).unwrap());
    assert_eq!(rectifier_gradient(Isa::current(), views[0], views[1], 0.5), [1.0, 1.0, 1.5, 4.0]);
}

#[test]
fn the_largest_of_each_box_is_found_and_takes_the_gradient() {
    let x = numbers(EXTENT.numbers().unwrap(), 3);
    let view = View::dense(&x, EXTENT).unwrap();
    for (kernel, stride, before) in [([2, 2, 2], [2, 2, 2], [0; 3]), ([1, 3, 3], [1, 2, 2], [0, 1, 1])] {
        let way = Way { stride, before, after: before, ..Way::same(kernel) };
        let Maxima { values, taps, extent } = max_pool(Isa::current(), view, &way).unwrap();
        let gradient = numbers(extent.numbers().unwrap(), 4);
        let back =
            max_pool_gradient(&taps, View::dense(&gradient, extent).unwrap(), &way, EXTENT.space).unwrap();
        let mut expected = vec![0.0; x.len()];
        let place = |space: [usize; 3], n: usize, [t, y, x]: [usize; 3], c: usize| {
            (((n * space[0] + t) * space[1] + y) * space[2] + x) * EXTENT.c + c
        };
        for (index, (value, gradient)) in values.iter().zip(&gradient).enumerate() {
            let (c, pixel) = (index % EXTENT.c, index / EXTENT.c);
            let [t, y, x_] = extent.space;
            let (n, at) = (pixel / (t * y * x_), [pixel / (y * x_) % t, pixel / x_ % y, pixel % x_]);
            let mut best = (f32::NEG_INFINITY, 0);
            for tap in 0..kernel.iter().product() {
                let tap = [tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]];
                let from: Vec<usize> = (0..3)
                    .filter_map(|a| (at[a] * stride[a] + tap[a]).checked_sub(before[a]))
                    .zip(EXTENT.space)
                    .filter_map(|(place, size)| (place < size).then_some(place))
                    .collect();
                let Ok(from) = <[usize; 3]>::try_from(from) else { continue };
                let place = place(EXTENT.space, n, from, c);
                if x[place] > best.0 {
                    best = (x[place], place);
                }
            }
            assert_eq!(best.0, *value);
            expected[best.1] += gradient;
        }
        let near = back.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near, "{kernel:?}");
    }
    let padded = Way { before: [2, 0, 0], ..Way::same([2, 1, 1]) };
    assert!(max_pool(Isa::current(), view, &padded).is_err());
}

#[test]
fn nan_is_the_largest() {
    let extent = Extent { n: 1, space: [1, 1, 2], c: 1 };
    for x in [[f32::NAN, 1.0], [1.0, f32::NAN]] {
        let way = Way { stride: [1, 1, 2], before: [0; 3], after: [0; 3], ..Way::same([1, 1, 2]) };
        assert!(max_pool(Isa::current(), View::dense(&x, extent).unwrap(), &way).unwrap().values[0].is_nan());
    }
}

#[test]
fn layouts_keep_every_value() {
    let x = numbers(EXTENT.numbers().unwrap(), 5);
    let turned = channels_last(&x, EXTENT).unwrap();
    let pixels: usize = EXTENT.space.iter().product();
    for (place, value) in turned.iter().enumerate() {
        let (n, pixel, c) = (place / (pixels * EXTENT.c), place / EXTENT.c % pixels, place % EXTENT.c);
        assert_eq!(*value, x[(n * EXTENT.c + c) * pixels + pixel]);
    }
    let view = View::dense(&turned, EXTENT).unwrap();
    assert_eq!(channels_first(view).unwrap(), x);
    let view = View::dense(&x, EXTENT).unwrap();
    let both =
        joined(view, View::strided(&x[3..], Extent { c: 2, ..EXTENT }, [360, 120, 30, 5]).unwrap()).unwrap();
    for (pixel, both) in x.chunks(5).zip(both.chunks(7)) {
        assert_eq!(both, [pixel, &pixel[3..]].concat());
    }
    assert!(joined(view, View::dense(&x[..5], Extent { n: 1, space: [1; 3], c: 5 }).unwrap()).is_err());
}
