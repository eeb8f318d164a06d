//! Codes of f32 values, values of codes, and codes of codes.

use crate::kernels::int8::codes::Codes;
use crate::kernels::int8::rounding::{limit, round};
use crate::kernels::isa::{Isa, Kernel};

/// out = round(y·inverse_scale) + zero, limited to 0..=255.
///
/// Ties go to even; ±∞ saturates and what is no number gives `zero`.
pub fn quantize(isa: Isa, y: &[f32], inverse_scale: f32, zero: u8, out: &mut [u8]) {
    assert_eq!(y.len(), out.len(), "int8: elements in and out");
    isa.run(Quantize {
        y,
        inverse_scale,
        zero,
        out,
    });
}

/// As [`quantize`] limited to 0..=65 535, in planes of the upper and the lower bytes.
pub fn quantize_wide(
    isa: Isa,
    y: &[f32],
    inverse_scale: f32,
    zero: u16,
    hi: &mut [u8],
    lo: &mut [u8],
) {
    assert_eq!(
        [y.len(); 2],
        [hi.len(), lo.len()],
        "int8: elements in and out"
    );
    isa.run(QuantizeWide {
        y,
        inverse_scale,
        zero,
        hi,
        lo,
    });
}

/// y = scale·(q − zero).
pub fn dequantize(isa: Isa, q: impl Codes, zero: i32, scale: f32, y: &mut [f32]) {
    run_dequantize::<false>(isa, q, zero, scale, y);
}

/// y += scale·(q − zero): a residual.
pub fn add_quantized(isa: Isa, q: impl Codes, zero: i32, scale: f32, y: &mut [f32]) {
    run_dequantize::<true>(isa, q, zero, scale, y);
}

fn run_dequantize<const ADD: bool>(isa: Isa, q: impl Codes, zero: i32, scale: f32, y: &mut [f32]) {
    assert_eq!(q.count(), y.len(), "int8: elements in and out");
    isa.run(Dequantize::<_, ADD> { q, zero, scale, y });
}

/// out = min(255, (q + 128) / 256): a wide code in one byte, at 256 times its scale.
pub fn round_wide(isa: Isa, hi: &[u8], lo: &[u8], out: &mut [u8]) {
    assert_eq!(
        [out.len(); 2],
        [hi.len(), lo.len()],
        "int8: elements in and out"
    );
    isa.run(RoundWide { hi, lo, out });
}

/// out = table\[q\]: any function of one code, such as the square that a variance is made of.
pub fn translate(q: &[u8], table: &[u8; 256], out: &mut [u8]) {
    assert_eq!(q.len(), out.len(), "int8: elements in and out");
    for (out, &q) in out.iter_mut().zip(q) {
        *out = table[usize::from(q)];
    }
}

/// round(value) + zero within 0..=largest.
#[inline(always)]
pub(super) fn code(value: f32, zero: f32, largest: f32) -> i32 {
    // Limits first: they are integers, so rounding cannot cross them, and it needs small numbers.
    round(limit(value, -zero, largest - zero)) + zero as i32
}

struct Quantize<'a> {
    y: &'a [f32],
    inverse_scale: f32,
    zero: u8,
    out: &'a mut [u8],
}

impl Kernel for Quantize<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let zero = f32::from(self.zero);
        for (out, &y) in self.out.iter_mut().zip(self.y) {
            *out = code(y * self.inverse_scale, zero, 255.0) as u8;
        }
    }
}

struct QuantizeWide<'a> {
    y: &'a [f32],
    inverse_scale: f32,
    zero: u16,
    hi: &'a mut [u8],
    lo: &'a mut [u8],
}

impl Kernel for QuantizeWide<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let zero = f32::from(self.zero);
        for ((hi, lo), &y) in self.hi.iter_mut().zip(self.lo).zip(self.y) {
            let code = code(y * self.inverse_scale, zero, 65_535.0);
            *hi = (code >> 8) as u8;
            *lo = code as u8;
        }
    }
}

struct Dequantize<'a, C, const ADD: bool> {
    q: C,
    zero: i32,
    scale: f32,
    y: &'a mut [f32],
}

impl<C: Codes, const ADD: bool> Kernel for Dequantize<'_, C, ADD> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, q) in self.y.iter_mut().zip(self.q.values()) {
            let value = self.scale * (q - self.zero) as f32;
            *y = if ADD { *y + value } else { value };
        }
    }
}

struct RoundWide<'a> {
    hi: &'a [u8],
    lo: &'a [u8],
    out: &'a mut [u8],
}

impl Kernel for RoundWide<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((out, &hi), &lo) in self.out.iter_mut().zip(self.hi).zip(self.lo) {
            // (256·hi + lo + 128) / 256 is hi, and one more where lo is at least 128.
            *out = hi.saturating_add(lo >> 7);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::Wide;
    use crate::kernels::int8::testing::{LENGTHS, codes};
    use crate::kernels::testing::{assert_same_bits, numbers};

    /// Values around the codes' range, ties among them, and at the end what is no finite number.
    fn values(seed: u64, count: usize, largest: f32) -> Vec<f32> {
        let mut values = numbers::<f32>(seed, count);
        for value in &mut values {
            *value = (*value * largest * 4.0).round() / 2.0;
        }
        let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38, -3e38];
        for (value, special) in values.iter_mut().rev().zip(special) {
            *value = special;
        }
        values
    }

    fn reference(value: f32, zero: u16, largest: f64) -> u16 {
        if value.is_nan() {
            return zero;
        }
        let code = f64::from(value).round_ties_even() + f64::from(zero);
        code.clamp(0.0, largest) as u16
    }

    #[test]
    fn values_become_the_nearest_codes_on_every_isa() {
        for (isa, length) in Isa::available().flat_map(|isa| LENGTHS.map(|n| (isa, n))) {
            for (zero, inverse) in [(0, 1.0), (128, 0.25), (255, 3.0)] {
                let y = values(1, length, 256.0);
                let mut out = vec![1; length];
                quantize(isa, &y, inverse, zero, &mut out);
                for (y, out) in y.iter().zip(out) {
                    let want = reference(y * inverse, zero.into(), 255.0);
                    assert_eq!(u16::from(out), want, "{y} on {isa}");
                }
            }
            for (zero, inverse) in [(0, 1.0), (32_768, 0.25), (65_535, 3.0)] {
                let y = values(2, length, 65_536.0);
                let (mut hi, mut lo) = (vec![1; length], vec![1; length]);
                quantize_wide(isa, &y, inverse, zero, &mut hi, &mut lo);
                for (i, y) in y.iter().enumerate() {
                    let want = reference(y * inverse, zero, 65_535.0);
                    assert_eq!([hi[i], lo[i]], want.to_be_bytes(), "{y} on {isa}");
                }
            }
        }
    }

    #[test]
    fn codes_become_values_on_every_isa() {
        for (isa, length) in Isa::available().flat_map(|isa| LENGTHS.map(|n| (isa, n))) {
            let (hi, lo) = (&codes(3, length)[..], &codes(4, length)[..]);
            let start = numbers::<f32>(5, length);
            let wide = Wide { hi, lo };
            let narrow_value = |i: usize| 0.3 * (i32::from(lo[i]) - 99) as f32;
            let wide_value =
                |i: usize| 0.3 * (i32::from(u16::from_be_bytes([hi[i], lo[i]])) - 40_000) as f32;
            let want = |of: &dyn Fn(usize) -> f32| (0..length).map(of).collect::<Vec<_>>();
            let mut y = start.clone();
            dequantize(isa, lo, 99, 0.3, &mut y);
            assert_same_bits(&y, &want(&narrow_value), "dequantize");
            dequantize(isa, wide, 40_000, 0.3, &mut y);
            assert_same_bits(&y, &want(&wide_value), "dequantize wide");
            y.clone_from(&start);
            add_quantized(isa, lo, 99, 0.3, &mut y);
            assert_same_bits(&y, &want(&|i| start[i] + narrow_value(i)), "add");
            y.clone_from(&start);
            add_quantized(isa, wide, 40_000, 0.3, &mut y);
            assert_same_bits(&y, &want(&|i| start[i] + wide_value(i)), "add wide");
        }
    }

    #[test]
    fn codes_become_codes() {
        let all: Vec<[u8; 2]> = (0..=u16::MAX).map(u16::to_be_bytes).collect();
        let [hi, lo] = [0, 1].map(|half| all.iter().map(|q| q[half]).collect::<Vec<u8>>());
        for isa in Isa::available() {
            let mut out = vec![0; all.len()];
            round_wide(isa, &hi, &lo, &mut out);
            for (q, out) in (0_u32..).zip(out) {
                assert_eq!(u32::from(out), 255.min((q + 128) >> 8), "{q} on {isa}");
            }
        }
        let squares = std::array::from_fn(|q| ((q * q + 127) / 255) as u8);
        let mut out = vec![0; 256];
        translate(&(0..=255).collect::<Vec<_>>(), &squares, &mut out);
        assert_eq!(out, squares);
    }
}
