//! `bayes quantize`: the model in 8-bit integers.

use super::super::prediction::scaled;
use super::super::run_folder::RunFolder;
use super::super::sets::Parts;
use super::super::settings::Method;
use super::super::{Failure, find};
use crate::models::Examples;
use bayes_core::device::DeviceName;
use bayes_core::estimator::EstimatorKind;
use bayes_core::int8::{Calibration, Inspection};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The arguments of `bayes quantize`.
#[derive(Debug, Args)]
pub struct Quantize {
    /// The folder of the run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Where the int8 model goes [default: RUN/model.int8, where `--int8` finds it]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Training examples on which the ranges of values are measured
    #[arg(long, value_name = "N", default_value = "256")]
    pub examples: NonZeroUsize,
    /// Seed of the draws with which they are measured
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How the model draws [default: as it was trained]
    #[arg(long, value_name = "NAME")]
    pub estimator: Option<Estimator>,
}

/// How an int8 model draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Estimator {
    /// One draw of the weights for all examples: one product, the quickest
    Reparameterization,
    /// Signs of its own for each example: two products
    Flipout,
    /// Linear layers draw their outputs; others as by reparameterization
    LocalReparameterization,
}

impl From<Estimator> for EstimatorKind {
    fn from(estimator: Estimator) -> Self {
        match estimator {
            Estimator::Reparameterization => Self::Reparameterization,
            Estimator::Flipout => Self::Flipout,
            Estimator::LocalReparameterization => Self::LocalReparameterization,
        }
    }
}

/// Calibrates on training examples, writes the file, and says what became of each layer.
///
/// # Errors
/// An ensemble; values that are not finite; a file that cannot be written.
pub fn quantize(args: &Quantize, device: DeviceName) -> Result<String, Failure> {
    let folder = RunFolder::new(&args.run);
    let settings = folder.settings()?;
    let architecture = find(&settings.model)?;
    if settings.method == Method::McDropout {
        return Err(Failure::usage(
            "expected a model without dropout in its predictions, found one of `mc-dropout`, whose 8-bit form would not drop; \
             train with another method",
        ));
    }
    let networks = folder.networks(&settings, architecture, device)?;
    let [network] = &networks[..] else {
        return Err(Failure::usage(
            "expected one model to quantize, found an ensemble; train with another method",
        ));
    };
    let parts = Parts::open(&settings, architecture)?;
    let some = args.examples.get().min(parts.train.len());
    let meaning = folder.meaning()?;
    let values = scaled(&parts.train, meaning.inputs.as_ref(), 0, some)?;
    let calibration = Calibration {
        seed: args.seed,
        estimator: args.estimator.map(EstimatorKind::from),
        ..Calibration::default()
    };
    let examples = Examples::new(some, &values)?;
    let integers = network.model().quantize(&calibration, &[examples])?;
    let own = folder.int8_file();
    let file = args.out.as_ref().unwrap_or(&own);
    if *file != own {
        folder.spare(file)?;
    }
    integers.save(file)?;
    if *file == own {
        folder.forget_int8_calibration()?;
    }
    let bytes = std::fs::metadata(file)
        .map_err(Failure::io("read", file))?
        .len();
    let inspection: Inspection = integers.inspect();
    Ok(format!(
        "{inspection}\n{bytes} bytes in {}\n",
        file.display()
    ))
}
