//! AVX2 and FMA: two registers of eight.

use std::arch::x86_64::*;

use super::lanes::{LANES, Lanes, Work};
use super::loops::kernels;

#[derive(Clone, Copy)]
struct Two(__m256, __m256);

/// As many bits set as lanes are to be touched.
#[inline(always)]
unsafe fn mask(count: usize) -> (__m256i, __m256i) {
    // SAFETY: the caller's.
    unsafe {
        let places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let below = |count: usize| _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), places);
        (below(count.min(8)), below(count.saturating_sub(8).min(LANES - 8)))
    }
}

// SAFETY of all: the caller's, see the trait.
impl Lanes for Two {
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's.
        unsafe { Self(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's.
        unsafe { Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Self {
        // SAFETY: the caller's; masked lanes are not read.
        unsafe {
            let (low, high) = mask(count);
            Self(_mm256_maskload_ps(from, low), _mm256_maskload_ps(from.wrapping_add(8), high))
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's.
        unsafe {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize) {
        // SAFETY: the caller's; masked lanes are not written.
        unsafe {
            let (low, high) = mask(count);
            _mm256_maskstore_ps(to, low, self.0);
            _mm256_maskstore_ps(to.wrapping_add(8), high, self.1);
        }
    }

    #[inline(always)]
    unsafe fn fma(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller's.
        unsafe { Self(_mm256_fmadd_ps(a.0, b.0, self.0), _mm256_fmadd_ps(a.1, b.1, self.1)) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: the caller's.
        unsafe { Self(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // SAFETY: the caller's.
        unsafe { Self(_mm256_max_ps(self.0, other.0), _mm256_max_ps(self.1, other.1)) }
    }
}

/// # Safety
/// The instructions.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn with(work: impl Work) {
    work.run();
}

kernels!(Two, #[target_feature(enable = "avx2,fma")] most = [1 2 3 4 5 6] of 6, blocks = 1);
