//! Members side by side, as text.

use super::Registry;
use crate::shape::{Extent, size_of};
use std::fmt;

/// Name, sizes and numbers of members, for a person.
///
/// ```text
/// member    input    output  parameters  of its twin
/// ResNet20  3×32×32  10          269722       538068
/// ResNet32  3×32×32  10          464154       926036
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(Vec<[String; 5]>);

impl Table {
    /// The table of these members.
    pub fn of<R: Registry>(members: &[R]) -> Self {
        let titles = ["member", "input", "output", "parameters", "of its twin"];
        let rows = members.iter().map(|&member| {
            [
                member.name().to_owned(),
                written(member.input().extent),
                written(output(member)),
                member.parameters().to_string(),
                member.bayes_parameters().to_string(),
            ]
        });
        let titles = std::iter::once(titles.map(str::to_owned));
        Self(titles.chain(rows).collect())
    }
}

/// What becomes of an example of the stated size.
fn output<R: Registry>(member: R) -> Extent {
    size_of(R::FAMILY, member.rule(), member.input()).map_or(Extent::Unknown, |size| size.extent)
}

fn written(extent: Extent) -> String {
    match extent {
        Extent::Unknown => "?".to_owned(),
        known => known.to_string(),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; 5];
        for row in &self.0 {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let [a, b, c, d, e] = widths;
        for (i, [name, input, output, plain, twin]) in self.0.iter().enumerate() {
            let end = if i == 0 { "" } else { "\n" };
            write!(
                f,
                "{end}{name:a$}  {input:b$}  {output:c$}  {plain:>d$}  {twin:>e$}"
            )?;
        }
        Ok(())
    }
}
