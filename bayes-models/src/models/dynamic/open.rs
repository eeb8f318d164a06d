//! Checkpoints that say which model they are.

use super::{BayesModel, Error, PlainModel, Start};
use crate::models::Architecture;
use bayes_core::checkpoint::Checkpoint;
use bayes_core::device::DeviceName;
use std::collections::BTreeMap;
use std::path::Path;

/// The keys of a checkpoint's metadata that say which model it is.
pub(super) const ARCHITECTURE: &str = "architecture";
pub(super) const FORM: &str = "form";

/// A model from a checkpoint.
#[derive(Debug)]
pub enum Saved {
    /// One number for each weight.
    Plain(Box<dyn PlainModel>),
    /// A posterior for each weight.
    Bayesian(Box<dyn BayesModel>),
}

impl Saved {
    /// The model in the checkpoint at `path`, which [`save`](super::Trainable::save) wrote, and its notes. An int8 file does
    /// not say which model it is: [`Architecture::load_int8`] reads it.
    ///
    /// ```
    /// use bayes_core::checkpoint::Checkpoint;
    /// use bayes_models::models::{Architecture, Saved};
    ///
    /// # let path = std::env::temp_dir().join(format!("bayes-saved-{}.safetensors", std::process::id()));
    /// let net = Architecture::MlpDigits.plain(0)?;
    /// net.save(&path, &Checkpoint::new().with_entry("epoch", "3"), None)?;
    /// let (Saved::Plain(again), notes) = Saved::open(&path)? else { panic!("it is plain") };
    /// assert_eq!((again.architecture(), notes["epoch"].as_str()), (Architecture::MlpDigits, "3"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A file that cannot be read or is none; one that does not say which model it is; what does not fit the model that it
    /// says.
    pub fn open(path: &Path) -> Result<(Self, BTreeMap<String, String>), Error> {
        Self::open_on(DeviceName::Cpu, path)
    }

    /// As [`open`](Self::open), on a device.
    ///
    /// # Errors
    /// As [`open`](Self::open), and a device that is not there.
    pub fn open_on(
        device: DeviceName,
        path: &Path,
    ) -> Result<(Self, BTreeMap<String, String>), Error> {
        let metadata = Checkpoint::read_metadata(path)?;
        let said = |key: &str| metadata.get(key).map_or("", String::as_str);
        let unnamed = || Error::Unnamed {
            architecture: said(ARCHITECTURE).to_owned(),
            form: said(FORM).to_owned(),
        };
        let architecture: Architecture = said(ARCHITECTURE).parse().map_err(|_| unnamed())?;
        match said(FORM) {
            "plain" => {
                let mut model = architecture.plain_on(device, 0)?;
                let notes = model.load(path, None)?;
                Ok((Self::Plain(model), notes))
            }
            "bayesian" => {
                let mut model = architecture.plain_on(device, 0)?.bayes(&Start::default())?;
                let notes = model.load(path, None)?;
                Ok((Self::Bayesian(model), notes))
            }
            _ => Err(unnamed()),
        }
    }
}
