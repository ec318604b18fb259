//! What `--help` says, word for word: a change here is a change for everyone who reads it or scripts against it.

use crate::harness::run;
use insta::assert_snapshot;

#[track_caller]
fn help(words: &[&str]) -> String {
    let said = run(words).exits(0);
    assert!(said.stderr.is_empty(), "help goes to stdout: {}", said.stderr);
    said.stdout
}

#[test]
fn of_the_program() {
    assert_snapshot!("help", help(&["--help"]));
}

#[test]
fn of_each_command() {
    for command in
        ["simulate", "train", "predict", "assess", "agree", "compare", "networks", "providers", "info"]
    {
        assert_snapshot!(format!("help-{command}"), help(&[command, "--help"]));
    }
    for command in ["size", "draw"] {
        assert_snapshot!(format!("help-sample-{command}"), help(&["sample", command, "--help"]));
    }
    for command in ["rasterize", "crosswalk", "patches", "stable"] {
        assert_snapshot!(format!("help-label-{command}"), help(&["label", command, "--help"]));
    }
}

#[test]
fn version_is_one_line() {
    let said = run(&["--version"]).exits(0);
    assert_eq!(said.stdout, format!("ecotone {}\n", workspace_version()));
}

fn workspace_version() -> String {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let text = std::fs::read_to_string(manifest).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
    line.trim_matches('"').to_owned()
}

#[test]
fn without_a_word_it_helps_and_fails() {
    let said = run::<&str>(&[]).exits(1);
    assert!(said.stderr.contains("Usage: ecotone"), "{}", said.stderr);
}
