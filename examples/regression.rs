//! How will the disease go on, and how sure is that? A Bayesian net predicts a number for a patient, and says apart what
//! more data would tell and what no data will.
//!
//! ```text
//! cargo run --release --example regression
//! ```

use anyhow::{Context, Result, bail};
use bayes_core::metrics::GaussianMixture;
use bayes_core::prelude::*;
use bayes_models::data::{Scaling, Set, Targets, diabetes};
use bayes_models::report::{Forecast, Report, posteriors};
use bayes_models::train::train_regression;
use clap::Parser;
use examples::with_a_bar;
use std::path::PathBuf;

/// Ten numbers of a patient; the mean of what is predicted, and the logarithm of its variance.
#[bayesian(input = (10), prior = Gaussian(0.0, 0.3), posterior = MeanField(rho = -4.0), estimator = LocalReparameterization)]
struct Net {
    fc1: Linear<10, 32>,
    act1: Tanh,
    fc2: Linear<32, 2>,
}

/// Predicts the progression of diabetes in one year, with what is uncertain about it.
///
/// The net learns from four of five patients (Efron et al. 2004, 442 in all). Of the others it says what it expects, and
/// two variances: the aleatoric one, which is in the disease, and the epistemic one, on which the draws of its weights
/// disagree and which more patients would reduce. Then it is asked about patients unlike any that it has seen.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  regression                train, print the tables, write the page with the fan chart
  regression --patients 50  what it says if it has seen only 50: less, and that it is less sure")]
struct Args {
    /// Decides the initial weights, the order of the patients and every draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the patients
    #[arg(long, value_name = "N", default_value_t = 400)]
    epochs: usize,
    /// Learn from the first N patients only
    #[arg(long, value_name = "N", default_value_t = 354)]
    patients: usize,
    /// Draws of the weights in a prediction
    #[arg(long, value_name = "N", default_value_t = 200)]
    samples: usize,
    /// Where the page with the fan chart goes
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/regression/report.html"
    )]
    report: PathBuf,
}

/// Patients as the net sees them: mean 0 and deviation 1 in each column, of those that it learns from.
struct Patients {
    x: Vec<f32>,
    /// The progression, as it was measured.
    y: Vec<f32>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let (train, test) = diabetes()?.split_tail(88)?;
    let (train, _) = match train.len().checked_sub(args.patients) {
        Some(0) => (train.clone(), train),
        Some(others) => train.split_tail(others)?,
        None => bail!("expected at most {} patients to learn from", train.len()),
    };
    let scaling = Scaling::of(&train)?;
    let (train, test) = (patients(&train, &scaling)?, patients(&test, &scaling)?);
    let mean = train.y.iter().sum::<f32>() / train.y.len() as f32;
    let variance = train.y.iter().map(|y| (y - mean).powi(2)).sum::<f32>() / train.y.len() as f32;
    let unit = Unit {
        mean,
        deviation: variance.sqrt(),
    };

    let twin = learn(&train, &unit, &args)?;
    let seen = predict_in(&twin, &test.x, &unit, &args)?;
    let moments = seen.moments();
    println!("The first six patients that it has not seen, progression ± standard deviations:\n");
    println!("measured   predicted   aleatoric   epistemic   90 % interval");
    for (i, interval) in seen.intervals(0.9)?.iter().enumerate().take(6) {
        println!(
            "{:>8.0}   {:>9.0}   ± {:>7.0}   ± {:>7.0}   {:.0} to {:.0}",
            test.y[i],
            moments.mean[i],
            moments.aleatoric[i].sqrt(),
            moments.epistemic[i].sqrt(),
            interval.low,
            interval.high
        );
    }

    println!("\nThe same patients moved away from all others, deviations on average:\n");
    println!("distance   aleatoric   epistemic");
    for factor in [1.0, 2.0, 4.0, 8.0] {
        let far: Vec<f32> = test.x.iter().map(|x| x * factor).collect();
        let moments = predict_in(&twin, &far, &unit, &args)?.moments();
        let root =
            |variances: &[f64]| (variances.iter().sum::<f64>() / variances.len() as f64).sqrt();
        println!(
            "{factor:>7} ×   {:>9.0}   {:>9.0}",
            root(&moments.aleatoric),
            root(&moments.epistemic)
        );
    }

    // From the least progression that is predicted to the most.
    let y: Vec<f64> = test.y.iter().map(|&y| f64::from(y)).collect();
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by(|&a, &b| moments.mean[a].total_cmp(&moments.mean[b]));
    let mut rank = vec![0.0; y.len()];
    order
        .iter()
        .enumerate()
        .for_each(|(place, &i)| rank[i] = place as f64);
    let labels = [
        "patients, by what is predicted",
        "progression after one year",
    ];
    let forecast = Forecast::new("bayesian", labels, &rank, &y, &seen)?;
    let [rmse, nll, crps] = forecast.scores;
    let [coverage, width, calibration] = forecast.calibration;
    println!(
        "\n{} patients: RMSE {rmse:.1}, NLL {nll:.3} nats, CRPS {crps:.1}; {:.0} % are in their 90 % interval, which is \
         {width:.0} wide on average; quantile calibration error {calibration:.3}.",
        y.len(),
        100.0 * coverage
    );
    let report = Report {
        title: "Diabetes".to_owned(),
        summary: format!(
            "A Bayesian net learned {} patients in {} epochs and predicts {} others with {} draws.",
            train.y.len(),
            args.epochs,
            y.len(),
            args.samples
        ),
        forecasts: vec![forecast],
        posteriors: posteriors(&twin)?,
        ..Report::default()
    };
    report
        .write(&args.report)
        .context("cannot write the page of --report")?;
    println!("The fan chart is on {}.", args.report.display());
    Ok(())
}

/// The scale of what is predicted.
struct Unit {
    mean: f32,
    deviation: f32,
}

fn patients(set: &Set, scaling: &Scaling) -> Result<Patients> {
    let Targets::Numbers(y) = set.targets() else {
        bail!("expected a number for each patient");
    };
    let mut x = set.rows(0, set.len())?;
    scaling.apply(&mut x, set.shape());
    Ok(Patients { x, y: y.clone() })
}

/// Trains the twin around new weights by the ELBO.
fn learn(train: &Patients, unit: &Unit, args: &Args) -> Result<BayesNet<f32, Cpu>> {
    let device = Cpu::seed_from_u64(args.seed);
    let mut twin = BayesNet::from_pretrained(&device.build_module::<Net, f32>())?;
    let inputs = |indices: &[usize]| {
        let x = indices.iter().flat_map(|&i| &train.x[10 * i..][..10]);
        let x = x.copied().collect();
        Ok(device.try_tensor_from_vec(x, (indices.len(), Const::<10>))?)
    };
    let y = train.y.iter().map(|y| (y - unit.mean) / unit.deviation);
    let y: Vec<f32> = y.collect();
    with_a_bar(args.epochs, args.seed, |training, on_epoch| {
        train_regression(&mut twin, inputs, &y, training, 1.0, on_epoch)
    })?;
    Ok(twin)
}

/// The predictive distribution, in the unit of what was measured.
fn predict_in(
    twin: &BayesNet<f32, Cpu>,
    x: &[f32],
    unit: &Unit,
    args: &Args,
) -> Result<GaussianMixture> {
    let x = Cpu::default().try_tensor_from_vec(x.to_vec(), (x.len() / 10, Const::<10>))?;
    let mixture = twin
        .predict(x, args.samples, !args.seed)
        .mixture(GaussianOutputs::MeanAndLogVariance)?;
    Ok(mixture.scaled(unit.mean.into(), unit.deviation.into())?)
}
