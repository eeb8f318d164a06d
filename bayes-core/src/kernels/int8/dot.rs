//! The step of the integer product, 16 outputs × 4 products, on each instruction set.
//!
//! `maddubs` is not used: it adds u8·i8 products in 16 bits and saturates.

use super::pack::{LANES, Line};

/// Vectors that hold the sums of 16 outputs, and the step that adds four products to each.
///
/// All versions compute the same integers.
pub(super) trait Dot {
    /// 16 sums.
    type Sums: Copy;
    /// Four activations, the same for every output.
    type Input: Copy;
    /// Four weights of each output.
    type Weights: Copy;

    /// Sums of 0.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set; so for all functions of this trait.
    unsafe fn zero() -> Self::Sums;

    /// Prepares four activations.
    ///
    /// # Safety
    ///
    /// As [`Self::zero`].
    unsafe fn input(x: [u8; 4]) -> Self::Input;

    /// Prepares a line of weights.
    ///
    /// # Safety
    ///
    /// As [`Self::zero`].
    unsafe fn weights(line: &Line) -> Self::Weights;

    /// sums\[o\] + Σ x\[i\]·w\[o, i\].
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
    type Sums = [i32; LANES];
    type Input = [i32; 4];
    type Weights = [[i32; LANES]; 4];

    #[inline(always)]
    unsafe fn zero() -> Self::Sums {
        [0; LANES]
    }

    #[inline(always)]
    unsafe fn input(x: [u8; 4]) -> Self::Input {
        x.map(i32::from)
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

    use super::{Dot, LANES, Line};

    /// AVX2: even and odd bytes are widened to 16 bits apart from each other, so that each 32-bit
    /// lane holds two products of one output.
    pub struct Avx2;

    /// The even and the odd bytes of a vector as 16-bit numbers.
    #[derive(Clone, Copy)]
    pub struct Halves {
        even: __m256i,
        odd: __m256i,
    }

    /// Signed bytes, widened.
    ///
    /// # Safety
    ///
    /// The processor has AVX2.
    #[inline(always)]
    unsafe fn widen(bytes: __m256i) -> Halves {
        // SAFETY: passed on.
        unsafe {
            Halves {
                even: _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes)),
                odd: _mm256_srai_epi16::<8>(bytes),
            }
        }
    }

    /// Eight sums and the four products of each.
    ///
    /// # Safety
    ///
    /// The processor has AVX2.
    #[inline(always)]
    unsafe fn add(sums: __m256i, x: Halves, w: Halves) -> __m256i {
        // SAFETY: passed on.
        unsafe {
            let even = _mm256_madd_epi16(x.even, w.even);
            let odd = _mm256_madd_epi16(x.odd, w.odd);
            _mm256_add_epi32(_mm256_add_epi32(sums, even), odd)
        }
    }

    impl Dot for Avx2 {
        type Sums = [__m256i; 2];
        type Input = Halves;
        type Weights = [Halves; 2];

        #[inline(always)]
        unsafe fn zero() -> Self::Sums {
            // SAFETY: the caller has seen that the processor has AVX2; so below.
            unsafe { [_mm256_setzero_si256(); 2] }
        }

        #[inline(always)]
        unsafe fn input(x: [u8; 4]) -> Self::Input {
            // SAFETY: as in `zero`.
            unsafe {
                let x = _mm256_set1_epi32(i32::from_ne_bytes(x));
                Halves {
                    even: _mm256_and_si256(x, _mm256_set1_epi16(0xFF)),
                    odd: _mm256_srli_epi16::<8>(x),
                }
            }
        }

        #[inline(always)]
        unsafe fn weights(line: &Line) -> Self::Weights {
            let vectors: *const __m256i = (&raw const line.0).cast();
            // SAFETY: as in `zero`; a line is 64 bytes and aligned to them, two whole vectors.
            unsafe {
                let (low, high) = (
                    _mm256_load_si256(vectors),
                    _mm256_load_si256(vectors.add(1)),
                );
                [widen(low), widen(high)]
            }
        }

        #[inline(always)]
        unsafe fn add(sums: Self::Sums, x: Self::Input, w: Self::Weights) -> Self::Sums {
            // SAFETY: as in `zero`.
            unsafe { [add(sums[0], x, w[0]), add(sums[1], x, w[1])] }
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
        type Sums = __m512i;
        type Input = __m512i;
        type Weights = __m512i;

        #[inline(always)]
        unsafe fn zero() -> Self::Sums {
            // SAFETY: the caller has seen that the processor has AVX-512 F and VNNI; so below.
            unsafe { _mm512_setzero_si512() }
        }

        #[inline(always)]
        unsafe fn input(x: [u8; 4]) -> Self::Input {
            // SAFETY: as in `zero`.
            unsafe { _mm512_set1_epi32(i32::from_ne_bytes(x)) }
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
