//! Does it say so when it is shown something else? A net and its Bayesian twin learn digits, then look at patches of
//! photographs, which are no digits.
//!
//! ```text
//! cargo run --release --example ood
//! ```

use anyhow::{Context, Result};
use bayes_core::metrics::{DEFAULT_RESAMPLES, auroc, bootstrap, fpr95};
use bayes_core::prelude::*;
use bayes_models::data::Digits;
use bayes_models::evaluate::{Evaluation, Sampling, evaluate};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
use bayes_models::report::{Names, Predictions, Report};
use bayes_models::train::{Schedule, Training, train_plain, train_twin};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// Learns digits, and asks which kind of uncertainty tells patches of photographs from them.
///
/// The predictive entropy of a plain net, that of its twin, and the twin's mutual information: the part on which draws of
/// the weights disagree. AUROC is ½ by guessing and 1 where every patch is less certain than every digit; FPR95 is the
/// share of digits that are refused where 95 % of the patches are.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  ood                   train, print the table, write the page with histograms
  ood --epochs 60       as long as the example `digits`")]
struct Args {
    /// Decides the initial weights, the order of the images and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the training images, for each net
    #[arg(long, value_name = "N", default_value_t = 30)]
    epochs: usize,
    /// Draws of the weights in a prediction of the twin
    #[arg(long, value_name = "N", default_value_t = 32)]
    samples: usize,
    /// Where the page with histograms goes
    #[arg(long, value_name = "FILE", default_value = "target/ood/report.html")]
    report: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let digits = Digits::embedded()?;
    let (plain, bayesian) = train(&digits, &args)?;

    println!("uncertainty                      AUROC   95 % of it by chance   FPR95");
    for (name, seen, information) in [
        ("entropy of the plain net", &plain, false),
        ("entropy of its twin", &bayesian, false),
        ("mutual information of its twin", &bayesian, true),
    ] {
        let of = |part: &bayes_core::predict::Classification| {
            let kind = (&part.predictive_entropy, &part.mutual_information);
            if information {
                kind.1.clone()
            } else {
                kind.0.clone()
            }
        };
        line(name, &of(&seen.test), &of(&seen.out_of_distribution))?;
    }

    let labels = &digits.test.labels;
    let predictions = [("plain", &plain), ("bayesian", &bayesian)];
    let report = Report {
        title: "Digits and what is none".to_owned(),
        summary: format!(
            "A net and its Bayesian twin learned {} digits in {} epochs each, and look at patches of photographs.",
            digits.train.len(),
            args.epochs
        ),
        names: Names {
            inside: "digits".to_owned(),
            outside: "patches of photographs".to_owned(),
            classes: Vec::new(),
        },
        predictions: predictions
            .map(|(name, seen)| {
                Predictions::new(name, labels, &seen.test, &seen.out_of_distribution)
            })
            .to_vec(),
        ..Report::default()
    };
    report
        .write(&args.report)
        .context("cannot write the page of --report")?;
    println!("\nThe histograms are on {}.", args.report.display());
    Ok(())
}

/// What the plain net and its twin say of digits and patches.
fn train(digits: &Digits, args: &Args) -> Result<(Evaluation, Evaluation)> {
    let style = ProgressStyle::with_template("{wide_bar} epoch {pos}/{len}  {eta} left")?;
    let bar = ProgressBar::new(2 * args.epochs as u64).with_style(style);
    let mut net = Cpu::seed_from_u64(args.seed).build_module::<DigitsNet, f32>();
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
    let sampling = |samples| Sampling {
        samples,
        seed: !args.seed,
    };
    Ok((
        evaluate(&net, digits, sampling(1))?,
        evaluate(&twin, digits, sampling(args.samples))?,
    ))
}

/// One kind of uncertainty, of digits and of patches.
fn line(name: &str, digits: &[f64], patches: &[f64]) -> Result<()> {
    let scores = [digits, patches].concat();
    let strange: Vec<bool> = (0..scores.len()).map(|i| i >= digits.len()).collect();
    let groups = [digits.len(), patches.len()];
    let interval = bootstrap(&groups, 0.95, DEFAULT_RESAMPLES, 0, |indices| {
        let resample: Vec<f64> = indices.iter().map(|&i| scores[i]).collect();
        auroc(&resample, &strange)
    })?;
    println!(
        "{name:<32} {:.3}   {:.3} to {:.3}         {:>5.1} %",
        auroc(&scores, &strange)?,
        interval.low,
        interval.high,
        100.0 * fpr95(&scores, &strange)?
    );
    Ok(())
}
