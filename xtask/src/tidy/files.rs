//! Manners of a file: size, its opening sentence, and what may not be written in it.

use super::breach::Breach;
use crate::shell;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The modules that may hold unsafe code: the bindings of GDAL, and vector instructions.
const UNSAFE: [&str; 2] = ["crates/io/src/ffi/", "crates/kernels/src/simd/"];

const MOST_LINES: usize = 500;
const MOST_BYTES: u64 = 1 << 20;

/// Checks the files of the repository, named relative to its root.
pub(super) fn check(files: &[PathBuf]) -> Result<Vec<Breach>> {
    let mut breaches = vec![];
    let mut prose = String::new();
    for path in files {
        let full = shell::root().join(path);
        let read =
            || std::fs::read_to_string(&full).with_context(|| format!("cannot read {}", path.display()));
        let bytes = full.metadata().with_context(|| format!("cannot look at {}", path.display()))?.len();
        if bytes > MOST_BYTES && !path.starts_with("data-samples") {
            breaches.push(Breach::new(path.display(), "a file outside data-samples/ is at most 1 MiB"));
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => breaches.extend(check_source(path, &read()?)),
            Some("md") => prose.push_str(&read()?),
            _ => {}
        }
    }
    let recipes = files
        .iter()
        .filter(|path| path.starts_with("recipes") && path.extension().is_some_and(|e| e == "toml"));
    for recipe in recipes {
        let name = recipe.file_name().unwrap_or_default().to_string_lossy();
        if !prose.contains(name.as_ref()) {
            breaches.push(Breach::new(recipe.display(), "a recipe is introduced in README.md or docs/"));
        }
    }
    Ok(breaches)
}

/// The rules for one source file. The forbidden words are put together here so that this file does not hold them.
fn check_source(path: &Path, text: &str) -> Vec<Breach> {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().count();
    let mut rules: Vec<String> = vec![];
    if !text.starts_with("//!") {
        rules.push("a file opens with `//!` and one sentence on what it is".to_owned());
    }
    if lines > MOST_LINES {
        rules.push(format!("a file has at most {MOST_LINES} lines, found {lines}"));
    }
    if text.contains(concat!("#[", "ignore")) {
        rules.push("no test is ignored: a test that cannot run says why and passes".to_owned());
    }
    if text.contains(concat!("todo", "!(")) || text.contains(concat!("unimplemented", "!(")) {
        rules.push("nothing unfinished is kept".to_owned());
    }
    if has_unsafe_code(text) && !UNSAFE.iter().any(|module| path.starts_with(module)) {
        rules.push(format!("`unsafe` lives in {} only", UNSAFE.join(" and ")));
    }
    if is_library_source(path) && ["env::var", "process::exit"].iter().any(|word| product.contains(word)) {
        rules.push("a library neither reads the environment nor exits".to_owned());
    }
    rules.into_iter().map(|rule| Breach::new(path.display(), rule)).collect()
}

fn is_library_source(path: &Path) -> bool {
    let mut parts = path.components().map(|part| part.as_os_str());
    let inside = (parts.next(), parts.next(), parts.next());
    let is_test = path.components().any(|part| part.as_os_str() == "tests")
        || path.to_string_lossy().ends_with("tests.rs");
    let in_source = inside.0 == Some("crates".as_ref()) && inside.2 == Some("src".as_ref());
    in_source && inside.1 != Some("cli".as_ref()) && !is_test
}

fn has_unsafe_code(text: &str) -> bool {
    let opens = ["{", "fn ", "impl ", "impl<", "extern ", "trait "];
    let code = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    code.flat_map(|line| line.split(concat!("un", "safe ")).skip(1))
        .any(|rest| opens.iter().any(|open| rest.starts_with(open)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(path: &str, text: &str, rule: Option<&str>) {
        let rules: Vec<String> =
            check_source(Path::new(path), text).into_iter().map(|breach| breach.rule).collect();
        match rule {
            None => assert!(rules.is_empty(), "{rules:?}"),
            Some(rule) => assert!(rules.len() == 1 && rules[0].contains(rule), "{rules:?}"),
        }
    }

    #[test]
    fn a_plain_file_passes() {
        expect("crates/core/src/lib.rs", "//! What it is.\n\npub fn f() {}\n", None);
    }

    #[test]
    fn each_rule_finds_its_breach() {
        let source = "crates/core/src/window.rs";
        expect(source, "pub fn f() {}\n", Some("opens with"));
        expect(source, &format!("//! It.\n{}", "\n".repeat(500)), Some("at most 500 lines, found 501"));
        expect(source, &format!("//! It.\n#[{}ore]\n", "ign"), Some("no test is ignored"));
        expect(source, &format!("//! It.\nfn f() {{ {}!() }}\n", "todo"), Some("unfinished"));
    }

    #[test]
    fn unsafe_code_is_found_outside_its_room_and_words_are_not() {
        let code = format!("//! It.\nfn f() {{ un{} {{ g() }} }}\n", "safe");
        expect("crates/io/src/open.rs", &code, Some("io/src/ffi"));
        expect("crates/io/src/ffi/open.rs", &code, None);
        expect("crates/io/src/ffi.rs", &code, Some("kernels/src/simd"));
        expect("crates/kernels/src/simd/avx2.rs", &code, None);
        expect("crates/kernels/src/pool.rs", &code, Some("only"));
        let words = format!("//! It.\n// un{} {{ }} would be wrong here\n#![deny(unsafe_code)]\n", "safe");
        expect("crates/io/src/open.rs", &words, None);
    }

    #[test]
    fn libraries_do_not_read_the_environment_but_their_tests_may() {
        let reads = "//! It.\nfn f() { std::env::var(\"X\"); }\n";
        expect("crates/core/src/lib.rs", reads, Some("environment"));
        expect("crates/cli/src/main.rs", reads, None);
        expect("crates/core/src/window/tests.rs", reads, None);
        expect("crates/core/src/window_tests.rs", reads, None);
        expect("crates/core/src/lib.rs", &format!("//! It.\n#[cfg(test)]\n{}", &reads[8..]), None);
    }
}
