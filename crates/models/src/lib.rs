//! Networks for satellite time series, their losses, training loop and weight files.
//!
//! A network is chosen by a [`NetworkConfig`], trained by [`Training`] from a [`PatchSource`], saved with a
//! [`ModelCard`] in a safetensors file, and run by a [`Predictor`]. No tensor type appears in this interface:
//! values cross it as plain vectors with a shape, so that another runtime can take the place of burn.
//!
//! ```
//! use ecotone_models::*;
//!
//! /// One series of 8 dates whose left half is class 0 and right half class 1, as its only channel tells.
//! struct Halves;
//!
//! impl PatchSource for Halves {
//!     fn epoch_len(&self) -> usize {
//!         4
//!     }
//!     fn draw(&self, _epoch: usize) -> Vec<usize> {
//!         vec![0; 4]
//!     }
//!     fn patch(&self, _id: usize, _epoch: usize) -> std::result::Result<Patch, PatchError> {
//!         let target: Vec<u8> = (0..64).map(|pixel| (pixel % 8 / 4) as u8).collect();
//!         let values = (0..8 * 64).map(|place| f32::from(target[place % 64])).collect();
//!         Ok(Patch { steps: 8, channels: 1, rows: 8, cols: 8, values, valid: vec![true; 8 * 64], target })
//!     }
//! }
//!
//! # let folder = std::env::temp_dir().join(format!("ecotone-models-{}", std::process::id()));
//! # let checkpoints = folder.as_path();
//! let network = NetworkConfig::UNet3d(UNet3dConfig { width: 4, ..UNet3dConfig::new(1, 2) }).check()?;
//! let config = TrainConfig { epochs: 2, learning_rate: 0.02, ..TrainConfig::default() }.check()?;
//! # if Backend::available().contains(&Backend::Flex) {
//! let training = Training {
//!     network: &network,
//!     config: &config,
//!     backend: Backend::Flex,
//!     train: &Halves,
//!     validation: &Halves,
//!     class_weights: &ClassWeights::inverse_frequency(&[32, 32], 10.0),
//!     shares: None,
//!     first_weights: None,
//!     checkpoints,
//!     resume: false,
//! };
//! let trained = training.run(&mut |_event| ())?;
//! assert_eq!(trained.history().len(), 2);
//! # }
//! # let _ = std::fs::remove_dir_all(folder);
//! # Ok::<(), Error>(())
//! ```

mod architecture;
mod aspp;
mod backend;
mod batch;
mod batch_norm;
#[cfg(any(feature = "flex", feature = "tch"))]
mod blocks;
mod bottleneck;
mod calibration_summary;
mod card;
mod chance;
mod channels;
mod class_weights;
mod compact;
mod conv2d;
mod convlstm;
mod convolution;
mod dates;
mod deepforest;
mod deeplab;
mod device;
mod error;
#[cfg(feature = "flex")]
mod flex;
mod init;
mod input_rules;
mod kept;
mod layers;
mod linear;
mod loss;
mod network;
#[cfg(test)]
mod oracle;
mod parameters;
#[cfg(test)]
mod parity;
mod pixel_lstm;
mod pixels;
mod predictor;
mod prior;
mod pytorch;
mod rectifier;
mod resnet;
mod scaling;
mod settings;
mod state;
mod step_memory;
mod steps;
mod temp_cnn;
mod temperature;
#[cfg(feature = "tch")]
mod torch;
mod train;
mod unet;
mod unet3d;
mod unet_convlstm;
mod utae;
#[cfg(any(feature = "flex", feature = "tch"))]
mod way;
mod weights;
#[cfg(test)]
mod window_law;

pub use architecture::Head;
pub use backend::Backend;
pub use batch::{Batch, BatchShape, Probabilities};
pub use calibration_summary::{CalibrationSummary, PriorSummary};
pub use card::{
    ChannelStats, InputDescription, LegendClass, ModelCard, TimelineCard, TrainingSummary, WindowCard,
};
pub use class_weights::ClassWeights;
pub use compact::CompactConfig;
pub use convlstm::{Activation, ConvLstmConfig, Gate, Reading};
pub use deepforest::{DeepForestConfig, DeepForestFusionConfig, DeepForestUNetConfig};
pub use deeplab::DeepLabConfig;
pub use device::{set_instructions, set_threads};
pub use error::{Error, Result};
pub use input_rules::{InputKind, InputRules};
pub use loss::{IGNORE, Loss};
pub use network::{NetworkConfig, ValidNetworkConfig};
pub use parameters::Parameters;
pub use pixel_lstm::PixelLstmConfig;
pub use predictor::{NetworkPredictor, Predictor};
pub use prior::{ClassShares, Prior};
pub use pytorch::import_pytorch;
pub use steps::{Collapse, ObservedBy, StepMask};
pub use temp_cnn::TempCnnConfig;
pub use temperature::{LabelledScores, Temperature};
pub use train::{
    Augment, FirstWeights, HistoryRow, Optimizer, Patch, PatchError, PatchSource, Schedule, SelectBy,
    TrainConfig, TrainEvent, Trained, Training, ValidTrainConfig,
};
pub use unet::UNetConfig;
pub use unet_convlstm::{Trains, UNetConvLstmConfig};
pub use unet3d::UNet3dConfig;
pub use utae::UTaeConfig;
pub use weights::read_card;
