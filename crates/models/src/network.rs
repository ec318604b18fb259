//! The registry of networks: the one place where a new network is added.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::architecture::{Architecture, Head};
use crate::chance::Chance;
use crate::compact::{Compact, CompactConfig};
use crate::deepforest::{
    DeepForest1a, DeepForest1b, DeepForest1c, DeepForest2a, DeepForest2b, DeepForestConfig,
    DeepForestDeepLab, DeepForestFusionConfig, DeepForestUNet, DeepForestUNetConfig,
};
use crate::deeplab::{DeepLab, DeepLabConfig};
use crate::init::Scheme;
use crate::pixel_lstm::{PixelLstm, PixelLstmConfig};
use crate::temp_cnn::{TempCnn, TempCnnConfig};
use crate::unet::{UNet, UNetConfig};
use crate::unet_convlstm::{UNetConvLstm, UNetConvLstmConfig};
use crate::unet3d::{UNet3d, UNet3dConfig};
use crate::utae::{UTae, UTaeConfig};
use crate::{InputRules, Parameters, Result, StepMask};

macro_rules! networks {
    ($($(#[doc = $doc:literal])* $name:literal => $network:ident($config:ident),)*) => {
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
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        #[non_exhaustive]
        pub enum NetworkConfig {
            $($(#[doc = $doc])* #[serde(rename = $name)] $network($config),)*
        }

        impl NetworkConfig {
            /// All networks as published, for `channels` input channels and `classes` classes.
            pub fn all(channels: usize, classes: usize) -> Vec<Self> {
                vec![$(Self::$network($config::new(channels, classes)),)*]
            }

            /// Checks the settings.
            ///
            /// # Errors
            /// [`crate::Error::Setting`] names the first setting that cannot be.
            pub fn check(self) -> Result<ValidNetworkConfig> {
                match &self {
                    $(Self::$network(config) => config.check()?,)*
                }
                Ok(ValidNetworkConfig(self))
            }
        }

        impl ValidNetworkConfig {
            /// The network's name, as in `kind`.
            pub fn name(&self) -> &'static str {
                match &self.0 {
                    $(NetworkConfig::$network(_) => $name,)*
                }
            }

            /// The publication the network is from.
            pub fn source(&self) -> &'static str {
                match &self.0 {
                    $(NetworkConfig::$network(_) => $network::SOURCE,)*
                }
            }

            /// Numbers of parameters.
            pub fn parameters(&self) -> Parameters {
                match &self.0 {
                    $(NetworkConfig::$network(config) => $network::parameters(config),)*
                }
            }

            /// As [`Architecture::kept`].
            pub(crate) fn kept(&self, steps: usize) -> f64 {
                match &self.0 {
                    $(NetworkConfig::$network(config) => $network::kept(config, steps),)*
                }
            }

            /// Number of classes.
            pub fn classes(&self) -> usize {
                match &self.0 {
                    $(NetworkConfig::$network(config) => config.classes,)*
                }
            }

            /// The inputs it can take.
            pub fn rules(&self) -> InputRules {
                match &self.0 {
                    $(NetworkConfig::$network(config) => $network::rules(config),)*
                }
            }

            /// Its outputs; the first is the prediction.
            pub fn heads(&self) -> Vec<Head> {
                match &self.0 {
                    $(NetworkConfig::$network(config) => $network::heads(config),)*
                }
            }

            /// As [`Architecture::learns_by_date`].
            pub(crate) fn learns_by_date(&self) -> bool {
                match &self.0 {
                    $(NetworkConfig::$network(config) => $network::learns_by_date(config),)*
                }
            }

            /// How its training begins.
            pub(crate) fn init_scheme(&self) -> Scheme {
                match &self.0 {
                    $(NetworkConfig::$network(_) => $network::INIT,)*
                }
            }

            /// The network with all convolution weights 0, to be drawn by [`crate::init`] or loaded.
            pub(crate) fn build(&self, device: &Device) -> Network {
                match &self.0 {
                    $(NetworkConfig::$network(config) => Network::$network($network::build(config, device)),)*
                }
            }
        }

        /// A network with its weights.
        #[derive(Module, Debug)]
        #[expect(clippy::large_enum_variant, reason = "a program holds one or two of them")]
        pub(crate) enum Network {
            $($network($network),)*
        }

        impl Network {
            /// As [`Architecture::forward`].
            pub(crate) fn forward(
                &self,
                input: Tensor<5>,
                mask: &StepMask,
                chance: &mut Chance,
            ) -> Vec<Tensor<4>> {
                match self {
                    $(Network::$network(network) => Architecture::forward(network, input, mask, chance),)*
                }
            }

            /// The same network for inference, as fast as it gets.
            pub(crate) fn fold(self) -> Self {
                match self {
                    $(Network::$network(network) => Network::$network(Architecture::fold(network)),)*
                }
            }
        }
    };
}

networks! {
    /// U-Net over time, rows and columns.
    "unet3d" => UNet3d(UNet3dConfig),
    /// U-Net of one date.
    "unet" => UNet(UNetConfig),
    /// U-Net of each date, and a ConvLSTM over their maps.
    "unet-convlstm" => UNetConvLstm(UNetConvLstmConfig),
    /// DeepForest with one ConvLSTM.
    "deepforest-1a" => DeepForest1a(DeepForestConfig),
    /// DeepForest with two ConvLSTMs.
    "deepforest-1b" => DeepForest1b(DeepForestConfig),
    /// DeepForest with two ConvLSTMs and an atrous pyramid.
    "deepforest-1c" => DeepForest1c(DeepForestConfig),
    /// DeepForest with a U-Net in its optical branch and a ConvLSTM in its radar branch.
    "deepforest-2a" => DeepForest2a(DeepForestFusionConfig),
    /// DeepForest with a residual encoder in its optical branch and a ConvLSTM in its radar branch.
    "deepforest-2b" => DeepForest2b(DeepForestFusionConfig),
    /// DeepForest's U-Net baseline.
    "deepforest-unet" => DeepForestUNet(DeepForestUNetConfig),
    /// DeepForest's DeepLab baseline.
    "deepforest-deeplab" => DeepForestDeepLab(DeepForestConfig),
    /// DeepLabv3 over ResNet-50.
    "deeplab" => DeepLab(DeepLabConfig),
    /// Fully convolutional network that keeps the size.
    "compact" => Compact(CompactConfig),
    /// Long short-term memory over the dates of each pixel.
    "pixel-lstm" => PixelLstm(PixelLstmConfig),
    /// Convolutions over the dates of each pixel.
    "tempcnn" => TempCnn(TempCnnConfig),
    /// U-Net with attention over the dates.
    "utae" => UTae(UTaeConfig),
}

/// Settings that have passed [`NetworkConfig::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct ValidNetworkConfig(NetworkConfig);

impl ValidNetworkConfig {
    /// The settings as they are serialised.
    pub fn get(&self) -> NetworkConfig {
        self.0.clone()
    }

    /// Number of input channels.
    pub fn channels(&self) -> usize {
        self.rules().channels
    }

    /// Rows and columns of an input must be multiples of this.
    pub fn size_factor(&self) -> usize {
        self.rules().size_factor
    }

    /// Checks that the network can take an input of this size.
    ///
    /// # Errors
    /// [`crate::Error::InputSize`] names the axis, what is taken and what was found.
    pub fn check_input(&self, channels: usize, steps: usize, rows: usize, columns: usize) -> Result<()> {
        self.rules().check(self.name(), [channels, steps, rows, columns])
    }
}

impl Network {
    /// Class scores of inference `[n, class, y, x]`, before softmax.
    pub(crate) fn predict(&self, input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
        self.forward(input, mask, &mut Chance::none()).swap_remove(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{assert_close, devices, gradients};
    use crate::parity::picture;
    use crate::{Backend, device, init, state};
    use burn::optim::GradientsParams;
    use burn::tensor::activation::softmax;

    /// Held against the built network, by the names of its tensors.
    #[track_caller]
    fn assert_counted(config: NetworkConfig) {
        let config = config.check().unwrap();
        let Some(&backend) = Backend::available().first() else { return };
        let state = state::read(&config.build(&device::open(backend).unwrap()));
        let count = |statistics: bool| -> usize {
            let kept = state.iter().filter(|(name, _)| statistics || !name.contains("running_"));
            kept.map(|(_, tensor)| tensor.values.len()).sum()
        };
        let expected = Parameters { total: count(true), trainable: count(false) };
        assert_eq!(config.parameters(), expected, "{}", config.name());
    }

    #[test]
    fn every_network_has_a_name_of_its_own_and_comes_back_from_json() {
        let mut names: Vec<&str> = Vec::new();
        for config in NetworkConfig::all(12, 7) {
            let json = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<NetworkConfig>(&json).unwrap(), config);
            let valid = config.check().unwrap();
            assert!(json.contains(&format!("\"kind\":\"{}\"", valid.name())));
            assert!(!names.contains(&valid.name()) && !valid.source().is_empty());
            assert_eq!(valid.classes(), 7);
            names.push(valid.name());
        }
    }

    /// Networks at a small size, with the channels, steps and side of an input.
    const SMALL: [(&str, [usize; 3]); 12] = [
        (
            r#"{"kind": "unet3d", "channels": 3, "classes": 4, "width": 4, "collapse": "attention"}"#,
            [3, 4, 8],
        ),
        (r#"{"kind": "unet", "channels": 3, "classes": 4, "width": 4, "depth": 2}"#, [3, 2, 8]),
        (r#"{"kind": "unet-convlstm", "channels": 3, "classes": 4, "width": 4, "depth": 2}"#, [3, 3, 8]),
        (r#"{"kind": "deepforest-1a", "channels": 3, "classes": 4, "width": 2}"#, [3, 1, 64]),
        (r#"{"kind": "deepforest-1b", "channels": 3, "classes": 4, "width": 2}"#, [3, 1, 64]),
        (r#"{"kind": "deepforest-1c", "channels": 3, "classes": 4, "width": 2}"#, [3, 1, 64]),
        (r#"{"kind": "deepforest-2a", "channels": 5, "classes": 4, "width": 8}"#, [5, 2, 32]),
        (r#"{"kind": "deepforest-2b", "channels": 5, "classes": 4, "width": 8}"#, [5, 2, 64]),
        (r#"{"kind": "deepforest-unet", "channels": 3, "classes": 4, "width": 2}"#, [3, 1, 32]),
        (r#"{"kind": "deepforest-deeplab", "channels": 3, "classes": 4, "width": 2}"#, [3, 1, 32]),
        (r#"{"kind": "deeplab", "channels": 3, "classes": 4, "width": 2}"#, [3, 1, 32]),
        (r#"{"kind": "compact", "channels": 3, "classes": 4, "stem": 4, "blocks": [6, 8, 8]}"#, [3, 1, 8]),
    ];

    fn of(
        list: &'static [(&str, [usize; 3])],
    ) -> impl Iterator<Item = (&'static str, ValidNetworkConfig, [usize; 3])> {
        list.iter().map(|(json, input)| {
            let config: NetworkConfig = serde_json::from_str(json).unwrap();
            (*json, config.check().unwrap(), *input)
        })
    }

    /// Those whose gradients have tests of their own.
    const SERIES: [(&str, [usize; 3]); 3] = [
        (r#"{"kind": "pixel-lstm", "channels": 3, "classes": 4, "hidden": 6}"#, [3, 5, 4]),
        (r#"{"kind": "tempcnn", "channels": 3, "classes": 4, "width": 4, "steps": 6}"#, [3, 6, 4]),
        (
            r#"{"kind": "utae", "channels": 3, "classes": 4, "encoder": [16, 16], "decoder": [16, 16], "heads": 4, "model": 16}"#,
            [3, 4, 16],
        ),
    ];

    #[test]
    fn every_backend_gives_the_same_probabilities() {
        let all: Vec<_> = of(&SMALL).chain(of(&SERIES)).collect();
        assert_eq!(all.len(), NetworkConfig::all(3, 4).len());
        for (json, config, [channels, steps, side]) in all {
            let mut first: Option<Vec<f32>> = None;
            for device in devices() {
                let network = init::draw(config.build(&device).valid(), config.init_scheme(), 1).fold();
                let input = picture("inference", [2, channels, steps, side, side], &device);
                let scores = network.predict(input, &StepMask::all(2, steps));
                let found = state::to_host(softmax(scores, 1));
                assert!(found.iter().any(|value| *value != found[0]), "{json}");
                match &first {
                    None => first = Some(found),
                    Some(first) => assert_close(&found, first, 1e-3),
                }
            }
        }
    }

    /// A step of training at small sizes: each parameter that is counted as trainable gets a gradient.
    #[test]
    fn every_part_of_a_network_learns() {
        for (json, config, [channels, steps, side]) in of(&SMALL) {
            config.check_input(channels, steps, side, side).unwrap();
            assert_counted(config.get());
            for device in devices().map(|device| device.autodiff()) {
                let network = init::draw(config.build(&device), config.init_scheme(), 1);
                let input = picture("training", [2, channels, steps, side, side], &device);
                let heads = network.forward(input, &StepMask::all(2, steps), &mut Chance::seeded(1));
                assert_eq!(heads.len(), config.heads().len());
                let losses = heads.into_iter().map(|scores| scores.square().mean());
                let loss = losses.reduce(|sum, loss| sum + loss).unwrap();
                let found = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
                let count: usize = found.values().map(|gradient| gradient.values.len()).sum();
                assert_eq!(count, config.parameters().trainable, "{json}");
            }
        }
    }

    #[test]
    fn a_picture_that_cannot_be_halved_is_refused() {
        let check = |kind: &str, channels: usize, expected: &str| {
            let json = format!(r#"{{"kind": "{kind}", "channels": {channels}, "classes": 7}}"#);
            let config = serde_json::from_str::<NetworkConfig>(&json).unwrap().check().unwrap();
            assert_eq!(config.channels(), channels);
            let error = config.check_input(channels, 3, config.size_factor(), 100).unwrap_err().to_string();
            assert_eq!(error, format!("input has 100 columns, but network {kind} takes {expected}"));
            let error = config.check_input(channels + 1, 3, 64, 64).unwrap_err().to_string();
            let (found, taken) = (channels + 1, channels);
            assert_eq!(error, format!("input has {found} channels, but network {kind} takes {taken}"));
        };
        check("unet", 3, "a multiple of 16");
        check("unet-convlstm", 3, "a multiple of 16");
        check("deepforest-1a", 10, "a multiple of 32");
        check("deepforest-2b", 12, "a multiple of 32");
        check("deepforest-deeplab", 10, "a multiple of 8");
    }

    #[test]
    fn every_network_is_counted_as_built() {
        NetworkConfig::all(3, 4).into_iter().for_each(assert_counted);
    }
}
