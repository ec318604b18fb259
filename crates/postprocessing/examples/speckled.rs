//! Prints a speckled map before and after the majority filter.
//!
//! `cargo run -p ecotone-postprocessing --example speckled`
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use ecotone_postprocessing::MajorityFilter;

const ROWS: usize = 12;
const COLS: usize = 48;

/// Two fields with one pixel in seven of the other's class, and a strip that nothing is known of.
fn map() -> Vec<Vec<u8>> {
    let pixel = |row: usize, col: usize| match ((row * 31 + col * 17).is_multiple_of(7), col) {
        (_, 22..=24) => 0,
        (speckle, 0..=21) => 1 + u8::from(speckle),
        (speckle, _) => 2 - u8::from(speckle),
    };
    (0..ROWS).map(|row| (0..COLS).map(|col| pixel(row, col)).collect()).collect()
}

fn show(rows: &[Vec<u8>]) {
    for row in rows {
        println!("{}", row.iter().map(|code| [' ', '.', '#'][usize::from(*code)]).collect::<String>());
    }
}

fn main() -> ecotone_postprocessing::Result<()> {
    let speckled = map();
    show(&speckled);
    let mut filter = MajorityFilter::new(5, COLS, 0)?;
    let mut rows: Vec<Vec<u8>> = speckled.iter().filter_map(|row| filter.push(row)).collect();
    rows.extend(filter.finish());
    println!();
    show(&rows);
    Ok(())
}
