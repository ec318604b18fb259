//! Between channels first and channels last.

use rayon::prelude::*;

use crate::buffers::buffer;
use crate::{Error, Extent, Result, View};

/// Pixels that are turned at a time: their channels fit into the first cache.
const PIXELS: usize = 64;

/// Values `[n, c, t, y, x]` as `[n, t, y, x, c]`.
///
/// # Errors
/// [`Error::Size`] for sizes that cannot be; [`Error::Length`] for a slice of another length.
pub fn channels_last(values: &[f32], extent: Extent) -> Result<Vec<f32>> {
    let expected = extent.numbers()?;
    if values.len() != expected {
        return Err(Error::Length { what: "values", found: values.len(), expected });
    }
    let (channels, pixels) = (extent.c, extent.space.iter().product::<usize>());
    let mut turned = buffer(expected);
    for (turned, values) in
        turned.chunks_exact_mut(channels * pixels).zip(values.chunks_exact(channels * pixels))
    {
        turned.par_chunks_mut(PIXELS * channels).enumerate().for_each(|(chunk, turned)| {
            for (channel, plane) in values.chunks_exact(pixels).enumerate() {
                let plane = &plane[chunk * PIXELS..];
                turned[channel..].iter_mut().step_by(channels).zip(plane).for_each(|(to, from)| *to = *from);
            }
        });
    }
    Ok(turned)
}

/// Values of a view as `[n, c, t, y, x]`.
///
/// # Errors
/// [`Error::Size`] for sizes that cannot be.
pub fn channels_first(x: View<'_>) -> Result<Vec<f32>> {
    let extent = x.extent;
    let (channels, columns) = (extent.c, extent.space[2]);
    let (rows, pixels) = (extent.space[0] * extent.space[1], extent.space.iter().product::<usize>());
    let mut turned = buffer(extent.numbers()?);
    for (n, turned) in turned.chunks_exact_mut(channels * pixels).enumerate() {
        // Sixteen channels of a pixel lie in one or two lines of a cache.
        turned.par_chunks_mut(16 * pixels).enumerate().for_each(|(block, turned)| {
            for row in 0..rows {
                let from = &x.values[x.row(extent.row(n * rows + row))..];
                for (channel, plane) in turned.chunks_exact_mut(pixels).enumerate() {
                    let from = from[16 * block + channel..].iter().step_by(x.strides[3]);
                    let to = &mut plane[row * columns..][..columns];
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                }
            }
        });
    }
    Ok(turned)
}

/// Values of the pixels of one view, then of the other: `[n, t, y, x, first and second channels]`.
///
/// # Errors
/// [`Error::Length`] for views of other sizes.
pub fn joined(first: View<'_>, second: View<'_>) -> Result<Vec<f32>> {
    let (a, b) = (first.extent, second.extent);
    let both = Extent { c: a.c + b.c, ..a };
    if (a.n, a.space) != (b.n, b.space) {
        return Err(Error::Length { what: "pixels to be joined", found: b.pixels(), expected: a.pixels() });
    }
    let mut values = buffer(both.numbers()?);
    values.par_chunks_mut(a.space[2] * both.c).enumerate().for_each(|(row, values)| {
        let from = [first, second].map(|view| &view.values[view.row(a.row(row))..]);
        for (x, pixel) in values.chunks_exact_mut(both.c).enumerate() {
            pixel[..a.c].copy_from_slice(&from[0][x * first.strides[3]..][..a.c]);
            pixel[a.c..].copy_from_slice(&from[1][x * second.strides[3]..][..b.c]);
        }
    });
    Ok(values)
}
