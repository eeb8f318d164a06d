//! Why a model behind a trait object did not do what was asked.

use crate::models::{Architecture, Task};
use bayes_core::dfdx::tensor::CpuError;
use bayes_core::estimator::EstimatorKind;
use bayes_core::{checkpoint, int8, optim};

/// Why a model was not built, loaded, trained or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The twin, its loss or its predictions.
    #[error(transparent)]
    Twin(#[from] bayes_core::Error),
    /// A file of weights.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// A setting of an optimiser, or gradients that are not finite.
    #[error(transparent)]
    Optimizer(#[from] optim::Error),
    /// An int8 file.
    #[error(transparent)]
    Int8(#[from] int8::FileError),
    /// The device failed, for example for lack of memory.
    #[error("the device failed: {0}")]
    Device(String),
    /// Numbers that are not whole examples.
    #[error(
        "expected {rows} examples of equally many numbers, found {numbers} numbers: cut the buffer at an example"
    )]
    Rows {
        /// The number of examples.
        rows: usize,
        /// The number of numbers.
        numbers: usize,
    },
    /// Examples of another size than the model's.
    #[error("`{architecture}` takes {}, but an example is {numbers} numbers", .architecture.input())]
    Input {
        /// The model.
        architecture: Architecture,
        /// The numbers of an example.
        numbers: usize,
    },
    /// A question that is none for this model.
    #[error("expected a model for {wanted}, found `{architecture}`, which is for {task}")]
    Task {
        /// The model.
        architecture: Architecture,
        /// What was asked for.
        wanted: &'static str,
        /// What the model is for.
        task: Task,
    },
    /// An estimator that the model has no use for.
    #[error(
        "`{architecture}` is not drawn by {estimator}: a layer uses one weight at several positions; take {}",
        kinds(.architecture.estimators())
    )]
    Estimator {
        /// The model.
        architecture: Architecture,
        /// What was asked for.
        estimator: EstimatorKind,
    },
    /// A number that is out of range.
    #[error("{name} must be {must}, found {found}")]
    Number {
        /// What it is.
        name: &'static str,
        /// What it must be.
        must: &'static str,
        /// What it is instead.
        found: f64,
    },
    /// A model that this build does not have.
    #[error(
        "`{architecture}` is not in this build, because the compiler takes minutes for it: build with `--features bayes-models/deep`"
    )]
    Feature {
        /// The model.
        architecture: Architecture,
    },
    /// A checkpoint that does not say which model it is.
    #[error(
        "expected a checkpoint that says its `architecture` and `form`, found `{architecture}` and `{form}`: name the model, and load it \
         with its method `load` or `load_weights`"
    )]
    Unnamed {
        /// What it says of the model.
        architecture: String,
        /// What it says of the form.
        form: String,
    },
    /// An update without gradients before it.
    #[error("expected gradients to update by, found none: call `gradients` on a batch first")]
    NoGradients,
}

impl Error {
    /// Wraps an error of a dfdx device.
    pub fn device(error: impl std::fmt::Display) -> Self {
        Self::Device(error.to_string())
    }
}

/// Of a loss, which lies on the CPU.
impl From<CpuError> for Error {
    fn from(error: CpuError) -> Self {
        Self::device(error)
    }
}

fn kinds(kinds: &[EstimatorKind]) -> String {
    let kinds: Vec<String> = kinds.iter().map(EstimatorKind::to_string).collect();
    kinds.join(" or ")
}
