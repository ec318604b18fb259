//! Kernels against sums in double precision, at random shapes, and all instructions against each other.

use ecotone_kernels::{
    After, Extent, Isa, Packed, Target, View, Way, channel_sums, convolve, convolve_into, output_extent,
    weights_gradient,
};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Case {
    way: Way,
    extent: Extent,
    outputs: usize,
    slope: f32,
}

/// Numbers that look drawn, of both signs.
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| (((i + 1) * (2 * seed + 7919)) % 1009) as f32 / 504.5 - 1.0).collect()
}

fn cases() -> impl Strategy<Value = Case> {
    let axis = (1..4usize, 1..4usize, 1..3usize, 0..3usize, 0..3usize, 0..2usize);
    let sizes = ([axis.clone(), axis.clone(), axis], [1..4usize, 1..6, 1..34], 1..3usize);
    let grouped = (prop_oneof![Just(1usize), 2..4usize], 1..20usize, 1..38usize);
    let depthwise = (2..38usize).prop_map(|channels| (channels, 1, 1));
    let channels = prop_oneof![3 => grouped, 1 => depthwise];
    (sizes, channels, any::<bool>(), prop_oneof![Just(1.0f32), Just(0.01), Just(0.0)]).prop_filter_map(
        "nothing comes out",
        |((axes, space, n), (groups, inputs, outputs), transposed, slope)| {
            let way = Way {
                kernel: axes.map(|axis| axis.0),
                stride: axes.map(|axis| axis.1),
                dilation: axes.map(|axis| axis.2),
                before: axes.map(|axis| axis.3),
                after: axes.map(|axis| axis.4),
                groups,
                added: transposed.then(|| axes.map(|axis| axis.5.min(axis.1 - 1))),
            };
            let extent = Extent { n, space, c: groups * inputs };
            way.output(space).ok().map(|_| Case { way, extent, outputs: groups * outputs, slope })
        },
    )
}

/// Calls `each` with the places of output, input and weight of every product.
fn products(case: &Case, mut each: impl FnMut(usize, usize, usize)) {
    let Case { way, extent, outputs, .. } = case;
    let out = way.output(extent.space).expect("cases have an output");
    let [ci, co] = [extent.c / way.groups, outputs / way.groups];
    let taps: usize = way.kernel.iter().product();
    // Place on an axis of the larger side, from one on the smaller.
    let place = |a: usize, small: usize, tap: usize, large: usize| {
        let place = (small * way.stride[a] + tap * way.dilation[a]) as isize - way.before[a] as isize;
        (0..large as isize).contains(&place).then_some(place as usize)
    };
    let (small, large) = if way.added.is_some() { (extent.space, out) } else { (out, extent.space) };
    let at = |space: [usize; 3], n: usize, [t, y, x]: [usize; 3]| {
        ((n * space[0] + t) * space[1] + y) * space[2] + x
    };
    let all = |space: [usize; 3]| {
        (0..space[0])
            .flat_map(move |t| (0..space[1]).flat_map(move |y| (0..space[2]).map(move |x| [t, y, x])))
    };
    for n in 0..extent.n {
        for from in all(small) {
            for tap in all(way.kernel) {
                let to: Vec<usize> = (0..3).filter_map(|a| place(a, from[a], tap[a], large[a])).collect();
                let Ok(to) = <[usize; 3]>::try_from(to) else { continue };
                let k = (tap[0] * way.kernel[1] + tap[1]) * way.kernel[2] + tap[2];
                let (x, y) = if way.added.is_some() { (from, to) } else { (to, from) };
                let (x, y) = (at(extent.space, n, x), at(out, n, y));
                for g in 0..way.groups {
                    for (i, o) in (0..ci).flat_map(|i| (0..co).map(move |o| (i, o))) {
                        let weight = match way.added {
                            None => ((g * co + o) * ci + i) * taps + k,
                            Some(_) => ((g * ci + i) * co + o) * taps + k,
                        };
                        each(y * outputs + g * co + o, x * extent.c + g * ci + i, weight);
                    }
                }
            }
        }
    }
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < 1e-4 * expected.abs().max(1.0), "{found} {expected}");
    }
}

/// What `run` gives with all instructions, which is one.
#[track_caller]
fn one(run: impl Fn(Isa) -> Vec<f32>) -> Vec<f32> {
    let all: Vec<Vec<f32>> = Isa::available().into_iter().map(run).collect();
    for found in &all {
        let differing = found.iter().zip(&all[0]).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
        assert_eq!((differing, found.len()), (0, all[0].len()));
    }
    all[0].clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_is_the_sum_it_should_be_with_all_instructions(case in cases()) {
        let Case { way, extent, outputs, slope } = &case;
        let (inputs, outputs, slope) = (extent.c, *outputs, *slope);
        let x = numbers(extent.numbers().unwrap(), 1);
        let weights = numbers(inputs / way.groups * outputs * way.kernel.iter().product::<usize>(), 2);
        let bias = numbers(outputs, 3);
        let forward = Packed::forward(way, &weights, inputs, outputs).unwrap();
        let backward = Packed::backward(way, &weights, inputs, outputs).unwrap();
        let view = View::dense(&x, *extent).unwrap();
        let out = output_extent(*extent, &forward).unwrap();
        let gradient = numbers(out.numbers().unwrap(), 4);
        let gradient_view = View::dense(&gradient, out).unwrap();

        let mut sums: Vec<f64> =
            bias.iter().map(|value| f64::from(*value)).cycle().take(gradient.len()).collect();
        let (mut to_x, mut to_weights) = (vec![0.0; x.len()], vec![0.0; weights.len()]);
        products(&case, |o, i, w| {
            sums[o] += f64::from(x[i]) * f64::from(weights[w]);
            to_x[i] += f64::from(gradient[o]) * f64::from(weights[w]);
            to_weights[w] += f64::from(gradient[o]) * f64::from(x[i]);
        });
        let rectified: Vec<f64> = sums.iter().map(|sum| sum.max(f64::from(slope) * sum)).collect();

        let after = After { bias: Some(&bias), slope };
        assert_close(&one(|isa| convolve(isa, view, &forward, after).unwrap()), &rectified);
        assert_close(&one(|isa| weights_gradient(isa, view, gradient_view, way).unwrap()), &to_weights);
        assert_close(&one(|isa| {
            // Beside another channel, which stays.
            let mut values = vec![7.0; x.len() / inputs * (inputs + 1)];
            let target = Target { values: &mut values, channels: inputs + 1, first: 1 };
            convolve_into(isa, gradient_view, &backward, After::NONE, extent.space, target).unwrap();
            assert!(values.iter().step_by(inputs + 1).all(|value| *value == 7.0));
            values.chunks(inputs + 1).flat_map(|pixel| pixel[1..].to_vec()).collect()
        }), &to_x);
    }
}

#[test]
fn threads_change_no_byte() {
    let way = Way::same([3, 3, 3]);
    let extent = Extent { n: 2, space: [5, 17, 40], c: 12 };
    let (x, weights) = (numbers(2 * 5 * 17 * 40 * 12, 1), numbers(27 * 12 * 20, 2));
    let packed = Packed::forward(&way, &weights, 12, 20).unwrap();
    let view = View::dense(&x, extent).unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let y = convolve(Isa::current(), view, &packed, After { bias: None, slope: 0.01 }).unwrap();
            let gradient = View::dense(&y, Extent { c: 20, ..extent }).unwrap();
            [
                weights_gradient(Isa::current(), view, gradient, &way).unwrap(),
                channel_sums(Isa::current(), gradient),
                y,
            ]
        })
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(5));
}

#[test]
fn a_view_of_some_channels_and_steps_is_read_where_it_lies() {
    let whole = numbers(4 * 3 * 5 * 6, 1);
    let kept: Vec<f32> =
        (0..3 * 3 * 5).flat_map(|pixel| whole[pixel * 6 + 2..pixel * 6 + 5].to_vec()).collect();
    let extent = Extent { n: 1, space: [3, 3, 5], c: 3 };
    let view = View::strided(&whole[2..], extent, [0, 90, 30, 6]).unwrap();
    let packed = Packed::forward(&Way::same([3, 3, 3]), &numbers(27 * 3 * 4, 2), 3, 4).unwrap();
    let found = convolve(Isa::current(), view, &packed, After::NONE).unwrap();
    let expected = View::dense(&kept, extent).unwrap();
    assert_eq!(found, convolve(Isa::current(), expected, &packed, After::NONE).unwrap());
}

#[test]
fn nan_stays_and_rectifiers_do_not_hide_it() {
    let x = [1.0, f32::NAN, -3.0];
    let view = View::dense(&x, Extent { n: 1, space: [1, 1, 3], c: 1 }).unwrap();
    let packed = Packed::forward(&Way::same([1, 1, 1]), &[1.0], 1, 1).unwrap();
    for slope in [0.0, 0.01, 1.0] {
        let found = one(|isa| convolve(isa, view, &packed, After { bias: None, slope }).unwrap());
        assert!(found[0] == 1.0 && found[1].is_nan() && found[2] == -3.0 * slope, "{found:?}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let extent = |space: [usize; 3]| Extent { n: 1, space, c: 2 };
    let error = |result: ecotone_kernels::Result<()>| result.unwrap_err().to_string();
    assert!(error(extent([0, 1, 1]).numbers().map(drop)).contains("each must be at least 1"));
    assert!(error(extent([usize::MAX / 2, 4, 4]).numbers().map(drop)).contains("fit into memory"));
    assert!(error(View::dense(&[0.0; 3], extent([1, 1, 2])).map(drop)).contains("3 numbers, expected 4"));
    let beyond = View::strided(&[0.0; 9], extent([1, 2, 2]), [0, 0, 6, 2]);
    assert!(error(beyond.map(drop)).contains("9 numbers, expected 10"));
    let way = Way::same([1, 3, 3]);
    assert!(error(Packed::forward(&way, &[0.0; 17], 2, 1).map(drop)).contains("17 numbers, expected 18"));
    let grouped = Way { groups: 3, ..way.clone() };
    assert!(error(Packed::forward(&grouped, &[0.0; 18], 2, 1).map(drop)).contains("does not fit"));
    let wide = Way { before: [0; 3], after: [0; 3], ..way.clone() };
    assert!(error(wide.output([1, 2, 5]).map(drop)).contains("does not fit"));
    assert!(
        error(Way { stride: [1, 0, 1], ..way.clone() }.output([1, 5, 5]).map(drop)).contains("does not fit")
    );
    let packed = Packed::forward(&way, &[0.0; 9], 1, 1).unwrap();
    let values = [0.0; 8];
    let other = View::dense(&values, extent([1, 2, 2])).unwrap();
    assert!(error(convolve(Isa::current(), other, &packed, After::NONE).map(drop)).contains("2 channels"));
}
