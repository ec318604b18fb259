//! Colour composites of three bands, stretched alike over all dates so that they can be compared.

use crate::png::{Png, shrink};
use ecotone_core::Shape2d;

/// About as many pixels of each image as a percentile needs.
const SAMPLED_PIXELS: usize = 1 << 18;

/// The reflectances shown as black and as full colour, for red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    low: [f32; 3],
    high: [f32; 3],
}

impl Stretch {
    /// From the 2nd to the 98th percentile of each band over an image's valid pixels; of several images the median of
    /// these, so that one date under snow or cloud does not darken the others.
    ///
    /// An image is its three bands, each `[y, x]`, in the order red, green, blue of the screen. A pixel is valid
    /// where all three are finite. Without any, the stretch is 0 to 1.
    pub fn of(images: &[[&[f32]; 3]]) -> Self {
        let mut stretch = Self { low: [0.0; 3], high: [1.0; 3] };
        for channel in 0..3 {
            let ranges = images.iter().filter_map(|bands| range(sampled(bands, channel).collect()));
            let (low, high): (Vec<f32>, Vec<f32>) = ranges.unzip();
            if let (Some(low), Some(high)) = (percentile(low, 50), percentile(high, 50)) {
                (stretch.low[channel], stretch.high[channel]) = (low, high);
            }
        }
        stretch
    }

    fn level(&self, channel: usize, value: f64) -> u8 {
        let (low, high) = (f64::from(self.low[channel]), f64::from(self.high[channel]));
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        (share.clamp(0.0, 1.0) * 255.0).round() as u8
    }
}

/// Three bands of reflectance, each `[y, x]`, as red, green and blue; a pixel where one is not finite is transparent.
///
/// A picture of more than 720 pixels a side shows the mean of the valid pixels of each block. An empty raster gives
/// one transparent pixel.
///
/// # Panics
/// When there are not rows x cols values in each band.
pub fn composite(shape: Shape2d, bands: [&[f32]; 3], stretch: &Stretch) -> Png {
    assert_eq!(bands.map(<[f32]>::len), [shape.len(); 3], "one value a pixel and band");
    let Some((small, blocks)) = shrink(shape) else {
        return Png::rgba(Shape2d::new(1, 1), &[0; 4]);
    };
    let mut pixels = Vec::with_capacity(4 * small.len());
    for block in blocks {
        let (mut sum, mut valid) = ([0.0; 3], 0);
        for pixel in block.filter(|pixel| is_valid(&bands, *pixel)) {
            valid += 1;
            for channel in 0..3 {
                sum[channel] += f64::from(bands[channel][pixel]);
            }
        }
        if valid == 0 {
            pixels.extend([0; 4]);
        } else {
            pixels.extend((0..3).map(|channel| stretch.level(channel, sum[channel] / f64::from(valid))));
            pixels.push(255);
        }
    }
    Png::rgba(small, &pixels)
}

/// The 2nd and the 98th percentile.
fn range(values: Vec<f32>) -> Option<(f32, f32)> {
    Some((percentile(values.clone(), 2)?, percentile(values, 98)?))
}

fn percentile(mut values: Vec<f32>, percent: usize) -> Option<f32> {
    let last = values.len().checked_sub(1)?;
    Some(*values.select_nth_unstable_by(last * percent / 100, f32::total_cmp).1)
}

fn is_valid(bands: &[&[f32]; 3], pixel: usize) -> bool {
    bands.iter().all(|band| band[pixel].is_finite())
}

fn sampled<'a>(bands: &'a [&'a [f32]; 3], channel: usize) -> impl Iterator<Item = f32> + 'a {
    let pixels = bands.iter().map(|band| band.len()).min().unwrap_or(0);
    let step = pixels.div_ceil(SAMPLED_PIXELS).max(1);
    (0..pixels).step_by(step).filter(|pixel| is_valid(bands, *pixel)).map(move |pixel| bands[channel][pixel])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::tests::decode;

    #[test]
    fn the_stretch_leaves_out_two_percent_at_either_end_and_what_is_not_valid() {
        let mut ramp: Vec<f32> = (0..=100).map(|i| i as f32 / 100.0).collect();
        let stretch = Stretch::of(&[[&ramp, &ramp, &ramp]]);
        assert_eq!((stretch.low, stretch.high), ([0.02; 3], [0.98; 3]));

        let outliers = [f32::NAN, 1e9, f32::INFINITY];
        let blue = [1.0, f32::NAN, 1.0];
        assert_eq!(Stretch::of(&[[&ramp, &ramp, &ramp], [&outliers, &outliers, &blue]]), stretch);
        let snow: Vec<f32> = ramp.iter().map(|value| 5.0 + value).collect();
        let dates = [[ramp.as_slice(); 3], [snow.as_slice(); 3], [ramp.as_slice(); 3]];
        assert_eq!(Stretch::of(&dates), stretch);
        ramp.clear();
        assert_eq!(Stretch::of(&[[&ramp, &ramp, &ramp]]), Stretch { low: [0.0; 3], high: [1.0; 3] });
    }

    #[test]
    fn colours_are_stretched_and_clamped_and_gaps_are_transparent() {
        let stretch = Stretch { low: [0.0, 0.0, 0.5], high: [1.0, 0.5, 0.5] };
        let red = [0.0, 2.0, f32::NAN];
        let green = [0.25, -1.0, 0.1];
        let blue = [0.5, 0.5, 0.1];
        let (_, pixels) = decode(&composite(Shape2d::new(1, 3), [&red, &green, &blue], &stretch));
        assert_eq!(pixels, [[0, 128, 128, 255], [255, 0, 128, 255], [0, 0, 0, 0]]);
    }

    #[test]
    fn a_large_picture_is_the_mean_of_valid_pixels() {
        let stretch = Stretch { low: [0.0; 3], high: [1.0; 3] };
        let mut band = vec![f32::NAN; 1000];
        band[..4].copy_from_slice(&[0.2, 0.4, 0.6, f32::NAN]);
        let (shape, pixels) = decode(&composite(Shape2d::new(1, 1000), [&band, &band, &band], &stretch));
        assert_eq!(shape, Shape2d::new(1, 500));
        assert_eq!(pixels[..3], [[77, 77, 77, 255], [153, 153, 153, 255], [0; 4]]);
    }
}
