//! The distributions that tensors are filled from.

use dfdx::prelude::Dtype;
use rand::distributions::{Distribution, Uniform};
use rand_distr::StandardNormal;

fn from_f64<E: Dtype>(value: f64) -> E {
    E::from_f64(value).unwrap_or_default()
}

/// Uniform numbers in `±1/√fan_in`, as dfdx's layers start: 32-bit numbers are drawn from the same stream as there.
pub(crate) struct Within {
    fan_in: usize,
}

impl Within {
    /// The distribution for tensors whose outputs sum over `fan_in` inputs.
    pub(crate) fn fan_in(fan_in: usize) -> Self {
        Self {
            fan_in: fan_in.max(1),
        }
    }
}

impl<E: Dtype> Distribution<E> for Within {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> E {
        if size_of::<E>() == size_of::<f32>() {
            let bound = 1.0 / (self.fan_in as f32).sqrt();
            E::from_f32(Uniform::new(-bound, bound).sample(rng)).unwrap_or_default()
        } else {
            let bound = 1.0 / (self.fan_in as f64).sqrt();
            from_f64(Uniform::new(-bound, bound).sample(rng))
        }
    }
}

/// Normal numbers; one number where `std` is 0.
pub(super) struct Around {
    pub mean: f64,
    pub std: f64,
}

impl Around {
    /// The distribution that gives one number: dfdx fills tensors from distributions.
    pub fn exactly(mean: f64) -> Self {
        Self { mean, std: 0.0 }
    }
}

impl<E: Dtype> Distribution<E> for Around {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> E {
        if self.std == 0.0 {
            return from_f64(self.mean);
        }
        let z: f64 = StandardNormal.sample(rng);
        from_f64(self.mean + self.std * z)
    }
}
