//! Every measure against scikit-learn, on labels and values written by `reference/make_scores.py`.

use ecotone_metrics::ConfusionMatrix;

const SCORES: &str = include_str!("reference/scores.csv");

#[test]
fn measures_agree_with_scikit_learn() {
    let lines: Vec<Vec<&str>> = SCORES.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let labels = |case: &str, side: &str| -> Vec<u8> {
        let line = lines.iter().find(|line| line[0] == case && line[1] == side).unwrap();
        line[3].bytes().map(|digit| digit - b'0').collect()
    };
    let mut compared = 0;
    for line in lines.iter().filter(|line| !["map", "reference"].contains(&line[1])) {
        let mut matrix = ConfusionMatrix::new(5);
        matrix.add_many(&labels(line[0], "map"), &labels(line[0], "reference")).unwrap();
        let class = || line[2].parse().unwrap();
        let found = match line[1] {
            "users_accuracy" => matrix.users_accuracy(class()),
            "producers_accuracy" => matrix.producers_accuracy(class()),
            "f1" => matrix.f1(class()),
            "iou" => matrix.iou(class()),
            "overall_accuracy" => matrix.overall_accuracy(),
            "kappa" => matrix.kappa(),
            "macro_f1" => matrix.macro_f1(),
            "mean_iou" => matrix.mean_iou(),
            other => panic!("no measure `{other}`"),
        };
        let expected: Option<f64> = line[3].parse().ok();
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
            (found, expected) => found == expected,
        };
        assert!(same, "{line:?}: found {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 6 * 24);
}
