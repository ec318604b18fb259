//! Who may depend on whom. The floors and walls are tables here, and nowhere else in code.

use super::breach::Breach;
use cargo_metadata::{DependencyKind, Package};
use std::collections::BTreeSet;

const CORE: &[&str] = &["ecotone-core"];

const LIBRARIES: &[&str] = &[
    "ecotone-assessment",
    "ecotone-core",
    "ecotone-cubes",
    "ecotone-curation",
    "ecotone-io",
    "ecotone-jobs",
    "ecotone-kernels",
    "ecotone-labeling",
    "ecotone-metrics",
    "ecotone-models",
    "ecotone-pipeline",
    "ecotone-postprocessing",
    "ecotone-preprocessing",
    "ecotone-report",
    "ecotone-simulate",
    "ecotone-tiling",
];

/// Each room with the rooms below that it may see, ground floor first. Rooms on one floor never see each other.
const FLOORS: &[(&str, &[&str])] = &[
    ("ecotone-core", &[]),
    ("ecotone-test-fixtures", CORE),
    ("ecotone-io", CORE),
    ("ecotone-tiling", CORE),
    ("ecotone-metrics", CORE),
    ("ecotone-preprocessing", CORE),
    ("ecotone-postprocessing", CORE),
    ("ecotone-simulate", CORE),
    ("ecotone-kernels", &[]),
    ("ecotone-labeling", &["ecotone-core", "ecotone-tiling"]),
    ("ecotone-models", &["ecotone-core", "ecotone-metrics", "ecotone-kernels"]),
    ("ecotone-report", &["ecotone-core", "ecotone-metrics"]),
    ("ecotone-jobs", &["ecotone-core", "ecotone-io", "ecotone-postprocessing"]),
    (
        "ecotone-cubes",
        &["ecotone-core", "ecotone-io", "ecotone-preprocessing", "ecotone-tiling", "ecotone-jobs"],
    ),
    (
        "ecotone-assessment",
        &[
            "ecotone-core",
            "ecotone-io",
            "ecotone-metrics",
            "ecotone-preprocessing",
            "ecotone-tiling",
            "ecotone-report",
            "ecotone-jobs",
        ],
    ),
    (
        "ecotone-curation",
        &[
            "ecotone-core",
            "ecotone-io",
            "ecotone-metrics",
            "ecotone-preprocessing",
            "ecotone-tiling",
            "ecotone-labeling",
            "ecotone-report",
            "ecotone-jobs",
            "ecotone-cubes",
            "ecotone-assessment",
        ],
    ),
    (
        "ecotone-pipeline",
        &[
            "ecotone-core",
            "ecotone-io",
            "ecotone-tiling",
            "ecotone-metrics",
            "ecotone-preprocessing",
            "ecotone-postprocessing",
            "ecotone-simulate",
            "ecotone-labeling",
            "ecotone-models",
            "ecotone-report",
            "ecotone-jobs",
            "ecotone-cubes",
            "ecotone-assessment",
            "ecotone-curation",
        ],
    ),
    (
        "ecotone",
        &[
            "ecotone-core",
            "ecotone-jobs",
            "ecotone-cubes",
            "ecotone-assessment",
            "ecotone-curation",
            "ecotone-pipeline",
        ],
    ),
    ("ecotone-stories", LIBRARIES),
    ("xtask", &[]),
];

/// What any room may use in its tests.
const FOR_TESTS: &[&str] = &["ecotone-core", "ecotone-test-fixtures"];

/// Crates of others that live in one room only. A name ending in `*` is a prefix.
const TENANTS: &[(&str, &[&str], &str)] = &[
    ("gdal", &["ecotone-io"], "only io links GDAL"),
    ("gdal-sys", &["ecotone-io"], "only io links GDAL"),
    ("ureq", &["ecotone-io"], "only io touches the network"),
    ("burn*", &["ecotone-models"], "only models names burn, so that another runtime can take its place"),
    ("linfa*", &["ecotone-labeling"], "only labeling names linfa"),
    ("anyhow", &["ecotone", "xtask"], "libraries have typed errors"),
];

/// One `from -> to` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    from: String,
    to: String,
    kind: DependencyKind,
    /// Whether `to` is a member of this workspace.
    ours: bool,
}

/// The edges that the manifests declare, whichever feature turns them on; a member without any gives none.
pub(super) fn read(packages: &[Package]) -> Vec<Edge> {
    let members: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let edges = packages.iter().flat_map(|package| {
        package.dependencies.iter().map(|dependency| Edge {
            from: package.name.to_string(),
            to: dependency.name.clone(),
            kind: dependency.kind,
            ours: members.contains(dependency.name.as_str()),
        })
    });
    edges.collect()
}

/// The edges that go through a wall.
pub(super) fn check(edges: &[Edge]) -> Vec<Breach> {
    edges
        .iter()
        .filter_map(|edge| Some(Breach::new(format_args!("{} -> {}", edge.from, edge.to), fault(edge)?)))
        .collect()
}

fn fault(edge: &Edge) -> Option<String> {
    let Some((_, below)) = FLOORS.iter().find(|(room, _)| *room == edge.from) else {
        return Some("this room has no floor: give it one in xtask/src/tidy/edges.rs".to_owned());
    };
    if !edge.ours {
        return tenant_elsewhere(edge).map(str::to_owned);
    }
    let to = edge.to.as_str();
    let for_tests = edge.kind == DependencyKind::Development && FOR_TESTS.contains(&to);
    if below.contains(&to) || for_tests {
        return None;
    }
    if to == "ecotone-test-fixtures" {
        return Some("fixtures are a dev-dependency only".to_owned());
    }
    let allowed = if below.is_empty() { "nothing of ours".to_owned() } else { below.join(", ") };
    Some(format!("a room sees only rooms on the floors below it; {} may see {allowed}", edge.from))
}

fn tenant_elsewhere(edge: &Edge) -> Option<&'static str> {
    let lives = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => edge.to.starts_with(prefix),
        None => edge.to == pattern,
    };
    let (_, rooms, rule) = TENANTS.iter().find(|(pattern, ..)| lives(pattern))?;
    (!rooms.contains(&edge.from.as_str())).then_some(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What may not even be reached through others from some rooms: they are to be built without it.
    const UNREACHED: &[(&str, &[&str])] = &[
        ("ecotone-cubes", &["ecotone-models", "ecotone-labeling"]),
        ("ecotone-assessment", &["ecotone-models", "ecotone-labeling"]),
        ("ecotone-curation", &["ecotone-models"]),
    ];

    #[track_caller]
    fn expect(from: &str, to: &str, kind: DependencyKind, rule: Option<&str>) {
        let ours = FLOORS.iter().any(|(room, _)| *room == to);
        let breaches = check(&[Edge { from: from.to_owned(), to: to.to_owned(), kind, ours }]);
        match (rule, breaches.as_slice()) {
            (None, []) => {}
            (Some(rule), [breach]) => {
                assert!(breach.rule.contains(rule), "{breach:?}");
                assert_eq!(breach.place, format!("{from} -> {to}"));
            }
            (rule, found) => assert_eq!(rule.is_some(), !found.is_empty(), "{from} -> {to}: {found:?}"),
        }
    }

    #[test]
    fn stairs_go_down_only() {
        use DependencyKind::Normal;
        expect("ecotone-io", "ecotone-core", Normal, None);
        expect("ecotone-models", "ecotone-metrics", Normal, None);
        expect("ecotone", "ecotone-pipeline", Normal, None);
        expect("ecotone-core", "ecotone-io", Normal, Some("nothing of ours"));
        expect("ecotone-io", "ecotone-tiling", Normal, Some("ecotone-io may see ecotone-core"));
        expect("ecotone-models", "ecotone-io", Normal, Some("floors below"));
        expect("ecotone", "ecotone-io", Normal, Some("floors below"));
        expect("xtask", "ecotone-core", Normal, Some("nothing of ours"));
    }

    #[test]
    fn tests_may_use_core_and_fixtures_but_no_neighbour() {
        use DependencyKind::{Build, Development, Normal};
        expect("ecotone-io", "ecotone-test-fixtures", Development, None);
        expect("ecotone-io", "ecotone-test-fixtures", Normal, Some("dev-dependency only"));
        expect("ecotone-io", "ecotone-test-fixtures", Build, Some("dev-dependency only"));
        expect("ecotone-io", "ecotone-simulate", Development, Some("floors below"));
    }

    #[test]
    fn tenants_stay_in_their_room() {
        use DependencyKind::{Development, Normal};
        expect("ecotone-io", "gdal", Normal, None);
        expect("ecotone-pipeline", "gdal", Normal, Some("only io links GDAL"));
        expect("ecotone-preprocessing", "gdal", Development, Some("only io links GDAL"));
        expect("ecotone-models", "burn-store", Normal, None);
        expect("ecotone-pipeline", "burn", Normal, Some("only models names burn"));
        expect("ecotone-core", "linfa-trees", Normal, Some("only labeling"));
        expect("ecotone-core", "anyhow", Normal, Some("typed errors"));
        expect("ecotone-core", "serde", Normal, None);
    }

    #[test]
    fn a_room_without_a_floor_is_found() {
        expect("ecotone-attic", "serde", DependencyKind::Normal, Some("no floor"));
    }

    #[test]
    fn accuracy_and_cubes_are_built_without_networks() {
        fn reached(room: &str) -> BTreeSet<&'static str> {
            let below = FLOORS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, below)| below);
            below.iter().flat_map(|seen| reached(seen).into_iter().chain([*seen])).collect()
        }
        for (room, without) in UNREACHED {
            let reached = reached(room);
            assert!(without.iter().all(|far| !reached.contains(far)), "{room} reaches {reached:?}");
        }
    }

    #[test]
    fn the_plan_itself_has_no_edge_up_or_sideways() {
        for (index, (room, below)) in FLOORS.iter().enumerate() {
            for seen in *below {
                let position = FLOORS.iter().position(|(name, _)| name == seen);
                assert!(position.is_some_and(|position| position < index), "{room} -> {seen}");
            }
        }
    }
}
