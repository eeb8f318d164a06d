//! The library under another path, and twins with names of their own.

mod inner {
    pub use bayes_core as library;
}

use inner::library::prelude::*;

#[bayesian(crate = self::inner::library, bayes = Posterior, device = Weights)]
struct Net {
    fc: Linear<4, 2>,
}

#[test]
fn runs() {
    let dev = Cpu::seed_from_u64(1);
    let weights: Weights<f32, Cpu> = dev.build_module::<Net, f32>();
    let posterior = Posterior::from_pretrained(&weights).unwrap();
    assert!(posterior.kl::<NoneTape>().array() > 0.0);
}
