//! Does a Bayesian twin learn on a GPU what it learns on the CPU, and how fast? The net and the settings of the example
//! `digits`.
//!
//! ```text
//! cargo run --release --example gpu --features cuda -- --device cuda
//! ```

use anyhow::Result;
use bayes_core::device::DeviceName;
use bayes_core::prelude::*;
use bayes_models::data::Digits;
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
use bayes_models::tensors::{images, images_on};
use bayes_models::train::{Schedule, Training, train_plain, train_twin};
use clap::Parser;
use std::time::Instant;

/// Weight of the KL in the twin's loss, as in the example `digits`.
const BETA: f64 = 0.1;

/// Trains a net and its Bayesian twin on 8×8 digits on a device, and says what they learned and how long it took.
#[derive(Parser)]
struct Args {
    /// `cpu`, `cuda` or `cuda:N`
    #[arg(long, default_value = "cpu")]
    device: DeviceName,
    /// Decides the initial weights, the order of the images and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the training images, for each net
    #[arg(long, default_value_t = 60)]
    epochs: usize,
    /// Images in a step
    #[arg(long, default_value_t = 64)]
    batch: usize,
}

/// One training on `$device`: the same lines for a device of each type.
macro_rules! learn {
    ($device:expr, $args:expr) => {{
        let (device, args) = ($device, $args);
        let digits = Digits::embedded()?;
        let test = images_on(&device, &digits.test.images)?;
        let training = Training {
            epochs: args.epochs,
            batch_size: args.batch,
            seed: args.seed,
            ..Training::default()
        };
        println!("{:>10} {:>9} {:>9} {:>9}", "", "accuracy", "NLL", "seconds");
        let row = |name, seconds, seen| row(name, seconds, seen, &digits.test.labels);

        let mut net = device.build_module::<DigitsNet, f32>();
        let start = Instant::now();
        train_plain(&mut net, &digits.train, &training, |_| {})?;
        device.synchronize();
        let seconds = start.elapsed().as_secs_f64();
        row(
            "plain",
            seconds,
            predict(&net, test.clone(), 1, 0).classify()?,
        );

        let mut twin = BayesDigitsNet::from_pretrained(&net)?;
        let training = Training {
            learning_rate: 1e-2,
            schedule: Schedule::Cosine,
            ..training
        };
        let start = Instant::now();
        train_twin(&mut twin, &digits.train, &training, BETA, |_| {})?;
        device.synchronize();
        let seconds = start.elapsed().as_secs_f64();
        row(
            "bayesian",
            seconds,
            twin.predict(test, 32, !args.seed).classify()?,
        );

        // From any device, the integers are on the CPU.
        let some = images_on(&device, &digits.train.images[..256 * Digits::PIXELS])?;
        let start = Instant::now();
        let quant = twin.quantize([some])?;
        let seconds = start.elapsed().as_secs_f64();
        let test = images(&digits.test.images)?;
        row(
            "int8",
            seconds,
            quant.predict(test, 32, !args.seed).classify()?,
        );
    }};
}

fn main() -> Result<()> {
    let args = Args::parse();
    match args.device {
        DeviceName::Cpu => learn!(Cpu::seed_from_u64(args.seed), &args),
        #[cfg(feature = "cuda")]
        DeviceName::Cuda(_) => learn!(args.device.open_cuda(args.seed)?, &args),
        #[cfg(not(feature = "cuda"))]
        DeviceName::Cuda(_) => args.device.check()?,
    }
    Ok(())
}

/// What is known of the test images, and the seconds of training or quantizing.
fn row(name: &str, seconds: f64, seen: Classification, labels: &[usize]) {
    let predicted = seen.predicted();
    let right = predicted.iter().zip(labels).filter(|(a, b)| a == b).count();
    let rows = seen.probabilities.chunks_exact(seen.classes).zip(labels);
    let nll: f64 = rows.map(|(row, &label)| -row[label].ln()).sum();
    let count = labels.len() as f64;
    println!(
        "{name:>10} {:>9.4} {:>9.4} {seconds:>9.2}",
        right as f64 / count,
        nll / count
    );
}
