//! Weight files: safetensors with the model card as JSON in the header.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use crate::state::{HostTensor, StateDict};
use crate::{Error, ModelCard, Result};

/// The header's only metadata key. With more than one, their order would be arbitrary.
const CARD_KEY: &str = "ecotone.card";

/// Reads the card of a weight file.
///
/// # Errors
/// As for loading a model: [`Error::Read`], [`Error::WeightsFormat`] for a truncated or foreign file,
/// [`Error::NoCard`], [`Error::Document`], [`Error::CardFormat`].
pub fn read_card(path: &Path) -> Result<ModelCard> {
    card_in(path, &read(path)?)
}

/// Reads card and tensors of a weight file.
pub(crate) fn read_model(path: &Path) -> Result<(ModelCard, StateDict)> {
    let bytes = read(path)?;
    Ok((card_in(path, &bytes)?, decode(path, &bytes)?))
}

/// Writes card and tensors. The same ones give the same bytes.
pub(crate) fn write_model(path: &Path, card: &ModelCard, state: &StateDict) -> Result<()> {
    let card = serde_json::to_string(card).map_err(|source| Error::Document {
        path: path.to_owned(),
        what: "model card",
        source,
    })?;
    write_whole(path, &encode(path, state, Some((CARD_KEY, card)))?)
}

/// Reads the card from the bytes of a weight file.
pub(crate) fn card_in(path: &Path, bytes: &[u8]) -> Result<ModelCard> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(format_error(path))?;
    let json = header.metadata().as_ref().and_then(|metadata| metadata.get(CARD_KEY));
    let json = json.ok_or_else(|| Error::NoCard { path: path.to_owned() })?;
    let document = |source| Error::Document { path: path.to_owned(), what: "model card", source };
    // The version is read first: another version's card may not parse as ours.
    let value: serde_json::Value = serde_json::from_str(json).map_err(document)?;
    let found = value.get("format").and_then(serde_json::Value::as_u64);
    match found.and_then(|found| u32::try_from(found).ok()) {
        Some(found) if !(ModelCard::OLDEST..=ModelCard::FORMAT).contains(&found) => {
            let writer = value.pointer("/training/version").and_then(serde_json::Value::as_str);
            Err(Error::CardFormat {
                path: path.to_owned(),
                found,
                oldest: ModelCard::OLDEST,
                newest: ModelCard::FORMAT,
                writer: writer.unwrap_or("unknown").to_owned(),
            })
        }
        _ => serde_json::from_value(value).map_err(document),
    }
}

fn format_error(path: &Path) -> impl Fn(SafeTensorError) -> Error {
    move |source| Error::WeightsFormat { path: path.to_owned(), source }
}

/// Tensors as the bytes of a safetensors file.
pub(crate) fn encode(path: &Path, state: &StateDict, metadata: Option<(&str, String)>) -> Result<Vec<u8>> {
    let bytes: BTreeMap<&str, Vec<u8>> = state
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect()))
        .collect();
    let views = state.iter().map(|(name, tensor)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), &bytes[name.as_str()]);
        view.map(|view| (name, view)).map_err(format_error(path))
    });
    let metadata = metadata.map(|(key, value)| HashMap::from([(key.to_owned(), value)]));
    safetensors::serialize(views.collect::<Result<Vec<_>>>()?, metadata).map_err(format_error(path))
}

/// Tensors from the bytes of a safetensors file.
///
/// # Errors
/// [`Error::WeightsFormat`]; [`Error::WeightsMismatch`] for values that are not finite 32-bit floats.
pub(crate) fn decode(path: &Path, bytes: &[u8]) -> Result<StateDict> {
    let tensors = SafeTensors::deserialize(bytes).map_err(format_error(path))?;
    let mut state = StateDict::new();
    for (name, view) in tensors.iter() {
        let values: Vec<f32> =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let sound = view.dtype() == Dtype::F32 && values.iter().all(|value| value.is_finite());
        if !sound {
            return Err(Error::WeightsMismatch {
                path: path.to_owned(),
                network: "of any kind",
                tensor: name.to_owned(),
                expected: "finite 32-bit floats".to_owned(),
                found: format!("of type {:?} or not finite", view.dtype()),
            });
        }
        state.insert(name.to_owned(), HostTensor { shape: view.shape().to_vec(), values });
    }
    Ok(state)
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// Writes a file that appears under its name only when whole: beside it first, flushed, read back, renamed.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let written = write_synced(part, bytes).and_then(|()| match read(part)? == bytes {
        true => fs::rename(part, path).map_err(|source| Error::Write { path: path.to_owned(), source }),
        false => Err(Error::Verify { path: path.to_owned() }),
    });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(part);
    }
    written
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| Error::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::tiny_card;
    use crate::{Backend, Batch, BatchShape, NetworkPredictor, Predictor};

    fn state() -> StateDict {
        let tensor =
            |shape: &[usize], values: &[f32]| HostTensor { shape: shape.to_vec(), values: values.to_vec() };
        StateDict::from([
            ("b.weight".to_owned(), tensor(&[2, 1], &[1.5, -0.0])),
            ("a.bias".to_owned(), tensor(&[1], &[f32::MIN_POSITIVE])),
        ])
    }

    #[test]
    fn a_model_comes_back_as_it_was_and_in_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (path, again) = (folder.path().join("a.safetensors"), folder.path().join("b.safetensors"));
        write_model(&path, &tiny_card(), &state()).unwrap();
        write_model(&again, &tiny_card(), &state()).unwrap();
        assert_eq!(read_model(&path).unwrap(), (tiny_card(), state()));
        assert_eq!(read(&path).unwrap(), read(&again).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no .part is left");
    }

    #[test]
    fn a_truncated_file_is_told_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        write_model(&path, &tiny_card(), &state()).unwrap();
        let bytes = read(&path).unwrap();
        for length in [0, 5, 40, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            let error = read_model(&path).unwrap_err();
            assert!(matches!(error, Error::WeightsFormat { .. }), "{error} at {length}");
            assert!(error.to_string().contains("model.safetensors"));
        }
    }

    #[test]
    fn foreign_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        assert!(matches!(read_model(&path), Err(Error::Read { .. })));
        fs::write(&path, b"II*\0 this is no safetensors file").unwrap();
        assert!(matches!(read_model(&path), Err(Error::WeightsFormat { .. })));
        write_whole(&path, &encode(&path, &state(), None).unwrap()).unwrap();
        assert!(matches!(read_model(&path), Err(Error::NoCard { .. })));
        for format in [ModelCard::OLDEST - 1, ModelCard::FORMAT + 1] {
            write_model(&path, &ModelCard { format, ..tiny_card() }, &state()).unwrap();
            let refused = read_model(&path).unwrap_err();
            assert!(matches!(refused, Error::CardFormat { found, .. } if found == format), "{refused}");
            let words = refused.to_string();
            assert!(
                words.contains(&format!("of format {format}, ")) && words.ends_with("version 0.1.0"),
                "{words}"
            );
        }
    }

    /// A small file of each format, see `make_cards.py` beside them.
    #[test]
    fn files_of_the_last_two_formats_are_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cards");
        let formats = [ModelCard::OLDEST, ModelCard::FORMAT];
        for format in formats {
            let path = folder.join(format!("format-{format}.safetensors"));
            let (card, state) = read_model(&path).unwrap();
            assert_eq!(card.format, format);
            assert_eq!((card.bands.len(), card.legend.len(), card.window.size), (3, 7, 16));
            assert!(card.inputs["sources"][0]["bands"].is_array(), "{}", card.inputs);
            assert_eq!(state["head.weight"].shape, [7, 4]);
            let Some(&backend) = Backend::available().first() else { continue };
            let mut predictor = NetworkPredictor::load(&path, backend).unwrap();
            let shape = BatchShape { n: 1, steps: 4, channels: 3, rows: 2, cols: 2 };
            let values = (0..48).map(|i| (i % 7) as f32 / 7.0).collect();
            let found = predictor.predict(&Batch::new(shape, values, &[true; 16]).unwrap()).unwrap();
            for pixel in 0..4 {
                let sum: f32 = (0..7).map(|class| found.values[class * 4 + pixel]).sum();
                assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            }
        }
    }

    #[test]
    fn weights_that_are_not_finite_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mut state = state();
        state.get_mut("a.bias").unwrap().values[0] = f32::NAN;
        write_model(&path, &tiny_card(), &state).unwrap();
        assert!(read_model(&path).unwrap_err().to_string().contains("a.bias"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let error = write_whole(Path::new("/nonexistent/model"), b"x").unwrap_err();
        assert!(error.to_string().contains("/nonexistent/model"));
    }
}
