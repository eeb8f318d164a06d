//! The errors of checkpoints.

use std::fmt;
use std::path::PathBuf;

/// Why a checkpoint was not written or not loaded.
///
/// After any of them model and optimiser are unchanged, and the file at the path is whole: the old
/// one, or the new one if only flushing the folder failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error(
        "expected to {action} `{path}`, found: {source}; check the path, its rights and the \
         free space"
    )]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bytes are not a whole safetensors file.
    #[error(
        "expected a safetensors file, found {found}: it is cut short, damaged or of another \
         kind; take another copy"
    )]
    Malformed {
        /// What is wrong with it.
        found: String,
    },
    /// The file is whole, but it is not this model's or this optimiser's.
    #[error("the checkpoint does not fit, nothing was loaded: {}", lines(.mismatches))]
    Mismatches {
        /// Every difference, those of the model first.
        mismatches: Vec<Mismatch>,
    },
    /// A name of the model or a key of the metadata that the format needs for itself.
    #[error(
        "expected another name than `{name}`, which the format needs for itself: rename the \
         field or the key"
    )]
    Reserved {
        /// The name.
        name: String,
    },
    /// Two tensors of the model with one name.
    #[error(
        "expected every tensor to have a name of its own, found `{name}` twice: name the \
         model's fields, or what they are renamed to, differently"
    )]
    Duplicate {
        /// The dotted name.
        name: String,
    },
    /// A parameter whose memory is a permuted or broadcast view.
    #[error(
        "expected `{name}` to be contiguous, found a permuted or broadcast view: store \
         `tensor.contiguous()` in the model"
    )]
    NotContiguous {
        /// The dotted name.
        name: String,
    },
    /// A scalar of the model that is no f64.
    #[error(
        "expected `{name}` to be a number that an f64 can hold, found another: change the \
         scalar's type or value"
    )]
    Scalar {
        /// The dotted name.
        name: String,
    },
    /// Optimiser state that does not belong to the model it is saved with.
    #[error(
        "expected the optimiser's moments to fit the model, found {found} for `{name}`: save \
         the model that it trains"
    )]
    Moments {
        /// The dotted name.
        name: String,
        /// What is there.
        found: String,
    },
    /// The device could not read a tensor.
    #[error(
        "expected the device to read `{name}`, found: {message}; see its message for what to do"
    )]
    Device {
        /// The dotted name.
        name: String,
        /// What the device says.
        message: String,
    },
}

fn lines(mismatches: &[Mismatch]) -> String {
    mismatches
        .iter()
        .map(|mismatch| format!("\n  {mismatch}"))
        .collect()
}

/// One difference between a file and what it is loaded into.
///
/// ```
/// use bayes_core::checkpoint::{Mismatch, MismatchKind};
///
/// let mismatch = Mismatch {
///     kind: MismatchKind::Shape,
///     name: "fc1.weight".to_string(),
///     expected: "[120, 400]".to_string(),
///     found: "[120, 256]".to_string(),
/// };
/// let text = "shape of `fc1.weight`: expected [120, 400], found [120, 256] in the file";
/// assert_eq!(mismatch.to_string(), text);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What differs.
    pub kind: MismatchKind,
    /// The dotted name of a tensor, or the key of a metadata entry.
    pub name: String,
    /// What the model or the optimiser needs.
    pub expected: String,
    /// What the file holds.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            kind,
            name,
            expected,
            found,
        } = self;
        write!(
            f,
            "{kind} of `{name}`: expected {expected}, found {found} in the file"
        )
    }
}

/// What differs in a [`Mismatch`].
///
/// ```
/// use bayes_core::checkpoint::MismatchKind;
///
/// assert_eq!(MismatchKind::Dtype.to_string(), "dtype");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MismatchKind {
    /// A tensor is in one of the two only.
    Presence,
    /// The element type.
    Dtype,
    /// The shape.
    Shape,
    /// A scalar that the model's type cannot hold.
    Value,
    /// An entry of the metadata: the format's version, a prior, the optimiser's kind or counters.
    Metadata,
}

impl fmt::Display for MismatchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MismatchKind::Presence => "presence",
            MismatchKind::Dtype => "dtype",
            MismatchKind::Shape => "shape",
            MismatchKind::Value => "value",
            MismatchKind::Metadata => "metadata",
        })
    }
}
