//! Can a net that PyTorch trained learn to say how sure it is? Its weights become a Bayesian twin, which is tuned for a few
//! epochs, and then an int8 file.
//!
//! ```text
//! cargo run --release --example pretrained
//! ```

use anyhow::{Context, Result};
use bayes_core::checkpoint::Checkpoint;
use bayes_core::prelude::*;
use bayes_models::data::Digits;
use bayes_models::evaluate::{Sampling, evaluate};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet, from_torch};
use bayes_models::report::{Row, Table};
use bayes_models::tensors::images;
use bayes_models::train::{Schedule, Training, train_twin};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// What `bayes-models/data/digits_net.py` wrote.
const FROM_TORCH: &[u8] = include_bytes!("../bayes-models/data/digits_net.safetensors");

/// Loads the weights of a net that was trained in PyTorch, makes its Bayesian twin (MOPED), tunes it, and quantizes it.
///
/// MOPED (Krishnan et al. 2020) starts each weight w as N(w, w²) with the prior N(w, 0.2²): the twin knows from the start
/// what the net knew, and a few epochs tell it how sure it may be. The int8 file has all that a prediction needs.
#[derive(Parser)]
#[command(after_help = "\
Export weights of your own in Python, three lines:
  import torch, safetensors.torch
  net = torch.load(\"net.pth\", weights_only=False)
  safetensors.torch.save_file(net.state_dict(), \"net.safetensors\")

Examples:
  pretrained                           with weights that come with the program
  pretrained --weights net.safetensors with yours: a torch.nn.Module with layers conv1, conv2, fc1, fc2
  pretrained --epochs 0                the twin as it starts")]
struct Args {
    /// A state dict of such a net, saved as safetensors
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Passes over the training images for the twin
    #[arg(long, value_name = "N", default_value_t = 15)]
    epochs: usize,
    /// Decides the order of the images and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Draws of the weights in a prediction
    #[arg(long, value_name = "N", default_value_t = 32)]
    samples: usize,
    /// Where the int8 file goes
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/pretrained/digits.int8"
    )]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let digits = Digits::embedded()?;
    let folder = tempfile::tempdir()?;
    let built_in = folder.path().join("digits_net.safetensors");
    std::fs::write(&built_in, FROM_TORCH)?;
    let weights = args.weights.as_ref().unwrap_or(&built_in);

    let mut net = Cpu::seed_from_u64(args.seed).build_module::<DigitsNet, f32>();
    let loaded = Checkpoint::load_torch(weights, &mut net, from_torch);
    println!("{}\n", loaded.context("cannot use the weights")?);

    let mut twin = BayesDigitsNet::from_pretrained(&net)?;
    let style = ProgressStyle::with_template("{wide_bar} epoch {pos}/{len}  {eta} left")?;
    let bar = ProgressBar::new(args.epochs as u64).with_style(style);
    let training = Training {
        epochs: args.epochs,
        learning_rate: 5e-3,
        schedule: Schedule::Cosine,
        seed: args.seed,
        ..Training::default()
    };
    train_twin(&mut twin, &digits.train, &training, 0.1, |_| bar.inc(1))?;
    bar.finish_and_clear();
    let quant = twin.quantize([images(&digits.train.images[..256 * Digits::PIXELS])?])?;
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    quant
        .save(&args.out)
        .context("cannot write the file of --out")?;

    let draws = |samples| Sampling {
        samples,
        seed: !args.seed,
    };
    let twin_file = folder.path().join("twin.safetensors");
    Checkpoint::new().save(&twin_file, &twin)?;
    let rows = [
        Row::new(
            "PyTorch's",
            &evaluate(&net, &digits, draws(1))?,
            weights.metadata()?.len(),
        ),
        Row::new(
            "its twin",
            &evaluate(&twin, &digits, draws(args.samples))?,
            twin_file.metadata()?.len(),
        ),
        Row::new(
            "in int8",
            &evaluate(&quant, &digits, draws(args.samples))?,
            args.out.metadata()?.len(),
        ),
    ];
    println!(
        "{}\n\nThe int8 file is {}.",
        Table(&rows),
        args.out.display()
    );
    Ok(())
}
