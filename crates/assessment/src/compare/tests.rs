//! Runs of two classes on twelve blocks: what is found, what is refused, and that the files say the same.

use super::*;
use ecotone_jobs::{Existing, Silent};
use std::fs;
use std::path::Path;

/// A run of twelve blocks of twenty pixels, ten a class, of which so many of class 1 are mapped as class 2.
fn run(root: &Path, name: &str, wrong: &dyn Fn(u64) -> u64) -> PathBuf {
    let mut text = "block,map,reference,pixels\n".to_owned();
    for block in 0..12 {
        let wrong = wrong(block);
        text += &format!("{block},1,1,{}\n{block},2,1,{wrong}\n{block},2,2,10\n", 10 - wrong);
    }
    let folder = root.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("blocks.csv"), text).unwrap();
    fs::write(folder.join("metrics.json"), r#"{"classes": [{"code": 1, "class": "old <forest>"}]}"#).unwrap();
    folder
}

fn job(root: &Path, first: &[PathBuf], second: &[PathBuf]) -> CompareJob {
    CompareJob {
        first: first.to_vec(),
        second: second.to_vec(),
        replicates: 500,
        seed: 1,
        out: root.join("out"),
        existing: Existing::Replace,
    }
}

#[test]
fn a_better_run_is_found_and_the_files_say_the_same() {
    let root = tempfile::tempdir().unwrap();
    let (good, bad) = (run(root.path(), "good", &|_| 1), run(root.path(), "bad", &|block| 2 + block % 3));
    let job = job(root.path(), &[good], &[bad]);
    let summary = compare(&job, &Silent).unwrap();
    let fact = |label: &str| summary.facts.iter().find(|fact| fact.0 == label).unwrap().1.clone();
    assert_eq!(fact("runs"), "1 against 1, on one landscape, 12 test blocks");
    assert!(
        fact("overall accuracy").starts_with("0.950 against 0.850: +0.100"),
        "{}",
        fact("overall accuracy")
    );
    assert!(fact("macro-F1").ends_with("the first is higher"));

    let csv = fs::read_to_string(job.out.join("comparison.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "measure,code,first,second,difference,lower,upper,blocks");
    assert!(lines[1].starts_with("overall_accuracy,,0.950000,0.850000,0.100000,"), "{}", lines[1]);
    assert!(lines[5].starts_with("area_error,1,0.100000,0.300000,-0.200000,"), "{}", lines[5]);
    assert_eq!(lines.len(), 1 + 2 + 2 + 2);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(job.out.join("comparison.json")).unwrap()).unwrap();
    let accuracy = &json["differences"][0];
    assert!(accuracy["lower"].as_f64().unwrap() > 0.05 && accuracy["upper"].as_f64().unwrap() < 0.15);
    assert_eq!((accuracy["blocks"].as_u64(), json["blocks"].as_u64()), (Some(12), Some(12)));
    let page = fs::read_to_string(job.out.join("report.html")).unwrap();
    assert!(
        page.contains("F1 of old &lt;forest&gt;") && page.contains("F1 of class 2"),
        "named, or by the code"
    );
    assert!(page.contains("one run only of a landscape") && !page.contains("NaN"));

    let again = fs::read(job.out.join("comparison.json")).unwrap();
    compare(&job, &Silent).unwrap();
    assert_eq!(again, fs::read(job.out.join("comparison.json")).unwrap(), "the same seed, the same bytes");
}

#[test]
fn seeds_and_landscapes_find_their_partners() {
    let root = tempfile::tempdir().unwrap();
    let other = |name: &str, wrong: u64| {
        let folder = run(root.path(), name, &|_| wrong);
        let text = fs::read_to_string(folder.join("blocks.csv")).unwrap().replace("2,2,10", "2,2,5");
        fs::write(folder.join("blocks.csv"), text).unwrap();
        folder
    };
    let first = [run(root.path(), "a1", &|_| 1), other("a2", 2), run(root.path(), "a3", &|_| 3)];
    let second = [other("b2", 4), run(root.path(), "b1", &|_| 4)];
    let found = compare(&job(root.path(), &first, &second), &Silent).unwrap();
    assert_eq!(found.facts[0].1, "3 against 2, on 2 landscapes, 24 test blocks");
    let lines = fs::read_to_string(root.path().join("out/compared-runs.csv")).unwrap();
    let landscapes: Vec<&str> = lines.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(landscapes, ["1", "2", "1", "2", "1"]);
    // Accuracies of a1 and a3, .95 and .85, are a mean first; then those of the landscapes.
    let wanted = ((0.95 + 0.85) / 2.0 + 13.0 / 15.0) / 2.0;
    assert!(found.facts[1].1.starts_with(&format!("{wanted:.3} against")), "{}", found.facts[1].1);
}

#[test]
fn other_ground_is_one_error_that_names_runs_and_difference() {
    let root = tempfile::tempdir().unwrap();
    let one = run(root.path(), "one", &|_| 1);
    let told = |text: String| {
        let other = root.path().join("other");
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join("blocks.csv"), text).unwrap();
        let error = compare(&job(root.path(), std::slice::from_ref(&one), &[other]), &Silent).unwrap_err();
        assert!(!root.path().join("out").exists(), "nothing is made of it");
        error.to_string()
    };
    let text = fs::read_to_string(one.join("blocks.csv")).unwrap();
    let fewer = told(text.replace("11,1,1,9\n11,2,1,1\n11,2,2,10\n", ""));
    assert!(
        fewer.contains("12 and 11 blocks, 11 of them shared; block 11 is tested by the first only"),
        "{fewer}"
    );
    assert!(fewer.contains("/one and ") && fewer.contains("/other were not tested"), "{fewer}");
    let labels = told(text.replace("4,2,2,10", "4,2,2,9"));
    assert!(
        labels.contains("block 4 has 10 test pixels of class 2 in the first and 9 in the second"),
        "{labels}"
    );
    // A hole of the map is no other ground.
    fs::write(root.path().join("other/blocks.csv"), text.replace("4,2,2,10", "4,,2,2\n4,2,2,8")).unwrap();
    let found = compare(&job(root.path(), &[one], &[root.path().join("other")]), &Silent).unwrap();
    let page = fs::read_to_string(root.path().join("out/report.html")).unwrap();
    assert!(page.contains("at up to 0.83 % of the test pixels"), "its share is told");
    assert!(
        found
            .facts
            .iter()
            .any(|(label, value)| label == "without a class" && value.starts_with("2 test pixels"))
    );
}

#[test]
fn a_side_without_a_run_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let one = run(root.path(), "one", &|_| 1);
    let told = compare(&job(root.path(), &[one], &[]), &Silent).unwrap_err().to_string();
    assert!(told.contains("--against"), "{told}");
}

#[test]
fn a_run_that_is_named_twice_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let (one, other) = (run(root.path(), "one", &|_| 1), run(root.path(), "other", &|_| 2));
    let again = root.path().join("other/../one");
    let sides = [
        (vec![one.clone(), again.clone()], vec![other.clone()]),
        (vec![other.clone()], vec![one.clone(), again]),
    ];
    for (first, second) in sides {
        let told = compare(&job(root.path(), &first, &second), &Silent).unwrap_err().to_string();
        assert!(told.contains("one is named twice"), "{told}");
    }
    // On both sides it is a comparison with itself.
    assert!(compare(&job(root.path(), std::slice::from_ref(&one), &[one.clone(), other]), &Silent).is_ok());
}

#[test]
fn maps_with_unlike_holes_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let (one, other) = (run(root.path(), "one", &|_| 1), run(root.path(), "other", &|_| 1));
    let text = fs::read_to_string(other.join("blocks.csv")).unwrap();
    fs::write(other.join("blocks.csv"), text.replace("4,2,2,10", "4,,2,10")).unwrap();
    let told = compare(&job(root.path(), &[one], &[other]), &Silent).unwrap_err().to_string();
    assert!(told.contains("0.0 % of the test pixels") && told.contains("4.2 % on that of"), "{told}");
}
