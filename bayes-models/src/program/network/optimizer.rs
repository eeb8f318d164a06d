//! One type for the optimisers among which a run chooses, so that a model's tensors are walked by one piece of code.

use bayes_core::dfdx::dtypes::Dtype;
use bayes_core::optim::{
    AdamConfig, AdamWConfig, Error, GradientDescent, Moments, Rule, SgdConfig,
};

/// An optimiser of a run, with its state.
pub type Optimizer = GradientDescent<Algorithm, f32>;

/// SGD, Adam or AdamW with its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Algorithm {
    /// Stochastic gradient descent.
    Sgd(SgdConfig),
    /// Adam.
    Adam(AdamConfig),
    /// Adam with decoupled weight decay.
    AdamW(AdamWConfig),
}

impl Algorithm {
    /// Sets the learning rate.
    pub fn set_rate(&mut self, rate: f64) {
        match self {
            Self::Sgd(config) => config.lr = rate,
            Self::Adam(config) => config.lr = rate,
            Self::AdamW(config) => config.lr = rate,
        }
    }
}

impl Rule for Algorithm {
    const NAME: &'static str = "bayes";
    const MAX_MOMENTS: usize = 2;

    /// A checkpoint expects both moments or none; SGD leaves the second one at zero.
    fn moments(&self) -> usize {
        match self {
            Self::Sgd(config) => 2 * config.moments(),
            Self::Adam(_) | Self::AdamW(_) => 2,
        }
    }

    fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Sgd(config) => config.validate(),
            Self::Adam(config) => config.validate(),
            Self::AdamW(config) => config.validate(),
        }
    }

    fn update<E: Dtype>(&self, param: &mut [E], gradient: &[E], moments: &mut Moments<E>) {
        match self {
            Self::Sgd(config) => config.update(param, gradient, moments),
            Self::Adam(config) => config.update(param, gradient, moments),
            Self::AdamW(config) => config.update(param, gradient, moments),
        }
    }
}
