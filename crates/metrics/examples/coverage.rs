//! Prints how often plain, Wilson and logit 95 % intervals, and those for omission that was not met, hold the truth, over 2 000 samples of each design from a map of
//! known accuracy, as a Markdown table.
//!
//! Size is that of the samples of units; one-stage samples have a sixth as many clusters of 36 units, two-stage ones a
//! third as many clusters with 6 units in each.

#[path = "../tests/simulation/mod.rs"]
mod simulation;

use simulation::{Design, World, simulate};
use std::io::Write;

const DESIGNS: [Design; 7] = [
    Design::Simple,
    Design::Systematic,
    Design::PostStratified,
    Design::Olofsson,
    Design::Stehman,
    Design::OneStage,
    Design::TwoStage,
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = World::new(1);
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| design | size | figure | truth | expected count | bias / its error | SE / spread | plain | Wilson | logit | omission | no interval |"
    )?;
    writeln!(out, "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for size in [720, 180] {
        for design in DESIGNS {
            for found in simulate(&world, design, size, 2000)? {
                let omission =
                    found.omission.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
                let bias = (found.bias.abs() - found.ratio_term.abs()).max(0.0) / found.error;
                writeln!(
                    out,
                    "| {design:?} | {size} | {} | {:.3} | {:.1} | {bias:.1} | {:.2} | {:.1} % | {:.1} % | {:.1} % | {omission} | {} |",
                    found.figure.name(),
                    found.truth,
                    found.expected,
                    found.spread,
                    100.0 * found.plain,
                    100.0 * found.wilson,
                    100.0 * found.logit,
                    found.undefined,
                )?;
            }
        }
    }
    Ok(())
}
