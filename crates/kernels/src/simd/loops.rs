//! The loops themselves, over lanes of any instructions, and the functions that a set of instructions makes of them.

use super::lanes::{LANES, Lanes};

/// One tap of a row: where the source's row begins, how far its pixels lie to the side, and its weights in the block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tap {
    pub(crate) row: usize,
    pub(crate) shift: isize,
    pub(crate) weights: usize,
}

/// The source of a row: pixel `place * step + shift` of `width` pixels is read, zeros outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) values: &'a [f32],
    /// Distance of pixels.
    pub(crate) pixel: usize,
    pub(crate) width: usize,
    pub(crate) step: usize,
    pub(crate) channels: usize,
}

impl Source<'_> {
    pub(super) fn check(&self, taps: &[Tap]) {
        assert!(self.width > 0 && self.channels > 0);
        let length = (self.width - 1) * self.pixel + self.channels;
        assert!(taps.iter().all(|tap| tap.row + length <= self.values.len()), "a row beyond its source");
    }
}

/// Outputs of one or more blocks of channels, for pixels of one row.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) taps: &'a [Tap],
    /// As many zeros as the source has channels.
    pub(crate) zeros: &'a [f32],
    /// Weights `[block, tap, channel, lane]`.
    pub(crate) weights: &'a [f32],
    /// Distance of blocks.
    pub(crate) block: usize,
    /// As many lanes as all blocks have.
    pub(crate) bias: &'a [f32],
    /// What values below 0 are multiplied with.
    pub(crate) slope: f32,
    pub(crate) output: &'a mut [f32],
    /// Distance of output pixels.
    pub(crate) pixel: usize,
    pub(crate) pixels: usize,
    /// Channels of the output.
    pub(crate) channels: usize,
}

/// What the pixels of some rows add to the gradient of one tap's weights.
#[derive(Debug)]
pub(crate) struct Outer<'a> {
    pub(crate) source: Source<'a>,
    /// Where rows begin: those of the source in a tap, those of the gradient beside.
    pub(crate) lines: &'a [(Tap, usize)],
    /// The gradient of the output.
    pub(crate) gradient: &'a [f32],
    /// Distance of its pixels.
    pub(crate) pixel: usize,
    pub(crate) pixels: usize,
    pub(crate) channels: usize,
    /// Sums `[channel of the source, lane]` of one block after another.
    pub(crate) sums: &'a mut [f32],
}

/// Splits `count` into the fewest parts of at most `most`, as even as can be: their number, the size of the first ones,
/// and how many are one larger.
pub(super) fn even(count: usize, most: usize) -> (usize, usize, usize) {
    let parts = count.div_ceil(most);
    (parts, count / parts, count % parts)
}

/// `PIXELS` pixels from `first` on, of `BLOCKS` blocks of channels from `block` on.
///
/// # Safety
/// As [`row`] checks, with `first + PIXELS <= row.pixels` and the blocks among those of the row.
#[inline(always)]
pub(super) unsafe fn pixels<L: Lanes, const PIXELS: usize, const BLOCKS: usize>(
    row: &mut Row<'_>,
    first: usize,
    block: usize,
) {
    let Source { values, pixel, width, step, channels } = row.source;
    // SAFETY: the caller's.
    unsafe {
        let bias = row.bias.as_ptr().add(block * LANES);
        let bias: [L; BLOCKS] = std::array::from_fn(|b| L::load(bias.add(b * LANES)));
        let mut sums = [bias; PIXELS];
        for tap in row.taps {
            let line = values.as_ptr().add(tap.row);
            let inputs: [*const f32; PIXELS] = std::array::from_fn(|p| {
                let place = ((first + p) * step).wrapping_add_signed(tap.shift);
                if place < width { line.add(place * pixel) } else { row.zeros.as_ptr() }
            });
            let mut weights = row.weights.as_ptr().add(block * row.block + tap.weights);
            let mut channel = 0;
            while channel + 4 <= channels {
                chain::<L, PIXELS, BLOCKS>(&mut sums, &inputs, channel, weights, row.block);
                chain::<L, PIXELS, BLOCKS>(&mut sums, &inputs, channel + 1, weights.add(LANES), row.block);
                chain::<L, PIXELS, BLOCKS>(
                    &mut sums,
                    &inputs,
                    channel + 2,
                    weights.add(2 * LANES),
                    row.block,
                );
                chain::<L, PIXELS, BLOCKS>(
                    &mut sums,
                    &inputs,
                    channel + 3,
                    weights.add(3 * LANES),
                    row.block,
                );
                weights = weights.add(4 * LANES);
                channel += 4;
            }
            while channel < channels {
                chain::<L, PIXELS, BLOCKS>(&mut sums, &inputs, channel, weights, row.block);
                weights = weights.add(LANES);
                channel += 1;
            }
        }
        let slope = L::splat(row.slope);
        for (p, sums) in sums.iter().enumerate() {
            let output = row.output.as_mut_ptr().add((first + p) * row.pixel + block * LANES);
            for (b, sum) in sums.iter().enumerate() {
                let value = sum.mul(slope).max(*sum);
                let left = row.channels - (block + b) * LANES;
                if left >= LANES {
                    value.store(output.add(b * LANES));
                } else {
                    value.store_part(output.add(b * LANES), left);
                }
            }
        }
    }
}

/// One link of each chain.
///
/// # Safety
/// As [`pixels`].
#[inline(always)]
unsafe fn chain<L: Lanes, const PIXELS: usize, const BLOCKS: usize>(
    sums: &mut [[L; BLOCKS]; PIXELS],
    inputs: &[*const f32; PIXELS],
    channel: usize,
    weights: *const f32,
    block: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        let weights: [L; BLOCKS] = std::array::from_fn(|b| L::load(weights.add(b * block)));
        for p in 0..PIXELS {
            let input = L::splat(*inputs[p].add(channel));
            for b in 0..BLOCKS {
                sums[p][b] = sums[p][b].fma(input, weights[b]);
            }
        }
    }
}

/// `PIXELS` pixels from `first` on of the channels from `channel` on, each for itself.
///
/// # Safety
/// As [`depthwise_row`] checks, with `first + PIXELS <= row.pixels` and `channel` the first of a block.
#[inline(always)]
pub(super) unsafe fn depthwise<L: Lanes, const PIXELS: usize>(
    row: &mut Row<'_>,
    first: usize,
    channel: usize,
) {
    let Source { values, pixel, width, step, channels } = row.source;
    let left = channels - channel;
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [L::load(row.bias.as_ptr().add(channel)); PIXELS];
        for tap in row.taps {
            let line = values.as_ptr().add(tap.row);
            let weights = L::load(row.weights.as_ptr().add(tap.weights + channel));
            for (p, sum) in sums.iter_mut().enumerate() {
                let place = ((first + p) * step).wrapping_add_signed(tap.shift);
                let input = if place < width { line.add(place * pixel) } else { row.zeros.as_ptr() };
                let input = input.add(channel);
                let input = if left >= LANES { L::load(input) } else { L::load_part(input, left) };
                *sum = sum.fma(input, weights);
            }
        }
        let slope = L::splat(row.slope);
        for (p, sum) in sums.iter().enumerate() {
            let output = row.output.as_mut_ptr().add((first + p) * row.pixel + channel);
            let value = sum.mul(slope).max(*sum);
            if left >= LANES { value.store(output) } else { value.store_part(output, left) }
        }
    }
}

/// The sums of `INPUTS` channels of the source from `input` on and `BLOCKS` blocks from `block` on.
///
/// # Safety
/// As [`outer`] checks, with channels and blocks among those of the row.
#[inline(always)]
pub(super) unsafe fn products<L: Lanes, const INPUTS: usize, const BLOCKS: usize>(
    outer: &mut Outer<'_>,
    input: usize,
    block: usize,
) {
    let Source { values, pixel, width, step, channels } = outer.source;
    // SAFETY: the caller's; `inside` gives places whose pixel lies in the row.
    unsafe {
        let place = |b: usize, i: usize| (block + b) * channels * LANES + (input + i) * LANES;
        let mut sums: [[L; BLOCKS]; INPUTS] =
            std::array::from_fn(|i| std::array::from_fn(|b| L::load(outer.sums.as_ptr().add(place(b, i)))));
        let left = outer.channels - (block + BLOCKS - 1) * LANES;
        for (tap, line) in outer.lines {
            let Some((begin, end)) = inside(outer.pixels, step, tap.shift, width) else { continue };
            let first = (begin * step).wrapping_add_signed(tap.shift);
            let mut x = values.as_ptr().add(tap.row + first * pixel + input);
            let mut y = outer.gradient.as_ptr().add(line + begin * outer.pixel + block * LANES);
            for _ in begin..end {
                let gradient: [L; BLOCKS] = std::array::from_fn(|b| {
                    let whole = b + 1 < BLOCKS || left >= LANES;
                    if whole { L::load(y.add(b * LANES)) } else { L::load_part(y.add(b * LANES), left) }
                });
                for (i, sums) in sums.iter_mut().enumerate() {
                    let value = L::splat(*x.add(i));
                    for b in 0..BLOCKS {
                        sums[b] = sums[b].fma(value, gradient[b]);
                    }
                }
                x = x.wrapping_add(step * pixel);
                y = y.wrapping_add(outer.pixel);
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            for (b, sum) in sums.iter().enumerate() {
                sum.store(outer.sums.as_mut_ptr().add(place(b, i)));
            }
        }
    }
}

/// The outputs whose input lies among `width`: from the first to beyond the last, if there are any.
fn inside(outputs: usize, step: usize, shift: isize, width: usize) -> Option<(usize, usize)> {
    let step = step as isize;
    // ceil(-shift / step) and ceil((width - shift) / step)
    let begin = (-shift).max(0).div_euclid(step) + isize::from((-shift).max(0).rem_euclid(step) > 0);
    let room = width as isize - shift;
    let end = if room <= 0 { 0 } else { (room - 1) / step + 1 };
    let end = end.min(outputs as isize);
    (begin < end).then_some((begin as usize, end as usize))
}

/// Functions `row` and `outer` of one set of instructions: `$most` pixels (or inputs) in registers at a time, of as many
/// blocks as `$blocks` says.
macro_rules! kernels {
    ($lanes:ty, $(#[$feature:meta])? most = [$($size:literal)*] of $most:literal, blocks = $blocks:literal) => {
        /// # Safety
        /// As `super::row` checks, and the instructions.
        $(#[$feature])?
        pub(super) unsafe fn row(row: &mut $crate::simd::loops::Row<'_>) {
            let (parts, size, larger) = $crate::simd::loops::even(row.pixels, $most);
            let blocks = row.channels.div_ceil($crate::simd::lanes::LANES);
            let mut block = 0;
            while block < blocks {
                let together = if blocks - block >= $blocks { $blocks } else { 1 };
                let mut first = 0;
                for part in 0..parts {
                    let count = size + usize::from(part < larger);
                    // SAFETY: the caller's.
                    unsafe {
                        match (count, together) {
                            $(($size, 1) => pixels::<$size, 1>(row, first, block),
                              ($size, _) => pixels::<$size, $blocks>(row, first, block),)*
                            _ => {}
                        }
                    }
                    first += count;
                }
                block += together;
            }
        }

        /// # Safety
        /// As `super::depthwise_row` checks, and the instructions.
        $(#[$feature])?
        pub(super) unsafe fn depthwise_row(row: &mut $crate::simd::loops::Row<'_>) {
            let (whole, left) = (row.pixels / 4 * 4, row.pixels % 4);
            for channel in (0..row.channels).step_by($crate::simd::lanes::LANES) {
                // SAFETY: the caller's.
                unsafe {
                    for first in (0..whole).step_by(4) {
                        $crate::simd::loops::depthwise::<$lanes, 4>(row, first, channel);
                    }
                    for first in whole..whole + left {
                        $crate::simd::loops::depthwise::<$lanes, 1>(row, first, channel);
                    }
                }
            }
        }

        /// # Safety
        /// As `super::outer` checks, and the instructions.
        $(#[$feature])?
        pub(super) unsafe fn outer(outer: &mut $crate::simd::loops::Outer<'_>) {
            let (parts, size, larger) = $crate::simd::loops::even(outer.source.channels, $most);
            let blocks = outer.channels.div_ceil($crate::simd::lanes::LANES);
            let mut block = 0;
            while block < blocks {
                let together = if blocks - block >= $blocks { $blocks } else { 1 };
                let mut first = 0;
                for part in 0..parts {
                    let count = size + usize::from(part < larger);
                    // SAFETY: the caller's.
                    unsafe {
                        match (count, together) {
                            $(($size, 1) => products::<$size, 1>(outer, first, block),
                              ($size, _) => products::<$size, $blocks>(outer, first, block),)*
                            _ => {}
                        }
                    }
                    first += count;
                }
                block += together;
            }
        }

        // A function of its own for each size: inlined, registers are spilled.
        $(#[$feature])?
        #[inline(never)]
        unsafe fn pixels<const PIXELS: usize, const BLOCKS: usize>(
            row: &mut $crate::simd::loops::Row<'_>,
            first: usize,
            block: usize,
        ) {
            // SAFETY: the caller's.
            unsafe { $crate::simd::loops::pixels::<$lanes, PIXELS, BLOCKS>(row, first, block) }
        }

        $(#[$feature])?
        #[inline(never)]
        unsafe fn products<const INPUTS: usize, const BLOCKS: usize>(
            outer: &mut $crate::simd::loops::Outer<'_>,
            input: usize,
            block: usize,
        ) {
            // SAFETY: the caller's.
            unsafe { $crate::simd::loops::products::<$lanes, INPUTS, BLOCKS>(outer, input, block) }
        }
    };
}
pub(super) use kernels;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_inside_are_those_whose_input_is() {
        for step in 1..4 {
            for shift in -5..8 {
                for width in 1..6 {
                    let all: Vec<usize> = (0..7)
                        .filter(|place| (0..width as isize).contains(&((place * step) as isize + shift)))
                        .collect();
                    let found =
                        inside(7, step, shift, width).map_or(vec![], |(begin, end)| (begin..end).collect());
                    assert_eq!(found, all, "step {step} shift {shift} width {width}");
                }
            }
        }
    }
}
