//! Posteriors around pretrained weights: `moped_0`.

use crate::fixture::Fixture;
use crate::tape::{Number, kernels_in};
use bayes_core::kernels::gaussian::moped_rho;

/// The fraction of a weight that is its sigma, where the case does not say: bayesian-torch's.
const DEFAULT_DELTA: f64 = 0.5;

/// What sigma is at least; far below every weight of a file.
const FLOOR: f64 = 1e-20;

#[test]
fn golden_moped_0() {
    let file = Fixture::open("moped_0");
    by_kernels::<f32>(&file);
    by_kernels::<f64>(&file);
}

fn by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let delta = file.number("delta", DEFAULT_DELTA);
    let w = file.tensor("w").to::<E>();
    file.compare_if_there(&way, "mu", &w);
    let mut rho = vec![E::zero(); w.len()];
    moped_rho(&w, E::narrow(delta), E::narrow(FLOOR), &mut rho);
    file.compare(&way, "rho", &rho);
    let sigma: Vec<E> = rho.into_iter().map(E::softplus).collect();
    file.compare_if_there(&way, "sigma", &sigma);
}
