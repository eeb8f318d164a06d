//! `bayes evaluate`: what a model's predictions are worth.

use super::super::Failure;
use super::super::prediction::{Said, Scores};
use super::super::run_folder::Meaning;
use super::super::sets::{Part, Parts};
use super::calibrate::tempered;
use super::page::page;
use super::trained::{Source, Trained};
use crate::data::{Set, Targets};
use bayes_core::device::DeviceName;
use bayes_core::metrics::{auroc, coverage, mean_width, nll_moment_matched, rmse};
use clap::Args;
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

/// The arguments of `bayes evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The model.
    #[command(flatten)]
    pub source: Source,
    /// Part of the data to predict
    #[arg(long, value_enum, default_value = "test")]
    pub part: Part,
    /// Another data set than the run's
    #[arg(long, short, value_name = "SET")]
    pub data: Option<String>,
    /// Leave out what `bayes calibrate` fitted
    #[arg(long)]
    pub raw: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Write a page with plots: intervals, reliability, uncertainty, confusions, posteriors, the least certain images
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Report {
    examples: usize,
    #[serde(flatten)]
    scores: Scores,
    /// How well the predictive entropy tells what belongs to no class.
    #[serde(skip_serializing_if = "Option::is_none")]
    auroc_ood: Option<f64>,
    /// The share of answers in their sets or intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<f64>,
    /// Their mean size or width.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<f64>,
}

/// Predicts a part of the data and compares.
///
/// # Errors
/// A part that there is not; targets that do not fit.
pub fn evaluate(args: &Evaluate, device: DeviceName) -> Result<String, Failure> {
    let mut trained = args.source.open(device)?;
    if let Some(data) = &args.data {
        trained.settings.data.clone_from(data);
    }
    if args.raw {
        trained.calibration = Default::default();
    }
    let mut parts = Parts::open(&trained.settings, trained.architecture)?;
    let (other, classes) = (parts.other.take(), parts.classes.take());
    trained.same_columns(&parts)?;
    let set = parts.part(args.part)?;
    let set = trained.fitting(set, &trained.settings.data)?;
    let (report, said, elsewhere) = report(&trained, &set, other.as_ref())?;
    if let Some(path) = &args.report {
        trained.spare(path)?;
        let inside = format!("{} examples", format!("{:?}", args.part).to_lowercase());
        let names = [inside.as_str(), "examples out of distribution"];
        let elsewhere = other.as_ref().zip(elsewhere.as_ref());
        let page = page(&trained, (&set, &said), elsewhere, classes, names)?;
        page.write(path)?;
    }
    if args.json {
        let text = serde_json::to_string(&report);
        return text
            .map(|text| text + "\n")
            .map_err(|error| Failure::Failed(format!("the metrics cannot be written: {error}")));
    }
    Ok(text(&report))
}

/// The scores, and what was said of `set` (with the temperature that was fitted) and of `other`.
fn report(
    trained: &Trained,
    set: &Set,
    other: Option<&Set>,
) -> Result<(Report, Said, Option<Said>), Failure> {
    let Trained {
        meaning,
        calibration,
        ..
    } = trained;
    let committee = trained.committee();
    let ask = |set| committee.say(set, meaning.task);
    let mut said = ask(set)?;
    let elsewhere = other.map(ask).transpose()?;
    let mut warmed = None;
    let mut report = Report {
        examples: set.len(),
        scores: Scores::of(&said, set.targets())?,
        auroc_ood: None,
        coverage: None,
        size: None,
    };
    match (&said, set.targets()) {
        (
            Said::Classes {
                probabilities,
                predictive_entropy,
                ..
            },
            Targets::Classes { labels, classes },
        ) => {
            let probabilities = tempered(probabilities, *classes, calibration.temperature)?;
            if let Some(fitted) = &calibration.sets {
                let sets = fitted.sets(&probabilities)?;
                let hits = sets
                    .iter()
                    .zip(labels)
                    .filter(|(set, label)| set.contains(label));
                report.coverage = Some(hits.count() as f64 / labels.len() as f64);
                let sizes: usize = sets.iter().map(Vec::len).sum();
                report.size = Some(sizes as f64 / labels.len() as f64);
            }
            if let Some(Said::Classes {
                predictive_entropy: elsewhere,
                ..
            }) = &elsewhere
            {
                let scores = [&predictive_entropy[..], elsewhere].concat();
                let is_other: Vec<bool> = (0..scores.len()).map(|i| i >= set.len()).collect();
                report.auroc_ood = Some(auroc(&scores, &is_other)?);
            }
            warmed = Some(probabilities);
        }
        (Said::Numbers { .. }, Targets::Numbers(numbers)) => {
            let (mean, variance) = in_units(&said, meaning);
            let y: Vec<f64> = numbers.iter().map(|&y| f64::from(y)).collect();
            report.scores.nll = nll_moment_matched(&mean, &variance, &y)?;
            report.scores.rmse = Some(rmse(&mean, &y)?);
            if let Some(fitted) = &calibration.intervals {
                let scale: Vec<f64> = variance.iter().map(|v| v.sqrt()).collect();
                let intervals = fitted.intervals(&mean, Some(&scale))?;
                report.coverage = Some(coverage(&intervals, &y)?);
                report.size = Some(mean_width(&intervals)?);
            }
        }
        _ => {}
    }
    if let (Some(tempered), Said::Classes { probabilities, .. }) = (warmed, &mut said) {
        *probabilities = tempered;
        report.scores = Scores::of(&said, set.targets())?;
    }
    Ok((report, said, elsewhere))
}

/// Mean and total variance of a regression in the units of its target.
pub fn in_units(said: &Said, meaning: &Meaning) -> (Vec<f64>, Vec<f64>) {
    let Said::Numbers {
        mean,
        aleatoric,
        epistemic,
    } = said
    else {
        return (Vec::new(), Vec::new());
    };
    let (shift, scale) = units(meaning);
    let variance = aleatoric.iter().zip(epistemic);
    (
        mean.iter().map(|m| m * scale + shift).collect(),
        variance.map(|(a, e)| (a + e) * scale * scale).collect(),
    )
}

/// Shift and scale of the target; 0 and 1 where it has none.
pub fn units(meaning: &Meaning) -> (f64, f64) {
    meaning.target.as_ref().map_or((0.0, 1.0), |scaling| {
        (f64::from(scaling.shift[0]), f64::from(scaling.scale[0]))
    })
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    let scores = &report.scores;
    let rows = [
        ("accuracy", scores.accuracy),
        ("RMSE", scores.rmse),
        ("NLL, nats", Some(scores.nll)),
        ("ECE, 15 bins", scores.ece),
        ("Brier, 0 to 2", scores.brier),
        ("AUROC OOD", report.auroc_ood),
        ("coverage", report.coverage),
        ("set or interval size", report.size),
    ];
    // Writing to a string does not fail.
    let _ = writeln!(text, "{:<22}{:>10}", "examples", report.examples);
    for (name, value) in rows {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:<22}{value:>10.4}");
        }
    }
    text
}
