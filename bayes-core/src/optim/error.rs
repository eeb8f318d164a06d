//! The error of the optimisers.

/// Why an optimiser was not made, or an update was not done or not done completely.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A hyperparameter outside its range. Nothing was changed.
    #[error("`{name}` must be {must}, not {found}")]
    Setting {
        /// The field of the configuration.
        name: &'static str,
        /// What is allowed.
        must: &'static str,
        /// What was given.
        found: f64,
    },
    /// Parameters without a gradient. They were left unchanged; all others **were updated**.
    #[error(
        "expected a gradient for every trained tensor, found none for {names:?} (the others were \
         updated): does the loss depend on them? freeze those that it should not reach"
    )]
    NoGradient {
        /// Dotted names, in the model's order.
        names: Vec<String>,
    },
    /// Gradients that hold a NaN or an infinity. Nothing was changed.
    #[error(
        "expected finite gradients, found NaN or infinity for {names:?} (nothing was changed): \
         lower the learning rate or look for a division by zero or an overflow in the loss"
    )]
    NonFiniteGradient {
        /// Dotted names, in the model's order.
        names: Vec<String>,
    },
    /// Frozen paths that name nothing in the model. Nothing was changed.
    #[error(
        "expected every frozen path to name a tensor or a module of the model, found {paths:?}: \
         correct the spelling or `unfreeze` them"
    )]
    UnknownFrozen {
        /// The paths.
        paths: Vec<String>,
    },
    /// Paths to train that name nothing in the model. Nothing was changed.
    #[error(
        "expected every path to train to name a tensor or a module of the model, found {paths:?}: correct the spelling \
         or take them back by `train_all`"
    )]
    UnknownOnly {
        /// The paths.
        paths: Vec<String>,
    },
    /// Moments that were made for a tensor of another size. Nothing was changed.
    #[error(
        "expected {expected} elements in every moment of `{name}`, found {found}: the state \
         belongs to another model or another optimiser; remove the entry to start it from zero"
    )]
    MomentLength {
        /// The tensor's dotted name.
        name: String,
        /// Its number of elements.
        expected: usize,
        /// The length of the moment that differs.
        found: usize,
    },
    /// A parameter whose memory is a permuted or broadcast view. Nothing was changed.
    #[error(
        "expected `{name}` to be contiguous, found a permuted or broadcast view: \
         store `tensor.contiguous()` in the model"
    )]
    NotContiguous {
        /// The tensor's dotted name.
        name: String,
    },
    /// The device failed; tensors before the failing one may have been updated.
    #[error(
        "expected the device to do the update, found: {message}; see its message for what to do"
    )]
    Device {
        /// What the device says.
        message: String,
    },
}
