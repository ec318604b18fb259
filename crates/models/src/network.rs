//! The registry of networks: the one place where a new network is added.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::unet3d::{self, UNet3d, UNet3dConfig, ValidUNet3dConfig};
use crate::{Result, StepMask};

/// Which network, and its settings. Serialised with the network's name as `kind`.
///
/// ```
/// use ecotone_models::NetworkConfig;
///
/// let json = r#"{"kind": "unet3d", "channels": 12, "classes": 7, "width": 16}"#;
/// let network: NetworkConfig = serde_json::from_str(json)?;
/// assert_eq!(network.check()?.classes(), 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
#[non_exhaustive]
pub enum NetworkConfig {
    /// U-Net over time, rows and columns.
    #[serde(rename = "unet3d")]
    UNet3d(UNet3dConfig),
}

impl NetworkConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] names the first setting that cannot be.
    pub fn check(self) -> Result<ValidNetworkConfig> {
        Ok(ValidNetworkConfig(match self {
            NetworkConfig::UNet3d(config) => Valid::UNet3d(config.check()?),
        }))
    }
}

/// Settings that have passed [`NetworkConfig::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidNetworkConfig(Valid);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Valid {
    UNet3d(ValidUNet3dConfig),
}

impl ValidNetworkConfig {
    /// The settings as they are serialised.
    pub fn get(&self) -> NetworkConfig {
        match &self.0 {
            Valid::UNet3d(config) => NetworkConfig::UNet3d(config.get().clone()),
        }
    }

    /// The network's name, as in `kind`.
    pub fn name(&self) -> &'static str {
        match &self.0 {
            Valid::UNet3d(_) => unet3d::NAME,
        }
    }

    /// The publication the network is from.
    pub fn source(&self) -> &'static str {
        match &self.0 {
            Valid::UNet3d(_) => unet3d::SOURCE,
        }
    }

    /// Number of trainable parameters.
    pub fn parameters(&self) -> usize {
        match &self.0 {
            Valid::UNet3d(config) => config.parameters(),
        }
    }

    /// Number of input channels.
    pub fn channels(&self) -> usize {
        match &self.0 {
            Valid::UNet3d(config) => config.get().channels,
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        match &self.0 {
            Valid::UNet3d(config) => config.get().classes,
        }
    }

    /// Rows and columns of an input must be multiples of this.
    pub fn size_factor(&self) -> usize {
        match &self.0 {
            Valid::UNet3d(config) => 1 << config.get().depth,
        }
    }

    /// Checks that the network can take an input of this size.
    ///
    /// # Errors
    /// [`crate::Error::InputSize`] names the axis, what is taken and what was found.
    pub fn check_input(&self, channels: usize, steps: usize, rows: usize, columns: usize) -> Result<()> {
        match &self.0 {
            Valid::UNet3d(config) => config.check_input(channels, steps, rows, columns),
        }
    }

    /// The network with all convolution weights 0, to be drawn by [`crate::init`] or loaded.
    pub(crate) fn build(&self, device: &Device) -> Network {
        match &self.0 {
            Valid::UNet3d(config) => Network::UNet3d(UNet3d::new(config, device)),
        }
    }
}

/// A network with its weights.
#[derive(Module, Debug)]
pub(crate) enum Network {
    /// See [`UNet3d`].
    UNet3d(UNet3d),
}

impl Network {
    /// Class scores `[n, class, y, x]` of `input` `[n, channel, time, y, x]`.
    pub(crate) fn forward(&self, input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
        match self {
            Network::UNet3d(network) => network.forward(input, mask),
        }
    }

    /// The same network for inference, as fast as it gets.
    pub(crate) fn fold(self) -> Self {
        match self {
            Network::UNet3d(network) => Network::UNet3d(network.fold()),
        }
    }
}
