//! A system that lets a process hold few files open: the job takes longer, but loses no scene.
#![cfg(unix)]

use crate::harness::{Said, binary, catalogue, finish, plain, predict, same, scratch, trained};
use std::process::Command;

/// Runs the binary under limits on open files; 12 scenes of four bands and a mask are 60 files.
fn run_limited(limits: &str, words: &[String]) -> Said {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits} && exec \"$@\""), "sh"]).arg(binary()).args(words);
    plain(&mut command);
    finish(command)
}

#[track_caller]
fn check(limits: &str) {
    let out = scratch();
    let words = predict(catalogue(), out.path(), &["--threads", "2"]);
    let said = run_limited(limits, &words).exits(0);
    assert!(!said.stderr.contains("Too many open files"), "{}", said.stderr);
    same(trained(), out.path(), &["map.tif", "confidence.tif"]);
}

#[test]
fn a_limit_that_may_be_raised_is_raised() {
    check("ulimit -Sn 32");
}

#[test]
fn a_limit_that_stands_loses_nothing() {
    check("ulimit -n 32");
    check("ulimit -n 100");
}
