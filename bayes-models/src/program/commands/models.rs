//! `bayes models`: what there is to choose from.

use super::super::Failure;
use super::super::network::Model;
use super::super::sets::size;

/// Prints a table of all models.
///
/// # Errors
/// A device that fails.
pub fn models(models: &[Model]) -> Result<String, Failure> {
    let mut rows = vec![
        [
            "model",
            "example",
            "outputs",
            "parameters",
            "of its twin",
            "what it is",
        ]
        .map(str::to_owned),
    ];
    for model in models {
        let [plain, twin] = model.parameters()?;
        rows.push([
            model.name.clone(),
            size(model.example),
            model.outputs.to_string(),
            plain.to_string(),
            twin.to_string(),
            model.about.clone(),
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
        .map(|[name, example, outputs, plain, twin, about]| {
            format!("{name:a$}  {example:b$}  {outputs:>c$}  {plain:>d$}  {twin:>e$}  {about}\n")
        });
    Ok(lines.collect())
}
