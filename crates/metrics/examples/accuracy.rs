//! Prints the accuracy table of a small map.

use ecotone_core::Legend;
use ecotone_metrics::{ClassScores, ConfusionMatrix};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let legend = Legend::from_csv(
        "code,name,color\n1,forest,#1b7837\n2,meadow,#a6dba0\n3,water,#2166ac\n".as_bytes(),
    )?;
    let matrix = ConfusionMatrix::from_counts(3, vec![90, 12, 1, 8, 40, 0, 0, 1, 20])?;
    let percent =
        |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    let mut out = std::io::stdout().lock();
    for line in ClassScores::table(&matrix, &legend)? {
        let (users, producers) = (percent(line.users_accuracy), percent(line.producers_accuracy));
        writeln!(out, "{:8} user's {users}, producer's {producers}, F1 {}", line.class, percent(line.f1))?;
    }
    writeln!(
        out,
        "overall  {}, kappa {:.3}",
        percent(matrix.overall_accuracy()),
        matrix.kappa().unwrap_or(0.0)
    )?;
    Ok(())
}
