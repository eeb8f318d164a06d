//! MOPED: the posterior's spread set from pretrained weights (Krishnan, Subedar and Tickoo, 2020).

use crate::kernels::real::Real;

/// rho with softplus(rho) = s = max(delta·|w|, floor), that is s + ln(−expm1(−s)).
///
/// Finite for every finite w as long as `floor` is a positive normal number (1e-20 serves f32), and
/// free of overflow for large w. NaN gives NaN.
///
/// # Panics
///
/// If the slices differ in length.
pub fn moped_rho<E: Real>(w: &[E], delta: E, floor: E, rho: &mut [E]) {
    assert_eq!(w.len(), rho.len(), "moped: length of rho");
    for (rho, &w) in rho.iter_mut().zip(w) {
        let s = delta * w.abs();
        // Not `max`, which would turn NaN into the floor.
        let s = if s < floor { floor } else { s };
        *rho = s.inverse_softplus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softplus_of_rho_is_the_fraction_of_the_weight() {
        let w = [-3.0_f64, 1e-9, 0.5, 700.0, -1e4];
        let mut rho = [0.0; 5];
        moped_rho(&w, 0.1, 1e-20, &mut rho);
        for (w, rho) in w.iter().zip(rho) {
            let want = 0.1 * w.abs();
            assert!((rho.softplus() - want).abs() <= 1e-13 * want, "{w}");
        }
    }

    #[test]
    fn tiny_huge_and_missing_weights_are_safe() {
        let mut rho = [0.0_f32; 4];
        moped_rho(&[0.0, 1e-38, 3e38, f32::NAN], 0.5, 1e-20, &mut rho);
        let floor = 1e-20_f32.ln();
        assert_eq!(rho[..3], [floor, floor, 1.5e38]);
        assert!(rho[3].is_nan());
    }
}
