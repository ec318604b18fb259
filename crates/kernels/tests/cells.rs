//! The cell of a long short-term memory against its definition in double precision, and its gradient against differences.

use ecotone_kernels::{Extent, Isa, View, lstm_cell, lstm_cell_gradient};

const HIDDEN: usize = 21;
const PIXELS: usize = 130;

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| (((i + 1) * (2 * seed + 7919)) % 1009) as f32 / 252.25 - 2.0).collect()
}

fn view(values: &[f32], c: usize) -> View<'_> {
    View::dense(values, Extent { n: 1, space: [1, PIXELS, 1], c }).expect("as many values as pixels")
}

/// Output and state of one number of a cell.
fn cell([input, forget, candidate, output, before]: [f64; 5]) -> [f64; 2] {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let state = sigmoid(forget) * before + sigmoid(input) * candidate.tanh();
    [sigmoid(output) * state.tanh(), state]
}

#[test]
fn cells_and_their_gradients_are_right_with_all_instructions() {
    let (gates, before) = (numbers(PIXELS * 4 * HIDDEN, 1), numbers(PIXELS * HIDDEN, 2));
    let gradient = numbers(PIXELS * 2 * HIDDEN, 3);
    for before in [Some(before.as_slice()), None] {
        let old = before.map(|before| view(before, HIDDEN));
        let mut first: Option<[Vec<f32>; 3]> = None;
        for isa in Isa::available() {
            let values = lstm_cell(isa, view(&gates, 4 * HIDDEN), old).unwrap();
            let seen = view(&values, 2 * HIDDEN);
            let [to_gates, to_before] =
                lstm_cell_gradient(isa, view(&gates, 4 * HIDDEN), old, seen, view(&gradient, 2 * HIDDEN))
                    .unwrap();
            let found = [values, to_gates, to_before];
            assert_eq!(first.get_or_insert_with(|| found.clone()), &found, "{isa}");
        }
        let [values, to_gates, to_before] = first.unwrap();
        for pixel in 0..PIXELS {
            for i in 0..HIDDEN {
                let gate = |place: usize| f64::from(gates[pixel * 4 * HIDDEN + place * HIDDEN + i]);
                let old = before.map_or(0.0, |before| f64::from(before[pixel * HIDDEN + i]));
                let inputs = [gate(0), gate(1), gate(2), gate(3), old];
                let place = [pixel * 2 * HIDDEN + i, pixel * 2 * HIDDEN + HIDDEN + i];
                for (place, expected) in place.into_iter().zip(cell(inputs)) {
                    assert!((f64::from(values[place]) - expected).abs() < 1e-6);
                }
                let loss = |inputs| {
                    let [output, state] = cell(inputs);
                    output * f64::from(gradient[place[0]]) + state * f64::from(gradient[place[1]])
                };
                for which in 0..5 {
                    let [mut up, mut down] = [inputs; 2];
                    up[which] += 1e-6;
                    down[which] -= 1e-6;
                    let expected = (loss(up) - loss(down)) / 2e-6;
                    let found = match which {
                        4 => to_before[pixel * HIDDEN + i],
                        gate => to_gates[pixel * 4 * HIDDEN + gate * HIDDEN + i],
                    };
                    assert!((f64::from(found) - expected).abs() < 1e-5, "{which}: {found} {expected}");
                }
            }
        }
    }
    let few = numbers(4, 1);
    let few = View::dense(&few, Extent { n: 1, space: [1, 1, 1], c: 4 }).unwrap();
    assert!(lstm_cell(Isa::current(), view(&gates, 4 * HIDDEN), Some(few)).is_err());
}
