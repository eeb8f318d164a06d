//! How many spots will the sun have? A Bayesian LSTM learned the years up to 1951, then says what comes: each next year,
//! and all years at once without ever being corrected.
//!
//! ```text
//! cargo run --release --example forecast
//! ```

use anyhow::{Context, Result, bail};
use bayes_core::metrics::GaussianMixture;
use bayes_core::prelude::*;
use bayes_models::data::{Set, Targets, sunspots};
use bayes_models::report::{Forecast, Report, posteriors};
use bayes_models::train::train_regression;
use clap::Parser;
use examples::with_a_bar;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::path::PathBuf;

/// The years before the one that is predicted.
const YEARS: usize = 24;
/// The last year of the data.
const LAST: usize = 2008;
/// The years that the net does not see, at the end.
const HELD_OUT: usize = 57;
/// How many years it goes on without being told what came.
const AHEAD: usize = 22;
/// The net learns `√(spots) / ROOT`: small numbers and large ones are then equally uncertain.
const ROOT: f32 = 6.0;

/// The mean of the next year and the logarithm of its variance, from the years before.
#[bayesian(prior = Gaussian(0.0, 0.5), posterior = MeanField(rho = -5.0), estimator = Flipout)]
struct Net {
    lstm: LSTM<1, 24>,
    last: LastOutput,
    head: Linear<24, 2>,
}

/// Forecasts the yearly number of sunspots (SIDC, Royal Observatory of Belgium) with a Bayesian LSTM.
///
/// A draw of its weights is drawn once for a whole sequence, so each draw is a sun with its own laws. Year by year, each
/// prediction sees the years before it. Without correction, each draw goes on from its own predictions, with the noise that
/// it expects: the fan opens as the draws part.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  forecast                train, print the table, write the page with both fan charts
  forecast --samples 500  smoother bands")]
struct Args {
    /// Decides the initial weights, the order of the years and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the years
    #[arg(long, value_name = "N", default_value_t = 250)]
    epochs: usize,
    /// Draws of the weights in a forecast
    #[arg(long, value_name = "N", default_value_t = 100)]
    samples: usize,
    /// Where the page with the fan charts goes
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/forecast/report.html"
    )]
    report: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let all = sunspots()?;
    let (train, test) = all.split_tail(HELD_OUT)?;
    let twin = learn(&train, &args)?;

    let Targets::Numbers(spots) = test.targets() else {
        bail!("expected a number for each year");
    };
    let spots: Vec<f64> = spots.iter().map(|&y| f64::from(root(y))).collect();
    let year = |i: usize| (LAST + 1 - HELD_OUT + i) as f64;
    let years: Vec<f64> = (0..HELD_OUT).map(year).collect();
    let labels = ["year", "√(sunspots) / 6"];
    let next = next_years(&twin, &test, &args)?;
    let next = Forecast::new("the next year", labels, &years, &spots, &next)?;
    let ahead = without_correction(&twin, &test, &args)?;
    let (years, spots) = (&years[..AHEAD], &spots[..AHEAD]);
    let ahead = Forecast::new("never corrected", labels, years, spots, &ahead)?;

    println!("                  RMSE     NLL    CRPS   in 90 %   its width");
    for of in [&next, &ahead] {
        let ([rmse, nll, crps], [coverage, width, _]) = (of.scores, of.calibration);
        println!(
            "{:<15} {rmse:>6.3}  {nll:>6.3}  {crps:>6.3}   {:>5.0} %   {width:>9.3}",
            of.model,
            100.0 * coverage
        );
    }
    println!("\nNever corrected, in sunspots:\n\nyear   measured   90 % interval");
    for i in (0..AHEAD).step_by(3) {
        let spots = |value: f64| (value.max(0.0) * f64::from(ROOT)).powi(2);
        let [low, high] = ahead.ninety[i].map(spots);
        println!(
            "{:.0}   {:>8.0}   {low:.0} to {high:.0}",
            ahead.x[i],
            spots(ahead.y[i])
        );
    }
    let report = Report {
        title: "Sunspots".to_owned(),
        summary: format!(
            "A Bayesian LSTM learned {} years in {} epochs and forecasts {HELD_OUT} others with {} draws.",
            train.len(),
            args.epochs,
            args.samples
        ),
        forecasts: vec![next, ahead],
        posteriors: posteriors(&twin)?,
        ..Report::default()
    };
    report
        .write(&args.report)
        .context("cannot write the page of --report")?;
    println!("\nThe fan charts are on {}.", args.report.display());
    Ok(())
}

fn root(spots: f32) -> f32 {
    spots.sqrt() / ROOT
}

/// Sequences of years, `n × YEARS × 1`.
type Sequences = Tensor<(usize, usize, Const<1>), f32, Cpu>;

fn sequences(values: Vec<f32>) -> Result<Sequences, bayes_models::Error> {
    let n = values.len() / YEARS;
    Ok(Cpu::default().try_tensor_from_vec(values, (n, YEARS, Const))?)
}

/// Trains the twin around new weights by the ELBO.
fn learn(train: &Set, args: &Args) -> Result<BayesNet<f32, Cpu>> {
    let device = Cpu::seed_from_u64(args.seed);
    let mut twin = BayesNet::from_pretrained(&device.build_module::<Net, f32>())?;
    let Targets::Numbers(next) = train.targets() else {
        bail!("expected a number for each year");
    };
    let years: Vec<f32> = train.rows(0, train.len())?.into_iter().map(root).collect();
    let inputs = |indices: &[usize]| {
        let x = indices.iter().flat_map(|&i| &years[YEARS * i..][..YEARS]);
        sequences(x.copied().collect())
    };
    let y: Vec<f32> = next.iter().map(|&spots| root(spots)).collect();
    with_a_bar(args.epochs, args.seed, |training, on_epoch| {
        train_regression(&mut twin, inputs, &y, training, 0.2, on_epoch)
    })?;
    Ok(twin)
}

/// Each year from the years before it.
fn next_years(twin: &BayesNet<f32, Cpu>, test: &Set, args: &Args) -> Result<GaussianMixture> {
    let years = test.rows(0, test.len())?.into_iter().map(root).collect();
    let how = GaussianOutputs::MeanAndLogVariance;
    Ok(twin
        .predict(sequences(years)?, args.samples, !args.seed)
        .mixture(how)?)
}

/// [`AHEAD`] years from those before the first: each draw goes on from numbers of its own.
fn without_correction(
    twin: &BayesNet<f32, Cpu>,
    test: &Set,
    args: &Args,
) -> Result<GaussianMixture> {
    let mut noise = StdRng::seed_from_u64(args.seed);
    let known: Vec<f32> = test.rows(0, 1)?.into_iter().map(root).collect();
    let (mut mu, mut sigma) = (Vec::new(), Vec::new());
    for sample in 0..args.samples {
        let view = twin.eval(Key::new(!args.seed, sample as u64));
        let mut years = known.clone();
        for _ in 0..AHEAD {
            let last = years[years.len() - YEARS..].to_vec();
            let [mean, log_variance] = view.try_forward(sequences(last)?)?.as_vec()[..] else {
                bail!("expected a mean and a variance");
            };
            let deviation = (0.5 * log_variance).exp();
            mu.push(f64::from(mean));
            sigma.push(f64::from(deviation));
            let normal: f32 = noise.sample(rand_distr::StandardNormal);
            years.push((mean + deviation * normal).max(0.0));
        }
    }
    Ok(GaussianMixture::new(mu, sigma, args.samples)?)
}
