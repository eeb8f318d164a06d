//! The posteriors of a twin, for its report.

use super::LayerPosterior;
use bayes_core::dfdx::shapes::ConstShape;
use bayes_core::kernels::real::Real;
use bayes_core::posterior::{FanIn, Variational};
use bayes_core::prelude::{Bayesian, Config, Cpu};
use bayes_core::twin::{Name, VisitPosteriors};
use std::convert::Infallible;

/// mu and sigma of every weight of `twin`, by tensor.
pub fn posteriors<M: Bayesian<f32, Cpu>>(twin: &M) -> Vec<LayerPosterior> {
    let mut seen = Seen(Vec::new());
    let Ok(()) = twin.visit_posteriors(&Name::ROOT, &mut seen);
    seen.0
}

struct Seen(Vec<LayerPosterior>);

impl VisitPosteriors<f32, Cpu> for Seen {
    type Err = Infallible;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        posterior: &Variational<S, f32, Cpu, C, F>,
    ) -> Result<(), Infallible> {
        let rho = posterior.rho.as_vec().into_iter();
        self.0.push(LayerPosterior {
            name: name.to_string(),
            mu: posterior.mu.as_vec(),
            sigma: rho.map(Real::softplus).collect(),
        });
        Ok(())
    }
}
