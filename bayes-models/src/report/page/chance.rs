//! What a test set of other images might have said: the metrics with bootstrap intervals.

use super::{Error, Names, Predictions};
use bayes_core::metrics::{
    DEFAULT_ECE_BINS, DEFAULT_RESAMPLES, Interval, MetricError, accuracy, auroc, bootstrap, brier,
    ece, nll,
};
use maud::{Markup, html};

const LEVEL: f64 = 0.95;
const SEED: u64 = 0;

/// A metric of probabilities and labels.
type Metric = fn(&[f64], usize, &[usize]) -> Result<f64, MetricError>;

const METRICS: [(&str, Metric); 4] = [
    ("Accuracy ↑", accuracy),
    ("NLL, nats ↓", nll),
    ("Brier score ↓", brier),
    ("ECE ↓", |p, classes, labels| {
        ece(p, classes, labels, DEFAULT_ECE_BINS)
    }),
];

pub(super) fn section(models: &[Predictions], names: &Names) -> Result<Markup, Error> {
    let columns = models.iter().map(|of| {
        intervals(of).map_err(|source| Error::Metric {
            model: of.model.clone(),
            source,
        })
    });
    let columns: Vec<Vec<Option<Estimate>>> = columns.collect::<Result<_, _>>()?;
    let outside = format!("AUROC, {} ↑", names.outside);
    let titles = METRICS.map(|(title, _)| title);
    let titles = titles.into_iter().chain([outside.as_str()]);
    Ok(html! {
        section {
            h2 { "How much is the luck of the test set?" }
            p {
                "Each metric with the interval in which it lies for 95 % of " (DEFAULT_RESAMPLES) " test sets drawn from "
                "this one, with replacement. Models whose intervals overlap widely may only have been lucky. What "
                "another training would change, the intervals do not say."
            }
            div.wide {
                table {
                    thead { tr {
                        th scope="col" { "Metric" }
                        @for of in models { th.number scope="col" { (of.model) } }
                    } }
                    tbody {
                        @for (i, title) in titles.enumerate() {
                            tr {
                                th scope="row" { (title) }
                                @for column in &columns { td.number { (cell(column[i].as_ref())) } }
                            }
                        }
                    }
                }
            }
        }
    })
}

struct Estimate {
    value: f64,
    interval: Interval,
}

/// All metrics of a model; the last is none where nothing is out of distribution.
fn intervals(of: &Predictions) -> Result<Vec<Option<Estimate>>, MetricError> {
    let (classes, labels) = (of.classes, &of.labels);
    let mut found = Vec::with_capacity(METRICS.len() + 1);
    // Of a resample: rows of probabilities and their labels.
    let (mut rows, mut theirs) = (Vec::new(), Vec::new());
    for (_, metric) in METRICS {
        let value = metric(&of.probabilities, classes, labels)?;
        let resampled = |indices: &[usize]| {
            rows.clear();
            theirs.clear();
            for &i in indices {
                rows.extend_from_slice(&of.probabilities[i * classes..][..classes]);
                theirs.push(labels[i]);
            }
            metric(&rows, classes, &theirs)
        };
        let interval = bootstrap(&[labels.len()], LEVEL, DEFAULT_RESAMPLES, SEED, resampled)?;
        found.push(Some(Estimate { value, interval }));
    }
    found.push(detection(of)?);
    Ok(found)
}

fn detection(of: &Predictions) -> Result<Option<Estimate>, MetricError> {
    let groups = [of.entropy.len(), of.entropy_ood.len()];
    if groups.contains(&0) {
        return Ok(None);
    }
    let scores = [&of.entropy[..], &of.entropy_ood].concat();
    let outside: Vec<bool> = (0..scores.len()).map(|i| i >= groups[0]).collect();
    let value = auroc(&scores, &outside)?;
    let mut resample = Vec::with_capacity(scores.len());
    let interval = bootstrap(&groups, LEVEL, DEFAULT_RESAMPLES, SEED, |indices| {
        resample.clear();
        resample.extend(indices.iter().map(|&i| scores[i]));
        auroc(&resample, &outside)
    })?;
    Ok(Some(Estimate { value, interval }))
}

fn cell(estimate: Option<&Estimate>) -> Markup {
    html! {
        @match estimate {
            None => "–",
            Some(Estimate { value, interval: Interval { low, high } }) => {
                (format!("{value:.3}"))
                br;
                small { (format!("{low:.3} – {high:.3}")) }
            }
        }
    }
}
