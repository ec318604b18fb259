//! How much memory a step of training takes, in closed form.
//!
//! On its way forward a network in training keeps what the way back needs: for each layer some copies of its
//! output. Architectures count these values a pixel ([`crate::network::Architecture::kept`]) from the shapes that
//! they are built from; parameters, moments, gradients and batches come on top.
//!
//! The weights of the count are burn's operations, and the whole was held against the peak of resident memory of
//! two steps on the `flex` backend (`examples/step_memory.rs`, one process a network, x86-64 Linux): the estimate was
//! 0.5 to 1.5 times what ten networks took at 250 to 970 MiB, the lowest where kernels are large (`deepforest-unet`),
//! and 0.45 to 1.2 times at 50 to 260 MiB, where the program itself counts. It is an estimate to refuse the absurd
//! with, not one to fill a machine by.

use crate::ValidNetworkConfig;

/// Of a convolution with batch normalisation and rectifier: its output, less the mean, normalised, rectified.
pub(crate) fn normalised(width: usize) -> f64 {
    4.0 * width as f64
}

/// Of a convolution with a rectifier: before and after it.
pub(crate) fn rectified(width: usize) -> f64 {
    2.0 * width as f64
}

/// Of a layer whose output is read by the next as it is; also of joined or enlarged features.
pub(crate) fn linear(width: usize) -> f64 {
    width as f64
}

/// Of a recurrent cell at one date: gates before and after their function, candidate, states, activations.
pub(crate) fn cell(hidden: usize) -> f64 {
    12.0 * hidden as f64
}

/// Of transposed convolutions in a row that start from the share `area` of the pixels and quadruple it each time.
pub(crate) fn ups(widths: &[usize], area: f64) -> f64 {
    widths[1..]
        .iter()
        .fold((0.0, area), |(sum, area), &width| (sum + 4.0 * area * linear(width), 4.0 * area))
        .0
}

/// The share of the pixels that is left after so many halvings of rows and columns.
pub(crate) fn area(halvings: usize) -> f64 {
    0.25f64.powi(halvings as i32)
}

impl ValidNetworkConfig {
    /// About how many bytes a step of training takes at its peak, with a batch of so many patches
    /// `[n, step, row, column]`: within a factor of two for most networks. It allocates nothing.
    pub fn step_bytes(&self, [n, steps, rows, columns]: [usize; 4]) -> u64 {
        let pixels = n as f64 * rows as f64 * columns as f64;
        // Batches that wait, one that is being made, one in use.
        let inputs = 4.0 * self.channels() as f64 * steps as f64 * pixels;
        // Scores, targets, their product and logarithms.
        let loss = 6.0 * (self.classes() * self.heads().len()) as f64 * pixels;
        let parameters = self.parameters();
        // Weights, the best ones, and those being written; gradients and two moments.
        let weights = (3 * parameters.total + 3 * parameters.trainable) as f64;
        // A cast of a number that is too large gives the largest one.
        (4.0 * (self.kept(steps) * pixels + inputs + loss + weights)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetworkConfig;

    #[test]
    fn a_step_takes_more_the_larger_it_is() {
        for config in NetworkConfig::all(12, 7) {
            let config = config.check().unwrap();
            let [small, batch, side] =
                [[1, 46, 64, 64], [4, 46, 64, 64], [1, 46, 128, 128]].map(|size| config.step_bytes(size));
            let weights = 4 * config.parameters().total as u64;
            assert!(small > weights && small < 1 << 36, "{}: {small}", config.name());
            assert_eq!(batch, side, "{}", config.name());
            assert!(small < batch && batch < 4 * small, "{}", config.name());
            assert_eq!(config.step_bytes([usize::MAX; 4]), u64::MAX);
        }
    }

    #[test]
    fn the_values_kept_are_counted_as_on_paper() {
        let json = r#"{"kind": "unet", "channels": 3, "classes": 2, "width": 4, "depth": 1}"#;
        let config: NetworkConfig = serde_json::from_str(json).unwrap();
        // Two convolutions of 4, a pooling of 4 and two of 8 at a quarter; up to 4, joined to 8, one of 4; scores.
        let expected = 2.0 * 16.0 + (4.0 + 2.0 * 32.0) / 4.0 + 4.0 + 8.0 + 16.0 + 2.0;
        assert_eq!(config.check().unwrap().kept(5), 5.0 * expected);
        assert_eq!(ups(&[9, 2, 3], 1.0 / 16.0), 2.0 / 4.0 + 3.0);
    }
}
