//! How many weights of a Bayesian net say anything? Those with the smallest signal-to-noise ratios are set to 0, more and
//! more of them, and the net predicts digits that it has not seen.
//!
//! ```text
//! cargo run --release --example prune
//! ```

use anyhow::Result;
use bayes_core::prelude::*;
use bayes_core::prune::{Prune, prune};
use bayes_models::data::Digits;
use bayes_models::evaluate::{Sampling, evaluate};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
use bayes_models::train::{Schedule, Training, train_plain, train_twin};
use clap::Parser;
use indicatif::ProgressBar;

/// Trains a Bayesian twin on 8×8 digits, then sets the weights with the smallest |mu|/sigma to 0.
///
/// The twin is trained as in the example `digits`, for fewer epochs; nothing is trained after pruning.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  prune                    the table for 0, 50, 75, 90, 95 and 98 %
  prune --at 0.6 --at 0.8  for other shares")]
struct Args {
    /// Decides the initial weights, the order of the images and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the training images, for each net
    #[arg(long, value_name = "N", default_value_t = 20)]
    epochs: usize,
    /// A share of the weights to prune, from 0 to 1; may be given several times
    #[arg(long, value_name = "SHARE", default_values_t = [0.0, 0.5, 0.75, 0.9, 0.95, 0.98])]
    at: Vec<f64>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let digits = Digits::embedded()?;
    let device = Cpu::seed_from_u64(args.seed);
    let bar = ProgressBar::new(2 * args.epochs as u64);
    let mut net = device.build_module::<DigitsNet, f32>();
    let training = Training {
        epochs: args.epochs,
        seed: args.seed,
        ..Training::default()
    };
    train_plain(&mut net, &digits.train, &training, |_| bar.inc(1))?;
    let mut twin = BayesDigitsNet::from_pretrained(&net)?;
    let training = Training {
        learning_rate: 1e-2,
        schedule: Schedule::Cosine,
        ..training
    };
    train_twin(&mut twin, &digits.train, &training, 0.1, |_| bar.inc(1))?;
    bar.finish_and_clear();

    let sampling = Sampling {
        samples: 32,
        seed: !args.seed,
    };
    println!("pruned   accuracy      NLL      ECE");
    let mut last = None;
    for share in args.at {
        let mut pruned = twin.clone();
        let report = prune(&mut pruned, Prune::Fraction(share))?;
        let seen = evaluate(&pruned, &digits, sampling)?;
        println!(
            "{:>5.1} %     {:.4}   {:.4}   {:.4}",
            100.0 * share,
            seen.report.accuracy,
            seen.report.nll,
            seen.report.ece
        );
        last = Some(report);
    }
    if let Some(report) = last {
        println!("\nThe last row by tensor:\n{report}");
    }
    Ok(())
}
