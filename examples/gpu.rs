//! Does a Bayesian twin learn on a GPU what it learns on the CPU, and how fast? The net and the settings of the example
//! `digits`, with its training loop written out.
//!
//! ```text
//! cargo run --release --example gpu --features cuda -- --device cuda
//! ```

use anyhow::Result;
use bayes_core::device::DeviceName;
use bayes_core::kl::kl_in;
use bayes_core::optim::{AdamConfig, DeviceAdam};
use bayes_core::prelude::*;
use bayes_models::data::{Batches, Digits, Labelled};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
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
        let images = |pixels: &[f32]| {
            let count = pixels.len() / Digits::PIXELS;
            let sides = (count, Const::<1>, Const::<8>, Const::<8>);
            device.tensor_from_vec(pixels.to_vec(), sides)
        };
        let targets = |labels: &[usize]| {
            let row =
                |&label: &usize| (0..10).map(move |class| f32::from(u8::from(class == label)));
            let rows = labels.iter().flat_map(row).collect();
            device.tensor_from_vec(rows, (labels.len(), Const::<10>))
        };
        let mut batches = Batches::new(digits.train.len(), args.batch, args.seed)?;
        let steps = args.epochs * batches.per_epoch();
        let mut batch = Labelled::default();

        let mut net = device.build_module::<DigitsNet, f32>();
        let mut adam = DeviceAdam::new(AdamConfig::default())?;
        let mut grads = net.alloc_grads();
        let start = Instant::now();
        for epoch in 1..=args.epochs {
            for indices in batches.epoch(epoch as u64) {
                digits.train.gather(indices, &mut batch)?;
                let logits = net.forward_mut(images(&batch.images).trace(grads));
                let loss = cross_entropy_with_logits_loss(logits, targets(&batch.labels));
                grads = loss.backward();
                adam.update(&mut net, &mut grads)?;
                net.zero_grads(&mut grads);
            }
        }
        device.synchronize();
        let plain = (
            start.elapsed().as_secs_f64(),
            predict(&net, images(&digits.test.images), 1, 0),
        );
        println!("{:>10} {:>9} {:>9} {:>9}", "", "accuracy", "NLL", "seconds");
        row("plain", plain.0, &plain.1.classify()?, &digits.test.labels);

        let mut twin = BayesDigitsNet::from_pretrained(&net)?;
        let mut adam = DeviceAdam::new(AdamConfig::default())?;
        let mut grads = twin.alloc_grads();
        let mut step = 0;
        let start = Instant::now();
        for epoch in 1..=args.epochs {
            for indices in batches.epoch(epoch as u64) {
                digits.train.gather(indices, &mut batch)?;
                let draw = Draw::from(Key::new(args.seed, step as u64));
                let logits = twin
                    .train(&draw)
                    .forward(images(&batch.images).trace(grads));
                let nll = cross_entropy_with_logits_loss(logits, targets(&batch.labels));
                let loss = elbo_loss(nll, kl_in(&twin, &draw)?, digits.train.len(), BETA)?;
                grads = loss.backward();
                // From 1e-2 down to 0, along half a cosine.
                let turn = std::f64::consts::PI * step as f64 / steps as f64;
                adam.config.lr = 0.5e-2 * (1.0 + turn.cos());
                adam.update(&mut twin, &mut grads)?;
                twin.zero_grads(&mut grads);
                step += 1;
            }
        }
        device.synchronize();
        let seconds = start.elapsed().as_secs_f64();
        let seen = twin
            .predict(images(&digits.test.images), 32, !args.seed)
            .classify()?;
        row("bayesian", seconds, &seen, &digits.test.labels);
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

/// What is known of the test images, and the seconds of training.
fn row(name: &str, seconds: f64, seen: &Classification, labels: &[usize]) {
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
