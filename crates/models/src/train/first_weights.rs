//! Weights of another training that a training starts from.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::state::{self, StateDict};
use crate::{Backend, Error, Result, ValidNetworkConfig, device, weights};

/// The tensors of a weight file that a network has, too.
///
/// Tensors go by their name; a `unet`'s file fits below `unet.` of a `unet-convlstm`. What the file lacks is drawn
/// from the seed as without it. Bands, normalisation and legend are not taken over: the network must mean the
/// same by its channels and classes.
#[derive(Debug, Clone)]
pub struct FirstWeights {
    path: PathBuf,
    /// Of the network that they were picked for.
    network: ValidNetworkConfig,
    /// Those taken, by their names in the network.
    state: StateDict,
    tensors: usize,
    sha256: String,
}

impl FirstWeights {
    /// Reads the weight file at `path` for `network`; `backend` holds the network's shapes while they are compared.
    ///
    /// # Errors
    /// [`Error::WeightsMismatch`] for a tensor of another shape; [`Error::NothingInCommon`] for a file without a
    /// tensor of the network; errors of reading a weight file, as [`crate::read_card`], and
    /// [`Error::BackendNotBuilt`].
    pub fn read(path: &Path, network: &ValidNetworkConfig, backend: Backend) -> Result<Self> {
        let bytes = weights::read(path)?;
        let given = weights::card_in(path, &bytes)?.network.check()?;
        let prefix = if (given.name(), network.name()) == ("unet", "unet-convlstm") { "unet." } else { "" };
        let found = weights::decode(path, &bytes)?;
        let shapes = state::shapes(&network.build(&device::open(backend)?));
        let mut state = StateDict::new();
        for (name, tensor) in found.into_iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor)) {
            match shapes.get(&name) {
                None => {}
                Some(shape) if *shape == tensor.shape => _ = state.insert(name, tensor),
                Some(shape) => {
                    return Err(Error::WeightsMismatch {
                        path: path.to_owned(),
                        network: network.name(),
                        tensor: name,
                        expected: format!("shape {shape:?}{}", reason(&given, network)),
                        found: format!("of shape {:?}", tensor.shape),
                    });
                }
            }
        }
        if state.is_empty() {
            let (network, given) = (network.name(), given.name());
            return Err(Error::NothingInCommon { path: path.to_owned(), network, given });
        }
        Ok(Self {
            path: path.to_owned(),
            network: network.clone(),
            state,
            tensors: shapes.len(),
            sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// How many tensors were taken.
    pub fn taken(&self) -> usize {
        self.state.len()
    }

    /// How many tensors the network has.
    pub fn tensors(&self) -> usize {
        self.tensors
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses weights that were picked for another network.
    pub(super) fn check(&self, network: &ValidNetworkConfig) -> Result<()> {
        match self.network == *network {
            true => Ok(()),
            false => Err(Error::CardMismatch {
                what: "network of the first weights".to_owned(),
                expected: format!("{:?}", network.get()),
                found: format!("{:?}", self.network.get()),
            }),
        }
    }

    pub(super) fn state(&self) -> &StateDict {
        &self.state
    }

    /// Of the file, in hexadecimal.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// Why shapes differ, where channels or classes tell.
fn reason(given: &ValidNetworkConfig, network: &ValidNetworkConfig) -> String {
    let numbers = |network: &ValidNetworkConfig| (network.channels(), network.classes());
    let ((channels, classes), (old_channels, old_classes)) = (numbers(network), numbers(given));
    match (channels == old_channels, classes == old_classes) {
        (true, true) => String::new(),
        (false, true) => format!(" (for {channels} channels; the file's network has {old_channels})"),
        (true, false) => format!(" (for {classes} classes; the file's network has {old_classes})"),
        (false, false) => format!(
            " (for {channels} channels and {classes} classes; the file's network has {old_channels} and \
             {old_classes})"
        ),
    }
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::card::tests::tiny_card;
    use crate::{ModelCard, NetworkConfig, UNetConfig, UNetConvLstmConfig, init};

    fn unet(channels: usize, classes: usize) -> NetworkConfig {
        NetworkConfig::UNet(UNetConfig { width: 2, depth: 1, ..UNetConfig::new(channels, classes) })
    }

    fn unet_convlstm() -> NetworkConfig {
        let config = UNetConvLstmConfig::new(3, 2);
        NetworkConfig::UNetConvLstm(UNetConvLstmConfig { width: 2, depth: 1, first_hidden: 3, ..config })
    }

    /// The first weights of `to` from a file of `from`.
    fn taken(from: NetworkConfig, to: NetworkConfig) -> Result<FirstWeights> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let device = device::open(Backend::Flex).unwrap();
        let state =
            state::read(&init::draw(from.clone().check().unwrap().build(&device), init::Scheme::Torch, 3));
        weights::write_model(&path, &ModelCard { network: from, ..tiny_card() }, &state).unwrap();
        FirstWeights::read(&path, &to.check().unwrap(), Backend::Flex)
    }

    #[test]
    fn all_tensors_of_the_same_network_are_taken() {
        let found = taken(unet_convlstm(), unet_convlstm()).unwrap();
        assert_eq!(found.taken(), found.tensors());
        assert_eq!(found.sha256().len(), 64);
        let other = unet(3, 2).check().unwrap();
        assert!(matches!(found.check(&other), Err(Error::CardMismatch { .. })));
    }

    #[test]
    fn a_unet_fits_below_the_unet_of_a_unet_convlstm() {
        let whole = taken(unet(3, 2), unet(3, 2)).unwrap();
        let part = taken(unet(3, 2), unet_convlstm()).unwrap();
        assert!(part.taken() == whole.taken() && part.taken() < part.tensors());
        for (name, tensor) in whole.state() {
            assert_eq!(part.state()[&format!("unet.{name}")], *tensor, "{name}");
        }
    }

    #[test]
    fn weights_that_do_not_fit_are_refused_by_name() {
        #[track_caller]
        fn check(from: NetworkConfig, to: NetworkConfig, expected: &str) {
            let message = taken(from, to).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        check(
            unet(3, 7),
            unet(3, 2),
            "network unet: tensor `head.conv.bias` is of shape [7], expected shape [2]",
        );
        check(unet(3, 7), unet_convlstm(), "(for 2 classes; the file's network has 7)");
        check(unet(10, 2), unet(11, 2), "(for 11 channels; the file's network has 10)");
        check(unet(10, 7), unet(11, 2), "(for 11 channels and 2 classes; the file's network has 10 and 7)");
        let none = "holds weights of network unet-convlstm, but none that network tempcnn has, too";
        check(unet_convlstm(), serde_json::from_str(TEMPCNN).unwrap(), none);
        let path = Path::new("/nowhere/model.safetensors");
        let missing = FirstWeights::read(path, &unet(3, 2).check().unwrap(), Backend::Flex);
        assert!(matches!(missing, Err(Error::Read { .. })));
    }

    const TEMPCNN: &str = r#"{"kind": "tempcnn", "channels": 3, "classes": 2, "steps": 8}"#;
}
