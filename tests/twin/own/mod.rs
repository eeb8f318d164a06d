//! Structs with a forward pass of their own: written once, run by the plain model, its twin and their views.

mod heads;
mod int8;
mod residual;
mod sequence;
mod siamese;
mod transformer;
mod u_net;

use bayes_core::posterior::{FanIn, Variational};
use bayes_core::prelude::*;
use bayes_core::twin::{Name, VisitPosteriors};

/// The names of the tensors with a posterior, after asserting that the loss moves mu and rho of each of them.
fn trained<M: Bayesian<f64, Cpu>>(model: &M, gradients: &Gradients<f64, Cpu>) -> Vec<String> {
    let mut seen = Trained {
        gradients,
        names: Vec::new(),
    };
    let walk = model.visit_posteriors(&Name::ROOT, &mut seen);
    walk.expect("nothing fails");
    seen.names
}

struct Trained<'a> {
    gradients: &'a Gradients<f64, Cpu>,
    names: Vec<String>,
}

impl VisitPosteriors<f64, Cpu> for Trained<'_> {
    type Err = std::convert::Infallible;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        weights: &Variational<S, f64, Cpu, C, F>,
    ) -> Result<(), Self::Err> {
        for slope in [
            self.gradients.get(&weights.mu).as_vec(),
            self.gradients.get(&weights.rho).as_vec(),
        ] {
            assert!(slope.iter().all(|g| g.is_finite()), "{name}: {slope:?}");
            assert!(slope.iter().any(|g| *g != 0.0), "nothing moves {name}");
        }
        self.names.push(name.to_string());
        Ok(())
    }
}

/// The names in the KL of each tensor: every posterior is in it once.
macro_rules! kl_names {
    ($bayes:expr) => {{
        let each = $bayes.kl_per_layer().expect("the KL of each");
        let sum: f64 = each.iter().map(|kl| kl.kl).sum();
        let whole = $bayes.kl::<NoneTape>().array();
        assert!(
            (sum - whole).abs() <= 1e-9 * whole.abs(),
            "{sum} instead of {whole}"
        );
        each.into_iter().map(|kl| kl.name).collect::<Vec<String>>()
    }};
}
use kl_names;
