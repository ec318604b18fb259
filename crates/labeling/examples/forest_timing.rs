//! How long a forest takes to grow and to classify, for comparison with others.
//!
//! `forest_timing TRAIN.csv TEST.csv THREADS [TREES [SEED]]` reads tables of a class index and features, without header,
//! and prints one JSON line: seconds of growing (`fit`) and of classifying both tables (`predict`), accuracy on the second.

use ecotone_labeling::RandomForest;
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use std::io::Write;
use std::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, threads, rest @ ..] = arguments.as_slice() else {
        return Err("usage: forest_timing TRAIN.csv TEST.csv THREADS [TREES [SEED]]".into());
    };
    let trees = rest.first().map_or(Ok(100), |trees| trees.parse())?;
    let seed = rest.get(1).map_or(Ok(0), |seed| seed.parse())?;
    let (train, test) = (read(train)?, read(test)?);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    pool.install(|| {
        let begun = Instant::now();
        let forest = RandomForest::params().trees(trees).seed(seed).fit(&train)?;
        let fit = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        forest.probabilities(train.records())?;
        let found = forest.classify(test.records())?;
        let predict = begun.elapsed().as_secs_f64();
        let right = found.iter().zip(test.targets()).filter(|(found, class)| found == class).count();
        let accuracy = right as f64 / found.len().max(1) as f64;
        writeln!(
            std::io::stdout(),
            "{{\"fit\": {fit:.4}, \"predict\": {predict:.4}, \"accuracy\": {accuracy:.4}, \"nodes\": {}}}",
            forest.nodes()
        )?;
        Ok(())
    })
}

fn read(path: &str) -> Result<DatasetBase<Array2<f32>, Array1<usize>>, Failure> {
    let (mut labels, mut values) = (vec![], vec![]);
    for line in std::fs::read_to_string(path)?.lines() {
        let mut fields = line.split(',');
        labels.push(fields.next().unwrap_or_default().parse()?);
        for field in fields {
            values.push(field.parse()?);
        }
    }
    let features = values.len() / labels.len().max(1);
    let records = Array2::from_shape_vec((labels.len(), features), values)?;
    Ok(DatasetBase::new(records, Array1::from_vec(labels)))
}
