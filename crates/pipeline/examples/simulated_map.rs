//! Simulates a tiny forest, trains a narrow network on it for two epochs, and says where the map is.

use ecotone_jobs::{Existing, Silent};
use ecotone_pipeline::{Compute, TrainJob, recipe::Recipe, train};
use std::io::Write;

const RECIPE: &str = r#"
name = "tiny"
[inputs.simulate]
size = 96
[timeline]
start = "2021-05-16"
step_days = 30
steps = 15
[split]
block_m = 320
[model]
width = 4
[train]
epochs = 2
patch = 16
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join("ecotone-simulated-map");
    let recipe = Recipe::from_text(RECIPE, "the example", &[], &folder)?;
    let job = TrainJob { recipe, out: folder.join("run"), existing: Existing::Replace, here: folder };
    let summary = train(&job, &Compute::new("flex", 2)?, &Silent)?;
    let mut out = std::io::stdout().lock();
    for (label, value) in summary.facts {
        writeln!(out, "{label}: {value}")?;
    }
    Ok(())
}
