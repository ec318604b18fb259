//! Reference samples: how large, drawn by every design, filled in, and assessed.

use crate::harness::{Said, UTM, bytes, catalogue, json, run, scratch, small_legend, small_map};
use std::fs;
use std::path::{Path, PathBuf};

/// 60 x 60 pixels: forest in the west, fields in the east, a lake of 10 x 10 pixels in the south-west corner, and a column of
/// nothing at the eastern edge.
fn codes() -> Vec<u8> {
    let code = |row: usize, col: usize| match (row, col) {
        (_, 59) => 0,
        (50.., ..10) => 3,
        (_, ..30) => 1,
        _ => 2,
    };
    (0..60).flat_map(|row| (0..60).map(move |col| code(row, col))).collect()
}

struct Place {
    folder: tempfile::TempDir,
    map: PathBuf,
    legend: PathBuf,
}

fn place() -> Place {
    let folder = scratch();
    let (map, legend) = (small_map(folder.path(), "map", UTM, 60, &codes()), small_legend(folder.path()));
    Place { folder, map, legend }
}

impl Place {
    fn draw(&self, out: &Path, more: &[&str]) -> Said {
        let text = |path: &Path| path.display().to_string();
        let (map, legend, out) = (text(&self.map), text(&self.legend), text(out));
        let mut words = vec!["sample", "draw", &map, "--legend", &legend, "--out", &out];
        words.extend(more);
        run(&words)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The lines of a CSV below its header, as cells.
#[track_caller]
fn lines(path: &Path) -> Vec<Vec<String>> {
    let text = String::from_utf8(bytes(path)).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

#[test]
fn a_stratified_sample_is_drawn_filled_in_and_assessed() {
    let place = place();
    let points = place.file("points.csv");
    let said = place.draw(&points, &["--units", "100", "--allocation", "minimum:20", "--seed", "7"]).exits(0);
    assert_eq!(said.fact("drawn"), "100 points");
    assert!(said.fact("blind").contains("hide the column stratum"));
    let text = fs::read_to_string(&points).unwrap();
    let header = "id,x,y,lon,lat,stratum,inclusion_probability,weight,cluster,code";
    assert_eq!(text.lines().next(), Some(header));
    let strata = fs::read_to_string(place.file("strata.csv")).unwrap();
    let expected =
        "code,name,units,area,drawn\n1,forest,1700,68,40\n2,field,1740,69.6,40\n3,water,100,4,20\n";
    assert_eq!(strata, expected);
    let drawn = lines(&points);
    let of = |code: &str| drawn.iter().filter(|line| line[5] == code).count();
    assert_eq!([of("1"), of("2"), of("3")], [40, 40, 20]);
    let weights: f64 = drawn.iter().map(|line| number(&line[7])).sum();
    assert!((weights - 3540.0).abs() < 1e-6, "the weights stand for every pixel: {weights}");

    // The interpreter finds what the map says, but for every lake a forest.
    let truth = codes();
    let answer = |line: &Vec<String>| {
        let col = ((number(&line[1]) - 500_000.0) / 20.0) as usize;
        let row = ((5_500_000.0 - number(&line[2])) / 20.0) as usize;
        let code = truth[row * 60 + col];
        format!("{},{}", line[..9].join(","), if code == 3 { 1 } else { code })
    };
    let filled: Vec<String> = std::iter::once(header.to_owned()).chain(drawn.iter().map(answer)).collect();
    let (reference, out) = (place.file("filled.csv"), place.file("assessed"));
    fs::write(&reference, filled.join("\n")).unwrap();
    let text = |path: &Path| path.display().to_string();
    let (map, reference, legend, out_text) =
        (text(&place.map), text(&reference), text(&place.legend), text(&out));
    run(&["assess", &map, "--reference", &reference, "--legend", &legend, "--out", &out_text]).exits(0);
    let metrics = json(&out.join("metrics.json"));
    assert_eq!((&metrics["pixels"], &metrics["overall_accuracy"]), (&100.into(), &0.8.into()));
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_every_format() {
    let place = place();
    for name in ["a.csv", "a.gpkg", "a.geojson"] {
        let out = place.file(name);
        let draw = |seed: &str| {
            place.draw(&out, &["--design", "simple", "--units", "30", "--seed", seed, "--force"]).exits(0);
            bytes(&out)
        };
        let first = draw("1");
        assert!(draw("1") == first, "{name} is not what it was");
        assert!(draw("2") != first, "{name} takes no seed");
    }
    place.draw(&place.file("a.csv"), &["--units", "30"]).exits(1).names(&["a.csv exists", "--force"]);
}

#[test]
fn every_design_draws_pixels_of_the_map_with_true_probabilities() {
    let place = place();
    let check = |words: &[&str], points: std::ops::RangeInclusive<usize>, clusters: usize| {
        let out = place.file("points.csv");
        let words: Vec<&str> = words.iter().copied().chain(["--force"]).collect();
        place.draw(&out, &words).exits(0);
        let drawn = lines(&out);
        assert!(points.contains(&drawn.len()), "{words:?}: {} points", drawn.len());
        let mut seen: Vec<&str> =
            drawn.iter().map(|line| line[8].as_str()).filter(|cell| !cell.is_empty()).collect();
        seen.dedup();
        assert_eq!(seen.len(), clusters, "{words:?}");
        for line in &drawn {
            let product = number(&line[6]) * number(&line[7]);
            assert!((product - 1.0).abs() < 1e-12, "{line:?}");
            assert!(number(&line[1]) < 501_180.0, "no point lies where the map has no class: {line:?}");
        }
    };
    check(&["--design", "simple", "--units", "50"], 50..=50, 0);
    check(&["--design", "systematic", "--spacing", "10"], 30..=36, 0);
    check(&["--design", "systematic", "--units", "40"], 30..=60, 0);
    check(&["--design", "cluster", "--units", "4", "--cluster-size", "5"], 80..=100, 4);
    check(
        &["--design", "two-stage", "--units", "6", "--cluster-size", "10", "--per-cluster", "3"],
        18..=18,
        6,
    );
    check(&["--units", "60", "--allocation", "equal"], 60..=60, 0);
    check(&["--units", "60", "--allocation", "optimal", "--expected", "0.8"], 60..=60, 0);
}

#[test]
fn edges_are_a_stratum_and_the_maps_class_is_told_when_asked() {
    let place = place();
    let out = place.file("points.csv");
    place
        .draw(&out, &["--units", "90", "--allocation", "equal", "--edge-stratum", "1", "--with-map-class"])
        .exits(0);
    let strata = lines(&place.file("strata.csv"));
    let names: Vec<&str> = strata.iter().map(|line| line[1].as_str()).collect();
    assert_eq!(names, ["forest", "field", "water", "within 1 px of an edge"]);
    let units: Vec<f64> = strata.iter().map(|line| number(&line[2])).collect();
    // The border of forest and field is 60 long, that of forest and lake 19 outside and 19 inside.
    assert_eq!(units, [1700.0 - 60.0 - 20.0, 1740.0 - 60.0, 100.0 - 19.0, 120.0 + 39.0]);
    let total: f64 = strata.iter().map(|line| number(&line[3])).sum();
    assert!((total - 3540.0 * 0.04).abs() < 1e-9);
    assert!(
        fs::read_to_string(&out)
            .unwrap()
            .starts_with("id,x,y,lon,lat,stratum,inclusion_probability,weight,cluster,code,map_code\n")
    );
    assert!(lines(&out).iter().all(|line| ["1", "2", "3"].contains(&line[10].as_str())));
}

#[test]
fn what_cannot_be_drawn_is_said_once() {
    let place = place();
    let empty = small_map(place.folder.path(), "empty", UTM, 60, &[0; 3600]);
    let refused = |words: &[&str], parts: &[&str]| {
        let out = place.file("never.csv");
        let said = place.draw(&out, words).exits(1).names(parts);
        said.message(&[]);
        assert!(!out.exists() && !place.file("strata.csv").exists());
    };
    refused(&["--units", "3541", "--design", "simple"], &["3541 pixels", "map.vrt has 3540"]);
    refused(&["--units", "3541"], &["3541 pixels", "map.vrt has 3540"]);
    refused(&["--units", "37", "--design", "cluster"], &["37 clusters", "map.vrt has 36"]);
    refused(&["--units", "9", "--design", "stratifed"], &["--design", "did you mean `stratified`?"]);
    refused(&["--units", "9", "--allocation", "equl"], &["--allocation", "did you mean `equal`?"]);
    refused(&["--units", "9", "--allocation", "optimal"], &["--expected", "missing"]);
    refused(&["--spacing", "61", "--design", "systematic"], &["--spacing", "61", "1 to 60 pixels"]);
    refused(&["--units", "0"], &["--units", "at least 1"]);
    refused(&["--units", "9", "--cluster-size", "0"], &["--cluster-size", "at least 1"]);
    let (map, legend) = (empty.display().to_string(), place.legend.display().to_string());
    let out = place.file("never.csv").display().to_string();
    run(&["sample", "draw", &map, "--legend", &legend, "--units", "9", "--out", &out])
        .exits(1)
        .names(&["empty.vrt has no pixel of any class"]);
    let odd = place.file("points.xls").display().to_string();
    let map = place.map.display().to_string();
    run(&["sample", "draw", &map, "--legend", &legend, "--units", "9", "--out", &odd])
        .exits(1)
        .names(&[".gpkg"]);
}

#[test]
fn interpreters_get_pictures_of_clear_days() {
    let folder = scratch();
    let text = |path: &Path| path.display().to_string();
    let (map, legend) = (text(&catalogue().join("truth.tif")), text(&catalogue().join("legend.csv")));
    let (out, scenes) = (folder.path().join("points.gpkg"), text(&catalogue().join("catalog.json")));
    let out_text = text(&out);
    let words = ["sample", "draw", &map, "--legend", &legend, "--units", "4", "--design", "simple"];
    run(&[&words[..], &["--out", &out_text, "--chips", &scenes, "--dates", "2"]].concat()).exits(0);
    let days = lines(&folder.path().join("chips/chips.csv"));
    assert_eq!(days.len(), 4);
    for line in days {
        let shown: Vec<&str> = line[1].split(' ').collect();
        assert!(shown.len() == 2 && shown[0] < shown[1], "{line:?}");
        let picture = bytes(&folder.path().join(format!("chips/{}.png", line[0])));
        assert!(picture.starts_with(b"\x89PNG"));
    }
}

#[test]
fn sizes_are_those_of_the_books() {
    let folder = scratch();
    let (areas, expected, out) =
        (folder.path().join("areas.csv"), folder.path().join("expected.csv"), folder.path().join("size.csv"));
    fs::write(
        &areas,
        "code,area,name\n1,18000,deforestation\n2,13500,gain\n3,288000,forest\n4,580500,other\n",
    )
    .unwrap();
    fs::write(&expected, "code,users_accuracy\n1,0.7\n2,0.6\n3,0.9\n4,0.95\n").unwrap();
    let text = |path: &Path| path.display().to_string();
    let (areas, expected, out_text) = (text(&areas), text(&expected), text(&out));
    let words = ["sample", "size", "--areas", &areas, "--expected", &expected, "--target-se", "0.01"];
    let said = run(&[&words[..], &["--allocation", "minimum:50", "--out", &out_text]].concat()).exits(0);
    // The formula's 641 units are for the optimal allocation: .0104 is what these would have had by this one.
    assert!(said.stdout.contains("690") && said.stdout.contains("Olofsson"), "{}", said.stdout);
    assert!(said.stdout.contains("0.0100; by optimal allocation 641 units were enough"), "{}", said.stdout);
    let units: Vec<f64> = lines(&out).iter().map(|line| number(&line[5])).collect();
    assert_eq!(units, [50.0, 50.0, 196.0, 394.0]);
    let said = run(&[&words[..], &["--allocation", "optimal"]].concat()).exits(0);
    assert!(
        said.stdout.contains("641  (Olofsson") && !said.stdout.contains("were enough"),
        "{}",
        said.stdout
    );

    let place = place();
    let (map, legend) = (text(&place.map), text(&place.legend));
    let words = ["sample", "size", "--map", &map, "--legend", &legend, "--half-width", "0.05"];
    let said = run(&words).exits(0);
    assert!(
        said.stdout.contains("347") && said.stdout.contains("Cochran"),
        "of 3540 pixels: {}",
        said.stdout
    );
    run(&["sample", "size", "--areas", &areas, "--target-se", "0.01"])
        .exits(1)
        .names(&["--expected", "missing"]);
}
