//! `bayes models`: what there is to choose from.

use crate::models::Architecture;

/// A table of all models.
pub fn models() -> String {
    let titles = [
        "model",
        "example",
        "task",
        "parameters",
        "of its twin",
        "what it is",
    ];
    let mut rows = vec![titles.map(str::to_owned)];
    for &architecture in Architecture::ALL {
        rows.push([
            architecture.name().to_owned(),
            architecture.input().to_string(),
            architecture.task().to_string(),
            architecture.parameters().to_string(),
            architecture.bayes_parameters().to_string(),
            architecture.summary().to_owned(),
        ]);
    }
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let [a, b, c, d, e, _] = widths;
    let lines = rows
        .iter()
        .map(|[name, example, task, plain, twin, summary]| {
            format!("{name:a$}  {example:b$}  {task:c$}  {plain:>d$}  {twin:>e$}  {summary}\n")
        });
    lines.collect()
}
