//! Checkpoints: models, their priors and their optimiser in one safetensors file.
//!
//! A file is written whole or not at all, and loaded whole or not at all:
//!
//! - **Writing** goes to a temporary file beside the target, which is flushed to the disk and then
//!   renamed. A write that fails leaves the old file as it was.
//! - **Loading** first compares everything: the format and its version, the dtype and shape of
//!   every tensor, names that are missing or too many, the priors, the optimiser. All
//!   differences are reported together in [`Error::Mismatches`]; only if there is none is
//!   anything copied.
//!
//! Names are the model's dotted tensor names; dfdx's `load_safetensors` reads the model from such a
//! file too. Scalars of the model are stored as F64 of rank 0. Values are not looked at: a NaN is
//! saved and loaded.
//!
//! State dicts of PyTorch and bayesian-torch are files of another kind: [`Checkpoint::load_torch`],
//! [`Checkpoint::save_torch`], [`Checkpoint::load_bayesian_torch`].
//!
//! ```
//! use bayes_core::checkpoint::Checkpoint;
//! use bayes_core::optim::{Adam, AdamConfig};
//! use dfdx::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("bayes-checkpoint-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("model.safetensors");
//! let device = Cpu::default();
//! let mut model = device.build_module::<Linear<4, 2>, f32>();
//! let mut adam = Adam::new(AdamConfig::default())?;
//!
//! let checkpoint = Checkpoint::new()
//!     .with_entry("prior.weight", "Gaussian(0, 1)")
//!     .with_entry("epoch", "3");
//! checkpoint.save_with_optimizer(&path, &model, &adam)?;
//!
//! let found = checkpoint.load_with_optimizer(&path, &mut model, &mut adam)?;
//! assert_eq!(found["epoch"], "3");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```

mod bayesian_torch;
mod compare;
mod error;
pub(crate) mod format;
mod model;
mod optimizer;
mod replace;
mod torch;
pub(crate) use replace::replace;

pub use error::{Error, Mismatch, MismatchKind};
pub use torch::Loaded;

use crate::optim::{GradientDescent, Rule, State};
use dfdx::dtypes::Dtype;
use dfdx::nn::tensor_collection::TensorCollection;
use dfdx::tensor::safetensors::SafeDtype;
use dfdx::tensor_ops::Device;
use format::Contents;
use model::Signature;
use std::collections::BTreeMap;
use std::path::Path;

/// The version of the format that this crate writes and reads.
pub const VERSION: &str = "1";

const VERSION_KEY: &str = "bayes.format";
/// What the format's own metadata keys begin with.
const OWN: &str = "bayes.";
/// What the metadata keys of priors begin with.
const PRIOR: &str = "prior.";

/// What a checkpoint holds besides tensors, and the operations on it.
///
/// Entries of the metadata whose key begins with `prior.` describe the priors. They are part of the
/// model: loading demands that those in the file are exactly those given here. All other entries
/// are notes, saved and given back.
///
/// ```
/// use bayes_core::checkpoint::Checkpoint;
///
/// let checkpoint = Checkpoint::new().with_entry("prior.fc1.weight", "Laplace(0, 0.1)");
/// assert_eq!(checkpoint.metadata.len(), 1);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Priors and notes by key. Keys that begin with `bayes.` belong to the format.
    pub metadata: BTreeMap<String, String>,
}

impl Checkpoint {
    /// A checkpoint without priors and notes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one entry to the metadata.
    pub fn with_entry(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Adds entries to the metadata, such as all priors under `prior.<tensor>`.
    pub fn with_metadata(mut self, entries: BTreeMap<String, String>) -> Self {
        self.metadata.extend(entries);
        self
    }

    /// Writes the model to `path`, replacing the file there in one step.
    ///
    /// # Errors
    /// Any but [`Error::Malformed`] and [`Error::Mismatches`]; the old file is then left as it was.
    pub fn save<E, D, M>(&self, path: impl AsRef<Path>, model: &M) -> Result<(), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        self.write(path.as_ref(), model, None)
    }

    /// Writes the model and the state of its optimiser; see [`Self::save`].
    ///
    /// The optimiser's hyperparameters are not saved: they are the program's.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub fn save_with_optimizer<E, D, M, R>(
        &self,
        path: impl AsRef<Path>,
        model: &M,
        optimizer: &GradientDescent<R, E>,
    ) -> Result<(), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
        R: Rule,
    {
        self.write(path.as_ref(), model, Some((R::NAME, &optimizer.state)))
    }

    /// Loads the model from `path` and returns the metadata of the file, without the format's own.
    ///
    /// The state of an optimiser in the file is passed over.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Malformed`], [`Error::Mismatches`] with every difference, and
    /// [`Error::NotContiguous`], [`Error::Duplicate`] or [`Error::Reserved`] if the model cannot be
    /// loaded at all. The model is then unchanged, bit for bit.
    pub fn load<E, D, M>(
        &self,
        path: impl AsRef<Path>,
        model: &mut M,
    ) -> Result<BTreeMap<String, String>, Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        self.load_bytes(&read(path.as_ref())?, model)
    }

    /// Loads the model and replaces the state of its optimiser; see [`Self::load`].
    ///
    /// # Errors
    /// As [`Self::load`]; neither model nor optimiser is then changed.
    pub fn load_with_optimizer<E, D, M, R>(
        &self,
        path: impl AsRef<Path>,
        model: &mut M,
        optimizer: &mut GradientDescent<R, E>,
    ) -> Result<BTreeMap<String, String>, Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
        R: Rule,
    {
        let bytes = read(path.as_ref())?;
        let (contents, signatures, mut mismatches) = self.compare(&bytes, model)?;
        match optimizer::load(R::NAME, R::MAX_MOMENTS, &signatures, &contents) {
            Ok(state) if mismatches.is_empty() => {
                model::restore(model, &contents)?;
                optimizer.state = state;
                Ok(notes(contents))
            }
            Ok(_) => Err(Error::Mismatches { mismatches }),
            Err(more) => {
                mismatches.extend(more);
                Err(Error::Mismatches { mismatches })
            }
        }
    }

    /// Loads the model from the bytes of a file; see [`Self::load`].
    ///
    /// # Errors
    /// As [`Self::load`], but for [`Error::Io`].
    pub fn load_bytes<E, D, M>(
        &self,
        bytes: &[u8],
        model: &mut M,
    ) -> Result<BTreeMap<String, String>, Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        let (contents, _, mismatches) = self.compare(bytes, model)?;
        if !mismatches.is_empty() {
            return Err(Error::Mismatches { mismatches });
        }
        model::restore(model, &contents)?;
        Ok(notes(contents))
    }

    /// The metadata of the file at `path`, without the format's own: what it says before there is a model to load it into.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Malformed`].
    pub fn read_metadata(path: impl AsRef<Path>) -> Result<BTreeMap<String, String>, Error> {
        Ok(notes(format::read(&read(path.as_ref())?)?))
    }

    /// The names of the tensors in the file at `path`, in the order of the alphabet: of any safetensors file.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Malformed`].
    pub fn read_names(path: impl AsRef<Path>) -> Result<Vec<String>, Error> {
        let bytes = read(path.as_ref())?;
        Ok(format::read(&bytes)?.tensors.into_keys().collect())
    }

    /// The bytes that the model's tensors and scalars take in a file, without its header.
    ///
    /// # Errors
    /// [`Error::NotContiguous`] or [`Error::Duplicate`] if the model cannot be saved.
    pub fn bytes<E, D, M>(model: &M) -> Result<usize, Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        let sizes = signatures(model)?;
        let sizes = sizes
            .iter()
            .filter_map(|tensor| format::byte_len(tensor.dtype, &tensor.shape));
        Ok(sizes.sum())
    }

    fn write<E, D, M>(
        &self,
        path: &Path,
        model: &M,
        optimizer: Option<(&str, &State<E>)>,
    ) -> Result<(), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        if let Some(key) = self.metadata.keys().find(|key| key.starts_with(OWN)) {
            return Err(Error::Reserved { name: key.clone() });
        }
        let signatures = signatures(model)?;
        let mut entries = model::entries(model)?;
        let mut metadata = self.metadata.clone();
        metadata.insert(VERSION_KEY.to_string(), VERSION.to_string());
        if let Some((kind, state)) = optimizer {
            optimizer::store(kind, state, &signatures, &mut entries, &mut metadata)?;
        }
        replace::replace(path, |out| format::write(out, &metadata, &mut entries))
    }

    /// Takes a file apart and lists what keeps it from being this model's.
    fn compare<'a, E, D, M>(
        &self,
        bytes: &'a [u8],
        model: &M,
    ) -> Result<(Contents<'a>, Vec<Signature>, Vec<Mismatch>), Error>
    where
        E: Dtype + SafeDtype,
        D: Device<E>,
        M: TensorCollection<E, D>,
    {
        let contents = format::read(bytes)?;
        let signatures = signatures(model)?;
        let version = contents.metadata.get(VERSION_KEY);
        let mut mismatches: Vec<Mismatch> = compare::metadata(VERSION_KEY, Some(VERSION), version)
            .into_iter()
            .collect();
        let ours = |name: &str| !name.starts_with(optimizer::PREFIX);
        mismatches.extend(compare::tensors(&signatures, &contents, ours));
        mismatches.extend(self.priors(&contents.metadata));
        Ok((contents, signatures, mismatches))
    }

    /// The priors that differ, by key.
    fn priors(&self, found: &BTreeMap<String, String>) -> Vec<Mismatch> {
        let mut keys: Vec<&String> = self.metadata.keys().chain(found.keys()).collect();
        keys.retain(|key| key.starts_with(PRIOR));
        keys.sort();
        keys.dedup();
        let differ = |key: &String| {
            let expected = self.metadata.get(key).map(String::as_str);
            compare::metadata(key, expected, found.get(key))
        };
        keys.into_iter().filter_map(differ).collect()
    }
}

/// The model's signatures, none of which has a name of the format's own.
fn signatures<E, D, M>(model: &M) -> Result<Vec<Signature>, Error>
where
    E: Dtype + SafeDtype,
    D: Device<E>,
    M: TensorCollection<E, D>,
{
    let signatures = model::signatures(model)?;
    let reserved = |name: &str| name == format::METADATA || name.starts_with(optimizer::PREFIX);
    match signatures
        .iter()
        .find(|signature| reserved(&signature.name))
    {
        Some(signature) => Err(Error::Reserved {
            name: signature.name.clone(),
        }),
        None => Ok(signatures),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| {
        let path = path.to_path_buf();
        Error::Io {
            action: "read",
            path,
            source,
        }
    })
}

/// The metadata without the format's own entries.
fn notes(contents: Contents<'_>) -> BTreeMap<String, String> {
    let mut notes = contents.metadata;
    notes.retain(|key, _| !key.starts_with(OWN));
    notes
}

#[cfg(test)]
mod tests;
