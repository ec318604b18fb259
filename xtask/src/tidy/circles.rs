//! Files of one crate that import each other in a circle: none of them can be read, tested or moved without the rest.
//!
//! An import is a `use` or a path in the code; calls of methods are not seen, nor what only tests use.

mod graph;
mod imports;
mod ring;
mod words;

use super::breach::Breach;
use crate::shell;
use anyhow::{Context, Result};
use ring::Ring;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A circle that stays: the folder of its crate, its files within `src`, and why they are better read together.
type Exception = (&'static str, &'static [&'static str], &'static str);

/// The circles that stay. The list can only shrink: an exception that is no circle any more, or another one, is a
/// breach too, and a new circle is cut, not listed.
const EXCEPTIONS: &[Exception] = &[];

/// The circles among the sources of each crate, whose files are named relative to the root of the repository.
pub(super) fn check(files: &[PathBuf]) -> Result<Vec<Breach>> {
    let mut crates: BTreeMap<&str, Vec<(String, String)>> =
        EXCEPTIONS.iter().map(|(folder, ..)| (*folder, vec![])).collect();
    for path in files {
        let name = path.to_str().context("a file name is not UTF-8")?;
        let Some((folder, inside)) = name.split_once("/src/").filter(|_| name.ends_with(".rs")) else {
            continue;
        };
        let text = std::fs::read_to_string(shell::root().join(path))
            .with_context(|| format!("cannot read {name}"))?;
        crates.entry(folder).or_default().push((inside.to_owned(), text));
    }
    let breaches = crates.iter().flat_map(|(folder, files)| {
        let rings = ring::rings(&graph::graph(files));
        judge(folder, &rings, EXCEPTIONS)
    });
    Ok(breaches.collect())
}

/// Holds the circles of a crate against the exceptions.
fn judge(folder: &str, rings: &[Ring], exceptions: &[Exception]) -> Vec<Breach> {
    let listed: Vec<_> = exceptions.iter().filter(|(of, ..)| *of == folder).collect();
    let is = |ring: &Ring, files: &[&str]| {
        ring.files.len() == files.len() && ring.files.iter().all(|file| files.contains(&file.as_str()))
    };
    let new = rings.iter().filter(|ring| !listed.iter().any(|(_, files, _)| is(ring, files)));
    let new = new.map(|ring| {
        let rule = format!("files import each other in a circle: {}", ring.way);
        Breach::new(format_args!("{folder}/src: {}", ring.files.join(" ")), rule)
    });
    let gone = listed.iter().filter(|(_, files, _)| !rings.iter().any(|ring| is(ring, files)));
    let gone = gone.map(|(_, files, _)| {
        let rule = "no such circle any more: take it off the list in xtask/src/tidy/circles.rs";
        Breach::new(format_args!("{folder}/src: {}", files.join(" ")), rule)
    });
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(rings: &[&[&str]], listed: &[&'static [&'static str]], breaches: &[(&str, &str)]) {
        let rings: Vec<_> = rings
            .iter()
            .map(|files| Ring {
                files: files.iter().map(|file| (*file).to_owned()).collect(),
                way: "a way".to_owned(),
            })
            .collect();
        let listed: Vec<Exception> = listed.iter().map(|files| ("crates/x", *files, "a reason")).collect();
        let found = judge("crates/x", &rings, &listed);
        assert_eq!(found.len(), breaches.len(), "{found:?}");
        for (found, (place, rule)) in found.iter().zip(breaches) {
            assert!(found.place == *place && found.rule.contains(rule), "{found:?}");
        }
        assert!(judge("crates/y", &[], &listed).is_empty(), "an exception is one of its crate");
    }

    #[test]
    fn circles_pass_only_as_they_are_listed() {
        expect(&[], &[], &[]);
        expect(&[&["a.rs", "b.rs"]], &[&["b.rs", "a.rs"]], &[]);
        expect(&[&["a.rs", "b.rs"]], &[], &[("crates/x/src: a.rs b.rs", "a way")]);
        expect(&[], &[&["a.rs", "b.rs"]], &[("crates/x/src: a.rs b.rs", "no such circle any more")]);
        let grown = ("crates/x/src: a.rs b.rs c.rs", "in a circle");
        expect(
            &[&["a.rs", "b.rs", "c.rs"]],
            &[&["a.rs", "b.rs"]],
            &[grown, ("crates/x/src: a.rs b.rs", "no such")],
        );
        expect(
            &[&["a.rs", "c.rs"]],
            &[&["a.rs", "b.rs"]],
            &[("crates/x/src: a.rs c.rs", "in a circle"), ("crates/x/src: a.rs b.rs", "no such")],
        );
    }
}
