//! Which file of a crate imports which: a path is followed to the file that defines what it names.

use super::imports::{self, Imports, Use};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a module from the root of its crate.
type Module = Vec<String>;

/// Each file with the files that it imports, and of each the first name that it takes from there.
pub(super) type Graph = BTreeMap<String, BTreeMap<String, String>>;

/// How many re-exports are followed in a row. A longer chain would be a circle of names, which does not compile.
const MOST_STEPS: usize = 16;

/// The graph of a crate, whose files are given relative to `src` with their text.
pub(super) fn graph(files: &[(String, String)]) -> Graph {
    let sources = Crate::read(files);
    let mut graph = Graph::new();
    for (module, source) in &sources.modules {
        let edges = graph.entry(source.file.clone()).or_default();
        for (path, found) in sources.imports_of(module, source) {
            if let Some(other) = sources.modules.get(&found).filter(|_| found != *module) {
                edges.entry(other.file.clone()).or_insert(path);
            }
        }
    }
    graph
}

struct Source {
    file: String,
    imports: Imports,
}

struct Crate {
    modules: BTreeMap<Module, Source>,
}

/// What a path ends at.
enum End {
    /// A module as a whole, which is no import of what is in it.
    Module,
    /// An item that this module's file defines.
    Item(Module),
}

impl Crate {
    /// Reads the files, apart from those that only tests see.
    fn read(files: &[(String, String)]) -> Self {
        let has_library = files.iter().any(|(file, _)| file == "lib.rs");
        let mut modules = BTreeMap::new();
        let mut of_tests: BTreeSet<Module> = BTreeSet::new();
        for (file, text) in files.iter().filter(|(file, _)| !(has_library && file == "main.rs")) {
            let module = module_of(file);
            let imports = imports::read(text);
            of_tests.extend(imports.of_tests.iter().map(|name| joined(&module, name)));
            modules.insert(module, Source { file: file.clone(), imports });
        }
        let is_test = |name: &String| name == "tests" || name.ends_with("_tests");
        modules.retain(|module, _| {
            !module.iter().any(is_test)
                && !(1..=module.len()).any(|length| of_tests.contains(&module[..length]))
        });
        Self { modules }
    }

    /// The imports of a file: what was written, and the module whose file defines it.
    fn imports_of(&self, module: &Module, source: &Source) -> Vec<(String, Module)> {
        let imports = &source.imports;
        let mut found = vec![];
        let mut add = |path: &[String], end: Option<End>| {
            if let Some(End::Item(end)) = end {
                found.push((path.last().cloned().unwrap_or_default(), end));
            }
        };
        for one in &imports.uses {
            let end = self.follow(&within(module, &one.inside), &one.path, 0);
            let below = matches!(&end, Some(End::Item(end)) if end.starts_with(module));
            // A parent that passes on what its child has does not use it, until its own code names it.
            if !(one.public && below) || imports.alone.contains(&one.name) {
                add(&one.path, end);
            }
        }
        for one in &imports.paths {
            add(&one.path, self.follow(&within(module, &one.inside), &one.path, 0));
        }
        found
    }

    /// Follows a path that stands in `module`, which may be an inline one. None: it leads out of the crate.
    fn follow(&self, module: &[String], path: &[String], steps: usize) -> Option<End> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.enter(vec![], rest, steps),
            "self" => self.enter(module.to_vec(), rest, steps),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                let above = module.len().checked_sub(ups)?;
                self.enter(module[..above].to_vec(), &path[ups..], steps)
            }
            _ if self.modules.contains_key(&joined(module, first)) && !rest.is_empty() => {
                self.enter(module.to_vec(), path, steps)
            }
            _ => {
                let (holder, named) = self.named(module, first)?;
                let whole: Vec<String> = named.path.iter().chain(rest).cloned().collect();
                let is_itself = whole == path;
                if is_itself || steps == MOST_STEPS {
                    return None;
                }
                self.follow(&within(&holder, &named.inside), &whole, steps + 1)
            }
        }
    }

    /// Goes down from a module by names that it holds.
    fn enter(&self, module: Module, path: &[String], steps: usize) -> Option<End> {
        let Some((first, rest)) = path.split_first() else {
            return Some(End::Module);
        };
        let child = joined(&module, first);
        let is_child = self.modules.contains_key(&child);
        if is_child && !rest.is_empty() {
            return self.enter(child, rest, steps);
        }
        match self.named(&module, first) {
            Some((holder, named)) if steps < MOST_STEPS => {
                let whole: Vec<String> = named.path.iter().chain(rest).cloned().collect();
                self.follow(&within(&holder, &named.inside), &whole, steps + 1)
            }
            _ if is_child => Some(End::Module),
            _ => Some(End::Item(self.file_of(&module)?)),
        }
    }

    /// The `use` by which a module's file knows the name, with the file's module.
    fn named(&self, module: &[String], name: &str) -> Option<(Module, &Use)> {
        let holder = self.file_of(module)?;
        let uses = &self.modules.get(&holder)?.imports.uses;
        let named = uses.iter().find(|one| one.name == name && one.name != "*")?;
        Some((holder, named))
    }

    /// The nearest module round this one that is a file.
    fn file_of(&self, module: &[String]) -> Option<Module> {
        let lengths = (0..=module.len()).rev();
        lengths.map(|length| module[..length].to_vec()).find(|module| self.modules.contains_key(module))
    }
}

fn module_of(file: &str) -> Module {
    let names = file.trim_end_matches(".rs").split('/').map(str::to_owned);
    let mut module: Module = names.collect();
    let stands_for_its_folder =
        module.last().is_some_and(|name| name == "mod") || module == ["lib"] || module == ["main"];
    if stands_for_its_folder {
        module.pop();
    }
    module
}

fn joined(module: &[String], name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

fn within(module: &[String], inside: &[String]) -> Module {
    module.iter().chain(inside).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edges between files, each as `from>to:name`.
    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let owned: Vec<_> =
            files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        let edges = graph(&owned).into_iter().flat_map(|(from, to)| {
            to.into_iter().map(move |(to, name)| format!("{from}>{to}:{name}")).collect::<Vec<_>>()
        });
        assert_eq!(edges.collect::<Vec<_>>(), expected, "{files:?}");
    }

    #[test]
    fn paths_lead_to_files() {
        let a = ("a.rs", "pub struct A;");
        check(&[a, ("b.rs", "use crate::a::A;")], &["b.rs>a.rs:A"]);
        check(&[a, ("b.rs", "use super::a::A as X;")], &["b.rs>a.rs:A"]);
        check(&[a, ("b.rs", "fn f(_: crate::a::A) {}")], &["b.rs>a.rs:A"]);
        check(&[a, ("b/c.rs", "use super::super::a::*;")], &["b/c.rs>a.rs:*"]);
        check(&[a, ("b.rs", "mod c { use super::super::a::A; }")], &["b.rs>a.rs:A"]);
        check(&[a, ("b.rs", "use crate::a; fn f(_: a::A) {}")], &["b.rs>a.rs:A"]);
        check(
            &[("a/mod.rs", "pub mod c { pub fn d() {} }"), ("b.rs", "use crate::a::c::d;")],
            &["b.rs>a/mod.rs:d"],
        );
    }

    #[test]
    fn a_parent_and_its_child_are_two_files() {
        check(&[("a.rs", "mod b; use b::B;"), ("a/b.rs", "")], &["a.rs>a/b.rs:B"]);
        check(&[("a.rs", "mod b; fn f() { b::f() }"), ("a/b.rs", "")], &["a.rs>a/b.rs:f"]);
        check(&[("a.rs", "mod b; fn f() { self::b::f() }"), ("a/b.rs", "")], &["a.rs>a/b.rs:f"]);
        check(&[("a.rs", "mod b; struct A;"), ("a/b.rs", "use super::A;")], &["a/b.rs>a.rs:A"]);
    }

    #[test]
    fn re_exports_are_followed_and_are_no_imports() {
        let root = ("lib.rs", "mod a; mod b; pub use a::{A, a};");
        check(&[root, ("a.rs", ""), ("b.rs", "use crate::A;")], &["b.rs>a.rs:A"]);
        check(&[root, ("a.rs", ""), ("b.rs", "use crate::a;")], &["b.rs>a.rs:a"]);
        check(
            &[root, ("a/mod.rs", "mod c; pub use c::A;"), ("a/c.rs", ""), ("b.rs", "use crate::A;")],
            &["b.rs>a/c.rs:A"],
        );
        check(&[("lib.rs", "mod a; pub use a::A; fn f(_: A) {}"), ("a.rs", "")], &["lib.rs>a.rs:A"]);
        check(&[("lib.rs", ""), ("a.rs", "pub use crate::b::B;"), ("b.rs", "")], &["a.rs>b.rs:B"]);
        check(
            &[("a.rs", "use crate::c::C;"), ("a/b.rs", "use super::C;"), ("c.rs", "")],
            &["a.rs>c.rs:C", "a/b.rs>c.rs:C"],
        );
    }

    #[test]
    fn what_is_no_import() {
        let a = ("a.rs", "pub fn f() {}");
        check(&[a, ("b.rs", "use std::fmt; use ::a::f; fn g() { fmt::f() }")], &[]);
        check(&[a, ("b.rs", "mod a; pub use crate::a; pub(in crate::a) fn f() {}")], &[]);
        check(&[("a.rs", "use std::fmt;"), ("a/b.rs", "use super::fmt;")], &[]);
        check(&[a, ("b.rs", "/// crate::a::f\n#[cfg(test)] mod x { use crate::a::f; }")], &[]);
        for test in ["b/tests.rs", "b_tests.rs", "tests/b.rs"] {
            check(&[a, (test, "use crate::a::f;")], &[]);
        }
        check(
            &[
                ("lib.rs", "#[cfg(test)] mod b;"),
                a,
                ("b.rs", "use crate::a::f;"),
                ("b/c.rs", "use crate::a::f;"),
            ],
            &[],
        );
        check(&[("lib.rs", ""), a, ("main.rs", "use crate::a::f;")], &[]);
    }
}
