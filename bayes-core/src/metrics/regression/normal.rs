//! The normal distribution: its density and its distribution function.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// `ln √(2π)`.
pub(super) fn ln_sqrt_two_pi() -> f64 {
    0.5 * (2.0 * PI).ln()
}

/// φ(z), the density of N(0, 1).
pub(super) fn density(z: f64) -> f64 {
    (-0.5 * z * z - ln_sqrt_two_pi()).exp()
}

/// Φ(z), the probability that N(0, 1) is at most z; small values keep their digits.
pub(super) fn distribution(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// `2Φ(z) − 1`, which keeps its digits near z = 0.
pub(super) fn centred(z: f64) -> f64 {
    libm::erf(z * FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_tables() {
        // Φ(1.959963984540054) = 0.975, Φ(−5) = 2.866515718791939e-7 (Abramowitz and Stegun 1964, table 26.1).
        assert!((distribution(1.959963984540054) - 0.975).abs() < 1e-15);
        assert!((distribution(-5.0) / 2.866515718791939e-7 - 1.0).abs() < 1e-13);
        assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
        assert_eq!(distribution(0.0), 0.5);
        assert_eq!((distribution(-40.0), distribution(40.0)), (0.0, 1.0));
    }

    #[test]
    fn the_distribution_is_the_integral_of_the_density() {
        // Simpson's rule on 200 intervals errs by some h⁴ = 10⁻⁷ of the fourth derivative.
        for (low, high) in [(-3.0, -1.0), (-1.0, 0.5), (0.0, 2.0)] {
            let h = (high - low) / 200.0;
            let weight = |i: usize| match i {
                0 | 200 => 1.0,
                i if i % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let sum: f64 = (0..=200)
                .map(|i| weight(i) * density(low + h * i as f64))
                .sum();
            let want = sum * h / 3.0;
            assert!((distribution(high) - distribution(low) - want).abs() < 1e-9);
            assert!((0.5 * (centred(high) - centred(low)) - want).abs() < 1e-9);
        }
    }
}
