//! Weights from PyTorch: a state dict as its publication's code saves it, under this crate's names.

use std::path::Path;

use burn::module::Module;
use pytorch_reader::{DType, PytorchReader};

use crate::deeplab::DeepLab;
use crate::pixel_lstm::PixelLstm;
use crate::state::{self, HostTensor, StateDict};
use crate::temp_cnn::TempCnn;
use crate::utae::UTae;
use crate::{Backend, Error, ModelCard, NetworkConfig, Result, ValidNetworkConfig, device, weights};

/// Makes a model file from a PyTorch file (`.pt`, `.pth`) that holds the state dict of a published network:
/// the pixel LSTM or TempCNN of BreizhCrops, U-TAE, or torchvision's DeepLabv3 over ResNet-50 without its
/// auxiliary classifier. `card` says what the model expects and yields.
///
/// The file is read as data: no code in it is run.
///
/// # Errors
/// [`Error::Pytorch`] for a file that holds no state dict; [`Error::NoPytorchForm`] for a network without a
/// published PyTorch form; [`Error::WeightsMismatch`] for weights of another network; [`Error::Setting`] for a
/// card that does not agree with itself; errors of writing.
pub fn import_pytorch(state_dict: &Path, card: &ModelCard, model: &Path) -> Result<()> {
    weights::write_model(model, card, &read(state_dict, &card.check()?)?)
}

/// The tensors of a state dict under our names; all of `network`'s, and no others.
pub(crate) fn read(path: &Path, network: &ValidNetworkConfig) -> Result<StateDict> {
    let ours: fn(&str) -> Option<String> = match network.get() {
        NetworkConfig::DeepLab(_) => DeepLab::torch_name,
        NetworkConfig::PixelLstm(_) => PixelLstm::torch_name,
        NetworkConfig::TempCnn(_) => TempCnn::torch_name,
        NetworkConfig::UTae(_) => UTae::torch_name,
        _ => return Err(Error::NoPytorchForm { network: network.name() }),
    };
    let backend = *Backend::available().first().unwrap_or(&Backend::Flex);
    let built = network.build(&device::open(backend)?).valid();
    let wanted = state::read(&built);
    let mut found = StateDict::new();
    for (theirs, mut tensor) in tensors(path)? {
        let name = ours(&theirs).unwrap_or(theirs);
        // A convolution over one date is written with one more axis than a linear layer.
        if let Some(wanted) = wanted.get(&name) {
            let rest = tensor.shape.get(wanted.shape.len()..).unwrap_or_default();
            if rest.iter().all(|&length| length == 1) {
                tensor.shape.truncate(wanted.shape.len());
            }
        }
        found.insert(name, tensor);
    }
    state::load(built, found.clone(), path, network.name())?;
    Ok(found)
}

/// All tensors of a PyTorch file, but for the counters of its normalisations.
fn tensors(path: &Path) -> Result<Vec<(String, HostTensor)>> {
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| Error::Pytorch { path: path.to_owned(), source };
    let file = PytorchReader::new(path).map_err(|source| failed(source.into()))?;
    let mut tensors = Vec::new();
    for (name, tensor) in file.into_tensors() {
        if name.ends_with("num_batches_tracked") {
            continue;
        }
        let bytes = tensor.read().map_err(|source| failed(source.into()))?;
        let values: Vec<f32> =
            bytes.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect();
        if tensor.dtype() != DType::F32 || values.iter().any(|value| !value.is_finite()) {
            return Err(Error::WeightsMismatch {
                path: path.to_owned(),
                network: "of any kind",
                tensor: name,
                expected: "finite 32-bit floats".to_owned(),
                found: format!("of type {:?} or not finite", tensor.dtype()),
            });
        }
        tensors.push((name, HostTensor { shape: tensor.shape().to_vec(), values }));
    }
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UNet3dConfig;

    #[test]
    fn files_and_networks_that_cannot_be_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.pt");
        let lstm = NetworkConfig::PixelLstm(crate::PixelLstmConfig::new(3, 2)).check().unwrap();
        std::fs::write(&path, b"no pickle").unwrap();
        for missing in [path.clone(), folder.path().join("none.pt")] {
            let message = read(&missing, &lstm).unwrap_err().to_string();
            assert!(message.starts_with("cannot read a state dict from"), "{message}");
        }
        let unet = NetworkConfig::UNet3d(UNet3dConfig::new(3, 2)).check().unwrap();
        let message = read(&path, &unet).unwrap_err().to_string();
        assert_eq!(message, "network unet3d has no published PyTorch form to import weights from");
    }
}
