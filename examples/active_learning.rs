//! Which images are worth a label? A Bayesian net that asks for those on which its draws disagree most is compared with
//! one that takes them by chance.
//!
//! ```text
//! cargo run --release --example active_learning
//! ```

use anyhow::{Context, Result, ensure};
use bayes_core::prelude::*;
use bayes_models::data::{Digits, Labelled};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
use bayes_models::tensors::images;
use bayes_models::train::{Schedule, Training, train_plain, train_twin};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Learns digits from a few labelled ones, asks for more labels, learns again, and so on.
///
/// BALD asks for the images with the largest mutual information of label and weights (Houlsby et al. 2011, Gal et al.
/// 2017); the other way takes them by chance. Each round trains from new weights: the plain net, then its twin around it.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  active_learning                     the table: accuracy and NLL over labels, mean of two seeds
  active_learning --seeds 5           the mean of five
  active_learning --start 50 --step 50 --labels 400")]
struct Args {
    /// Labels at the start, drawn by chance
    #[arg(long, value_name = "N", default_value_t = 20)]
    start: usize,
    /// Labels asked for in each round
    #[arg(long, value_name = "N", default_value_t = 20)]
    step: usize,
    /// Labels at the end
    #[arg(long, value_name = "N", default_value_t = 160)]
    labels: usize,
    /// Average over so many seeds
    #[arg(long, value_name = "N", default_value_t = 2)]
    seeds: u64,
    /// Draws of the weights, to find out on what they disagree
    #[arg(long, value_name = "N", default_value_t = 32)]
    samples: usize,
}

/// How the next images to be labelled are chosen.
#[derive(Clone, Copy, PartialEq)]
enum Ask {
    Chance,
    Bald,
}

/// What a net knows after a round.
#[derive(Clone, Copy, Default)]
struct Known {
    accuracy: f64,
    nll: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let digits = Digits::embedded()?;
    let (start, end) = (args.start, args.labels);
    ensure!(
        0 < start && args.step > 0 && start <= end && end <= digits.train.len() && args.seeds > 0,
        "expected 0 < start <= labels <= {}, and a step and seeds above 0",
        digits.train.len()
    );
    let counts: Vec<usize> = (start..=end).step_by(args.step).collect();
    let style = "{wide_bar} round {pos}/{len}  {eta} left";
    let bar = ProgressBar::new(2 * args.seeds * counts.len() as u64)
        .with_style(ProgressStyle::with_template(style)?);
    let mean = |ask: Ask| -> Result<Vec<Known>> {
        let mut sums = vec![Known::default(); counts.len()];
        for seed in 0..args.seeds {
            for (sum, known) in sums
                .iter_mut()
                .zip(rounds(&digits, &args, ask, seed, &bar)?)
            {
                sum.accuracy += known.accuracy / args.seeds as f64;
                sum.nll += known.nll / args.seeds as f64;
            }
        }
        Ok(sums)
    };
    let (chance, bald) = (mean(Ask::Chance)?, mean(Ask::Bald)?);
    bar.finish_and_clear();

    println!("         accuracy             NLL");
    println!("labels     chance    BALD  chance    BALD");
    for ((count, chance), bald) in counts.iter().zip(&chance).zip(&bald) {
        println!(
            "{count:>6}    {:>5.1} % {:>5.1} %  {:>6.3}  {:>6.3}  {}",
            100.0 * chance.accuracy,
            100.0 * bald.accuracy,
            chance.nll,
            bald.nll,
            drawn(chance.accuracy, bald.accuracy)
        );
    }
    let best = chance.last().context("a round")?.accuracy;
    let reached = counts
        .iter()
        .zip(&bald)
        .find(|(_, known)| known.accuracy >= best);
    if let Some((count, _)) = reached {
        println!(
            "\nBALD is as accurate with {count} labels as chance with {}.",
            counts[counts.len() - 1]
        );
    }
    Ok(())
}

/// Accuracy as a line from 50 to 100 %: `·` where chance is, `#` where BALD is.
fn drawn(chance: f64, bald: f64) -> String {
    const WIDTH: usize = 40;
    let at = |accuracy: f64| ((accuracy - 0.5).max(0.0) * 2.0 * WIDTH as f64) as usize;
    let mut line = vec![' '; WIDTH + 1];
    line[at(chance).min(WIDTH)] = '·';
    line[at(bald).min(WIDTH)] = '#';
    format!("|{}|", line.into_iter().collect::<String>())
}

/// Learns, asks, and learns again.
fn rounds(
    digits: &Digits,
    args: &Args,
    ask: Ask,
    seed: u64,
    bar: &ProgressBar,
) -> Result<Vec<Known>> {
    // Both ways start with the same images.
    let mut pool: Vec<usize> = (0..digits.train.len()).collect();
    pool.shuffle(&mut StdRng::seed_from_u64(seed));
    let mut labelled: Vec<usize> = pool.drain(..args.start).collect();
    let (mut train, mut rest) = (Labelled::default(), Labelled::default());
    let mut all = Vec::new();
    loop {
        digits.train.gather(&labelled, &mut train)?;
        let twin = learn(&train, seed)?;
        let seen = twin
            .predict(images(&digits.test.images)?, args.samples, !seed)
            .classify()?;
        let classes = Digits::CLASSES;
        all.push(Known {
            accuracy: bayes_core::metrics::accuracy(
                &seen.probabilities,
                classes,
                &digits.test.labels,
            )?,
            nll: bayes_core::metrics::nll(&seen.probabilities, classes, &digits.test.labels)?,
        });
        bar.inc(1);
        let step = args.step.min(pool.len());
        if labelled.len() + step > args.labels || step == 0 {
            return Ok(all);
        }
        if ask == Ask::Bald {
            digits.train.gather(&pool, &mut rest)?;
            let seen = twin
                .predict(images(&rest.images)?, args.samples, seed)
                .classify()?;
            let mut order: Vec<usize> = (0..pool.len()).collect();
            let information = &seen.mutual_information;
            order.sort_by(|&a, &b| information[b].total_cmp(&information[a]));
            pool = order.into_iter().map(|i| pool[i]).collect();
        }
        labelled.extend(pool.drain(..step));
    }
}

/// A plain net from new weights, then its twin.
fn learn(train: &Labelled, seed: u64) -> Result<BayesDigitsNet<f32, Cpu>> {
    let mut net = Cpu::seed_from_u64(seed).build_module::<DigitsNet, f32>();
    let training = Training {
        epochs: 40,
        batch_size: 16,
        seed,
        ..Training::default()
    };
    train_plain(&mut net, train, &training, |_| {})?;
    let mut twin = BayesDigitsNet::from_pretrained(&net)?;
    let training = Training {
        learning_rate: 5e-3,
        schedule: Schedule::Cosine,
        ..training
    };
    train_twin(&mut twin, train, &training, 0.1, |_| {})?;
    Ok(twin)
}
