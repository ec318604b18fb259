//! The operator's loop: a forest learns from samples, says where it is unsure, is told, and learns again.

use crate::harness::{
    Said, agreement, bytes, catalogue, ecotone, json, recipe, report, resumed, run, same, scratch,
};
use crate::killed::kill_when;
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What a round makes that another run of it must make, too.
const MADE: &[&str] = &[
    "forest.bin",
    "samples.csv",
    "importance.csv",
    "rules.txt",
    "metrics.json",
    "confusion.csv",
    "map.tif",
    "map.tif.aux.xml",
    "confidence.tif",
    "uncertainty.tif",
];

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// `ecotone label forest` of the tiny recipe on the small catalogue.
fn forest(samples: &[&Path], out: &Path, more: &[&str]) -> Vec<String> {
    let catalogue = format!("inputs.catalog={}", text(&catalogue().join("catalog.json")));
    let words =
        ["label", "forest", &text(recipe()), "--set", &catalogue, "--trees", "30", "--out", &text(out)];
    let samples = samples.iter().flat_map(|path| ["--samples".to_owned(), text(path)]);
    let words = words.map(str::to_owned).into_iter().chain(samples);
    words.chain(more.iter().map(|word| (*word).to_owned())).collect()
}

fn queue(round: &Path, out: &Path, more: &[&str]) -> Said {
    let (round, out) = (text(round), text(out));
    let mut words = vec!["label", "queue", &round, "--out", &out];
    words.extend(more);
    run(&words)
}

/// Points of the catalogue's truth with its class in the column map_code, ready to be learnt from.
fn drawn(out: &Path, more: &[&str]) {
    let (truth, legend) = (text(&catalogue().join("truth.tif")), text(&catalogue().join("legend.csv")));
    let out = text(out);
    let mut words = vec!["sample", "draw", &truth, "--legend", &legend, "--with-map-class", "--out", &out];
    words.extend(more);
    run(&words).exits(0);
}

/// A first round from sixty places. Not to be written to.
fn first_round() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = scratch().keep();
        let (samples, out) = (folder.join("first.csv"), folder.join("round"));
        drawn(&samples, &["--units", "60", "--allocation", "minimum:5"]);
        run(&forest(&[&samples], &out, &["--attribute", "map_code"])).exits(0);
        out
    })
}

/// The header and the lines of a CSV, as cells.
#[track_caller]
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = String::from_utf8(bytes(path)).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<String>>());
    (lines.next().unwrap(), lines.collect())
}

/// What is true at the centre of each pixel, by its whole coordinates.
fn truth() -> BTreeMap<(i64, i64), u8> {
    let folder = scratch();
    let all = folder.path().join("all.csv");
    drawn(&all, &["--design", "simple", "--units", "4096"]);
    let (header, lines) = table(&all);
    let column = |name: &str| header.iter().position(|found| found == name).unwrap();
    let (x, y, code) = (column("x"), column("y"), column("map_code"));
    let whole = |cell: &String| cell.parse::<f64>().unwrap() as i64;
    lines.iter().map(|line| ((whole(&line[x]), whole(&line[y])), line[code].parse().unwrap())).collect()
}

#[test]
fn help_says_what_can_be_typed() {
    for verb in ["forest", "queue"] {
        let said = run(&["label", verb, "--help"]).exits(0);
        assert_snapshot!(format!("help-label-{verb}"), said.stdout);
    }
}

#[test]
fn a_round_asks_is_answered_and_learns() {
    let folder = scratch();
    let (round, truth) = (first_round(), truth());
    let asked = folder.path().join("asked.geojson");
    let said = queue(round, &asked, &["--count", "12", "--spread", "60"]).exits(0);
    assert!(said.fact("places").starts_with("12 of 12") && said.fact("blind").starts_with("yes"));

    let mut points = json(&asked);
    let (_, known) = table(&round.join("samples.csv"));
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let mut places: Vec<(f64, f64)> = known.iter().map(|line| (number(&line[1]), number(&line[2]))).collect();
    let features = points["features"].as_array_mut().unwrap();
    assert_eq!(features.len(), 12);
    for feature in features {
        let attributes = &mut feature["properties"];
        assert!(attributes["code"].is_null() && attributes.get("map_code").is_none(), "{attributes}");
        let (x, y) = (attributes["x"].as_f64().unwrap(), attributes["y"].as_f64().unwrap());
        for (other_x, other_y) in &places {
            assert!((x - other_x).hypot(y - other_y) >= 60.0, "{x} {y} is near to {other_x} {other_y}");
        }
        places.push((x, y));
        attributes["code"] = truth[&(x as i64, y as i64)].into();
    }
    let second = folder.path().join("second");
    // Nobody has answered yet: that is no failure, and nothing is learnt.
    let words = forest(&[&round.join("samples.csv"), &asked], &second, &["--before", &text(round)]);
    let said = run(&words).exits(0);
    assert!(said.fact("left out").contains("it has no code yet (12)"), "{}", said.stdout);
    assert!(said.fact("changed since before").starts_with("0.0 %"));
    same(round, &second, &["forest.bin", "map.tif"]);

    fs::write(&asked, points.to_string()).unwrap();
    let words: Vec<String> = words.into_iter().chain(["--force".to_owned()]).collect();
    let said = run(&words).exits(0);
    assert_eq!(said.fact("samples"), (known.len() + 12).to_string());
    assert_eq!(table(&second.join("samples.csv")).1.len(), known.len() + 12);
    let (_, changes) = table(&second.join("changes.csv"));
    let compared: f64 = changes.iter().map(|line| number(&line[4])).sum();
    assert_eq!(said.fact("mapped"), format!("{compared} of 4096 pixels"));
    let (right, pixels) = agreement(&second.join("map.tif"), &catalogue().join("truth.tif"));
    assert!(right > 0.6 && pixels as f64 == compared, "{right} of {pixels}");
    for words in ["Since the round before", "Out-of-bag accuracy", "What the forest looks at", "Rules"] {
        assert!(report(&second).contains(words), "no `{words}` in the report");
    }
}

#[test]
fn every_score_and_shape_of_a_queue() {
    let folder = scratch();
    let count = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let words: Vec<&str> = ["--count", "8"].iter().chain(more).copied().collect();
        queue(first_round(), &out, &words).exits(0);
        bytes(&out)
    };
    let made: Vec<Vec<u8>> = ["entropy", "margin", "disagreement", "random"]
        .map(|by| count(&format!("{by}.csv"), &["--by", by]))
        .to_vec();
    assert!(made[0] != made[2] && made[0] != made[3], "scores differ");
    let diverse = count("diverse.csv", &["--diverse", "--spread", "40"]);
    assert!(diverse != made[0]);
    assert_eq!(count("again.csv", &["--diverse", "--spread", "40", "--threads", "1"]), diverse);
    count("told.csv", &["--with-map-class"]);
    let (header, lines) = table(&folder.path().join("told.csv"));
    assert_eq!(header.join(","), "id,x,y,lon,lat,score,code,map_code,map_probability");
    assert_eq!(lines.len(), 8);
    // What is excluded is not asked about again.
    let first = folder.path().join("entropy.csv");
    count("next.csv", &["--exclude", &text(&first)]);
    let places = |name: &str| table(&folder.path().join(name)).1.into_iter().map(|line| line[1..3].to_vec());
    assert!(places("next.csv").all(|place| !places("entropy.csv").any(|other| other == place)));
    let catalog = text(&catalogue().join("catalog.json"));
    count("shown.gpkg", &["--chips", &catalog]);
    let beside = folder.path().join("shown-chips");
    for name in ["1.png", "8.png", "1.svg", "8.svg", "chips.csv"] {
        assert!(beside.join(name).is_file(), "{name}");
    }
}

#[test]
fn a_killed_round_goes_on_and_threads_change_nothing() {
    let folder = scratch();
    let samples = first_round().join("samples.csv");
    let (whole, broken, alone) =
        (folder.path().join("whole"), folder.path().join("broken"), folder.path().join("alone"));
    run(&forest(&[&samples], &whole, &["--window", "8", "--threads", "2"])).exits(0);
    let words = forest(&[&samples], &broken, &["--window", "8"]);
    assert!(kill_when(ecotone(&words), &broken.join("strips/rows-00000000.bin")), "killed in the middle");
    assert!(!broken.join("map.tif").exists());
    run(&words).exits(1).names(&["already holds a run", "--resume"]);
    run(&resumed(&words)).exits(0);
    same(&whole, &broken, MADE);
    run(&forest(&[&samples], &alone, &["--threads", "1"])).exits(0);
    same(&whole, &alone, MADE);
}

/// Learns from a CSV of these lines, which must fail; gives the message.
#[track_caller]
fn refused(lines: &str, more: &[&str]) -> String {
    let folder = scratch();
    let (samples, out) = (folder.path().join("samples.csv"), folder.path().join("out/round"));
    fs::write(&samples, lines).unwrap();
    let said = run(&forest(&[&samples], &out, more)).exits(1);
    said.message(&[(folder.path(), "FOLDER"), (catalogue(), "CATALOGUE")])
}

/// The first lines of the first round's samples: features and all.
fn known(lines: usize) -> Vec<String> {
    let text = String::from_utf8(bytes(&first_round().join("samples.csv"))).unwrap();
    text.lines().take(lines + 1).map(str::to_owned).collect()
}

#[test]
fn samples_that_teach_nothing_are_refused() {
    let known = known(1);
    let cells: Vec<&str> = known[1].split(',').collect();
    let line = |code: &str| format!("1,{},{},{code},{}\n", cells[1], cells[2], cells[4..].join(","));
    let head = format!("{}\n", known[0]);
    let place = format!("{},{}", cells[1], cells[2]);
    // Off the grid, so that neither replaces the other.
    let away = |code: &str| line(code).replace(cells[1], "0");
    assert_snapshot!("samples-one-class", refused(&format!("{head}{}{}", away("1"), away("1")), &[]));
    assert_snapshot!("samples-all-alike", refused(&format!("{head}{}{}", away("1"), away("2")), &[]));
    assert_snapshot!("samples-code", refused(&format!("id,x,y,code\n7,{place},99\n"), &[]));
    assert_snapshot!("samples-no-code", refused(&format!("id,x,y,code\n7,{place},\n"), &[]));
    assert_snapshot!("samples-column", refused(&format!("x,y,class\n{place},1\n"), &[]));
    assert_snapshot!("samples-outside", refused("x,y,code\n0,0,1\n", &[]));
    assert_snapshot!("samples-places", refused("a,b,code\n0,0,1\n", &[]));
}

#[test]
fn one_sample_a_class_is_enough_and_what_is_left_out_is_listed() {
    let folder = scratch();
    let (samples, out) = (folder.path().join("samples.csv"), folder.path().join("round"));
    let (_, lines) = table(&first_round().join("samples.csv"));
    let other = lines.iter().find(|line| line[3] != lines[0][3]).unwrap();
    let line = |line: &[String]| format!("{}\n", line[..4].join(","));
    fs::write(&samples, format!("id,x,y,code\n{}{}far,0,0,1\n", line(&lines[0]), line(other))).unwrap();
    let said = run(&forest(&[&samples], &out, &[])).exits(0);
    assert!(said.fact("few samples of").contains(", "));
    let left = fs::read_to_string(out.join("left-out.csv")).unwrap();
    assert!(left.contains(",far,it lies outside the area"), "{left}");
}

#[test]
fn an_area_of_interest_stands_in_for_labels_that_nobody_has_made() {
    let folder = scratch();
    let (samples, out) = (first_round().join("samples.csv"), folder.path().join("round"));
    let area = ["--set", "labels.raster=none.tif", "--set", "grid.aoi=15.002,49.641,15.012,49.648"];
    // Samples outside of it bring features of their own.
    let said = run(&forest(&[&samples], &out, &area)).exits(0);
    assert_eq!(said.fact("samples"), table(&samples).1.len().to_string());
    same(first_round(), &out, &["forest.bin"]);
    run(&forest(&[&samples], &folder.path().join("other"), &area[..2])).exits(1).names(&["none.tif"]);
}

#[test]
fn bad_words_about_a_queue() {
    let folder = scratch();
    let out = folder.path().join("asked.gpkg");
    let refused = |round: &Path, more: &[&str]| {
        queue(round, &out, more).exits(1).message(&[(folder.path(), "FOLDER"), (first_round(), "ROUND")])
    };
    assert_snapshot!("queue-by", refused(first_round(), &["--count", "3", "--by", "entropie"]));
    assert_snapshot!("queue-none", refused(first_round(), &["--count", "0"]));
    let other = ["--count", "3", "--set", "timeline.steps=11"];
    assert_snapshot!("queue-other-series", refused(first_round(), &other));
    assert_snapshot!("queue-far", refused(first_round(), &["--count", "3", "--spread", "99999"]));
    fs::write(&out, "").unwrap();
    assert_snapshot!("queue-exists", refused(first_round(), &["--count", "3"]));
}
