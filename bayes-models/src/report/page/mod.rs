//! The page: one file of HTML that needs nothing else.

mod calibration;
mod chance;
mod comparison;
mod confusion;
mod data;
mod entropies;
mod error;
mod histogram;
mod inspection;
mod numbers;
mod pictures;
mod plot;
mod regression;
mod selective;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod tests;
mod weights;

pub use data::{
    Inspection, LayerPosterior, LeastSure, Names, Picture, Predictions, UncertainImage,
};
pub use error::Error;
pub use regression::Forecast;

use super::Row;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use std::path::Path;
use std::{fs, process};

/// How models compare and where they are unsure, as one self-contained page of HTML with plots.
///
/// A section without data is left out. Text may hold any characters; it is escaped.
///
/// ```
/// use bayes_models::report::{Predictions, Report};
///
/// let report = Report {
///     title: "Coins".to_owned(),
///     summary: "Guesses of two throws.".to_owned(),
///     predictions: vec![Predictions {
///         model: "guess".to_owned(),
///         classes: 2,
///         probabilities: vec![0.5, 0.5, /**/ 0.25, 0.75],
///         labels: vec![0, 1],
///         entropy: vec![0.69, 0.56],
///         entropy_ood: vec![0.69],
///         ..Predictions::default()
///     }],
///     ..Report::default()
/// };
/// assert!(report.to_html()?.contains("<h1>Coins</h1>"));
/// # Ok::<(), bayes_models::report::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The heading.
    pub title: String,
    /// What was trained on what, in a sentence or two.
    pub summary: String,
    /// What things are called.
    pub names: Names,
    /// The table of metrics.
    pub rows: Vec<Row>,
    /// Metrics with intervals, reliability diagrams, histograms of uncertainty, risk over coverage, and confusions.
    pub predictions: Vec<Predictions>,
    /// Of a regression: fan charts, intervals and their calibration.
    pub forecasts: Vec<Forecast>,
    /// What each layer has learned, with histograms of sigma and of the signal-to-noise ratio.
    pub posteriors: Vec<LayerPosterior>,
    /// The images that a model is least and most sure of.
    pub least_sure: LeastSure,
    /// A table of something else.
    pub inspection: Inspection,
}

impl Report {
    /// The page.
    ///
    /// # Errors
    /// [`Error::Metric`] for predictions that no metric can take, such as none or NaN; [`Error::Value`] for other
    /// numbers that cannot be drawn, and [`Error::Length`] for lists that do not go together.
    pub fn to_html(&self) -> Result<String, Error> {
        let sections = self.sections()?;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(include_str!("page.css"))) }
                }
                body {
                    main {
                        header {
                            h1 { (self.title) }
                            p { (self.summary) }
                        }
                        @for section in &sections { (section) }
                    }
                }
            }
        };
        Ok(page.into_string())
    }

    /// Those that have data.
    fn sections(&self) -> Result<Vec<Markup>, Error> {
        let mut sections = Vec::new();
        if !self.rows.is_empty() {
            sections.push(comparison::section(&self.rows, &self.names));
        }
        if !self.predictions.is_empty() {
            // Looks at each number, so that an error can say which one.
            let entropies = entropies::section(&self.predictions, &self.names)?;
            sections.push(chance::section(&self.predictions, &self.names)?);
            sections.push(calibration::section(&self.predictions)?);
            sections.push(entropies);
            sections.push(selective::section(&self.predictions)?);
            sections.push(confusion::section(&self.predictions, &self.names)?);
        }
        if !self.forecasts.is_empty() {
            sections.extend(regression::sections(&self.forecasts)?);
        }
        if !self.posteriors.is_empty() {
            sections.push(weights::section(&self.posteriors)?);
        }
        if !self.least_sure.images.is_empty() {
            sections.push(pictures::section(&self.least_sure)?);
        }
        if !self.inspection.rows.is_empty() {
            sections.push(inspection::section(&self.inspection)?);
        }
        Ok(sections)
    }

    /// Writes the page to `path` and makes its folder if there is none. A reader of the file finds the old page or the
    /// new one, never a part.
    ///
    /// # Errors
    /// As [`to_html`](Self::to_html), and [`Error::Write`]; after an error a page that was there is still there.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let (page, path) = (self.to_html()?, path.as_ref());
        let failed = |action, path: &Path| {
            let path = path.to_path_buf();
            move |source| Error::Write {
                action,
                path,
                source,
            }
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
        }
        let beside = path.with_added_extension(format!("{}.tmp", process::id()));
        let written = fs::write(&beside, page)
            .map_err(failed("write", &beside))
            .and_then(|()| fs::rename(&beside, path).map_err(failed("replace", path)));
        if written.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&beside);
        }
        written
    }
}
