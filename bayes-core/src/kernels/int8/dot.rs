//! The step of the integer product, 16 outputs × two or four products, on each instruction set.
//!
//! `maddubs` is not used: it adds u8·i8 products in 16 bits and saturates.

use super::pack::{LANES, Line};

/// Vectors that hold the sums of 16 outputs, and the step that adds some products to each.
///
/// All versions compute the same integers.
pub(super) trait Dot {
    /// Products added to each sum at once.
    const STEP: usize;
    /// 16 sums.
    type Sums: Copy;
    /// An activation as it lies in memory.
    type Code: Copy;
    /// Activations of a step, the same for every output.
    type Input: Copy;
    /// Weights of each output in memory.
    type Line: Copy;
    /// Weights of a step of each output.
    type Weights: Copy;

    /// Sums of 0.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set; so for all functions of this trait.
    unsafe fn zero() -> Self::Sums;

    /// Prepares the activations of a step.
    ///
    /// # Safety
    ///
    /// As [`Self::zero`], and there are [`Self::STEP`] of them at `x`.
    unsafe fn input(x: *const Self::Code) -> Self::Input;

    /// Prepares a line of weights.
    ///
    /// # Safety
    ///
    /// As [`Self::zero`].
    unsafe fn weights(line: &Self::Line) -> Self::Weights;

    /// sums\[o\] + Σ x\[i\]·w\[o, i\] over a step.
    ///
    /// # Safety
    ///
    /// As [`Self::zero`].
    unsafe fn add(sums: Self::Sums, x: Self::Input, w: Self::Weights) -> Self::Sums;

    /// The sums as numbers.
    ///
    /// # Safety
    ///
    /// As [`Self::zero`].
    unsafe fn numbers(sums: Self::Sums) -> [i32; LANES];
}

/// What the compilation target guarantees: weights as 32-bit lanes, so that a compiler that sees how
/// small they are uses 16-bit products.
pub(super) struct Portable;

impl Dot for Portable {
    const STEP: usize = 4;
    type Code = u8;
    type Line = Line;
    type Sums = [i32; LANES];
    type Input = [i32; 4];
    type Weights = [[i32; LANES]; 4];

    #[inline(always)]
    unsafe fn zero() -> Self::Sums {
        [0; LANES]
    }

    #[inline(always)]
    unsafe fn input(x: *const u8) -> Self::Input {
        // SAFETY: the caller vouches for the four bytes; an array of them needs no alignment.
        unsafe { *x.cast::<[u8; 4]>() }.map(i32::from)
    }

    #[inline(always)]
    unsafe fn weights(line: &Line) -> Self::Weights {
        let mut weights = [[0; LANES]; 4];
        for (o, four) in line.0.iter().enumerate() {
            let four = i32::from_le_bytes(four.map(i8::cast_unsigned));
            for (i, weights) in weights.iter_mut().enumerate() {
                weights[o] = four << (24 - 8 * i) >> 24;
            }
        }
        weights
    }

    #[inline(always)]
    unsafe fn add(mut sums: Self::Sums, x: Self::Input, w: Self::Weights) -> Self::Sums {
        for (x, w) in x.into_iter().zip(w) {
            for (sum, w) in sums.iter_mut().zip(w) {
                *sum += x * w;
            }
        }
        sums
    }

    #[inline(always)]
    unsafe fn numbers(sums: Self::Sums) -> [i32; LANES] {
        sums
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Vnni};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::super::pack::Pairs;
    use super::{Dot, LANES, Line};

    /// AVX2: inputs and weights in 16 bits, so that an instruction adds two products of one output in each
    /// 32-bit lane.
    pub struct Avx2;

    impl Dot for Avx2 {
        const STEP: usize = 2;
        type Code = u16;
        type Line = Pairs;
        type Sums = [__m256i; 2];
        type Input = __m256i;
        type Weights = [__m256i; 2];

        #[inline(always)]
        unsafe fn zero() -> Self::Sums {
            // SAFETY: the caller has seen that the processor has AVX2; so below.
            unsafe { [_mm256_setzero_si256(); 2] }
        }

        #[inline(always)]
        unsafe fn input(x: *const u16) -> Self::Input {
            // SAFETY: as in `zero`; the caller vouches for the two codes, four bytes.
            unsafe { _mm256_set1_epi32(x.cast::<i32>().read_unaligned()) }
        }

        #[inline(always)]
        unsafe fn weights(line: &Pairs) -> Self::Weights {
            let vectors: *const __m256i = (&raw const line.0).cast();
            // SAFETY: as in `zero`; a line is 64 bytes and aligned to them, two whole vectors.
            unsafe {
                [
                    _mm256_load_si256(vectors),
                    _mm256_load_si256(vectors.add(1)),
                ]
            }
        }

        #[inline(always)]
        unsafe fn add(sums: Self::Sums, x: Self::Input, w: Self::Weights) -> Self::Sums {
            // SAFETY: as in `zero`.
            unsafe {
                [
                    _mm256_add_epi32(sums[0], _mm256_madd_epi16(x, w[0])),
                    _mm256_add_epi32(sums[1], _mm256_madd_epi16(x, w[1])),
                ]
            }
        }

        #[inline(always)]
        unsafe fn numbers(sums: Self::Sums) -> [i32; LANES] {
            let mut numbers = [0; LANES];
            let vectors: *mut __m256i = numbers.as_mut_ptr().cast();
            // SAFETY: as in `zero`; the 16 numbers are two whole vectors, written unaligned.
            unsafe {
                _mm256_storeu_si256(vectors, sums[0]);
                _mm256_storeu_si256(vectors.add(1), sums[1]);
            }
            numbers
        }
    }

    /// AVX-512 VNNI: one instruction adds four u8·i8 products to each of 16 sums, without saturating.
    pub struct Vnni;

    impl Dot for Vnni {
        const STEP: usize = 4;
        type Code = u8;
        type Line = Line;
        type Sums = __m512i;
        type Input = __m512i;
        type Weights = __m512i;

        #[inline(always)]
        unsafe fn zero() -> Self::Sums {
            // SAFETY: the caller has seen that the processor has AVX-512 F and VNNI; so below.
            unsafe { _mm512_setzero_si512() }
        }

        #[inline(always)]
        unsafe fn input(x: *const u8) -> Self::Input {
            // SAFETY: as in `zero`; the caller vouches for the four bytes.
            unsafe { _mm512_set1_epi32(x.cast::<i32>().read_unaligned()) }
        }

        #[inline(always)]
        unsafe fn weights(line: &Line) -> Self::Weights {
            // SAFETY: as in `zero`; a line is one whole vector and aligned to 64 bytes.
            unsafe { _mm512_load_si512((&raw const line.0).cast()) }
        }

        #[inline(always)]
        unsafe fn add(sums: Self::Sums, x: Self::Input, w: Self::Weights) -> Self::Sums {
            // SAFETY: as in `zero`.
            unsafe { _mm512_dpbusd_epi32(sums, x, w) }
        }

        #[inline(always)]
        unsafe fn numbers(sums: Self::Sums) -> [i32; LANES] {
            let mut numbers = [0; LANES];
            // SAFETY: as in `zero`; the 16 numbers are one whole vector, written unaligned.
            unsafe { _mm512_storeu_si512(numbers.as_mut_ptr().cast(), sums) };
            numbers
        }
    }
}
