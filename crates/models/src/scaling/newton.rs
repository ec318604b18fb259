//! The lowest point of a convex function whose first coordinate stays in a range, by damped Newton steps.

/// Steps at most; from a fair start ten are many.
const STEPS: usize = 100;
/// How often a step is halved at most.
const HALVINGS: i32 = 40;
/// The part of the fall that the slope promises which a step must bring (Armijo's rule; Nocedal & Wright 2006, section 3.1).
const FALL: f64 = 1e-4;
/// What a step promises to fall, over the value, below which the place is the lowest.
const DONE: f64 = 1e-20;
/// Falls below this part of the value are rounding.
const ROUNDING: f64 = 1e-14;

/// A function with its slope.
pub(super) trait Convex {
    /// Value, gradient and second derivatives at a place.
    fn slope(&self, place: &[f64]) -> Slope;
}

/// Value, gradient and second derivatives, those on and below the diagonal.
pub(super) struct Slope {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    second: Vec<f64>,
}

impl Slope {
    pub(super) fn zero(size: usize) -> Self {
        Self { value: 0.0, gradient: vec![0.0; size], second: vec![0.0; size * size] }
    }

    /// The second derivative by two coordinates, of which the first is no lower.
    pub(super) fn curve(&mut self, row: usize, col: usize) -> &mut f64 {
        &mut self.second[row * self.gradient.len() + col]
    }
}

/// The lowest place whose first coordinate lies in `range`, from a start that does. Where rounding, or a value that is not
/// finite, leaves no step that falls, the place where it stood.
pub(super) fn minimise(function: &dyn Convex, start: Vec<f64>, range: [f64; 2]) -> Vec<f64> {
    let mut place = start;
    let mut here = function.slope(&place);
    for _ in 0..STEPS {
        let Some(step) = step(&here, place[0], range) else { break };
        let fall: f64 = here.gradient.iter().zip(&step).map(|(slope, step)| -slope * step).sum();
        // Also false for NaN.
        let falls = fall > DONE * (1.0 + here.value.abs());
        if !falls {
            break;
        }
        let rounding = ROUNDING * (1.0 + here.value.abs());
        let found = (0..HALVINGS).find_map(|halvings| {
            let length = 0.5f64.powi(halvings);
            let mut trial: Vec<f64> = place.iter().zip(&step).map(|(at, step)| at + length * step).collect();
            let free = trial[0];
            trial[0] = free.clamp(range[0], range[1]);
            let there = function.slope(&trial);
            // A clamped step is judged by its fall alone: it promises less than the whole.
            let promised = if trial[0] == free { FALL * length * fall } else { 0.0 };
            (there.value <= here.value - promised + rounding).then_some((trial, there))
        });
        let Some((trial, there)) = found else { break };
        place = trial;
        here = there;
    }
    place
}

/// Where Newton's method goes; the first coordinate stays where it would leave the range.
fn step(here: &Slope, first: f64, [low, high]: [f64; 2]) -> Option<Vec<f64>> {
    let whole = solve(here, 0)?;
    let leaves = (first <= low && whole[0] < 0.0) || (first >= high && whole[0] > 0.0);
    if leaves { solve(here, 1) } else { Some(whole) }
}

/// The step over the coordinates from `from` on, those before staying: second derivatives times step are the gradient,
/// downwards, by Cholesky's factors. `None` where they are no curve upwards.
fn solve(here: &Slope, from: usize) -> Option<Vec<f64>> {
    let size = here.gradient.len();
    let mut factor = here.second.clone();
    let mut step = vec![0.0; size];
    for row in from..size {
        for col in from..=row {
            let known: f64 =
                (from..col).map(|k| factor[row * size + k] * factor[col * size + k]).sum::<f64>();
            let rest = here.second[row * size + col] - known;
            factor[row * size + col] = if row == col {
                // Where nothing depends on a coordinate, as on the factor of scores that are all alike.
                let least = 1e-12 * (1.0 + here.second[row * size + row]);
                let rest = rest.max(least);
                if !rest.is_finite() {
                    return None;
                }
                rest.sqrt()
            } else {
                rest / factor[col * size + col]
            };
        }
        let known: f64 = (from..row).map(|k| factor[row * size + k] * step[k]).sum();
        step[row] = (-here.gradient[row] - known) / factor[row * size + row];
    }
    for row in (from..size).rev() {
        let known: f64 = (row + 1..size).map(|k| factor[k * size + row] * step[k]).sum();
        step[row] = (step[row] - known) / factor[row * size + row];
    }
    step.iter().all(|step| step.is_finite()).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(x - 3)^2 + (x - y)^2 + e^z - 2 z`, lowest at 3, 3, ln 2.
    struct Bowl;

    impl Convex for Bowl {
        fn slope(&self, place: &[f64]) -> Slope {
            let [x, y, z] = [place[0], place[1], place[2]];
            let mut slope = Slope::zero(3);
            slope.value = (x - 3.0).powi(2) + (x - y).powi(2) + z.exp() - 2.0 * z;
            slope.gradient = vec![2.0 * (x - 3.0) + 2.0 * (x - y), 2.0 * (y - x), z.exp() - 2.0];
            for (row, col, value) in [(0, 0, 4.0), (1, 0, -2.0), (1, 1, 2.0), (2, 2, z.exp())] {
                *slope.curve(row, col) = value;
            }
            slope
        }
    }

    #[test]
    fn the_lowest_place_within_the_range_is_found() {
        #[track_caller]
        fn check(range: [f64; 2], start: [f64; 3], expected: [f64; 3]) {
            let found = minimise(&Bowl, start.to_vec(), range);
            let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-9, "{found:?}");
        }
        let z = 2f64.ln();
        check([0.0, 10.0], [1.0, 0.0, 0.0], [3.0, 3.0, z]);
        check([0.0, 2.0], [1.0, 7.0, -6.0], [2.0, 2.0, z]);
        check([4.0, 9.0], [9.0, 0.0, 5.0], [4.0, 4.0, z]);
        // From the edge inwards.
        check([0.0, 10.0], [0.0, 9.0, 0.0], [3.0, 3.0, z]);
    }
}
