//! `bayes export`: the trained model for other programs.

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
    /// A state dict for PyTorch; of a twin, one for bayesian-torch
    Torch,
    /// A state dict for PyTorch; of a twin, with its means
    TorchMean,
}

/// Writes the model.
///
/// # Errors
/// A member that there is not; a file that cannot be written.
pub fn export(args: &Export) -> Result<String, Failure> {
    let folder = RunFolder::new(&args.run);
    let settings = folder.settings()?;
    let networks = folder.networks(&settings, find(&settings.model)?)?;
    let network = networks.get(args.member).ok_or_else(|| {
        Failure::usage(format!(
            "expected `--member` below {}, found {}",
            networks.len(),
            args.member
        ))
    })?;
    let out = &args.out;
    match (args.format, network.twin()) {
        (Format::Checkpoint, _) => network.save(out, &Checkpoint::new(), None)?,
        (Format::Plain, Some(twin)) => twin.mean()?.save(out, &Checkpoint::new(), None)?,
        (Format::Plain, None) => network.save(out, &Checkpoint::new(), None)?,
        (Format::TorchMean, Some(twin)) => twin.mean()?.export(out)?,
        (Format::Torch | Format::TorchMean, _) => network.model().export(out)?,
    }
    Ok(format!("the model is in {}\n", args.out.display()))
}
