//! How much memory a step of training takes, in closed form.
//!
//! The network tells what it keeps for the way back ([`crate::kept`]); parameters, moments, gradients and batches come
//! on top.
//!
//! The weights of the count are burn's operations, and the whole was held against the peak of resident memory of
//! two steps on the `flex` backend (`examples/step_memory.rs`, one process a network, x86-64 Linux): the estimate was
//! 0.5 to 1.5 times what ten networks took at 250 to 970 MiB, the lowest where kernels are large (`deepforest-unet`),
//! and 0.45 to 1.2 times at 50 to 260 MiB, where the program itself counts. It is an estimate to refuse the absurd
//! with, not one to fill a machine by.

use crate::ValidNetworkConfig;

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
}
