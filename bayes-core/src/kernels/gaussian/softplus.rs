//! softplus of many numbers, step by step.

use crate::kernels::real::Real;

/// Numbers that take each step together: few enough to stay in the first cache.
pub(super) const BLOCK: usize = 256;

/// What [`Real::parts`] asks for, of up to [`BLOCK`] numbers x.
///
/// Within one number every operation waits for the one before; a loop over each step has a vector of other numbers to go on
/// with, and takes half the time.
pub(super) struct Steps<E> {
    /// e^−|x|.
    pub us: [E; BLOCK],
    /// ln(1 + u)/u.
    pub ratios: [E; BLOCK],
}

impl<E: Real> Steps<E> {
    #[inline(always)]
    pub fn new() -> Self {
        Self {
            us: [E::zero(); BLOCK],
            ratios: [E::zero(); BLOCK],
        }
    }

    /// Takes the steps for these numbers.
    #[inline(always)]
    pub fn take(&mut self, x: &[E]) {
        for (u, &x) in self.us.iter_mut().zip(x) {
            *u = x.exp_of_minus_magnitude();
        }
        for (ratio, &u) in self.ratios.iter_mut().zip(&self.us[..x.len().min(BLOCK)]) {
            *ratio = u.ln_1p_ratio();
        }
    }

    /// softplus of the numbers whose steps were taken.
    #[inline(always)]
    pub fn values(&self, x: &[E]) -> impl Iterator<Item = E> {
        let steps = self.us.iter().zip(&self.ratios).zip(x);
        steps.map(|((&u, &ratio), x)| x.parts(u, ratio, E::zero()).value)
    }
}
