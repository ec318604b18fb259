//! The inner loops, in the instructions of each machine. The only module of this crate with unsafe code.
//!
//! Sixteen neighbouring channels are one [`Lanes`], however many registers that takes. Every sum is one chain of fused
//! multiply-adds in the order of taps, then channels (of pixels, for weights), so that all instructions give the same bytes.
//! What a loop reads and writes is checked before it begins.
#![expect(unsafe_code, reason = "vector instructions, and loads that are checked once a row instead of each")]

use crate::Isa;
use crate::isa::Set;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod lanes;
mod loops;
mod portable;

pub(crate) use lanes::{LANES, Work};
pub(crate) use loops::{Outer, Row, Source, Tap};

/// Computes a row.
pub(crate) fn row(isa: Isa, row: &mut Row<'_>) {
    let Source { channels, .. } = row.source;
    row.source.check(row.taps);
    let blocks = row.channels.div_ceil(LANES);
    assert!(row.pixels > 0 && blocks > 0 && row.zeros.len() >= channels && row.bias.len() >= blocks * LANES);
    let last = (blocks - 1) * row.block + channels * LANES;
    assert!(row.taps.iter().all(|tap| tap.weights + last <= row.weights.len()), "taps without weights");
    assert!((row.pixels - 1) * row.pixel + row.channels <= row.output.len(), "a row beyond its output");
    // SAFETY: the lengths were checked above, and an `Isa` is of this machine.
    unsafe {
        match isa.set() {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => avx512::row(row),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => avx2::row(row),
            _ => portable::row(row),
        }
    }
}

/// Computes a row whose channels are each convolved for themselves, with weights `[tap, channel]` in whole lanes.
pub(crate) fn depthwise_row(isa: Isa, row: &mut Row<'_>) {
    row.source.check(row.taps);
    let lanes = row.channels.div_ceil(LANES) * LANES;
    assert!(row.pixels > 0 && row.source.channels == row.channels);
    assert!(row.zeros.len() >= row.channels && row.bias.len() >= lanes);
    assert!(row.taps.iter().all(|tap| tap.weights + lanes <= row.weights.len()), "taps without weights");
    assert!((row.pixels - 1) * row.pixel + row.channels <= row.output.len(), "a row beyond its output");
    // SAFETY: as in `row`.
    unsafe {
        match isa.set() {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => avx512::depthwise_row(row),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => avx2::depthwise_row(row),
            _ => portable::depthwise_row(row),
        }
    }
}

/// Runs `work` with these instructions.
pub(crate) fn with(isa: Isa, work: impl Work) {
    // SAFETY: an `Isa` is of this machine.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        match isa.set() {
            Set::Avx512 => return avx512::with(work),
            Set::Avx2 => return avx2::with(work),
            Set::Portable => {}
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = isa;
    work.run();
}

/// Adds the rows.
pub(crate) fn outer(isa: Isa, outer: &mut Outer<'_>) {
    let blocks = outer.channels.div_ceil(LANES);
    assert!(outer.pixels > 0 && blocks > 0);
    let length = (outer.pixels - 1) * outer.pixel + outer.channels;
    for (tap, gradient) in outer.lines {
        outer.source.check(std::slice::from_ref(tap));
        assert!(gradient + length <= outer.gradient.len(), "a row beyond its gradient");
    }
    assert!(outer.sums.len() >= blocks * outer.source.channels * LANES, "weights without sums");
    // SAFETY: as in `row`.
    unsafe {
        match isa.set() {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => avx512::outer(outer),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => avx2::outer(outer),
            _ => portable::outer(outer),
        }
    }
}
