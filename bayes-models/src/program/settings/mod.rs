//! What a training run is: the settings of flags and files, with their defaults.

mod gather;
mod unheard;

pub use gather::device;

use super::Failure;
use crate::models::Optimizer;
use crate::train::{LearningRate, Schedule};
use bayes_core::elbo::KlSchedule;
use bayes_core::optim::{AdamConfig, AdamWConfig, SgdConfig};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// How a model comes to know what it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// It does not: one plain model.
    Deterministic,
    /// The Bayesian twin, by variational inference.
    Bayesian,
    /// A plain model whose dropout drops in prediction too.
    McDropout,
    /// Several plain models from different seeds.
    Ensemble,
}

/// The optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerName {
    /// Stochastic gradient descent with momentum.
    Sgd,
    /// Adam.
    Adam,
    /// Adam with decoupled weight decay.
    #[value(name = "adamw")]
    #[serde(rename = "adamw")]
    AdamW,
}

/// The course of the learning rate behind its warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RateSchedule {
    /// The same at each step.
    Constant,
    /// Times `step-factor` every `step-epochs` epochs.
    Step,
    /// Half a cosine down to 0.
    Cosine,
}

/// The course of the KL's weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum KlCourse {
    /// beta at each step.
    Constant,
    /// From 0 to beta in the first `kl-epochs` epochs.
    WarmUp,
    /// From 0 to beta in the first half of every `kl-epochs` epochs.
    Cyclical,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $(#[arg($($arg:tt)*)])* $name:ident: $type:ty = $default:expr;)+) => {
        /// The settings of a training run; the keys of a TOML file, with `-` for `_`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Settings {
            $($(#[doc = $doc])+ #[serde(skip_serializing_if = "is_absent")] pub $name: $type,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        /// The settings that the command line states.
        #[derive(Debug, Clone, Default, PartialEq, Args)]
        pub struct Flags {
            $($(#[doc = $doc])+ $(#[arg($($arg)*)])* pub $name: Option<<$type as Flag>::Value>,)+
        }

        impl Settings {
            /// Their names in a file.
            fn names() -> Vec<String> {
                [$(stringify!($name)),+].map(|name| name.replace('_', "-")).to_vec()
            }
        }

        impl Flags {
            /// Those that are stated, by their names in a file.
            fn stated(&self) -> Vec<(String, Result<toml::Value, toml::ser::Error>)> {
                let mut stated = Vec::new();
                $(if let Some(value) = &self.$name {
                    stated.push((stringify!($name).replace('_', "-"), toml::Value::try_from(value)));
                })+
                stated
            }
        }
    };
}

/// The type of a setting on the command line.
pub trait Flag {
    /// Without the `Option` of a setting that may be absent.
    type Value;
}

macro_rules! flag {
    ($($type:ty),+) => { $(
        impl Flag for $type { type Value = $type; }
        impl Flag for Option<$type> { type Value = $type; }
        impl Absent for $type {}
        impl Absent for Option<$type> {
            fn absent(&self) -> bool { self.is_none() }
        }
    )+ };
}

/// Whether a setting is left out of a file, which has no word for nothing.
trait Absent {
    fn absent(&self) -> bool {
        false
    }
}

fn is_absent<T: Absent>(setting: &T) -> bool {
    setting.absent()
}

flag!(
    String,
    PathBuf,
    Method,
    OptimizerName,
    RateSchedule,
    KlCourse,
    NonZeroUsize,
    usize,
    u64,
    f64,
    bool
);

/// Draws of a prediction at most. The error of their mean falls with the root of their number: 1000 leave 3 % of a deviation.
const MOST_SAMPLES: usize = 1_000_000;

const ONE: NonZeroUsize = NonZeroUsize::MIN;

settings! {
    /// The model, as `bayes models` names it
    #[arg(long, short, value_name = "NAME", help_heading = "What")]
    model: String = "digits".to_owned();
    /// The data set: `digits`, `diabetes`, `sunspots`, `mnist:DIR`, `cifar10:DIR`, `cifar100:DIR`, `images:DIR`,
    /// `csv:FILE`
    #[arg(long, short, value_name = "SET", help_heading = "What")]
    data: String = "digits".to_owned();
    /// Column of a CSV file that is predicted [default: the last one]
    #[arg(long, value_name = "COLUMN", help_heading = "What")]
    target: Option<String> = None;
    /// How the model knows what it does not know [default: bayesian]
    #[arg(long, value_enum, help_heading = "What")]
    method: Method = Method::Bayesian;
    /// Models of an ensemble [default: 5]
    #[arg(long, value_name = "N", help_heading = "What")]
    members: NonZeroUsize = NonZeroUsize::new(5).unwrap_or(ONE);
    /// Checkpoint of a trained plain model, around whose weights the twin starts (MOPED)
    #[arg(long, value_name = "FILE", help_heading = "What")]
    moped: Option<PathBuf> = None;
    /// MOPED's delta: each weight starts with so much of itself as its sigma [default: 0.5]
    #[arg(long, value_name = "SHARE", help_heading = "What")]
    delta: f64 = 0.5;
    /// rho of all weights at the start, where it is neither MOPED's nor the model's own
    #[arg(long, value_name = "RHO", allow_negative_numbers = true, help_heading = "What")]
    rho: Option<f64> = None;
    /// State dict of PyTorch, saved as safetensors, whose weights the model starts with
    #[arg(long, value_name = "FILE", help_heading = "What")]
    weights: Option<PathBuf> = None;
    /// Decides the initial weights, the order of the examples and every draw [default: 0]
    #[arg(long, value_name = "N", help_heading = "What")]
    seed: u64 = 0;
    /// Passes over the training set [default: 30]
    #[arg(long, value_name = "N", help_heading = "Descent")]
    epochs: usize = 30;
    /// Examples per step [default: 64]
    #[arg(long, value_name = "N", help_heading = "Descent")]
    batch_size: NonZeroUsize = NonZeroUsize::new(64).unwrap_or(ONE);
    /// The optimiser [default: adam]
    #[arg(long, value_enum, help_heading = "Descent")]
    optimizer: OptimizerName = OptimizerName::Adam;
    /// Learning rate, behind its warm-up [default: 0.003]
    #[arg(long, value_name = "RATE", help_heading = "Descent")]
    learning_rate: f64 = 3e-3;
    /// Momentum of SGD [default: 0.9]
    #[arg(long, value_name = "SHARE", help_heading = "Descent")]
    momentum: f64 = 0.9;
    /// Weight decay; of AdamW decoupled [default: 0]
    #[arg(long, value_name = "RATE", help_heading = "Descent")]
    weight_decay: f64 = 0.0;
    /// Course of the learning rate [default: cosine]
    #[arg(long, value_enum, help_heading = "Descent")]
    schedule: RateSchedule = RateSchedule::Cosine;
    /// Epochs between the falls of `--schedule step` [default: 10]
    #[arg(long, value_name = "N", help_heading = "Descent")]
    step_epochs: NonZeroUsize = NonZeroUsize::new(10).unwrap_or(ONE);
    /// What the rate is multiplied by at each of them [default: 0.1]
    #[arg(long, value_name = "FACTOR", help_heading = "Descent")]
    step_factor: f64 = 0.1;
    /// Epochs in which the rate rises from 0 [default: 0]
    #[arg(long, value_name = "EPOCHS", help_heading = "Descent")]
    warm_up: f64 = 0.0;
    /// Weight of the KL: 1 for the ELBO, less for a tempered posterior [default: 0.1]
    #[arg(long, value_name = "WEIGHT", help_heading = "Bayes")]
    beta: f64 = 0.1;
    /// Course of that weight [default: constant]
    #[arg(long, value_enum, help_heading = "Bayes")]
    kl_schedule: KlCourse = KlCourse::Constant;
    /// Epochs of its warm-up, or of one cycle [default: 10]
    #[arg(long, value_name = "N", help_heading = "Bayes")]
    kl_epochs: NonZeroUsize = NonZeroUsize::new(10).unwrap_or(ONE);
    /// Draws per training step, over which the loss is averaged [default: 1]
    #[arg(long, value_name = "N", help_heading = "Bayes")]
    train_samples: NonZeroUsize = ONE;
    /// Weight of the AvUC loss of a classifier; its authors take 3 [default: 0]
    #[arg(long, value_name = "WEIGHT", help_heading = "Bayes")]
    avuc: f64 = 0.0;
    /// Epochs in which the AvUC threshold is 1, before it is half-way between the mean entropies of right and wrong
    /// training examples of the epoch before [default: 3]
    #[arg(long, value_name = "N", help_heading = "Bayes")]
    avuc_epochs: usize = 3;
    /// Draws in a prediction of the validation set [default: 16]
    #[arg(long, value_name = "N", help_heading = "Bayes")]
    samples: NonZeroUsize = NonZeroUsize::new(16).unwrap_or(ONE);
    /// The last part of the training set, which validates [default: 0.15]
    #[arg(long, value_name = "SHARE", help_heading = "Data")]
    validation: f64 = 0.15;
    /// Stop after so many epochs without a smaller validation NLL, and keep the model of the best one
    #[arg(long, value_name = "EPOCHS", help_heading = "Data")]
    patience: Option<NonZeroUsize> = None;
    /// Cut images at random out of themselves with so many pixels around [default: 0]
    #[arg(long, value_name = "PIXELS", help_heading = "Data")]
    crop: usize = 0;
    /// Mirror half of the images
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", help_heading = "Data")]
    flip: bool = false;
    /// Bring channels or columns to mean 0 and deviation 1 [default: for tables]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", help_heading = "Data")]
    normalize: Option<bool> = None;
    /// Threads that make batches beside the training [default: 2]
    #[arg(long, value_name = "N", help_heading = "Data")]
    threads: NonZeroUsize = NonZeroUsize::new(2).unwrap_or(ONE);
    /// Write TensorBoard event files too
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", help_heading = "Data")]
    tensorboard: bool = false;
}

/// Refuses more draws than memory has room for.
///
/// # Errors
/// More than [`MOST_SAMPLES`].
pub fn at_most_samples(samples: NonZeroUsize) -> Result<(), Failure> {
    match samples.get() {
        0..=MOST_SAMPLES => Ok(()),
        more => Err(Failure::usage(format!(
            "expected `samples` to be at most {MOST_SAMPLES}, found {more}; 1000 leave 3 % of a deviation, and 100 leave 10 %"
        ))),
    }
}

impl Settings {
    /// The settings as the TOML that [`gather`](Self::gather) reads.
    ///
    /// # Errors
    /// A seed that TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, Failure> {
        toml::to_string(self).map_err(|error| {
            Failure::usage(format!(
                "the settings cannot be saved as TOML: {error}; take a seed below 2^63"
            ))
        })
    }

    /// Draws of a validation: one where all are the same.
    pub fn validation_samples(&self) -> usize {
        match self.method {
            Method::Deterministic | Method::Ensemble => 1,
            Method::Bayesian | Method::McDropout => self.samples.get(),
        }
    }

    /// The models that a run trains.
    pub fn trained_members(&self) -> usize {
        match self.method {
            Method::Ensemble => self.members.get(),
            _ => 1,
        }
    }

    /// Whether dropout drops in prediction.
    pub fn drops(&self) -> bool {
        self.method == Method::McDropout
    }

    fn check(&self) -> Result<(), Failure> {
        let share = |x: f64| (0.0..1.0).contains(&x);
        let at_least_0 = |x: f64| x.is_finite() && x >= 0.0;
        for (name, must, found, allowed) in [
            (
                "validation",
                "at least 0 and below 1",
                self.validation,
                share(self.validation),
            ),
            (
                "learning-rate",
                "finite and at least 0",
                self.learning_rate,
                at_least_0(self.learning_rate),
            ),
            (
                "momentum",
                "at least 0 and below 1",
                self.momentum,
                share(self.momentum),
            ),
            (
                "weight-decay",
                "finite and at least 0",
                self.weight_decay,
                at_least_0(self.weight_decay),
            ),
            (
                "step-factor",
                "finite and at least 0",
                self.step_factor,
                at_least_0(self.step_factor),
            ),
            (
                "warm-up",
                "finite and at least 0",
                self.warm_up,
                at_least_0(self.warm_up),
            ),
            (
                "beta",
                "finite and at least 0",
                self.beta,
                at_least_0(self.beta),
            ),
            (
                "delta",
                "finite and above 0",
                self.delta,
                self.delta.is_finite() && self.delta > 0.0,
            ),
            (
                "rho",
                "between -20 and 20",
                self.rho.unwrap_or(0.0),
                self.rho.is_none_or(|rho| rho.abs() <= 20.0),
            ),
            (
                "avuc",
                "finite and at least 0",
                self.avuc,
                at_least_0(self.avuc),
            ),
        ] {
            if !allowed {
                return Err(Failure::usage(format!(
                    "expected `{name}` to be {must}, found {found}; correct the flag or the file"
                )));
            }
        }
        at_most_samples(self.samples)?;
        if self.patience.is_some() && self.validation == 0.0 {
            return Err(Failure::usage(
                "expected a validation set for `patience`, found `validation = 0`; \
                 set it above 0 or leave `patience` out",
            ));
        }
        if self.moped.is_some() && self.weights.is_some() {
            return Err(Failure::usage(
                "expected `weights` or `moped`, found both; a twin starts from one file",
            ));
        }
        if self.moped.is_some() && self.rho.is_some() {
            return Err(Failure::usage(
                "expected `rho` or `moped`, found both; MOPED says it for each weight",
            ));
        }
        if self.moped.is_some() && self.method != Method::Bayesian {
            return Err(Failure::usage(
                "expected `method = bayesian` with `moped`, found another; a plain model has no prior to start from",
            ));
        }
        Ok(())
    }

    /// The optimiser, with an empty state; its rate is set at each step.
    ///
    /// # Errors
    /// A setting that the optimiser refuses.
    pub fn optimizer(&self) -> Result<Optimizer, Failure> {
        let (lr, weight_decay) = (self.learning_rate, self.weight_decay);
        let optimizer = match self.optimizer {
            OptimizerName::Sgd => Optimizer::sgd(SgdConfig {
                lr,
                weight_decay,
                momentum: self.momentum,
                ..SgdConfig::default()
            }),
            OptimizerName::Adam => Optimizer::adam(AdamConfig {
                lr,
                weight_decay,
                ..AdamConfig::default()
            }),
            OptimizerName::AdamW => Optimizer::adamw(AdamWConfig {
                lr,
                weight_decay,
                ..AdamWConfig::default()
            }),
        };
        optimizer.map_err(|error| Failure::usage(error.to_string()))
    }

    /// The learning rate over a run whose epochs have so many steps.
    pub fn rate(&self, per_epoch: usize) -> LearningRate {
        LearningRate {
            peak: self.learning_rate,
            warm_up: (self.warm_up * per_epoch as f64).round() as usize,
            schedule: match self.schedule {
                RateSchedule::Constant => Schedule::Constant,
                RateSchedule::Cosine => Schedule::Cosine,
                RateSchedule::Step => Schedule::Step {
                    every: self
                        .step_epochs
                        .saturating_mul(NonZeroUsize::new(per_epoch).unwrap_or(ONE)),
                    factor: self.step_factor,
                },
            },
        }
    }

    /// beta over a run whose epochs have so many steps.
    ///
    /// # Errors
    /// None that [`gather`](Self::gather) lets through.
    pub fn kl(&self, per_epoch: usize) -> Result<KlSchedule, Failure> {
        let steps = self
            .kl_epochs
            .saturating_mul(NonZeroUsize::new(per_epoch).unwrap_or(ONE));
        let course = match self.kl_schedule {
            KlCourse::Constant => KlSchedule::constant(),
            KlCourse::WarmUp => KlSchedule::warm_up(steps.get()),
            KlCourse::Cyclical => KlSchedule::cyclical(steps, 0.5)?,
        };
        Ok(course.at_temperature(self.beta)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_count_epochs() {
        let settings = Settings {
            learning_rate: 1.0,
            schedule: RateSchedule::Step,
            step_epochs: NonZeroUsize::new(2).unwrap(),
            warm_up: 0.5,
            beta: 0.2,
            kl_schedule: KlCourse::WarmUp,
            kl_epochs: NonZeroUsize::new(2).unwrap(),
            ..Settings::default()
        };
        let rate = settings.rate(10);
        assert_eq!(rate.at(0, 100), 0.2);
        assert_eq!(rate.at(10, 100), 1.0);
        assert!((rate.at(26, 100) - 0.1).abs() < 1e-12);
        assert_eq!(settings.kl(10).unwrap().beta(10), 0.1);
    }
}
