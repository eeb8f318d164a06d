//! `bayes evaluate --report`: the page.

use super::super::Failure;
use super::super::prediction::Said;
use super::super::settings::Method;
use super::evaluate::units;
use super::trained::Trained;
use crate::data::{Set, Targets};
use crate::report::{Forecast, LayerPosterior, LeastSure, Names, Picture, Predictions, Report};
use bayes_core::device::DeviceName;
use bayes_core::metrics::GaussianMixture;
use bayes_core::predict::Classification;

/// Images on the page: so many of which the model is least sure.
const PICTURES: usize = 12;

/// What is said of the test part and of what belongs to no class, as a page.
///
/// # Errors
/// Predictions that cannot be drawn; a model that fails.
pub fn page(
    trained: &Trained,
    (set, said): (&Set, &Said),
    elsewhere: Option<(&Set, &Said)>,
    classes: Option<Vec<String>>,
    [inside, outside]: [&str; 2],
) -> Result<Report, Failure> {
    let settings = &trained.settings;
    let method = format!("{:?}", settings.method).to_lowercase();
    let mut report = Report {
        title: format!("{} on {}", trained.architecture, settings.data),
        summary: format!(
            "{}; method {method}, {}, {} examples.",
            trained.architecture.summary(),
            drawn(trained),
            set.len()
        ),
        names: Names {
            inside: inside.to_owned(),
            outside: outside.to_owned(),
            classes: classes.unwrap_or_default(),
        },
        posteriors: posteriors(trained)?,
        ..Report::default()
    };
    match set.targets() {
        Targets::Classes { labels, .. } => {
            let test = classification(trained, said);
            let others = elsewhere.map(|(_, said)| said);
            report.predictions = vec![predictions(trained, &method, labels, said, others)];
            if trained.settings.method == Method::Ensemble && trained.predictors.len() > 1 {
                report.predictions.push(one_member(
                    trained,
                    set,
                    labels,
                    elsewhere.map(|(set, _)| set),
                )?);
            }
            if let &[channels, height, width] = set.shape() {
                let picture = |i: usize| {
                    let values = set.rows(i, 1).unwrap_or_default();
                    Picture::new([channels, height, width], &values)
                };
                report.least_sure =
                    LeastSure::of(method, labels, &test, &report.names, PICTURES, picture)?;
            }
        }
        Targets::Numbers(numbers) => {
            report.forecasts = vec![forecast(trained, set, numbers, method)?];
        }
        Targets::None => {}
    }
    Ok(report)
}

/// How its predictions are made, in a few words.
fn drawn(trained: &Trained) -> String {
    let samples = trained.how.samples;
    match trained.settings.method {
        Method::Deterministic => "one net".to_owned(),
        Method::Ensemble => format!("{} nets", trained.predictors.len()),
        Method::Bayesian | Method::McDropout => format!("{samples} draws of each prediction"),
    }
}

/// What one model says of the test part, and of what belongs to no class if there is such.
fn predictions(
    trained: &Trained,
    name: &str,
    labels: &[usize],
    said: &Said,
    elsewhere: Option<&Said>,
) -> Predictions {
    let test = classification(trained, said);
    let other = elsewhere.map(|said| classification(trained, said));
    let other = other.unwrap_or_else(|| Classification {
        predictive_entropy: Vec::new(),
        mutual_information: Vec::new(),
        ..test.clone()
    });
    Predictions::new(name, labels, &test, &other)
}

/// What the first member of an ensemble says by itself, without what was fitted to all: what the others add can be seen.
fn one_member(
    trained: &Trained,
    set: &Set,
    labels: &[usize],
    elsewhere: Option<&Set>,
) -> Result<Predictions, Failure> {
    let mut committee = trained.committee();
    committee.models.truncate(1);
    let ask = |set| committee.say(set, trained.meaning.task);
    let (said, elsewhere) = (ask(set)?, elsewhere.map(ask).transpose()?);
    let mut one = predictions(trained, "one member", labels, &said, elsewhere.as_ref());
    // One net cannot disagree with itself.
    one.mutual_information.clear();
    one.mutual_information_ood.clear();
    Ok(one)
}

/// As the models' draws would be reduced together.
fn classification(trained: &Trained, said: &Said) -> Classification {
    let samples = trained.how.samples * trained.predictors.len();
    match said.clone() {
        Said::Classes {
            probabilities,
            predictive_entropy,
            expected_entropy,
            mutual_information,
        } => Classification {
            samples,
            classes: probabilities.len() / predictive_entropy.len().max(1),
            probabilities,
            predictive_entropy,
            expected_entropy,
            mutual_information,
        },
        Said::Numbers { .. } => Classification {
            samples,
            classes: 0,
            probabilities: Vec::new(),
            predictive_entropy: Vec::new(),
            expected_entropy: Vec::new(),
            mutual_information: Vec::new(),
        },
    }
}

/// The posteriors of a twin; none of other models.
fn posteriors(trained: &Trained) -> Result<Vec<LayerPosterior>, Failure> {
    let Some(folder) = trained.folder.as_ref().filter(|_| !trained.int8) else {
        return Ok(Vec::new());
    };
    let networks = folder.networks(&trained.settings, trained.architecture, DeviceName::Cpu)?;
    match networks.first().and_then(|network| network.twin()) {
        Some(twin) => Ok(twin.posteriors()?),
        None => Ok(Vec::new()),
    }
}

/// The numbers in the order of what is predicted.
fn forecast(
    trained: &Trained,
    set: &Set,
    numbers: &[f32],
    method: String,
) -> Result<Forecast, Failure> {
    let mixture = mixture(trained, set)?;
    let mean = mixture.moments().mean;
    let mut order: Vec<usize> = (0..mean.len()).collect();
    order.sort_by(|&a, &b| mean[a].total_cmp(&mean[b]));
    let mut rank = vec![0.0; mean.len()];
    for (place, &i) in order.iter().enumerate() {
        rank[i] = place as f64;
    }
    let y: Vec<f64> = numbers.iter().map(|&y| f64::from(y)).collect();
    let labels = ["examples, by what is predicted", "target"];
    Ok(Forecast::new(method, labels, &rank, &y, &mixture)?)
}

/// The draws' Gaussians of all examples, in the units of the target.
fn mixture(trained: &Trained, set: &Set) -> Result<GaussianMixture, Failure> {
    let mut by_sample: Vec<[Vec<f64>; 2]> = Vec::new();
    trained.committee().for_each_chunk(set, |_, draws| {
        by_sample.resize(draws.samples, Default::default());
        for (sample, [mu, sigma]) in by_sample.iter_mut().enumerate() {
            for row in draws.member(sample).chunks_exact(2) {
                mu.push(f64::from(row[0]));
                sigma.push((0.5 * f64::from(row[1])).exp());
            }
        }
        Ok(())
    })?;
    let samples = by_sample.len();
    let part = |i: usize| {
        by_sample
            .iter()
            .flat_map(move |parts| parts[i].iter().copied())
    };
    let mixture = GaussianMixture::new(part(0).collect(), part(1).collect(), samples)?;
    let (shift, scale) = units(&trained.meaning);
    Ok(mixture.scaled(shift, scale)?)
}
