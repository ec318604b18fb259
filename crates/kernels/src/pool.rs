//! The maximum of boxes, and the way back to where it stood.

use rayon::prelude::*;

use crate::buffers::buffer;
use crate::simd::{self, LANES, Work};
use crate::{Extent, Isa, Result, View, Way};

/// Maxima, and which tap of the box each is.
#[derive(Debug, Clone)]
pub struct Maxima {
    /// Without gaps; NaN where one of the box is.
    pub values: Vec<f32>,
    /// The first tap that has the maximum, counted through the box.
    pub taps: Vec<u8>,
    /// Sizes of both.
    pub extent: Extent,
}

/// The maximum over boxes of at most 256 pixels; what lies outside of the input is smaller than any number. `way` gives the
/// boxes; its groups do not count.
///
/// # Errors
/// [`crate::Error::Fit`] where a box fits nowhere, lies wholly in the padding, or has more taps.
pub fn max_pool(isa: Isa, x: View<'_>, way: &Way) -> Result<Maxima> {
    let space = way.output(x.extent.space)?;
    let padded = (0..3).any(|a| way.before[a] >= way.kernel[a] || way.after[a] >= way.kernel[a]);
    if padded || way.added.is_some() || way.kernel.iter().product::<usize>() > 256 {
        return Err(way.misfit(x.extent.space, x.extent.c));
    }
    let extent = Extent { space, ..x.extent };
    let length = space[2] * extent.c;
    let mut maxima = Maxima { values: buffer(extent.numbers()?), taps: vec![0; extent.numbers()?], extent };
    let rows = maxima.values.par_chunks_mut(length).zip(maxima.taps.par_chunks_mut(length));
    rows.enumerate().for_each(|(row, (values, taps))| {
        let [n, t, y] = extent.row(row);
        let mut boxes = Vec::new();
        let pixels = values.chunks_exact_mut(extent.c).zip(taps.chunks_exact_mut(extent.c));
        for (place, (values, taps)) in pixels.enumerate() {
            boxes.clear();
            boxes.extend(inputs(way, x.extent.space, [t, y, place]).map(|(tap, at)| {
                (tap, &x.values[x.row([n, at[0], at[1]]) + at[2] * x.strides[3]..][..extent.c])
            }));
            simd::with(isa, Largest { pixels: &boxes, values, taps });
        }
    });
    Ok(maxima)
}

/// The largest of a box's pixels, and their taps.
struct Largest<'a> {
    pixels: &'a [(u8, &'a [f32])],
    values: &'a mut [f32],
    taps: &'a mut [u8],
}

impl Work for Largest<'_> {
    #[inline(always)]
    fn run(self) {
        for (block, (values, taps)) in
            self.values.chunks_mut(LANES).zip(self.taps.chunks_mut(LANES)).enumerate()
        {
            let (mut best, mut which) = ([f32::NEG_INFINITY; LANES], [u32::MAX; LANES]);
            for (tap, pixel) in self.pixels {
                let mut of = [f32::NEG_INFINITY; LANES];
                of[..values.len()].copy_from_slice(&pixel[block * LANES..][..values.len()]);
                for lane in 0..LANES {
                    let greater = of[lane] > best[lane] || of[lane].is_nan() || which[lane] == u32::MAX;
                    best[lane] = if greater { of[lane] } else { best[lane] };
                    which[lane] = if greater { u32::from(*tap) } else { which[lane] };
                }
            }
            values.copy_from_slice(&best[..values.len()]);
            taps.iter_mut().zip(which).for_each(|(tap, which)| *tap = which as u8);
        }
    }
}

/// The gradient of an input of `space` steps, rows and columns, without gaps: that of each maximum, where it stood.
///
/// # Errors
/// [`crate::Error::Fit`] where sizes do not fit each other.
pub fn max_pool_gradient(taps: &[u8], gradient: View<'_>, way: &Way, space: [usize; 3]) -> Result<Vec<f32>> {
    let extent = gradient.extent;
    if way.output(space)? != extent.space || taps.len() != extent.numbers()? {
        return Err(way.misfit(space, extent.c));
    }
    let input = Extent { space, ..extent };
    let mut values = buffer(input.numbers()?);
    let step = space[1] * space[2] * extent.c;
    // Boxes of one step of the output reach so many of the input: steps that no two of them share are done beside each other.
    let apart = way.kernel[0] <= way.stride[0] && way.before[0] == 0 && way.dilation[0] == 1;
    let (steps, chunk) = if apart { (1, way.stride[0] * step) } else { (extent.space[0], space[0] * step) };
    values.par_chunks_mut(1 << 16).for_each(|values| values.fill(0.0));
    let volumes = values.par_chunks_mut(space[0] * step).enumerate();
    volumes.for_each(|(n, volume)| {
        volume.par_chunks_mut(chunk).enumerate().for_each(|(part, values)| {
            let first = part * steps;
            for t in first..(first + steps).min(extent.space[0]) {
                let origin = if apart { t * way.stride[0] } else { 0 };
                for (y, x) in (0..extent.space[1]).flat_map(|y| (0..extent.space[2]).map(move |x| (y, x))) {
                    let of = gradient.row([n, t, y]) + x * gradient.strides[3];
                    let of = &gradient.values[of..][..extent.c];
                    let pixel = ((n * extent.space[0] + t) * extent.space[1] + y) * extent.space[2] + x;
                    let taps = &taps[pixel * extent.c..][..extent.c];
                    for (tap, at) in inputs(way, space, [t, y, x]) {
                        let place = ((at[0] - origin) * space[1] + at[1]) * space[2] + at[2];
                        let to = &mut values[place * extent.c..][..extent.c];
                        for ((to, which), gradient) in to.iter_mut().zip(taps).zip(of) {
                            *to += if *which == tap { *gradient } else { 0.0 };
                        }
                    }
                }
            }
        });
    });
    Ok(values)
}

/// The pixels of a box that lie in the input, with their taps.
fn inputs(way: &Way, space: [usize; 3], output: [usize; 3]) -> impl Iterator<Item = (u8, [usize; 3])> + '_ {
    let [kt, ky, kx] = way.kernel;
    let axis = move |a: usize, tap: usize| {
        let place = (output[a] * way.stride[a] + tap * way.dilation[a]).checked_sub(way.before[a])?;
        (place < space[a]).then_some(place)
    };
    (0..kt * ky * kx).filter_map(move |tap| {
        let at = [axis(0, tap / (ky * kx))?, axis(1, tap / kx % ky)?, axis(2, tap % kx)?];
        Some((tap as u8, at))
    })
}
