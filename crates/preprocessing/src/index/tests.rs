//! Indices against values by hand and published formulas.

use super::*;
use proptest::prelude::*;

const BANDS: [&str; 6] = ["B02", "B03", "B04", "B8A", "B11", "B12"];

fn value(text: &str, bands: &[(&str, f32)]) -> f32 {
    let (names, values): (Vec<&str>, Vec<[f32; 1]>) = bands.iter().map(|(n, v)| (*n, [*v])).unzip();
    let layers: Vec<&[f32]> = values.iter().map(<[f32; 1]>::as_slice).collect();
    let mut out = [f32::NAN];
    Index::parse(text).unwrap().bind(&names).unwrap().evaluate(&layers, &mut out).unwrap();
    out[0]
}

#[test]
fn precedence_and_parentheses() {
    let bands = [("a", 2.0), ("b", 3.0), ("c", 5.0)];
    for (text, expected) in [
        ("a + b * c", 17.0),
        ("(a + b) * c", 25.0),
        ("c - b - a", 0.0),
        ("c - (b - a)", 4.0),
        ("12 / b / a", 2.0),
        ("12 / (b / a)", 8.0),
        ("-a * -b", 6.0),
        ("2.5*(c-b)/(c+.5)", 5.0 / 5.5),
        ("b - -a", 5.0),
    ] {
        assert_eq!(value(&format!("x = {text}"), &bands), expected, "{text}");
        // What is shown means the same.
        let shown = Index::parse(&format!("x = {text}")).unwrap().to_string();
        assert_eq!(value(&shown, &bands), expected, "{shown}");
    }
}

#[test]
fn bad_algebra_says_where() {
    let message = |text: &str| Index::parse(text).unwrap_err().to_string();
    assert_eq!(message("x = (B04 + B08"), "index `x = (B04 + B08`: expected `)` at character 15");
    assert_eq!(message("x = B04 +"), "index `x = B04 +`: expected a band, a number or `(` at character 10");
    assert_eq!(message("x = B04 B08"), "index `x = B04 B08`: expected an operator or the end at character 9");
    assert_eq!(message("x = 1.2.3"), "index `x = 1.2.3`: expected a number such as 2.5 at character 5");
    assert!(message("x = é").contains("at character 5") && message("= B04").contains("a name"));
    for part in ["(", "-", "B04 + "] {
        assert!(message(&format!("x = {}B04", part.repeat(100_000))).contains("a shorter expression"));
    }
    assert!(message("NDFI").contains("built in: NDVI, NBR, NDMI, EVI, NDWI, NDSI, BSI, CRSWIR"));
    assert_eq!(
        Index::named("EVI").unwrap().bind(&["B8A", "B04"]).unwrap_err().to_string(),
        "index EVI needs band `blue` (the input has B8A, B04)"
    );
}

#[test]
fn names_resolve_to_the_inputs_bands() {
    let shown = |bands: &[&str]| Index::named("NDVI").unwrap().bind(bands).unwrap().to_string();
    assert_eq!(shown(&["B04", "B8A"]), "NDVI = (B8A - B04) / (B8A + B04)");
    assert_eq!(shown(&["B04", "B8A", "B08"]), "NDVI = (B08 - B04) / (B08 + B04)");
    assert_eq!(shown(&["nir", "red"]), "NDVI = (nir - red) / (nir + red)");
    assert_eq!(Index::named("BSI").unwrap().bands(), ["swir16", "red", "nir", "blue"]);
}

#[test]
fn crswir_is_one_on_the_line_and_less_in_moist_forest() {
    let crswir = |nir, swir16, swir22| value("CRSWIR", &[("B8A", nir), ("B11", swir16), ("B12", swir22)]);
    // 0.15 / (0.30 - 0.22 / 1321.7 * 746.4)
    assert!((crswir(0.30, 0.15, 0.08) - 0.853_437).abs() < 1e-5);
    assert!((crswir(0.2, 0.2, 0.2) - 1.0).abs() < 1e-6);
}

#[test]
fn layers_must_match() {
    let index = Index::named("NDVI").unwrap().bind(&["B04", "B8A"]).unwrap();
    assert!(index.evaluate(&[&[0.0; 4]], &mut [0.0; 4]).is_err());
    assert!(index.evaluate(&[&[0.0; 4], &[0.0; 3]], &mut [0.0; 4]).is_err());
}

proptest! {
    #[test]
    fn values_are_finite_and_in_range(values in proptest::collection::vec(prop_oneof![Just(0.0f32), -0.05..1.5f32], 6)) {
        let bands: Vec<(&str, f32)> = BANDS.into_iter().zip(values).collect();
        for (name, _, range) in BUILT_IN {
            let found = value(name, &bands);
            let [low, high] = range.unwrap_or([f32::MIN, f32::MAX]);
            prop_assert!((low..=high).contains(&found), "{name}: {found}");
        }
        prop_assert!(value("x = B02 / (B03 - B03)", &bands) == 0.0);
    }

    #[test]
    fn long_layers_equal_single_pixels(length in 1usize..3000) {
        let red: Vec<f32> = (0..length).map(|i| (i as f32 * 0.37).sin().abs()).collect();
        let nir: Vec<f32> = (0..length).map(|i| (i as f32 * 0.73).cos().abs()).collect();
        let mut out = vec![0.0; length];
        Index::named("NDVI").unwrap().bind(&["B04", "B8A"]).unwrap().evaluate(&[&red, &nir], &mut out).unwrap();
        let last = length - 1;
        prop_assert_eq!(out[last], value("NDVI", &[("B04", red[last]), ("B8A", nir[last])]));
    }
}
