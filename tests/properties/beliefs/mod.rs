//! Priors and posteriors: their divergence against integrals, their draws against their moments, where they start.

mod divergence;
mod draws;
mod extremes;
mod learned;
mod start;

use bayes_core::prelude::*;
use bayes_core::prior::Prior;

/// The logistic distribution around 0: a prior of a user's own.
#[derive(Clone, Copy, Debug)]
pub struct Logistic {
    pub scale: f64,
}

impl Prior for Logistic {
    fn log_prob<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
        &self,
        distance: Tensor<S, E, D, T>,
    ) -> Result<Tensor<S, E, D, T>, D::Err> {
        let z = distance.try_abs()?.try_div(number::<E>(self.scale))?;
        let tail = z.retaped::<T>().try_negate()?.try_exp()?;
        let tail = tail.try_add(number::<E>(1.0))?.try_ln()?;
        tail.try_mul(number::<E>(-2.0))?
            .try_sub(z)?
            .try_sub(number::<E>(self.scale.ln()))
    }
}

fn number<E: Dtype>(x: f64) -> E {
    E::from_f64(x).unwrap_or_default()
}

/// The same linear layer under the prior and posterior of the name.
macro_rules! nets {
    ($($Net:ident: $($key:ident = $value:expr),*;)*) => {$(
        #[bayesian(estimator = Reparameterization, $($key = $value),*)]
        pub struct $Net {
            pub fc: Linear<3, 2>,
        }
    )*};
}

nets! {
    NormalNet: prior = Gaussian(0.1, 0.7);
    LaplaceNet: prior = Laplace(0.1, 0.4);
    MixtureNet: prior = ScaleMixture(0.3, 1.0, 0.1);
    StudentNet: prior = StudentT(3.0, 0.3);
    OwnNet: prior = Own(Logistic { scale: 0.25 });
    LearnedNet: prior = Gaussian(0.2, Learned(0.5));
    RadialNet: prior = Gaussian(0.1, 0.7), posterior = Radial(rho = -1.0);
    RadialLaplaceNet: prior = Laplace(0.1, 0.4), posterior = Radial(rho = -1.0);
    LowRankNet: prior = Gaussian(0.1, 0.7), posterior = LowRank(rank = 2, rho = -1.0);
    LowRankLaplaceNet: prior = Laplace(0.1, 0.4), posterior = LowRank(rank = 2, rho = -1.0);
    LowRankStudentNet: prior = StudentT(3.0, 0.3), posterior = LowRank(rank = 2, rho = -1.0);
    MopedStudentNet: prior = StudentT(3.0, 0.3), moped = 0.4;
    MopedLearnedNet: prior = Gaussian(0.0, Learned(0.5, floor = 0.05)), moped = 0.4;
}
