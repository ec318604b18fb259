//! Circles of a graph: files of which each can be reached from each.

use super::graph::Graph;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Files that import each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) files: Vec<String>,
    /// A shortest way round, with the names that are imported.
    pub(super) way: String,
}

/// The strongly connected components of more than one file.
pub(super) fn rings(graph: &Graph) -> Vec<Ring> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|file| (file.as_str(), from(graph, file).into_keys().collect())).collect();
    let is_reached = |one: &str, other: &str| reached.get(one).is_some_and(|files| files.contains(other));
    let mut seen = BTreeSet::new();
    let mut rings = vec![];
    for file in graph.keys().map(String::as_str) {
        let together = graph.keys().map(String::as_str);
        let together: Vec<&str> =
            together.filter(|other| is_reached(file, other) && is_reached(other, file)).collect();
        if together.len() > 1 && !seen.contains(file) {
            seen.extend(together.iter().copied());
            let ways = together.iter().filter_map(|file| way(graph, file));
            let (_, way) = ways.min_by_key(|(length, _)| *length).unwrap_or_default();
            rings.push(Ring { files: together.into_iter().map(str::to_owned).collect(), way });
        }
    }
    rings
}

/// The files that are reached from this one, each with the file before it on a shortest way.
fn from<'a>(graph: &'a Graph, start: &'a str) -> BTreeMap<&'a str, &'a str> {
    let mut before = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in graph.get(file).into_iter().flat_map(|edges| edges.keys()) {
            if !before.contains_key(next.as_str()) {
                before.insert(next.as_str(), file);
                queue.push_back(next);
            }
        }
    }
    before
}

/// A shortest way from the file back to it, with its length.
fn way(graph: &Graph, start: &str) -> Option<(usize, String)> {
    let before = from(graph, start);
    let mut steps = vec![];
    let mut file = start;
    loop {
        let importer = *before.get(file)?;
        let name = graph.get(importer)?.get(file)?;
        steps.push(format!("{importer} takes {name} from {file}"));
        file = importer;
        if file == start {
            break;
        }
    }
    steps.reverse();
    Some((steps.len(), steps.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(edges: &[(&str, &str)], expected: &[(&[&str], &str)]) {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*to).to_owned()).or_default();
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned(), format!("X{to}"));
        }
        let expected: Vec<Ring> = expected
            .iter()
            .map(|(files, way)| Ring {
                files: files.iter().map(|file| (*file).to_owned()).collect(),
                way: (*way).to_owned(),
            })
            .collect();
        assert_eq!(rings(&graph), expected);
    }

    #[test]
    fn rings_are_found_with_a_shortest_way_round() {
        check(&[("a", "b"), ("b", "c"), ("a", "c")], &[]);
        check(
            &[("a", "b"), ("b", "a"), ("b", "c")],
            &[(&["a", "b"], "a takes Xb from b, b takes Xa from a")],
        );
        let long = "a takes Xb from b, b takes Xc from c, c takes Xa from a";
        check(&[("a", "b"), ("b", "c"), ("c", "a")], &[(&["a", "b", "c"], long)]);
        let short = "b takes Xc from c, c takes Xb from b";
        check(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "b")], &[(&["a", "b", "c"], short)]);
        check(
            &[("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c")],
            &[
                (&["a", "b"], "a takes Xb from b, b takes Xa from a"),
                (&["c", "d"], "c takes Xd from d, d takes Xc from c"),
            ],
        );
    }
}
