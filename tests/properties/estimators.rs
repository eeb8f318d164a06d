//! One model under every estimator: a configuration that takes the estimator as a type.

use bayes_core::estimator::Estimator;
use bayes_core::posterior::{Family, Init, Rho};
use bayes_core::prelude::*;
use bayes_core::prior::{Gaussian, Std};
use bayes_core::twin::{Bayes, Name};
use std::marker::PhantomData;

/// `N(0, 1)` prior, rho = −2, and the estimator `S`; a struct that states no estimator inherits it.
#[derive(Clone, Copy, Debug)]
pub struct By<S>(PhantomData<S>);

impl<S: Estimator> Config for By<S> {
    type Estimator = S;
    type Prior = Gaussian;
    const INIT: Init = Init::FanIn;
    const PRIOR: Gaussian = Gaussian::new(0.0, Std::Value(1.0));
    const POSTERIOR: Family = Family::mean_field(Rho::Value(-2.0));
    const MOPED: Option<f64> = None;
}

/// The twin of `plain` whose layers use the estimator `S` where the model states none.
pub fn twin<S: Estimator, E: Dtype, D: Device<E>, M: Twin<E, D>>(
    plain: &M,
) -> Bayes<M, E, D, By<S>> {
    plain
        .to_bayes::<By<S>>(&Name::ROOT)
        .expect("finite weights")
}
