//! Convolutions on slices: forward, and the gradients to input and weights.
//!
//! Channels lie side by side (`[n, t, y, x, channel]`), so that a kernel reads each pixel once for sixteen outputs; nothing
//! is copied into columns first. Every output is one chain of fused multiply-adds whose order hangs on the sizes alone:
//! **the same bytes come out of any number of threads and of every CPU**, with AVX-512, with AVX2, or with neither.
//! Pictures have one step, series one row. This crate knows neither tensors nor rasters.
//!
//! ```
//! use ecotone_kernels::{After, Extent, Isa, Packed, View, Way, convolve};
//!
//! // The sum of each pixel and its two neighbours.
//! let way = Way::same([1, 1, 3]);
//! let packed = Packed::forward(&way, &[1.0, 1.0, 1.0], 1, 1)?;
//! let row = [1.0, 2.0, 3.0, 4.0];
//! let row = View::dense(&row, Extent { n: 1, space: [1, 1, 4], c: 1 })?;
//! assert_eq!(convolve(Isa::current(), row, &packed, After::NONE)?, [3.0, 6.0, 9.0, 7.0]);
//! # Ok::<(), ecotone_kernels::Error>(())
//! ```

mod buffers;
mod convolve;
mod error;
mod extent;
mod isa;
mod layout;
mod lstm;
mod normalise;
mod packed;
mod pool;
mod simd;
mod way;
mod weights_gradient;

pub use buffers::{buffer, reuse};
pub use convolve::{After, Target, convolve, convolve_into, output_extent};
pub use error::{Error, Result};
pub use extent::{Extent, View};
pub use isa::Isa;
pub use layout::{channels_first, channels_last, joined};
pub use lstm::{lstm_cell, lstm_cell_gradient};
pub use normalise::{
    Moments, Normalisation, NormalisationGradient, channel_sums, moments, rectifier_gradient,
};
pub use packed::Packed;
pub use pool::{Maxima, max_pool, max_pool_gradient};
pub use way::Way;
pub use weights_gradient::weights_gradient;
