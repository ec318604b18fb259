//! Smooths a picture by a kernel of 5 x 5 pixels, with each set of instructions of this machine.
//!
//! `cargo run --release -p ecotone-kernels --example smooth`
#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

use std::time::Instant;

use ecotone_kernels::{After, Extent, Isa, Packed, View, Way, convolve};

fn main() -> ecotone_kernels::Result<()> {
    let (side, channels) = (512, 12);
    let way = Way { groups: channels, ..Way::same([1, 5, 5]) };
    let packed = Packed::forward(&way, &vec![1.0 / 25.0; 25 * channels], channels, channels)?;
    let picture: Vec<f32> = (0..side * side * channels).map(|place| (place % 251) as f32).collect();
    let picture = View::dense(&picture, Extent { n: 1, space: [1, side, side], c: channels })?;
    for isa in Isa::available() {
        let start = Instant::now();
        let smooth = convolve(isa, picture, &packed, After::NONE)?;
        println!(
            "{isa}: {:.1} ms, pixel 1000 is {}",
            start.elapsed().as_secs_f64() * 1e3,
            smooth[1000 * channels]
        );
    }
    Ok(())
}
