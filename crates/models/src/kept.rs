//! What a network in training keeps of each layer, in values a pixel.
//!
//! On its way forward a network in training keeps what the way back needs: for each layer some copies of its
//! output. Architectures count these values ([`crate::architecture::Architecture::kept`]) from the shapes that they are
//! built from. The weights of the count are burn's operations.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetworkConfig;

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
