//! The list of networks: as a table for people, as JSON for scripts.

use crate::harness::run;

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
