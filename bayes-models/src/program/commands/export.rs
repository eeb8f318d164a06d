//! `bayes export`: the trained model for other programs.

use super::super::network::Network;
use super::super::run_folder::spare;
use super::super::{Failure, find};
use super::trained::{Named, Which};
use bayes_core::checkpoint::Checkpoint;
use bayes_core::device::DeviceName;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The arguments of `bayes export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The model.
    #[command(flatten)]
    pub which: Which,
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
    /// A state dict for PyTorch; of a twin, with its means
    Torch,
    /// A state dict of a twin for bayesian-torch
    BayesianTorch,
}

/// Writes the model.
///
/// # Errors
/// A member that there is not; a file that cannot be written.
pub fn export(args: &Export) -> Result<String, Failure> {
    let networks = match args.which.named()? {
        Named::Run(folder) => {
            folder.spare(&args.out)?;
            let settings = folder.settings()?;
            folder.networks(&settings, find(&settings.model)?, DeviceName::Cpu)?
        }
        Named::File(architecture, weights) => {
            spare(&args.out, weights)?;
            vec![Network::read(architecture, DeviceName::Cpu, weights)?]
        }
    };
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
        (Format::Torch, Some(twin)) => twin.mean()?.export(out)?,
        (Format::Torch, None) => network.model().export(out)?,
        (Format::BayesianTorch, Some(twin)) => twin.export(out)?,
        (Format::BayesianTorch, None) => {
            return Err(Failure::usage(
                "expected a Bayesian model for `--format bayesian-torch`, found a plain one; take `--format torch`",
            ));
        }
    }
    Ok(format!("the model is in {}\n", args.out.display()))
}
