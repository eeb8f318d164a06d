//! A table of text whose rows come ready to be read.

use super::data::check_length;
use super::{Error, Inspection};
use maud::{Markup, html};

pub(super) fn section(of: &Inspection) -> Result<Markup, Error> {
    for (i, row) in of.rows.iter().enumerate() {
        check_length(
            format!("row {i} of the inspection"),
            of.columns.len(),
            row.len(),
        )?;
    }
    Ok(html! {
        section {
            h2 { "Inspection" }
            p { (of.explanation) }
            // Wider than a phone, so it scrolls, with the keyboard too.
            div.wide tabindex="0" role="region" aria-label="Inspection" {
                table.text {
                    thead { tr { @for column in &of.columns { th scope="col" { (column) } } } }
                    tbody { @for row in &of.rows { tr { @for cell in row { td { (cell) } } } } }
                }
            }
        }
    })
}
