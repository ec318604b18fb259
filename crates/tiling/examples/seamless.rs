//! Stitches predictions that disagree at their edges, and shows the step at a seam without and with blending.

use ecotone_core::{Shape2d, Window};
use ecotone_tiling::{Blend, Stitcher, WindowGrid};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shape = Shape2d::new(32, 64);
    let grid = WindowGrid::new(shape, 32, 8)?.multiple_of(8)?;
    let mut out = std::io::stdout().lock();
    for blend in [Blend::Crop, Blend::Cosine] {
        let mut stitcher = Stitcher::new(grid, Window::whole(shape), 1, blend);
        let mut map = Vec::new();
        for window in stitcher.windows().to_vec() {
            // A network that says 0.2 in the left window and 0.8 in the right one.
            let value = if window.col <= 0 { 0.2 } else { 0.8 };
            let prediction = vec![value; window.read.shape().len()];
            map.extend(stitcher.push(window, prediction)?.into_iter().flat_map(|strip| strip.data));
        }
        stitcher.finish()?;
        let steepest = map[..64].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        writeln!(out, "{blend}: the largest step between neighbours is {steepest:.2}")?;
    }
    Ok(())
}
