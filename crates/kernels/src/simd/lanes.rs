//! Sixteen numbers beside each other, whatever registers that takes.

/// Channels of one block of weights.
pub(crate) const LANES: usize = 16;

/// Sixteen numbers in registers.
///
/// # Safety
/// All functions need the instructions of their implementation, and pointers to as many numbers as they read or write.
pub(super) trait Lanes: Copy {
    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    /// The first `count` numbers, then zeros.
    unsafe fn load_part(from: *const f32, count: usize) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// The first `count` numbers alone.
    unsafe fn store_part(self, to: *mut f32, count: usize);
    /// `a * b + self`, rounded once.
    unsafe fn fma(self, a: Self, b: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    /// `self` where it is greater, else `other`: which NaN of `other` survives.
    unsafe fn max(self, other: Self) -> Self;
}

/// Loops over numbers that do not depend on each other, for the compiler to turn into vector instructions. It fuses no product with
/// a sum by itself, so that the bytes are the same with all of them.
///
/// `run` is to be `#[inline(always)]`, as all that it calls: what is not inlined is compiled for any machine. That a closure
/// cannot ask for.
pub(crate) trait Work {
    fn run(self);
}
