//! The exact GeLU, x·Φ(x) with Φ the distribution function of the standard normal, and its slope (Hendrycks and Gimpel,
//! 2016).
//!
//! Both are worked out in f64 for either number type: Φ by the complementary error function, which keeps its digits far
//! below 0, where 1 + erf has lost them.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::parallel::{for_each_chunk, is_large};
use super::real::Real;

/// Elements that are worked on together.
const CHUNK: usize = 1 << 12;

/// Operations that one element is worth, when work is shared among threads.
const OPERATIONS: usize = 128;

/// x·Φ(x).
pub fn value(x: f64) -> f64 {
    // Where Φ is 0 to the last digit, so is x·Φ(x), even of −∞.
    let share = distribution(x);
    if share == 0.0 { 0.0 } else { x * share }
}

/// Φ(x) + x·φ(x).
pub fn slope(x: f64) -> f64 {
    let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
    let along = if density == 0.0 { 0.0 } else { x * density };
    distribution(x) + along
}

/// Φ(x).
fn distribution(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// `y = x·Φ(x)`, element by element.
///
/// # Panics
///
/// If `y` has another length than `x`.
pub fn forward<E: Real>(x: &[E], y: &mut [E]) {
    assert_eq!(x.len(), y.len(), "GeLU: length of y");
    let parallel = is_large(OPERATIONS * y.len());
    for_each_chunk(y, CHUNK, parallel, |chunk, y| {
        for (y, x) in y.iter_mut().zip(&x[chunk * CHUNK..]) {
            *y = E::narrow(value(x.widen()));
        }
    });
}

/// `dx += g·(Φ(x) + x·φ(x))`, element by element.
///
/// # Panics
///
/// If the slices have different lengths.
pub fn backward<E: Real>(x: &[E], g: &[E], dx: &mut [E]) {
    assert_eq!(
        [x.len(), g.len()],
        [dx.len(); 2],
        "GeLU: lengths of x, g and dx"
    );
    let parallel = is_large(OPERATIONS * dx.len());
    for_each_chunk(dx, CHUNK, parallel, |chunk, dx| {
        let inputs = x[chunk * CHUNK..].iter().zip(&g[chunk * CHUNK..]);
        for (dx, (x, &g)) in dx.iter_mut().zip(inputs) {
            *dx += g * E::narrow(slope(x.widen()));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, numeric_slope, with_one_and_two_threads,
    };

    /// x·Φ(x) by the integral of the density from −12, in steps that Simpson's rule takes to 1e-12.
    fn reference(x: f64) -> f64 {
        const STEPS: usize = 20_000;
        let density = |t: f64| (-0.5 * t * t).exp() / (2.0 * PI).sqrt();
        let width = (x + 12.0) / STEPS as f64;
        let weight = |i: usize| match i {
            0 | STEPS => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let sum: f64 = (0..=STEPS)
            .map(|i| weight(i) * density(i as f64 * width - 12.0))
            .sum();
        x * sum * width / 3.0
    }

    #[test]
    fn value_is_the_integral_and_slope_its_slope() {
        for i in -40..=40 {
            let x = f64::from(i) / 5.0;
            assert!((value(x) - reference(x)).abs() < 1e-11, "{x}");
            let want = numeric_slope(&[x], 0, |x| value(x[0]));
            assert!((slope(x) - want).abs() < 1e-9, "{x}: {} {want}", slope(x));
        }
    }

    #[test]
    fn the_ends_are_limits_and_nan_stays() {
        for x in [-1e300, f64::NEG_INFINITY] {
            assert_eq!((value(x), slope(x)), (0.0, 0.0));
        }
        assert_eq!((value(1e300), slope(1e300)), (1e300, 1.0));
        assert_eq!(value(f64::INFINITY), f64::INFINITY);
        assert_eq!(slope(f64::INFINITY), 1.0);
        assert_eq!((value(0.0), slope(0.0)), (0.0, 0.5));
        assert!(value(f64::NAN).is_nan() && slope(f64::NAN).is_nan());
        // −10·Φ(−10), of which 1 + erf would keep nothing.
        assert!((value(-10.0) / -7.619_853_024_160_526e-23 - 1.0).abs() < 1e-12);
    }

    fn check<E: Real>(len: usize) {
        let (x, g) = (numbers::<E>(1, len), numbers::<E>(2, len));
        let run = || {
            let (mut y, mut dx) = (vec![E::zero(); len], vec![E::one(); len]);
            forward(&x, &mut y);
            backward(&x, &g, &mut dx);
            [y, dx]
        };
        let [one, two] = with_one_and_two_threads(run);
        for (one, two) in one.iter().zip(&two) {
            assert_same_bits(two, one, "two threads");
        }
        let pairs = x.iter().zip(&g).map(|(x, g)| (x.widen(), g.widen()));
        let want_y: Vec<E> = pairs.clone().map(|(x, _)| E::narrow(value(x))).collect();
        let want_dx: Vec<E> = pairs.map(|(x, g)| E::narrow(1.0 + g * slope(x))).collect();
        assert_all_close(&one[0], &want_y, 0.0, "y");
        assert_all_close(&one[1], &want_dx, 2.0, "dx");
    }

    #[test]
    fn slices_are_their_elements() {
        for len in [0, 1, 5, CHUNK - 1, CHUNK + 1, 10 * CHUNK] {
            check::<f32>(len);
            check::<f64>(len);
        }
    }
}
