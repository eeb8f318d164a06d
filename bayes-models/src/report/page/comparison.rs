//! The table of metrics: a column for each model, so that it is narrow enough for a phone.

use super::numbers::whole;
use super::{Names, Row};
use maud::{Markup, html};

/// A metric: its name, how it is read, and whether less of it is better.
struct Metric {
    name: &'static str,
    less_is_better: bool,
    value: fn(&Row) -> f64,
    text: fn(f64) -> String,
}

const METRICS: [Metric; 7] = [
    Metric {
        name: "Accuracy",
        less_is_better: false,
        value: |row| row.accuracy,
        text: |share| format!("{:.2} %", 100.0 * share),
    },
    Metric {
        name: "NLL, nats",
        less_is_better: true,
        value: |row| row.nll,
        text: four_digits,
    },
    Metric {
        name: "Brier score",
        less_is_better: true,
        value: |row| row.brier,
        text: four_digits,
    },
    Metric {
        name: "ECE",
        less_is_better: true,
        value: |row| row.ece,
        text: four_digits,
    },
    Metric {
        name: "AUROC, out of distribution",
        less_is_better: false,
        value: |row| row.auroc_ood,
        text: four_digits,
    },
    Metric {
        name: "Checkpoint, bytes",
        less_is_better: true,
        value: |row| row.bytes as f64,
        text: whole,
    },
    Metric {
        name: "Images per second",
        less_is_better: false,
        value: |row| row.images_per_second,
        text: whole,
    },
];

pub(super) fn section(rows: &[Row], names: &Names) -> Markup {
    html! {
        section {
            h2 { "Metrics" }
            p {
                "Arrows say which way is better, and bold is the best of a line; small differences may be chance. NLL, "
                "Brier score and ECE (15 bins) ask whether the probabilities can be believed. AUROC asks how often one of "
                "the " (names.outside) " gets a higher entropy than one of the " (names.inside) ": ½ is guessing, 1 is "
                "always."
            }
            div.wide {
                table {
                    thead { tr {
                        th scope="col" { "Metric" }
                        @for row in rows { th.number scope="col" { (row.model) } }
                    } }
                    tbody { @for metric in &METRICS { (line(metric, rows)) } }
                }
            }
        }
    }
}

fn line(metric: &Metric, rows: &[Row]) -> Markup {
    let values: Vec<f64> = rows.iter().map(metric.value).collect();
    let best = best(&values, metric.less_is_better);
    html! {
        tr {
            th scope="row" { (metric.name) " " (if metric.less_is_better { "↓" } else { "↑" }) }
            @for &value in &values {
                td.number {
                    @if Some(value) == best { strong { (text(metric, value)) } }
                    @else { (text(metric, value)) }
                }
            }
        }
    }
}

/// The best of values that are not all the same; NaN is none.
fn best(values: &[f64], less_is_better: bool) -> Option<f64> {
    let values = || values.iter().copied().filter(|value| !value.is_nan());
    let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    (least < most).then_some(if less_is_better { least } else { most })
}

fn text(metric: &Metric, value: f64) -> String {
    if value.is_nan() {
        "–".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "∞" } else { "−∞" }.to_owned()
    } else {
        (metric.text)(value)
    }
}

fn four_digits(value: f64) -> String {
    format!("{value:.4}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_no_best() {
        assert_eq!(best(&[2.0, f64::NAN, 1.0], true), Some(1.0));
        assert_eq!(best(&[2.0, f64::NAN, 1.0], false), Some(2.0));
        assert_eq!(best(&[2.0, f64::NAN], true), None);
        assert_eq!(best(&[3.0, 3.0], false), None);
        assert_eq!(best(&[], true), None);
    }
}
