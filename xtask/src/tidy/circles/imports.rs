//! What one file names of others: its `use` declarations, and the paths in its code.

use super::words::{without_tests, words};
use std::collections::BTreeSet;

/// One name that a `use` brings in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    /// The inline modules of the file round it, outermost first.
    pub(super) inside: Vec<String>,
    pub(super) path: Vec<String>,
    /// What the file calls it: the last of the path, or what follows `as`. `*` takes in everything.
    pub(super) name: String,
    pub(super) public: bool,
}

/// A path of two names or more in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) inside: Vec<String>,
    pub(super) path: Vec<String>,
}

/// What a file names, apart from its tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Imports {
    pub(super) uses: Vec<Use>,
    pub(super) paths: Vec<Path>,
    /// Names that stand alone in the code, which a `use` of the file may have brought in.
    pub(super) alone: BTreeSet<String>,
    /// Modules of files that only tests see.
    pub(super) of_tests: Vec<String>,
}

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Imports {
    let (words, of_tests) = without_tests(&words(text));
    let mut imports = Imports { of_tests, ..Imports::default() };
    // The inline modules that are open, each with the braces that were open before it.
    let mut open: Vec<(String, usize)> = vec![];
    let mut depth = 0_usize;
    let mut at = 0;
    while at < words.len() {
        let inside = || open.iter().map(|(name, _)| name.clone()).collect();
        match words[at].as_str() {
            "use" if words.get(at + 1).is_some_and(|word| word != "<") => {
                at = read_use(&words, at, inside(), &mut imports.uses)
            }
            "mod" if words.get(at + 2).is_some_and(|word| word == "{") => {
                open.push((words[at + 1].clone(), depth));
                at += 2;
            }
            "mod" | "fn" => at += 2,
            "{" => (at, depth) = (at + 1, depth + 1),
            "}" => {
                (at, depth) = (at + 1, depth.saturating_sub(1));
                open.pop_if(|(_, before)| *before == depth);
            }
            word if is_name(word) => at = read_name(&words, at, inside(), &mut imports),
            _ => at += 1,
        }
    }
    imports
}

fn is_name(word: &str) -> bool {
    word.starts_with(|sign: char| sign.is_alphabetic() || sign == '_')
}

/// A name with what `::` joins to it. What stands behind a dot is a field or a method, and no name of a module.
fn read_name(words: &[String], from: usize, inside: Vec<String>, imports: &mut Imports) -> usize {
    let before = from.checked_sub(1).map_or("", |before| words[before].as_str());
    let mut path = vec![words[from].clone()];
    let mut at = from + 1;
    while words.get(at).is_some_and(|word| word == "::")
        && words.get(at + 1).is_some_and(|word| is_name(word))
    {
        path.push(words[at + 1].clone());
        at += 2;
    }
    if before == "." || before == "::" {
        return at;
    }
    match path.len() {
        1 => imports.alone.extend(path),
        _ => imports.paths.push(Path { inside, path }),
    }
    at
}

/// Reads from `use` to its `;`.
fn read_use(words: &[String], from: usize, inside: Vec<String>, uses: &mut Vec<Use>) -> usize {
    let end = words[from..].iter().position(|word| word == ";").map_or(words.len(), |length| from + length);
    let before = from.checked_sub(1).map_or("", |before| words[before].as_str());
    // The `)` is that of `pub(crate)`: nothing else that ends so stands before a declaration.
    let public = before == "pub" || before == ")";
    let mut at = from + 1;
    read_tree(&words[..end], &mut at, &[], &mut |path, name| {
        uses.push(Use { inside: inside.clone(), path, name, public });
    });
    end
}

/// One tree of a `use`, up to the `,` or `}` behind it.
fn read_tree(words: &[String], at: &mut usize, root: &[String], found: &mut impl FnMut(Vec<String>, String)) {
    let mut path = root.to_vec();
    let (mut alias, mut itself) = (None, false);
    while let Some(word) = words.get(*at) {
        match word.as_str() {
            "{" => {
                while words.get(*at).is_some_and(|word| word != "}") {
                    *at += 1;
                    read_tree(words, at, &path, found);
                }
                *at += 1;
                return;
            }
            "," | "}" => break,
            "as" => {
                alias = words.get(*at + 1).cloned();
                *at += 1;
            }
            // A path that begins so is one of another crate, which no module of ours is named as.
            "::" if path.is_empty() => path.push(String::new()),
            "::" => {}
            "self" if !root.is_empty() => itself = true,
            name => path.push(name.to_owned()),
        }
        *at += 1;
    }
    if path.len() > root.len() || itself {
        let name = alias.or_else(|| path.last().cloned()).unwrap_or_default();
        found(path, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_uses(text: &str, expected: &[&str]) {
        let uses = read(text).uses;
        let told = uses.iter().map(|one| {
            let public = if one.public { "pub " } else { "" };
            let inside = one.inside.iter().map(|name| format!("{name}/")).collect::<String>();
            format!("{public}{inside}{} {}", one.path.join("::"), one.name)
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn each_name_of_a_use_is_read() {
        check_uses("use crate::a::B;", &["crate::a::B B"]);
        check_uses("pub use a::B;", &["pub a::B B"]);
        check_uses("pub(in crate::x) use a::B;", &["pub a::B B"]);
        check_uses("use super::{a::{B, c}, d as e,};", &["super::a::B B", "super::a::c c", "super::d e"]);
        check_uses("use crate::a::{self, B};", &["crate::a a", "crate::a::B B"]);
        check_uses("use crate::a::{B, self as x};", &["crate::a::B B", "crate::a x"]);
        check_uses("use self::a::*;", &["self::a::* *"]);
        check_uses("use ::std::fmt;", &["::std::fmt fmt"]);
        check_uses("use a::{};", &[]);
        check_uses("mod x { use super::B; } use c::D;", &["x/super::B B", "c::D D"]);
        check_uses("mod x { fn f() {} mod y { use a::B; } } use c::D;", &["x/y/a::B B", "c::D D"]);
    }

    #[track_caller]
    fn check_code(text: &str, paths: &[&str], alone: &[&str]) {
        let imports = read(text);
        let told: Vec<String> = imports.paths.iter().map(|one| one.path.join("::")).collect();
        assert_eq!(told, paths, "{text}");
        let known = |name: &&str| alone.contains(name);
        assert_eq!(
            imports.alone.iter().map(String::as_str).filter(known).collect::<Vec<_>>(),
            alone,
            "{text}"
        );
    }

    #[test]
    fn paths_in_code_are_read_and_fields_are_not() {
        check_code("fn f() { crate::a::b::<u8>(x) }", &["crate::a::b"], &["x"]);
        check_code("fn f(x: super::B) { C::new(); }", &["super::B", "C::new"], &["x"]);
        check_code("pub(in crate::a) fn f() {}", &["crate::a"], &[]);
        check_code("#[derive(a::B)] struct C;", &["a::B"], &["C"]);
        check_code("x.draw().a::<b::C>()", &["b::C"], &["x"]);
        assert!(!read("x.draw(); mod draw; fn draw() {}").alone.contains("draw"));
        assert!(read("map(draw)").alone.contains("draw"));
        assert!(!read("use a::draw;").alone.contains("draw"));
    }
}
