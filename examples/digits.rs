//! Does a Bayesian twin know more than the net that it came from, and does it still in 8-bit integers? They learn
//! handwritten digits, then look at digits that they have not seen and at image patches that are no digits.
//!
//! ```text
//! cargo run --release --example digits
//! ```

use anyhow::{Context, Result};
use bayes_core::checkpoint::Checkpoint;
use bayes_core::int8::inspect;
use bayes_core::kl::priors;
use bayes_core::prelude::*;
use bayes_models::data::Digits;
use bayes_models::evaluate::{Elbo, Evaluation, Sampling, evaluate};
use bayes_models::models::digits::{BayesDigitsNet, DigitsNet};
use bayes_models::report::{LeastSure, Names, Predictions, Report, Row, Table, posteriors};
use bayes_models::tensors::images;
use bayes_models::train::{Epoch, Schedule, Training, train_plain, train_twin};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

/// Weight of the KL in the twin's loss.
const BETA: f64 = 0.1;

const BETA_EXPLAINED: &str = "\
The twin is trained with beta 0.1, a tempered posterior: at beta 1 the KL of 38 282 weights outweighs what 1437 images
say, and the net underfits. It was chosen on validation images, the last 237 of the training set.";

/// Training images on which the int8 model's ranges are measured.
const CALIBRATION: usize = 256;

/// Trains a net and its Bayesian twin on 8×8 digits, quantizes the twin, and compares the three.
///
/// The plain net is trained by maximum likelihood: 60 epochs of Adam at 1e-3. Its twin starts around the trained
/// weights (MOPED: each weight w becomes N(w, w²), with the prior N(w, 0.2²)) and is trained by the ELBO with Flipout
/// for as many epochs of Adam, from 1e-2 down to 0; `int8` is the twin in 8-bit integers, quantized after training.
/// Then all predict the test digits, and patches of photographs, which are no digits: there the prediction of a good
/// model has a higher entropy. A page with plots is written to `--report`.
#[derive(Parser)]
#[command(after_help = "\
Columns: NLL in nats; ECE of 15 bins; Brier from 0 to 2; AUROC OOD: how well the entropy of a
prediction tells patches from digits; bytes of the checkpoint; images/s: all draws included.
Progress goes to stderr. The same seed gives the same metrics.

Examples:
  digits                     train both nets, print the table, write the page
  digits --seeds 3           the mean of seeds 0, 1 and 2
  digits --json | jq .nll    one JSON object per model on stdout
  digits --data DIR          other 8×8 images of 10 classes, in files as in bayes-models/data")]
struct Args {
    /// Folder with another set, instead of the digits that come with the program
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Decides the initial weights, the order of the images and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Average the metrics of so many seeds, from `--seed` on
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: NonZeroU64,
    /// Passes over the training images, for each net
    #[arg(long, value_name = "N", default_value_t = 60)]
    epochs: usize,
    /// Draws of the weights in a prediction of the twin
    #[arg(long, value_name = "N", default_value = "32")]
    samples: NonZeroUsize,
    /// Where the page with plots goes; it shows the first seed
    #[arg(long, value_name = "FILE", default_value = "target/digits/report.html")]
    report: PathBuf,
    /// Print one JSON object per model instead of the table
    #[arg(long)]
    json: bool,
}

/// What one seed gives: a row of the table for each model, the bound that the twin's training raised, and the page.
struct Run {
    rows: Vec<Row>,
    elbo: Elbo,
    report: Report,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let digits = match &args.data {
        Some(dir) => Digits::read(dir).context("cannot use the set of --data")?,
        None => Digits::embedded()?,
    };
    let end = args.seed.checked_add(args.seeds.get());
    let end = end.context("--seed and --seeds are too large together")?;
    let runs = (args.seed..end).map(|seed| run(&digits, &args, seed));
    let runs = runs.collect::<Result<Vec<Run>>>()?;

    let of_model = |i: usize| {
        runs.iter()
            .map(move |run| run.rows[i].clone())
            .collect::<Vec<_>>()
    };
    let rows: Vec<Row> = (0..runs[0].rows.len())
        .filter_map(|i| Row::mean(&of_model(i)))
        .collect();
    let report = Report {
        rows: rows.clone(),
        ..runs[0].report.clone()
    };
    report
        .write(&args.report)
        .context("cannot write the page of --report")?;
    eprintln!("the page with plots is {}", args.report.display());
    if args.json {
        for row in &rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        println!("{}\n\n{}", Table(&rows), about_the_bound(&runs));
    }
    Ok(())
}

/// Trains, converts, trains and evaluates with one seed.
fn run(digits: &Digits, args: &Args, seed: u64) -> Result<Run> {
    let device = Cpu::seed_from_u64(seed);
    let mut net = device.build_module::<DigitsNet, f32>();
    let training = Training {
        epochs: args.epochs,
        seed,
        ..Training::default()
    };
    with_progress("plain", &training, |on_epoch| {
        train_plain(&mut net, &digits.train, &training, on_epoch)
    })?;

    let mut twin = BayesDigitsNet::from_pretrained(&net)?;
    let training = Training {
        learning_rate: 1e-2,
        schedule: Schedule::Cosine,
        ..training
    };
    with_progress("bayesian", &training, |on_epoch| {
        train_twin(&mut twin, &digits.train, &training, BETA, on_epoch)
    })?;

    // Noise that training has not seen.
    let draws = Sampling {
        samples: args.samples.get(),
        seed: !seed,
    };
    let once = Sampling {
        samples: 1,
        ..draws
    };
    let few = &digits.train.images[..digits.train.images.len().min(CALIBRATION * Digits::PIXELS)];
    let quant = twin.quantize([images(few)?])?;

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("net.safetensors");
    let size = || anyhow::Ok(file.metadata()?.len());
    Checkpoint::new().save(&file, &net)?;
    let plain = ("plain", evaluate(&net, digits, once)?, size()?);
    let checkpoint = Checkpoint::new().with_metadata(priors(&twin));
    checkpoint.save(&file, &twin)?;
    let bayesian = ("bayesian", evaluate(&twin, digits, draws)?, size()?);
    quant.save(&file)?;
    let int8 = ("int8", evaluate(&quant, digits, draws)?, size()?);

    let least_sure = LeastSure::of_digits("bayesian", &digits.test, &bayesian.1.test, 12)?;
    let models = [plain, bayesian, int8];
    let predictions = |(name, seen, _): &(&str, Evaluation, u64)| {
        Predictions::new(
            *name,
            &digits.test.labels,
            &seen.test,
            &seen.out_of_distribution,
        )
    };
    Ok(Run {
        rows: models
            .iter()
            .map(|(name, seen, bytes)| Row::new(*name, seen, *bytes))
            .collect(),
        elbo: Elbo::of(&twin, &digits.train, draws)?,
        report: Report {
            title: "What three models know of digits".to_owned(),
            summary: summary(digits, args),
            names: Names {
                inside: "digits".to_owned(),
                outside: "patches of photographs".to_owned(),
                classes: Vec::new(),
            },
            predictions: models.iter().map(predictions).collect(),
            posteriors: posteriors(&twin)?,
            least_sure,
            inspection: (&inspect(&quant)).into(),
            ..Report::default()
        },
    })
}

/// What was trained on what, in a sentence.
fn summary(digits: &Digits, args: &Args) -> String {
    let (train, test) = (digits.train.len(), digits.test.len());
    let (epochs, samples, seeds) = (args.epochs, args.samples, args.seeds);
    let seeds = if seeds.get() > 1 {
        format!(" The table is the mean of {seeds} seeds, the plots show the first.")
    } else {
        String::new()
    };
    format!(
        "A net of two convolutions and two linear layers, its Bayesian twin and that twin in 8-bit integers learned \
         {train} images of 8×8 in {epochs} epochs each, and predict {test} others with {samples} draws.{seeds}"
    )
}

/// Trains with a bar on a terminal, and says how it went in one line anywhere.
fn with_progress(
    model: &str,
    training: &Training,
    train: impl FnOnce(&mut dyn FnMut(Epoch)) -> Result<(), bayes_models::Error>,
) -> Result<()> {
    let style = "{prefix:10}{wide_bar} epoch {pos}/{len}  loss {msg}  {eta} left";
    let bar = ProgressBar::new(training.epochs as u64)
        .with_style(ProgressStyle::with_template(style)?)
        .with_prefix(model.to_owned());
    let mut last = None;
    train(&mut |epoch| {
        bar.set_message(format!("{:.4}", epoch.loss));
        bar.inc(1);
        last = Some(epoch);
    })?;
    bar.finish_and_clear();
    if let Some(Epoch { number, loss }) = last {
        let (seed, time) = (training.seed, bar.elapsed().as_secs_f64());
        eprintln!("{model}, seed {seed}: {number} epochs in {time:.1} s, loss {loss:.4}");
    }
    Ok(())
}

/// The beta of the training, and the ELBO at beta 1 with its parts, averaged over the runs.
fn about_the_bound(runs: &[Run]) -> String {
    let mean = |part: fn(&Elbo) -> f64| {
        runs.iter().map(|run| part(&run.elbo)).sum::<f64>() / runs.len() as f64
    };
    let (nll, kl) = (
        mean(|elbo| elbo.expected_nll),
        mean(|elbo| elbo.kl_per_example),
    );
    let bound = mean(Elbo::bound);
    format!(
        "{BETA_EXPLAINED}\nPer training image: expected NLL {nll:.4}, KL/n {kl:.4}; ELBO at beta 1: {bound:.4} nats."
    )
}
