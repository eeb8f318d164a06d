//! The number types kernels work on, and the softplus family in vectorisable form.
//!
//! `exp` and `ln` of the standard library are calls that stop a loop from being vectorised, so they
//! are written here as short series using only `+ - * /` and integer operations on the exponent.
//! The compiler neither reorders nor contracts those, hence every instruction set returns the same
//! bits.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::AddAssign;

use num_traits::{Float, FromPrimitive};

use super::matmul::{Scratch, Transpose};

/// Beyond this magnitude the argument of [`Real::softplus`] is clamped.
pub const SOFTPLUS_LIMIT: f64 = 1e4;

/// A floating-point type that the kernels are compiled for: `f32` or `f64`.
pub trait Real:
    Float
    + FromPrimitive
    + AddAssign
    + Sum
    + Scratch
    + Transpose
    + Default
    + Debug
    + Send
    + Sync
    + 'static
{
    /// Everything the softplus reparameterisation needs at `self`, from one exponential.
    ///
    /// The argument is clamped to ±[`SOFTPLUS_LIMIT`]; slopes are those at the clamped argument.
    /// NaN gives NaN.
    #[inline(always)]
    fn softplus_parts(self) -> SoftplusParts<Self> {
        let u = self.exp_of_minus_magnitude();
        let ratio = u.ln_1p_ratio();
        let ln = self.of_logarithm(u, ratio).ln_from_two_thirds();
        self.parts(u, ratio, ln)
    }

    /// The first step of [`Real::softplus_parts`]: u = e^−|x| for the clamped x. A loop over many numbers takes the steps one
    /// after the other, for many numbers each, since in one of them hardly two operations can run side by side.
    fn exp_of_minus_magnitude(self) -> Self;

    /// The second step: ln(1 + u)/u for 0 ≤ u ≤ 1.
    fn ln_1p_ratio(self) -> Self;

    /// What the third step takes the logarithm of.
    fn of_logarithm(self, u: Self, ratio: Self) -> Self;

    /// The third step: ln x for finite x ≥ 2/3.
    fn ln_from_two_thirds(self) -> Self;

    /// The last step.
    fn parts(self, u: Self, ratio: Self, ln: Self) -> SoftplusParts<Self>;

    /// `self` as `f64`, exactly.
    fn widen(self) -> f64;

    /// The nearest number of this type to `value`.
    fn narrow(value: f64) -> Self;

    /// softplus(x) = ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
    #[inline(always)]
    fn softplus(self) -> Self {
        self.softplus_parts().value
    }

    /// sigmoid(x) = 1 / (1 + e^−x), the slope of softplus.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        self.softplus_parts().slope
    }

    /// The x for which softplus(x) = `self`: ln(eˢ − 1) = s + ln(−expm1(−s)) for s > 0.
    ///
    /// At s = 0 this is −∞, below 0 NaN.
    fn inverse_softplus(self) -> Self {
        if self < Self::one() {
            // s + ln(1 − e^−s) = ln(eˢ − 1), and expm1 keeps every digit of a tiny s.
            self.exp_m1().ln()
        } else {
            self + (-(-self).exp_m1()).ln()
        }
    }
}

/// softplus and its relatives at one argument x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftplusParts<E> {
    /// softplus(x). Underflows to 0 where eˣ does.
    pub value: E,
    /// d softplus / dx = sigmoid(x).
    pub slope: E,
    /// ln softplus(x). Tends to x for very negative x and never underflows.
    pub ln_value: E,
    /// d ln softplus / dx = sigmoid(x) / softplus(x). Tends to 1 for very negative x.
    pub ln_slope: E,
}

/// 1/(2k+1) for k < N, the coefficients of atanh(z)/z in z².
const fn odd_reciprocals<const N: usize>() -> [f64; N] {
    let mut table = [0.0; N];
    let mut k = 0;
    while k < N {
        table[k] = 1.0 / (2 * k + 1) as f64;
        k += 1;
    }
    table
}

/// 1/k! for k < N, the coefficients of eʳ.
const fn factorial_reciprocals<const N: usize>() -> [f64; N] {
    let mut table = [1.0; N];
    let mut k = 1;
    while k < N {
        table[k] = table[k - 1] / k as f64;
        k += 1;
    }
    table
}

/// Σ coefficients[k]·xᵏ by Horner's rule in x² for the even powers and for the odd ones, so that half as many operations wait
/// for each other.
#[inline(always)]
fn polynomial<E: Real, const N: usize>(coefficients: &[f64; N], x: E) -> E {
    let (square, [mut even, mut odd]) = (x * x, [E::zero(); 2]);
    for (k, &coefficient) in coefficients.iter().enumerate().rev() {
        let sum = if k % 2 == 0 { &mut even } else { &mut odd };
        *sum = *sum * square + E::narrow(coefficient);
    }
    even + x * odd
}

/// An argument of softplus within the limits.
macro_rules! clamped {
    ($x:expr, $real:ident) => {{
        const LIMIT: $real = SOFTPLUS_LIMIT as $real;
        // Comparisons instead of `clamp`, `min` and `abs`: NaN passes through and all become vector selects.
        let x = if $x > LIMIT { LIMIT } else { $x };
        if x < -LIMIT { -LIMIT } else { x }
    }};
}

/// Implements [`Real`] for one type.
///
/// `$ln2_high` (for f32 it is 355/512) has so few bits that its product with an exponent is exact;
/// `$least` is where eˣ rounds to 0; the term counts bring the truncation below half a unit in the
/// last place.
macro_rules! impl_real {
    (
        $real:ident, $bits:ident, ln2 = $ln2_high:literal + $ln2_low:literal, least = $least:literal,
        exp_terms = $exp_terms:literal, ln_1p_terms = $ln_1p_terms:literal, ln_terms = $ln_terms:literal
    ) => {
        impl Real for $real {
            #[inline(always)]
            fn widen(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn narrow(value: f64) -> Self {
                value as $real
            }

            #[inline(always)]
            fn of_logarithm(self, u: Self, ratio: Self) -> Self {
                let x = clamped!(self, $real);
                if x > 0.0 { x + u * ratio } else { ratio }
            }

            #[inline(always)]
            fn parts(self, u: Self, ratio: Self, ln: Self) -> SoftplusParts<Self> {
                let x = clamped!(self, $real);
                let positive = x > 0.0;
                let inverse = 1.0 / (1.0 + u);
                // For x ≤ 0, softplus = u·ratio may underflow while its logarithm x + ln(ratio) does
                // not.
                let value = if positive { x + u * ratio } else { u * ratio };
                SoftplusParts {
                    value,
                    slope: if positive { inverse } else { u * inverse },
                    ln_value: if positive { ln } else { x + ln },
                    ln_slope: inverse / if positive { value } else { ratio },
                }
            }

            #[inline(always)]
            fn exp_of_minus_magnitude(self) -> Self {
                const SHIFT: $real = 1.5 / $real::EPSILON;
                const BIAS: $bits = $real::MAX_EXP as $bits - 1;
                const MANTISSA: u32 = $real::MANTISSA_DIGITS - 1;
                const TAYLOR: [f64; $exp_terms] = factorial_reciprocals();

                let x = clamped!(self, $real);
                let x = if x > 0.0 { -x } else { x };
                let x = if x < $least { $least } else { x };
                // Adding SHIFT rounds x/ln 2 to an integer n and leaves n in the low bits.
                let shifted = x * std::$real::consts::LOG2_E + SHIFT;
                let n = shifted - SHIFT;
                let r = (x - n * $ln2_high) - n * $ln2_low;
                // 2ⁿ as a product of two normal numbers, so that tiny results underflow gradually.
                let exponent =
                    (shifted.to_bits().wrapping_sub(SHIFT.to_bits())).wrapping_add(2 * BIAS);
                let first = exponent >> 1;
                let second = exponent.wrapping_sub(first);
                polynomial(&TAYLOR, r)
                    * $real::from_bits(first << MANTISSA)
                    * $real::from_bits(second << MANTISSA)
            }

            #[inline(always)]
            fn ln_1p_ratio(self) -> Self {
                const SERIES: [f64; $ln_1p_terms] = odd_reciprocals();
                let u = self;
                // ln(1 + u) = 2·atanh(z) with z = u/(2 + u) ≤ 1/3; dividing by u leaves 2/(2 + u).
                let over = 1.0 / (2.0 + u);
                let z = u * over;
                2.0 * over * polynomial(&SERIES, z * z)
            }

            #[inline(always)]
            fn ln_from_two_thirds(self) -> Self {
                let x = self;
                const SHIFT: $real = 1.5 / $real::EPSILON;
                const MANTISSA: u32 = $real::MANTISSA_DIGITS - 1;
                const TWO_THIRDS: $real = 2.0 / 3.0;
                const SERIES: [f64; $ln_terms] = odd_reciprocals();

                // x = m·2ᵉ with m from 2/3 to 4/3 and e ≥ 0; ln m = 2·atanh((m − 1)/(m + 1)).
                let e = x.to_bits().wrapping_sub(TWO_THIRDS.to_bits()) >> MANTISSA;
                let m = $real::from_bits(x.to_bits().wrapping_sub(e << MANTISSA));
                let e = $real::from_bits(SHIFT.to_bits().wrapping_add(e)) - SHIFT;
                let z = (m - 1.0) / (m + 1.0);
                e * $ln2_high + (2.0 * z * polynomial(&SERIES, z * z) + e * $ln2_low)
            }
        }
    };
}

impl_real!(
    f32,
    u32,
    ln2 = 0.693_359_4 + -0.000_212_194_44,
    least = -104.0,
    exp_terms = 8,
    ln_1p_terms = 8,
    ln_terms = 6
);
impl_real!(
    f64,
    u64,
    ln2 = 6.931_471_803_691_238e-1 + 1.908_214_929_270_587_7e-10,
    least = -746.0,
    exp_terms = 15,
    ln_1p_terms = 17,
    ln_terms = 12
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Points from −1e4 to 1e4, dense around 0 and where series or ranges change.
    fn arguments() -> Vec<f64> {
        let mut points: Vec<f64> = (-4000..=4000).map(|i| f64::from(i) * 0.01).collect();
        for magnitude in [
            1e-30, 1e-9, 87.3, 88.0, 104.0, 105.0, 700.0, 745.0, 746.0, 1e4,
        ] {
            points.extend([-magnitude, magnitude]);
        }
        points
    }

    fn assert_close(got: f64, want: f64, relative: f64, absolute: f64, what: &str, x: f64) {
        let bound = relative * want.abs() + absolute;
        assert!(
            (got - want).abs() <= bound,
            "{what}({x}): {got} instead of {want}"
        );
    }

    /// The same four values from the standard library, in f64.
    fn library_parts(x: f64) -> SoftplusParts<f64> {
        let u = (-x.abs()).exp();
        let value = x.max(0.0) + u.ln_1p();
        let slope = if x > 0.0 {
            1.0 / (1.0 + u)
        } else {
            u / (1.0 + u)
        };
        let tail = x < -37.0;
        SoftplusParts {
            value,
            slope,
            ln_value: if tail { x } else { value.ln() },
            ln_slope: if tail { 1.0 } else { slope / value },
        }
    }

    fn check_against_library<E: Real>(relative: f64, smallest: f64) {
        for x in arguments() {
            let x = E::narrow(x).widen();
            let want = library_parts(x);
            let got = E::narrow(x).softplus_parts();
            assert_close(
                got.value.widen(),
                want.value,
                relative,
                smallest,
                "softplus",
                x,
            );
            assert_close(
                got.slope.widen(),
                want.slope,
                relative,
                smallest,
                "sigmoid",
                x,
            );
            assert_close(
                got.ln_value.widen(),
                want.ln_value,
                relative,
                relative,
                "ln",
                x,
            );
            assert_close(
                got.ln_slope.widen(),
                want.ln_slope,
                relative,
                smallest,
                "ln slope",
                x,
            );
        }
    }

    #[test]
    fn softplus_parts_agree_with_the_standard_library() {
        // A few units in the last place, plus one step of the subnormal numbers.
        check_against_library::<f32>(6.0 * f64::from(f32::EPSILON), 1.5e-45);
        check_against_library::<f64>(6.0 * f64::EPSILON, 5e-324);
    }

    #[test]
    fn arguments_beyond_the_limit_are_clamped_and_nan_stays() {
        for far in [2e4_f32, f32::INFINITY] {
            assert_eq!(far.softplus(), 1e4);
            assert_eq!((-far).softplus(), 0.0);
            assert_eq!((-far).softplus_parts().ln_value, -1e4);
        }
        let parts = f32::NAN.softplus_parts();
        for part in [parts.value, parts.slope, parts.ln_value, parts.ln_slope] {
            assert!(part.is_nan());
        }
    }

    #[test]
    fn inverse_softplus_inverts() {
        for s in [1e-20_f32, 1e-6, 0.1, 0.999, 1.0, 5.0, 90.0, 1e4] {
            let back = s.inverse_softplus().softplus();
            // The error of rho times the slope of ln softplus, which is at most 1.
            let bound = 2.0 * f32::EPSILON * s * (2.0 + s.inverse_softplus().abs().min(50.0));
            assert!((back - s).abs() <= bound, "{s} came back as {back}");
        }
        assert_eq!(0.0_f64.inverse_softplus(), f64::NEG_INFINITY);
        assert!((-1.0_f64).inverse_softplus().is_nan());
    }
}
