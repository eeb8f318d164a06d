//! `bayes export`: the trained model for other programs.

use super::super::network::Model;
use super::super::run_folder::RunFolder;
use super::super::{Failure, find};
use bayes_core::checkpoint::Checkpoint;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The arguments of `bayes export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The folder of the run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// What the file is for
    #[arg(long, value_enum, default_value = "checkpoint")]
    pub format: Format,
    /// Member of an ensemble
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub member: usize,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The model as it is, a twin with its posterior and priors, without optimiser
    Checkpoint,
    /// The plain model, of a twin that of its means: what `--moped` takes
    Plain,
    /// The plain model, of a twin that of its means, as a state dict for PyTorch's `safetensors`
    Torch,
}

/// Writes the model.
///
/// # Errors
/// A member that there is not; a file that cannot be written.
pub fn export(args: &Export, models: &[Model]) -> Result<String, Failure> {
    let folder = RunFolder::new(&args.run);
    let settings = folder.settings()?;
    let networks = folder.networks(&settings, find(models, &settings.model)?)?;
    let network = networks.get(args.member).ok_or_else(|| {
        Failure::usage(format!(
            "expected `--member` below {}, found {}",
            networks.len(),
            args.member
        ))
    })?;
    match args.format {
        Format::Checkpoint => network.save(&args.out, Checkpoint::new(), None)?,
        Format::Plain => network.save_plain(&args.out)?,
        Format::Torch => network.save_torch(&args.out)?,
    }
    Ok(format!("the model is in {}\n", args.out.display()))
}
