//! `bayes calibrate`: temperature and conformal sets or intervals, on examples that the model has not learnt from.

use super::super::Failure;
use super::super::prediction::Said;
use super::super::run_folder::Calibration;
use super::super::sets::{Part, Parts};
use super::evaluate::in_units;
use super::trained::Source;
use crate::data::Targets;
use bayes_core::calibration::{
    ConformalClassifier, ConformalRegressor, ConformalScore, Temperature,
};
use bayes_core::device::DeviceName;
use clap::Args;

/// The arguments of `bayes calibrate`.
#[derive(Debug, Args)]
pub struct Calibrate {
    /// The model.
    #[command(flatten)]
    pub source: Source,
    /// Sets and intervals miss at most this share of the answers
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub alpha: f64,
    /// Part of the data to fit to
    #[arg(long, value_enum, default_value = "validation")]
    pub part: Part,
    /// Adaptive sets: larger for hard examples, smaller for easy ones
    #[arg(long)]
    pub adaptive: bool,
    /// Leave the probabilities as they are
    #[arg(long)]
    pub no_temperature: bool,
}

/// Fits, and saves beside the model what was fitted.
///
/// # Errors
/// No calibration examples; an alpha out of range.
pub fn calibrate(args: &Calibrate, device: DeviceName) -> Result<String, Failure> {
    if !(args.alpha > 0.0 && args.alpha < 1.0) {
        return Err(Failure::usage(format!(
            "expected `--alpha` above 0 and below 1, found {}; 0.1 is usual",
            args.alpha
        )));
    }
    let trained = args.source.open(device)?;
    let parts = Parts::open(&trained.settings, trained.architecture)?;
    trained.same_columns(&parts)?;
    let set = parts.part(args.part)?;
    let meaning = &trained.meaning;
    let folder = trained.folder.as_ref().ok_or_else(|| {
        Failure::usage("expected the folder of a run, where what is fitted is kept, found `--model`; train one")
    })?;
    let said = trained.committee().say(&set, meaning.task)?;
    let (fitted, sentence) = match (said, set.targets()) {
        (Said::Classes { probabilities, .. }, Targets::Classes { labels, classes }) => {
            of_classes(args, &probabilities, *classes, labels)?
        }
        (said @ Said::Numbers { .. }, Targets::Numbers(numbers)) => {
            let (mean, variance) = in_units(&said, meaning);
            let y: Vec<f64> = numbers.iter().map(|&y| f64::from(y)).collect();
            let scale: Vec<f64> = variance.iter().map(|v| v.sqrt()).collect();
            let intervals = ConformalRegressor::fit(&mean, Some(&scale), &y, args.alpha)?;
            let sentence = format!(
                "intervals of coverage {} from {} examples",
                1.0 - args.alpha,
                y.len()
            );
            let fitted = Calibration {
                intervals: Some(intervals),
                ..Calibration::default()
            };
            (fitted, sentence)
        }
        _ => {
            return Err(Failure::usage(
                "expected targets of the model's kind, found others",
            ));
        }
    };
    folder.set_calibration(&fitted, trained.int8)?;
    let mut said = format!("{sentence}; saved in {}\n", folder.path().display());
    let quantiles = [
        fitted.sets.as_ref().map(ConformalClassifier::quantile),
        fitted.intervals.as_ref().map(ConformalRegressor::quantile),
    ];
    let mut quantiles = quantiles.into_iter().flatten();
    if quantiles.any(|quantile| quantile.threshold().is_none()) {
        let needed = (1.0 / args.alpha).ceil() - 1.0;
        said += &format!(
            "too few: for this coverage it takes {needed} examples; until then every set holds all classes, and every interval all \
             numbers\n"
        );
    }
    Ok(said)
}

fn of_classes(
    args: &Calibrate,
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
) -> Result<(Calibration, String), Failure> {
    let temperature = match args.no_temperature {
        true => None,
        false => Some(Temperature::fit(
            &logarithms(probabilities),
            classes,
            labels,
        )?),
    };
    let probabilities = tempered(probabilities, classes, temperature)?;
    let score = match args.adaptive {
        true => ConformalScore::Adaptive {
            seed: args.source.seed,
        },
        false => ConformalScore::Probability,
    };
    let sets = ConformalClassifier::fit(&probabilities, classes, labels, args.alpha, score)?;
    let coverage = 1.0 - args.alpha;
    let n = labels.len();
    let sentence = match temperature {
        Some(t) => format!(
            "temperature {:.4}, and sets of coverage {coverage} from {n} examples",
            t.value()
        ),
        None => format!("sets of coverage {coverage} from {n} examples"),
    };
    let fitted = Calibration {
        temperature,
        sets: Some(sets),
        intervals: None,
    };
    Ok((fitted, sentence))
}

/// The mean probabilities at a temperature, their logarithms being the logits.
///
/// # Errors
/// Rows that are no distributions.
pub fn tempered(
    probabilities: &[f64],
    classes: usize,
    temperature: Option<Temperature>,
) -> Result<Vec<f64>, Failure> {
    match temperature {
        None => Ok(probabilities.to_vec()),
        Some(temperature) => Ok(temperature.probabilities(&logarithms(probabilities), classes)?),
    }
}

fn logarithms(probabilities: &[f64]) -> Vec<f64> {
    probabilities.iter().map(|p| p.ln()).collect()
}
