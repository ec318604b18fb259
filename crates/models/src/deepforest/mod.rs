//! DeepForest: networks for forest classes from Sentinel-2, with Sentinel-1 in a second branch, and the
//! baselines that they were published beside.
//!
//! A residual encoder sees one picture; its coarse and coarser features, brought to one size, are read by a
//! ConvLSTM like a sequence, the coarsest first. Every enlargement is a linear 2x2 transposed convolution.
//! The sizes in these pages are those of the published width, 64, and a 256 x 256 picture.

mod config;
mod deeplab;
mod encoder;
mod fusion;
mod one;
#[cfg(test)]
mod tests;
mod unet;

pub use config::{DeepForestConfig, DeepForestFusionConfig, DeepForestUNetConfig};
pub(crate) use deeplab::DeepForestDeepLab;
pub(crate) use fusion::{DeepForest2a, DeepForest2b};
pub(crate) use one::{DeepForest1a, DeepForest1b, DeepForest1c};
pub(crate) use unet::DeepForestUNet;
