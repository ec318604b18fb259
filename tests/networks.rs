//! The networks: as a table for people, as JSON for scripts, and each trained from a recipe.

use crate::harness::{catalogue, json, predict_with, run, same, scratch, train};
use insta::assert_snapshot;
use std::path::Path;

#[test]
fn networks_are_listed_with_their_sizes_and_inputs() {
    let table = run(&["networks", "--bands", "12", "--classes", "7"]).exits(0).stdout;
    let line = |name: &str| {
        let start = format!("{name} ");
        table.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no {name} in\n{table}"))
    };
    assert!(line("unet3d").contains("1549895") && line("unet3d").contains("4 dates or more"));
    assert!(line("deepforest-2b").contains("10 optical channels and a series of 2 radar channels"));
    assert!(line("network").contains("trainable"));
}

#[test]
fn networks_are_listed_as_json() {
    let said = run(&["networks", "--bands", "10", "--classes", "18", "--format", "json"]).exits(0);
    let list: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let network = list.as_array().unwrap().iter().find(|network| network["name"] == "deepforest-1a").unwrap();
    assert_eq!(network["parameters"]["total"], 30_638_546);
    assert_eq!(network["parameters"]["trainable"], 30_584_146);
    assert_eq!(network["input"]["size_factor"], 32);
    assert_eq!(network["settings"]["width"], 64);
}

#[test]
fn a_number_that_cannot_be_is_refused() {
    let said = run(&["networks", "--classes", "1"]).exits(1);
    assert!(said.stderr.contains("setting `classes` is 1, but must be 2 to 255"), "{}", said.stderr);
}

#[test]
fn every_kind_of_network_is_one_word_away() {
    for (kind, settings) in [
        ("unet", &["model.width=4", "model.depth=2"][..]),
        ("unet-convlstm", &["model.width=4", "model.depth=2", "model.first_hidden=4", "model.cell.hidden=4"]),
        ("compact", &["model.stem=8", "model.blocks=8,8,8", "model.beside=4"]),
        ("pixel-lstm", &["model.hidden=8", "model.layers=1"]),
        ("tempcnn", &["model.width=8"]),
        ("utae", &["model.encoder=16,16", "model.decoder=16,16", "model.heads=4", "model.model=16"]),
    ] {
        let (out, again, kind) = (scratch(), scratch(), format!("model.kind={kind}"));
        let settings = [kind.as_str(), "train.epochs=1"].into_iter().chain(settings.iter().copied());
        let more: Vec<&str> = settings.flat_map(|setting| ["--set", setting]).collect();
        run(&train(catalogue(), out.path(), &more)).exits(0);
        run(&predict_with(out.path(), catalogue(), again.path(), &[])).exits(0);
        same(out.path(), again.path(), &["map.tif", "confidence.tif"]);
    }
}

#[test]
fn sizes_that_a_network_cannot_pool() {
    for (name, setting) in [("patch-to-pool", "train.patch=18"), ("window-to-pool", "predict.window=33")] {
        let out = scratch();
        let said = run(&train(catalogue(), out.path(), &["--set", setting])).exits(1);
        assert_snapshot!(name, said.message(&[(catalogue(), "CATALOGUE")]));
    }
}

#[test]
fn a_unet_is_trained_first_and_the_convlstm_over_it_after() {
    let sizes = ["model.width=4", "model.depth=2", "train.epochs=1"];
    let convlstm = ["model.kind=unet-convlstm", "model.first_hidden=4", "model.cell.hidden=4"];
    let with = |out: &Path, settings: &[&str]| {
        let settings = sizes.iter().chain(settings);
        let more: Vec<&str> = settings.flat_map(|setting| ["--set", setting]).collect();
        run(&train(catalogue(), out, &more))
    };
    let (unet, both, none) = (scratch(), scratch(), scratch());
    with(unet.path(), &["model.kind=unet"]).exits(0);
    let from = format!("train.from={}", unet.path().join("model.safetensors").display());
    let said = with(both.path(), &[&convlstm[..], &["model.trains=recurrent", &from]].concat()).exits(0);
    said.names(&["tensors", "model.safetensors"]);
    let inputs = json(&both.path().join("manifest.json"))["inputs"].to_string();
    assert!(inputs.contains("model.safetensors"), "{inputs}");

    with(none.path(), &[&convlstm[..], &["model.trains=recurrent"]].concat())
        .exits(1)
        .names(&["`model.trains` is recurrent", "train.from"]);
    let other = ["--set", "model.kind=tempcnn", "--set", &from];
    run(&train(catalogue(), none.path(), &other)).exits(1).names(&["unet", "tempcnn", "model.safetensors"]);
}

#[test]
fn a_training_that_memory_will_not_hold_is_refused() {
    let out = scratch();
    let settings = ["--set", "train.batch=100000000", "--set", "train.patch=16"];
    run(&train(catalogue(), out.path(), &settings)).exits(1).names(&[
        "train.batch is 100000000",
        "train.patch is 16",
        "GiB",
    ]);
}
