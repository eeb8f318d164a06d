//! `bayes inspect`: what is in a trained model.

use super::super::run_folder::RunFolder;
use super::super::{Failure, find};
use bayes_core::device::DeviceName;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// The arguments of `bayes inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The folder of the run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Look at the int8 model
    #[arg(long)]
    pub int8: bool,
}

/// The settings, and of each tensor its posterior and KL; or what became of each layer in integers.
///
/// # Errors
/// A model that is not there or does not fit.
pub fn inspect(args: &Inspect) -> Result<String, Failure> {
    let folder = RunFolder::new(&args.run);
    let settings = folder.settings()?;
    let architecture = find(&settings.model)?;
    if args.int8 {
        return Ok(format!("{}\n", folder.int8(architecture)?.inspect()));
    }
    let networks = folder.networks(&settings, architecture, DeviceName::Cpu)?;
    let mut text = format!(
        "{architecture}: {}; {} parameters, {} of its twin\n\n{}",
        architecture.summary(),
        architecture.parameters(),
        architecture.bayes_parameters(),
        settings.to_toml()?
    );
    for network in &networks {
        let Some(twin) = network.twin() else {
            continue;
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "\n{:<24}{:>10}{:>12}{:>12}{:>12}{:>14}",
            "tensor", "weights", "mean |mu|", "mean sigma", "|mu|/sigma", "KL, nats"
        );
        for layer in twin.posteriors()? {
            let n = layer.mu.len().max(1) as f64;
            let mu = layer.mu.iter().map(|m| f64::from(m.abs())).sum::<f64>() / n;
            let sigma = layer.sigma.iter().map(|&s| f64::from(s)).sum::<f64>() / n;
            let _ = writeln!(
                text,
                "{:<24}{:>10}{mu:>12.3e}{sigma:>12.3e}{:>12.3e}{:>14.4e}",
                layer.name,
                layer.mu.len(),
                mu / sigma,
                layer.kl
            );
        }
    }
    Ok(text)
}
