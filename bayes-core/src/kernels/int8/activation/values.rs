//! Steps on f32 values without constants for a channel: ReLU and local noise.

use crate::kernels::isa::{Isa, Kernel};

/// y = max(y, 0); what is no number becomes 0.
pub fn relu(isa: Isa, y: &mut [f32]) {
    isa.run(Relu { y });
}

/// y += √variance·epsilon: the noise of local reparameterisation (Kingma, Salimans and Welling,
/// 2015), with a variance of at least 0.
pub fn add_noise(isa: Isa, y: &mut [f32], variance: &[f32], epsilon: &[f32]) {
    assert_eq!(
        [y.len(); 2],
        [variance.len(), epsilon.len()],
        "int8: elements of the noise"
    );
    isa.run(AddNoise {
        y,
        variance,
        epsilon,
    });
}

/// max(y, 0); 0 of what is no number.
#[inline(always)]
pub(super) fn positive(y: f32) -> f32 {
    // `max` may give −0 for −0; the addition makes it 0. A comparison would be compiled to masked
    // stores, six times slower.
    y.max(0.0) + 0.0
}

struct Relu<'a> {
    y: &'a mut [f32],
}

impl Kernel for Relu<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for y in self.y {
            *y = positive(*y);
        }
    }
}

struct AddNoise<'a> {
    y: &'a mut [f32],
    variance: &'a [f32],
    epsilon: &'a [f32],
}

impl Kernel for AddNoise<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((y, &variance), &epsilon) in self.y.iter_mut().zip(self.variance).zip(self.epsilon) {
            *y += variance.sqrt() * epsilon;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::LENGTHS;
    use crate::kernels::testing::{assert_same_bits, numbers};

    #[test]
    fn agree_with_the_formulas_on_every_isa() {
        for (isa, length) in Isa::available().flat_map(|isa| LENGTHS.map(|n| (isa, n))) {
            let [start, epsilon] = [1, 2].map(|seed| numbers::<f32>(seed, length));
            let variance: Vec<_> = numbers::<f32>(3, length).iter().map(|v| v * v).collect();
            let mut y = start.clone();
            relu(isa, &mut y);
            let want: Vec<_> = start.iter().map(|y| y.max(0.0)).collect();
            assert_same_bits(&y, &want, "relu");
            let bits = |y: &[f32]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
            let mut odd = [-0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.0].repeat(length);
            relu(isa, &mut odd);
            let want = [0.0, 0.0, f32::INFINITY, 0.0, 2.0].repeat(length);
            assert_eq!(bits(&odd), bits(&want), "relu of odd numbers on {isa}");
            y.clone_from(&start);
            add_noise(isa, &mut y, &variance, &epsilon);
            let noise = |i: usize| start[i] + variance[i].sqrt() * epsilon[i];
            let want: Vec<_> = (0..length).map(noise).collect();
            assert_same_bits(&y, &want, "add_noise");
        }
    }
}
