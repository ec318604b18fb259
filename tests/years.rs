//! One network for several years: paired scenes, labels that every year confirms, a map a year, and how far they agree.

use crate::harness::{
    Catalogue, bytes, catalogue, ecotone, info, json, predict_with, recipe, report, resumed, run, same,
    scratch, train,
};
use crate::killed::kill_when;
use insta::assert_snapshot;
use std::path::Path;

/// Two years of the small catalogue; every acquisition of one has a partner within six days in the other.
const YEARS: &[&str] = &[
    "timeline.years=2021,2022",
    "timeline.start=2021-02-15",
    "timeline.steps=11",
    "timeline.fill=linear",
    "timeline.pair_days=6",
    "inputs.bands=B02,B03,B04,B8A,B11",
    "labels.cleaning=stable",
    "labels.samples=400",
    "predict.majority=3",
    "train.single_years=true",
];

fn settings<'a>(settings: &[&'a str]) -> Vec<&'a str> {
    settings.iter().flat_map(|setting| ["--set", setting]).collect()
}

/// A catalogue whose truth is known for each year, the same in both.
fn with_truths() -> Catalogue {
    let copy = Catalogue::copy();
    for year in ["2021", "2022"] {
        std::fs::copy(copy.path().join("truth.tif"), copy.path().join(format!("truth-{year}.tif"))).unwrap();
    }
    copy
}

/// What a run of years makes, besides timings.
const MADE: &[&str] = &[
    "model.safetensors",
    "map.tif",
    "labels.tif",
    "labels.json",
    "years.json",
    "years/2022/map.tif",
    "years/2022/map.json",
    "years/agreement/changes.csv",
    "single-years/2021/model.safetensors",
    "single-years/2021/map.tif",
    "single-years/2022/model.safetensors",
    "single-years/2022/map.tif",
    "single-years/agreement/changes.csv",
];

#[test]
fn one_network_maps_every_year_and_a_killed_run_goes_on() {
    let (known, whole, broken) = (with_truths(), scratch(), scratch());
    let truth = ["assess.truth={catalog}/truth-{year}.tif"];
    let more = settings(&[YEARS, &truth].concat());
    let words = train(known.path(), broken.path(), &more);
    let model = broken.path().join("single-years/2021/model.safetensors");
    assert!(kill_when(ecotone(&words), &model), "killed in the middle");
    run(&resumed(&words)).exits(0);
    let said = run(&train(known.path(), whole.path(), &more)).exits(0);
    said.names_in_order(&[
        "days of each year have partners",
        "are confirmed in every year",
        "the network of 2022 alone",
    ]);
    same(whole.path(), broken.path(), MADE);

    let labels = json(&whole.path().join("labels.json"));
    for year in labels.as_array().unwrap() {
        let count = |name: &str| year[name].as_u64().unwrap();
        assert!(count("stable") <= count("confirmed") && count("confirmed") <= count("labelled"));
        assert!(0 < count("stable") && count("in_dominant_clusters") <= count("samples"));
        assert_eq!(year["truth"]["accuracy_before"], 1.0, "labels are the truth here");
    }
    let years = json(&whole.path().join("years.json"));
    for kind in ["all_years", "single_years"] {
        let series = &years[kind];
        assert!((0.0..=1.0).contains(&series["agreement"].as_f64().unwrap()), "{series}");
        assert_eq!(series["steps"].as_array().unwrap().len(), 1);
        assert_eq!(series["changes"]["real_share"], 0.0);
    }
    // Every change is false where nothing changes.
    let changes = &years["single_years"]["changes"];
    assert!(changes["mapped_share"] == 0.0 || changes["false_share"] == 1.0, "{changes}");
    assert!(report(whole.path()).contains("how often each pixel changes, single-year networks"));
    let scenes = json(&whole.path().join("manifest.json"))["scenes_used"].as_array().unwrap().len();
    assert_eq!(scenes % 2, 0, "as many of each year");
    assert!(info(&whole.path().join("years/2022/map.tif")).stdout.contains("classes"));
}

#[test]
fn labels_of_each_year_are_read_by_its_number() {
    let (known, out) = (with_truths(), scratch());
    // The second year is labelled with the map itself, so it must be read from its own file.
    std::fs::remove_file(known.path().join("truth.tif")).unwrap();
    let own = ["labels.raster={catalog}/truth-{year}.tif", "train.epochs=1"];
    run(&train(known.path(), out.path(), &settings(&[&YEARS[..6], &own].concat()))).exits(0);
    let hashes = json(&out.path().join("manifest.json"))["inputs"].to_string();
    assert!(hashes.contains("truth-2021.tif") && hashes.contains("truth-2022.tif"), "{hashes}");

    std::fs::remove_file(known.path().join("truth-2022.tif")).unwrap();
    let words = train(known.path(), scratch().path(), &settings(&[&YEARS[..6], &own].concat()));
    run(&words).exits(1).names(&["truth-2022.tif"]);
}

#[test]
fn years_that_cannot_be() {
    for (name, spoilt) in [
        ("years-twice", "timeline.years=2021,2021"),
        ("years-no-start", "timeline.start="),
        ("years-no-scene", "timeline.years=2021,2031"),
        ("years-no-partner", "timeline.pair_days=1"),
        ("years-cleaning-gaps", "timeline.fill=zero"),
        ("years-cleaning-band", "inputs.bands=B02,B03,B04,B8A"),
        ("years-even-majority", "predict.majority=4"),
        ("years-alone", "timeline.years=2021"),
        ("years-cleaning-word", "labels.cleaning=stabel"),
        ("years-words", "timeline.years=spring"),
    ] {
        let out = scratch();
        let said = run(&train(catalogue(), out.path(), &settings(&[YEARS, &[spoilt]].concat()))).exits(1);
        assert_snapshot!(name, said.message(&[(catalogue(), "CATALOGUE")]));
    }
}

#[test]
fn labels_are_made_of_one_year() {
    let out = scratch();
    let samples = |years: &str, name: &str| {
        let settings = settings(&[&YEARS[1..4], &[years]].concat()).into_iter().map(str::to_owned);
        let file = out.path().join(name).display().to_string();
        let catalogue = format!("inputs.catalog={}", catalogue().join("catalog.json").display());
        let recipe = recipe().display().to_string();
        let words = ["label", "samples", &recipe, "--set", &catalogue, "--count", "20", "--out", &file];
        run(&words.map(str::to_owned).into_iter().chain(settings).collect::<Vec<_>>())
    };
    samples("timeline.years=2021,2022", "both.csv")
        .exits(1)
        .names(&["`timeline.years` is 2 years", "expected one"]);
    samples("timeline.years=2022", "one.csv").exits(0);
    let header = String::from_utf8(bytes(&out.path().join("one.csv"))).unwrap();
    assert!(header.lines().next().unwrap().contains("NDVI@2022-02-15"), "{header}");
}

#[test]
fn a_map_is_filtered_where_it_is_asked_for() {
    let (model, plain, alone, filtered) = (scratch(), scratch(), scratch(), scratch());
    // Long enough that the map has more than one class.
    run(&train(catalogue(), model.path(), &["--set", "train.epochs=20"])).exits(0);
    let with = |out: &Path, more: &[&str]| run(&predict_with(model.path(), catalogue(), out, more));
    with(plain.path(), &[]).exits(0);
    with(alone.path(), &["--majority", "1"]).exits(0);
    same(plain.path(), alone.path(), &["map.tif", "confidence.tif"]);
    with(filtered.path(), &["--majority", "9"]).exits(0);
    for file in ["map.tif", "confidence.tif"] {
        assert!(bytes(&plain.path().join(file)) != bytes(&filtered.path().join(file)), "{file}");
    }
    with(scratch().path(), &["--majority", "4"]).exits(1).names(&["majority filter is 4 pixels", "odd"]);
}
