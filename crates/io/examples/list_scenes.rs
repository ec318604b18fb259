//! Lists the scenes of catalogues, and what could not be read.
//!
//! `cargo run --example list_scenes -- CATALOG...`, a catalogue being a STAC document or API or a folder of SAFE
//! products; without arguments it lists the product among the crate's test fixtures.

use ecotone_io::{Catalog, Query, open_catalog, search_all};
use std::error::Error;

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut locations: Vec<String> = std::env::args().skip(1).collect();
    if locations.is_empty() {
        locations.push(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures").to_owned());
    }
    let catalogs: Vec<Box<dyn Catalog>> =
        locations.iter().map(|location| open_catalog(location)).collect::<Result<_, _>>()?;
    let found = search_all(&catalogs, &[Query::default()])?;
    for scene in &found.scenes {
        let clouds = scene.cloud_cover.map_or_else(|| "?".to_owned(), |cover| format!("{cover:.0} %"));
        println!("{}  {}  clouds {clouds}  {}", scene.datetime, scene.id, scene.band_names().join(" "));
    }
    for failure in &found.failures {
        println!("cannot read {}: {}", failure.href, failure.reason);
    }
    Ok(())
}
