//! An optimiser that is chosen at run time.

use super::Error;
use bayes_core::optim::{Adam, AdamConfig, AdamW, AdamWConfig, Sgd, SgdConfig};

/// One of the optimisers.
///
/// ```
/// use bayes_core::optim::AdamConfig;
/// use bayes_models::models::Optimizer;
///
/// let mut adam = Optimizer::adam(AdamConfig::default())?;
/// adam.set_learning_rate(1e-4);
/// assert_eq!((adam.name(), adam.learning_rate()), ("adam", 1e-4));
/// # Ok::<(), bayes_models::models::Error>(())
/// ```
#[derive(Debug)]
pub enum Optimizer {
    /// Stochastic gradient descent.
    Sgd(Sgd<f32>),
    /// Adam (Kingma and Ba 2015).
    Adam(Adam<f32>),
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    AdamW(AdamW<f32>),
}

/// Runs code with the optimiser, whichever it is.
macro_rules! with_optimizer {
    ($optimizer:expr, |$one:ident| $body:expr) => {
        match $optimizer {
            Optimizer::Sgd($one) => $body,
            Optimizer::Adam($one) => $body,
            Optimizer::AdamW($one) => $body,
        }
    };
}
pub(super) use with_optimizer;

impl Optimizer {
    /// Stochastic gradient descent.
    ///
    /// # Errors
    /// A setting that is out of range.
    pub fn sgd(config: SgdConfig) -> Result<Self, Error> {
        Ok(Self::Sgd(Sgd::new(config)?))
    }

    /// Adam.
    ///
    /// # Errors
    /// A setting that is out of range.
    pub fn adam(config: AdamConfig) -> Result<Self, Error> {
        Ok(Self::Adam(Adam::new(config)?))
    }

    /// Adam with decoupled weight decay.
    ///
    /// # Errors
    /// A setting that is out of range.
    pub fn adamw(config: AdamWConfig) -> Result<Self, Error> {
        Ok(Self::AdamW(AdamW::new(config)?))
    }

    /// Its name: `sgd`, `adam` or `adamw`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sgd(_) => "sgd",
            Self::Adam(_) => "adam",
            Self::AdamW(_) => "adamw",
        }
    }

    /// The learning rate of the next update.
    pub fn learning_rate(&self) -> f64 {
        with_optimizer!(self, |one| one.config.lr)
    }

    /// Sets the learning rate of the next update; the update fails where it is negative or not finite.
    pub fn set_learning_rate(&mut self, rate: f64) {
        with_optimizer!(self, |one| one.config.lr = rate);
    }

    /// The number of updates so far.
    pub fn steps(&self) -> u64 {
        with_optimizer!(self, |one| one.state.step)
    }

    /// Leaves the tensors at `path` and below as they are.
    pub fn freeze(&mut self, path: &str) {
        with_optimizer!(self, |one| one.freeze(path));
    }

    /// Trains the tensors at `path` and below, and those of earlier calls, alone.
    pub fn only(&mut self, path: &str) {
        with_optimizer!(self, |one| one.only(path));
    }
}
