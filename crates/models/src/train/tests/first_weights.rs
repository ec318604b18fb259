//! Trainings that start from the weights of another.

use std::path::PathBuf;

use burn::module::Module;

use super::super::run::Run;
use super::*;
use crate::state::{self, HostTensor};
use crate::{Trains, UNetConvLstmConfig};

fn setup(trains: Trains) -> Setup {
    let config = UNetConvLstmConfig { width: 2, depth: 1, first_hidden: 3, ..UNetConvLstmConfig::new(3, 2) };
    let mut setup = Setup::new();
    setup.network = NetworkConfig::UNetConvLstm(UNetConvLstmConfig { trains, ..config });
    setup.config.epochs = 3;
    setup
}

/// The trained weights as a file.
fn save(setup: &Setup, trained: &Trained) -> PathBuf {
    let path = setup.folder.path().join("model.safetensors");
    let card = ModelCard { network: setup.network.clone(), ..tiny_card() };
    trained.save(&path, &card).unwrap();
    path
}

/// The network of a road-mapping run whose U-Net was trained before.
fn second(path: &Path) -> Setup {
    let mut setup = setup(Trains::Recurrent);
    let network = setup.network.clone().check().unwrap();
    setup.first_weights = Some(FirstWeights::read(path, &network, Backend::Flex).unwrap());
    setup
}

#[test]
fn a_network_starts_from_the_weights_it_is_given() {
    let first = setup(Trains::Unet);
    let path = save(&first, &first.run().unwrap());
    let given = weights::read_model(&path).unwrap().1;
    let setup = second(&path);
    let (network, config) = (setup.network.clone().check().unwrap(), setup.config.clone().check().unwrap());
    let checkpoints = setup.checkpoints();
    let training = setup.training(&network, &config, &checkpoints);
    let run = Run::start(&training).unwrap();
    assert!(state::read(&run.network.valid()) == given);
}

#[test]
fn a_frozen_part_keeps_the_weights_it_was_given() {
    let first = setup(Trains::Unet);
    let path = save(&first, &first.run().unwrap());
    let given = weights::read_model(&path).unwrap().1;
    let trained = second(&path).run().unwrap();
    let same = |(name, tensor): (&String, &HostTensor)| (name.starts_with("unet."), given[name] == *tensor);
    let found: Vec<(bool, bool)> = trained.weights.iter().map(same).collect();
    assert!(found.iter().all(|(frozen, same)| !frozen || *same));
    assert!(found.contains(&(true, true)) && found.contains(&(false, false)));
}

#[test]
fn a_resumed_run_from_given_weights_ends_in_the_same_bytes() {
    let first = setup(Trains::Unet);
    let path = save(&first, &first.run().unwrap());
    let bytes = |setup: &Setup| fs::read(save(setup, &setup.run().unwrap())).unwrap();
    let whole = bytes(&second(&path));
    let mut broken = second(&path);
    broken.train.broken_in = 2;
    assert!(broken.run().is_err());
    broken.train.broken_in = usize::MAX;
    broken.resume = true;
    // Another file, or none, is another training.
    let given = broken.first_weights.take();
    let message = broken.run().unwrap_err().to_string();
    assert!(message.contains("was made with another file of first weights"), "{message}");
    broken.first_weights = given;
    assert!(bytes(&broken) == whole);
    let mut other = second(&path);
    other.network = setup(Trains::All).network;
    assert!(matches!(other.run(), Err(Error::CardMismatch { .. })));
}
