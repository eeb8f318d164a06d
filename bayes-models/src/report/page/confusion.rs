//! Which classes are taken for which: a matrix for each model.

use super::{Error, Names, Predictions};
use bayes_core::metrics::{MetricError, correct_predictions};
use maud::{Markup, html};

/// Up to so many classes have a matrix; of more, the commonest confusions are listed.
const MATRIX: usize = 20;
/// How many.
const LISTED: usize = 20;

pub(super) fn section(models: &[Predictions], names: &Names) -> Result<Markup, Error> {
    let figures = models.iter().map(|of| figure(of, names));
    let figures: Vec<Markup> = figures.collect::<Result<_, _>>()?;
    Ok(html! {
        section {
            h2 { "What does it take for what?" }
            p {
                "A row for each true class, a column for each answer; the numbers count " (names.inside) ". What is right "
                "stands on the diagonal, in bold. The darker a cell, the larger its share of the row."
            }
            div.matrices { @for figure in &figures { (figure) } }
        }
    })
}

/// How often class `label` is answered by `answer`, `[label][answer]`.
fn counts(of: &Predictions) -> Result<Vec<Vec<usize>>, MetricError> {
    // Checks lengths, labels and probabilities.
    correct_predictions(&of.probabilities, of.classes, &of.labels)?;
    let mut counts = vec![vec![0; of.classes]; of.classes];
    for (row, &label) in of.probabilities.chunks_exact(of.classes).zip(&of.labels) {
        // The first of equal ones, as in all metrics.
        let answer = (1..of.classes).fold(0, |best, c| if row[c] > row[best] { c } else { best });
        counts[label][answer] += 1;
    }
    Ok(counts)
}

fn figure(of: &Predictions, names: &Names) -> Result<Markup, Error> {
    let counts = counts(of).map_err(|source| Error::Metric {
        model: of.model.clone(),
        source,
    })?;
    let wrong: usize = wrong(&counts).iter().map(|(count, ..)| count).sum();
    Ok(html! {
        figure {
            figcaption { strong { (of.model) } " " (wrong) " of " (of.labels.len()) " wrong" }
            @if of.classes <= MATRIX { (matrix(of, &counts, names)) } @else { (list(&counts, names)) }
        }
    })
}

fn matrix(of: &Predictions, counts: &[Vec<usize>], names: &Names) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(format!("Confusion matrix of {}", of.model)) {
            table.matrix {
                thead { tr {
                    th scope="col" { "is ↓ said →" }
                    @for answer in 0..of.classes { th scope="col" { (names.class(answer)) } }
                } }
                tbody { @for (label, row) in counts.iter().enumerate() {
                    tr {
                        th scope="row" { (names.class(label)) }
                        @for (answer, &count) in row.iter().enumerate() {
                            td style=(shade(count, row)) {
                                @if count > 0 {
                                    @if answer == label { strong { (count) } } @else { (count) }
                                }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// A part of the ink, by the share of the row; a single error is still to be seen.
fn shade(count: usize, row: &[usize]) -> String {
    let total: usize = row.iter().sum();
    let percent = 70.0 * (count as f64 / total.max(1) as f64).sqrt();
    format!("background: color-mix(in srgb, var(--bar) {percent:.0}%, transparent)")
}

/// The confusions by how often they happen: count, class, answer.
fn wrong(counts: &[Vec<usize>]) -> Vec<(usize, usize, usize)> {
    let all = counts.iter().enumerate().flat_map(|(label, row)| {
        let row = row.iter().enumerate();
        row.map(move |(answer, &count)| (count, label, answer))
    });
    let mut wrong: Vec<_> = all
        .filter(|&(count, label, answer)| count > 0 && label != answer)
        .collect();
    wrong.sort_by(|a, b| b.0.cmp(&a.0).then(a.cmp(b)));
    wrong
}

fn list(counts: &[Vec<usize>], names: &Names) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "is" }
                th scope="col" { "said" }
                th.number scope="col" { "times" }
            } }
            tbody { @for (count, label, answer) in wrong(counts).into_iter().take(LISTED) {
                tr {
                    td { (names.class(label)) }
                    td { (names.class(answer)) }
                    td.number { (count) }
                }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Predictions {
        Predictions {
            model: "three".to_owned(),
            classes: 3,
            probabilities: [
                [0.8, 0.1, 0.1],
                [0.4, 0.4, 0.2],
                [0.1, 0.2, 0.7],
                [0.0, 0.3, 0.7],
            ]
            .concat(),
            labels: vec![0, 1, 1, 1],
            ..Predictions::default()
        }
    }

    #[test]
    fn rows_are_classes_and_columns_answers() {
        let counts = counts(&three()).unwrap();
        assert_eq!(counts, [[1, 0, 0], [1, 0, 2], [0, 0, 0]]);
        assert_eq!(wrong(&counts), [(2, 1, 2), (1, 1, 0)]);
    }

    #[test]
    fn many_classes_are_listed_by_name() {
        let names = Names {
            classes: ["cat", "dog"].map(str::to_owned).to_vec(),
            ..Names::default()
        };
        let html = list(&counts(&three()).unwrap(), &names).into_string();
        assert!(html.contains("<td>dog</td><td>2</td>"), "{html}");
        assert!(html.contains("<td>dog</td><td>cat</td>"), "{html}");
    }
}
