//! The public catalogues that go by a name: as a table for people, as JSON for scripts.

use crate::harness::run;
use std::collections::BTreeSet;

#[test]
fn providers_are_listed_as_a_table_and_as_json() {
    let table = run(&["providers"]).exits(0).stdout;
    assert!(table.starts_with("name ") && table.contains("earth-search "), "{table}");
    let json = run(&["providers", "--format", "json"]).exits(0).stdout;
    let lines: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&json).unwrap();
    let keys = BTreeSet::from(["name", "url", "collections", "mask_kind", "mask_assets", "offset_rule"]);
    for line in &lines {
        assert_eq!(line.keys().map(String::as_str).collect::<BTreeSet<_>>(), keys);
    }
    let of = |name: &str, key: &str| {
        let line = lines.iter().find(|line| line["name"] == name).unwrap();
        line[key].clone()
    };
    assert_eq!(of("cdse", "url"), "https://stac.dataspace.copernicus.eu/v1");
    assert_eq!(of("lpdaac", "mask_assets"), serde_json::json!(["Fmask"]));
    assert_eq!(of("usgs-landsat", "mask_kind"), "bits");
}

#[test]
fn a_recipe_takes_the_mask_of_each_scenes_provider() {
    let said = run(&["train", "--explain", "--set", "inputs.mask.kind=auto"]).exits(0);
    assert!(said.stdout.contains("kind = \"auto\""), "{}", said.stdout);
}
