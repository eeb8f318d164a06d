//! The posteriors of a twin, for its report.

use super::LayerPosterior;
use bayes_core::dfdx::shapes::ConstShape;
use bayes_core::kernels::real::Real;
use bayes_core::posterior::{FanIn, Variational};
use bayes_core::prelude::{Bayesian, Config, Device, Kernels, kl_per_layer};
use bayes_core::twin::{Name, VisitPosteriors};
use std::convert::Infallible;

/// mu and sigma of every weight of `twin`, by tensor, with its KL.
///
/// # Errors
/// Those of [`kl_per_layer`].
pub fn posteriors<M: Bayesian<f32, D>, D: Kernels<f32>>(
    twin: &M,
) -> Result<Vec<LayerPosterior>, bayes_core::Error> {
    let mut seen = Seen(Vec::new());
    let Ok(()) = twin.visit_posteriors(&Name::ROOT, &mut seen);
    for (layer, tensor) in seen.0.iter_mut().zip(kl_per_layer(twin)?) {
        layer.kl = tensor.kl;
    }
    Ok(seen.0)
}

struct Seen(Vec<LayerPosterior>);

impl<D: Device<f32>> VisitPosteriors<f32, D> for Seen {
    type Err = Infallible;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        posterior: &Variational<S, f32, D, C, F>,
    ) -> Result<(), Infallible> {
        let rho = posterior.rho.as_vec().into_iter();
        self.0.push(LayerPosterior {
            name: name.to_string(),
            mu: posterior.mu.as_vec(),
            sigma: rho.map(Real::softplus).collect(),
            kl: 0.0,
        });
        Ok(())
    }
}
