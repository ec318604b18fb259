//! Against published material, where `ECOTONE_REAL_DATA` points to it.

use ecotone_preprocessing::Index;
use std::path::PathBuf;

/// Bands and constants of the published formulas, and what they are in ours.
const NAMES: [(&str, &str, f32); 10] = [
    ("B", "blue", 0.041),
    ("G", "green", 0.078),
    ("R", "red", 0.052),
    ("N", "nir", 0.331),
    ("S1", "swir16", 0.212),
    ("S2", "swir22", 0.117),
    ("g", "", 2.5),
    ("C1", "", 6.0),
    ("C2", "", 7.5),
    ("L", "", 1.0),
];

#[test]
fn built_in_indices_equal_their_published_formulas() {
    let Some(folder) = std::env::var_os("ECOTONE_REAL_DATA").map(PathBuf::from) else {
        println!("skipped: ECOTONE_REAL_DATA is unset");
        return;
    };
    let text = std::fs::read_to_string(folder.join("spectral-index-definitions/spectral-indices-dict.json"))
        .expect("the published definitions");
    let published: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let values = NAMES.map(|(_, _, value)| [value]);
    let layers: Vec<&[f32]> = values.iter().map(<[f32; 1]>::as_slice).collect();
    let evaluate = |index: &Index, names: &[&str]| {
        let mut out = [f32::NAN];
        index.bind(names).unwrap().evaluate(&layers, &mut out).unwrap();
        out[0]
    };
    // BSI is published as BI.
    for (ours, theirs) in [
        ("NDVI", "NDVI"),
        ("NBR", "NBR"),
        ("NDMI", "NDMI"),
        ("EVI", "EVI"),
        ("NDWI", "NDWI"),
        ("NDSI", "NDSI"),
        ("BSI", "BI"),
    ] {
        let formula = published["SpectralIndices"][theirs]["formula"].as_str().expect("a formula");
        let expected = evaluate(&Index::parse(&format!("x = {formula}")).unwrap(), &NAMES.map(|n| n.0));
        let found = evaluate(&Index::named(ours).unwrap(), &NAMES.map(|n| n.1));
        assert!((found - expected).abs() < 1e-6, "{ours}: {found}, published {expected}");
    }
}
