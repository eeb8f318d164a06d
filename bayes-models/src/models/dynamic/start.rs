//! Where a twin starts: MOPED's delta and rho at run time.

use super::flat::Flat;
use super::{Error, Start};
use bayes_core::dfdx::shapes::ConstShape;
use bayes_core::kernels::gaussian::moped_rho;
use bayes_core::posterior::{Family, FanIn, Init, Variational};
use bayes_core::prelude::{Bayesian, Config, Device, Kernels, TensorCollection};
use bayes_core::prior::Prior;
use bayes_core::twin::{Defaults, Name, VisitPosteriors};
use std::collections::HashMap;
use std::convert::Infallible;

/// What holds for a twin where its attribute says nothing, with a tensor as the mean of each prior: its values are
/// MOPED's, or the one mean of all. One type of twin so starts as [`Start`] says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchored;

impl Config for Anchored {
    type Estimator = <Defaults as Config>::Estimator;
    type Prior = <Defaults as Config>::Prior;
    const PRIOR: Self::Prior = Defaults::PRIOR;
    const POSTERIOR: Family = Defaults::POSTERIOR;
    const MOPED: Option<f64> = Some(1.0);
    const INIT: Init = Defaults::INIT;
}

/// Where MOPED's sigma would be 0: the smallest sigma that a weight of 0 gets.
const MOPED_FLOOR: f32 = 1e-20;

/// Sets rho and the priors' means of a twin around pretrained weights.
pub(super) fn begin<M, D: Kernels<f32>>(twin: &mut M, start: &Start) -> Result<(), Error>
where
    M: Bayesian<f32, D> + TensorCollection<f32, D>,
{
    check(start)?;
    let mut values = Values {
        start: *start,
        tensors: HashMap::new(),
    };
    let Ok(()) = twin.visit_posteriors(&Name::ROOT, &mut values);
    let mut flat = Flat::of(twin).map_err(Error::device)?;
    flat.set(&values.tensors);
    flat.give(twin).map_err(Error::device)
}

fn check(start: &Start) -> Result<(), Error> {
    let number = |name, must, found| Error::Number { name, must, found };
    match *start {
        Start {
            moped: Some(delta), ..
        } if !(delta > 0.0 && delta.is_finite()) => {
            Err(number("MOPED's delta", "positive and finite", delta))
        }
        Start {
            moped: Some(_),
            rho: Some(rho),
        } => Err(number(
            "rho",
            "left to MOPED, which says it for each weight",
            rho,
        )),
        Start { rho: Some(rho), .. } if rho.is_nan() || rho.abs() > 1e4 => {
            Err(number("rho", "within −10000 and 10000", rho))
        }
        _ => Ok(()),
    }
}

/// The tensors that start otherwise, by name.
struct Values {
    start: Start,
    tensors: HashMap<String, Vec<f32>>,
}

impl<D: Device<f32>> VisitPosteriors<f32, D> for Values {
    type Err = Infallible;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        posterior: &Variational<S, f32, D, C, F>,
    ) -> Result<(), Infallible> {
        let mu = posterior.mu.as_vec();
        let mut rho = vec![0.0; mu.len()];
        match self.start.moped {
            Some(delta) => moped_rho(&mu, delta as f32, MOPED_FLOOR, &mut rho),
            None => {
                let own = C::POSTERIOR.rho().for_fan_in(F::FAN_IN.unwrap_or(1));
                rho.fill(self.start.rho.unwrap_or(own) as f32);
                let mean = vec![C::PRIOR.mean() as f32; mu.len()];
                self.tensors.insert(format!("{name}.prior_mean"), mean);
            }
        }
        self.tensors.insert(format!("{name}.rho"), rho);
        Ok(())
    }
}
