//! Any machine: an array that the compiler turns into what there is.

use super::lanes::{LANES, Lanes};
use super::loops::kernels;

#[derive(Clone, Copy)]
struct Array([f32; LANES]);

impl Array {
    #[inline(always)]
    fn each(value: impl FnMut(usize) -> f32) -> Self {
        Self(std::array::from_fn(value))
    }
}

// SAFETY of all: the caller's, see the trait.
impl Lanes for Array {
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's.
        unsafe { Self(from.cast::<[f32; LANES]>().read()) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Self {
        // SAFETY: the caller's.
        unsafe { Self::each(|lane| if lane < count { *from.add(lane) } else { 0.0 }) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's.
        unsafe { to.cast::<[f32; LANES]>().write(self.0) }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize) {
        for (lane, value) in self.0.into_iter().enumerate().take(count) {
            // SAFETY: the caller's.
            unsafe { *to.add(lane) = value }
        }
    }

    #[inline(always)]
    unsafe fn fma(self, a: Self, b: Self) -> Self {
        Self::each(|lane| a.0[lane].mul_add(b.0[lane], self.0[lane]))
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        Self::each(|lane| self.0[lane] * other.0[lane])
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        Self::each(|lane| if self.0[lane] > other.0[lane] { self.0[lane] } else { other.0[lane] })
    }
}

kernels!(Array, most = [1 2 3 4] of 4, blocks = 1);
