//! Cleans labels of an older map: three classes in the space of three indices on four dates, a tenth labelled wrongly.

use ecotone_labeling::{ClusterCleaning, ConfidentJoint, RandomForest, RuleConfig, Rules};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, Axis};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::Write;

const CLASSES: [(&str, [f32; 3]); 3] =
    [("forest", [0.8, -0.5, 0.3]), ("crops", [0.5, -0.3, 0.6]), ("water", [-0.2, 0.6, 0.9])];
const INDICES: [&str; 3] = ["NDVI", "NDWI", "B02/B11"];
const DATES: [&str; 4] = ["2021-04-20", "2021-06-04", "2021-07-24", "2021-09-12"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let truth: Vec<usize> = (0..1500).map(|_| random.random_range(0..CLASSES.len())).collect();
    let labels: Vec<usize> = truth
        .iter()
        .map(|class| if random.random_bool(0.1) { (class + 1) % CLASSES.len() } else { *class })
        .collect();
    let features = Array2::from_shape_fn((truth.len(), INDICES.len() * DATES.len()), |(row, column)| {
        CLASSES[truth[row]].1[column % INDICES.len()] + random.random_range(-0.25f32..0.25)
    });
    let classes = CLASSES.map(|(name, _)| name.to_owned());
    let mut out = std::io::stdout().lock();

    let clusters = ClusterCleaning::default().clean(&features, &labels, &classes)?;
    for class in &clusters.classes {
        let shares: Vec<String> =
            class.clusters.iter().map(|cluster| format!("{:.0} %", 100.0 * cluster.share)).collect();
        writeln!(
            out,
            "{:7} keeps {} of {}; clusters: {}",
            class.name,
            class.kept,
            class.samples,
            shares.join(", ")
        )?;
    }

    let samples = DatasetBase::new(features.view(), Array1::from_vec(labels.clone()));
    let forest = RandomForest::params().out_of_bag(true).fit(&samples)?;
    let judged = forest.out_of_bag().ok_or("out-of-bag estimates were asked for")?;
    let confident = ConfidentJoint::out_of_bag(judged, &labels)?.clean(&classes)?;
    for (name, cleaned) in [("clusters", &clusters), ("confident learning", &confident)] {
        let wrong = |row: &usize| labels[*row] != truth[*row];
        let found = cleaned.dropped.iter().filter(|dropped| wrong(&dropped.row)).count();
        let all = (0..labels.len()).filter(wrong).count();
        writeln!(
            out,
            "{name}: {} dropped, {found} of the {all} wrong ones among them",
            cleaned.dropped.len()
        )?;
    }

    let kept = features.select(Axis(0), &clusters.kept);
    let kept_labels = clusters.kept.iter().map(|row| labels[*row]).collect::<Array1<_>>();
    let names: Vec<String> =
        DATES.iter().flat_map(|date| INDICES.map(|index| format!("{index} {date}"))).collect();
    writeln!(out, "\n{}", Rules::learn(&kept, &kept_labels, &RuleConfig::default(), &names, &classes)?)?;
    Ok(())
}
