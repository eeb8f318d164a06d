//! Standard normals from pairs of random words, by the Box–Muller transform.
//!
//! Box and Muller, "A note on the generation of random normal deviates" (1958). Only `+ - * sqrt`
//! and integer operations in a fixed order are used, all of which are exactly rounded, so the result
//! has the same bits on every processor. The polynomials are minimax fits (Remez exchange, in 40
//! digits, coefficients rounded to f32).

/// `-2 ln(1 + f) / f` on `sqrt(1/2) <= 1 + f < sqrt(2)`; relative error of the fit 2.7e-8.
const MINUS_TWO_LN: [f32; 9] = [
    -2.0,
    0.999_999_76,
    -0.666_683_73,
    0.500_041_5,
    -0.399_136_66,
    0.331_247_87,
    -0.299_045_32,
    0.287_336_86,
    -0.174_447_12,
];
/// `sin(pi/4 t) / t` in powers of `t^2` on `|t| <= 1`; relative error of the fit 3.3e-9.
const SIN: [f32; 4] = [
    std::f32::consts::FRAC_PI_4,
    -0.080_745_436,
    0.002_490_001,
    -3.595_045_2e-5,
];
/// `cos(pi/4 t)` in powers of `t^2` on `|t| <= 1`; relative error of the fit 3.3e-8.
const COS: [f32; 4] = [0.999_999_94, -0.308_424_17, 0.015_849_683, -3.187_278_3e-4];

const MINUS_TWO_LN_2: f32 = -2.0 * std::f32::consts::LN_2;
/// The bits of `sqrt(1/2)`, where the interval of the reduced mantissa begins.
const SQRT_HALF_BITS: u32 = 0x3F35_04F3;
const MANTISSA_MASK: u32 = 0x007F_FFFF;
const SIGN_BIT: u32 = 0x8000_0000;
/// `2^-31`.
const TWO_POW_MINUS_31: f32 = 1.0 / (1u32 << 31) as f32;

/// Two independent standard normals from two independent uniform words.
///
/// - Radius: `sqrt(-2 ln u)` with `u = ((x >> 1) + 1/2) / 2^31` rounded to f32, which is at least
///   `2^-32`, so `|z| <= sqrt(64 ln 2) = 6.66`.
/// - Angle: the low 30 bits of `y` are a uniform angle in `(-pi/4, pi/4)`, symmetric about 0, whose
///   cosine and sine are `c` and `s`. Bit 31 flips the sign of `c` and bit 30 swaps `c` and `s`,
///   which spreads the quarter circle evenly over the four.
///
/// Evaluating both in f32 moves a normal by less than 1e-6 (7.8e-7 is the largest seen).
#[inline(always)]
pub(crate) fn box_muller(x: u32, y: u32) -> (f32, f32) {
    let u = ((x >> 1) as i32 as f32 + 0.5) * TWO_POW_MINUS_31;
    let radius = minus_two_ln(u).sqrt();

    // The lowest bit of the shifted angle stands for the middle of its cell.
    let t = ((y << 2) | 2) as i32 as f32 * TWO_POW_MINUS_31;
    let t2 = t * t;
    let sin = t * (SIN[0] + t2 * (SIN[1] + t2 * (SIN[2] + t2 * SIN[3])));
    let cos = COS[0] + t2 * (COS[1] + t2 * (COS[2] + t2 * COS[3]));

    let s = (radius * sin).to_bits();
    let c = (radius * cos).to_bits() ^ (y & SIGN_BIT);
    let swap = ((y << 1) as i32 >> 31) as u32;
    let difference = (s ^ c) & swap;
    (
        f32::from_bits(c ^ difference),
        f32::from_bits(s ^ difference),
    )
}

/// `-2 ln u` for a normal number `u` in `(0, 1]`.
///
/// `u = 2^e (1 + f)` with `1 + f` in `[sqrt(1/2), sqrt(2))`, so that nothing cancels near `u = 1`.
#[inline(always)]
fn minus_two_ln(u: f32) -> f32 {
    let shifted = u.to_bits().wrapping_sub(SQRT_HALF_BITS);
    let e = (shifted as i32 >> 23) as f32;
    let f = f32::from_bits((shifted & MANTISSA_MASK) + SQRT_HALF_BITS) - 1.0;
    let [c0, c1, c2, c3, c4, c5, c6, c7, c8] = MINUS_TWO_LN;
    let q =
        c0 + f * (c1 + f * (c2 + f * (c3 + f * (c4 + f * (c5 + f * (c6 + f * (c7 + f * c8)))))));
    e * MINUS_TWO_LN_2 + f * q
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The same transform of the same `u` in double precision with the standard library's functions.
    fn box_muller_f64(x: u32, y: u32) -> (f64, f64) {
        let u = ((x >> 1) as f32 + 0.5) / 2f32.powi(31);
        let radius = (-2.0 * f64::from(u).ln()).sqrt();
        let t = f64::from(((y << 2) | 2) as i32) / 2f64.powi(31);
        let (s, c) = (t * PI / 4.0).sin_cos();
        let c = if y >> 31 == 1 { -c } else { c };
        if (y >> 30) & 1 == 1 {
            (radius * s, radius * c)
        } else {
            (radius * c, radius * s)
        }
    }

    /// Words spread over the whole range, with both ends.
    fn words(count: u32) -> impl Iterator<Item = (u32, u32)> {
        let spread = (0..count).map(|i| (i.wrapping_mul(0x9E37_79B9), i.wrapping_mul(0x85EB_CA6B)));
        let ends = [
            0,
            1,
            2,
            0x3FFF_FFFF,
            0x4000_0000,
            0x7FFF_FFFF,
            SIGN_BIT,
            u32::MAX - 1,
            u32::MAX,
        ];
        let corners = ends
            .into_iter()
            .flat_map(move |x| ends.into_iter().map(move |y| (x, y)));
        spread.chain(corners)
    }

    #[test]
    fn agrees_with_double_precision() {
        let mut worst = 0f64;
        for (x, y) in words(1 << 20) {
            let (got, want) = (box_muller(x, y), box_muller_f64(x, y));
            let error = (f64::from(got.0) - want.0)
                .abs()
                .max((f64::from(got.1) - want.1).abs());
            worst = worst.max(error);
        }
        assert!(worst < 1e-6, "{worst:e}");
    }

    #[test]
    fn minus_two_ln_is_accurate_everywhere() {
        let mut worst = 0f64;
        // Every number of the last binade before 1, and a stride through all others.
        let near_one = 0x3F00_0000..0x3F80_0000;
        let all = (0x2F80_0000..0x3F80_0000).step_by(97);
        for bits in near_one.chain(all) {
            let u = f32::from_bits(bits);
            let want = -2.0 * f64::from(u).ln();
            worst = worst.max((f64::from(minus_two_ln(u)) / want - 1.0).abs());
        }
        assert!(worst < 2.5e-7, "{worst:e}");
        assert_eq!(minus_two_ln(1.0), 0.0);
    }

    #[test]
    fn extreme_words_stay_finite_and_bounded() {
        for (x, y) in words(0) {
            let (z0, z1) = box_muller(x, y);
            assert!(z0.abs() < 6.67 && z1.abs() < 6.67, "{x:x} {y:x}: {z0} {z1}");
        }
    }
}
