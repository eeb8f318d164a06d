//! What a report is made of: plain lists of numbers and text, by model and by layer.

use super::Error;
use crate::data::{Digits, Labelled};
use bayes_core::predict::Classification;
use serde::Serialize;

/// What one model says of the test set, and how sure it is of images that belong to no class.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Predictions {
    /// Which model.
    pub model: String,
    /// The number of classes C.
    pub classes: usize,
    /// Mean probabilities on the test set, N×C, row-major.
    pub probabilities: Vec<f64>,
    /// The N true classes, below C.
    pub labels: Vec<usize>,
    /// Predictive entropies of the test set, in nats.
    pub entropy: Vec<f64>,
    /// Predictive entropies of out-of-distribution images, in nats; any number of them.
    pub entropy_ood: Vec<f64>,
    /// Mutual information of prediction and weights on the test set, in nats; none of a model that does not draw.
    pub mutual_information: Vec<f64>,
    /// The same of the out-of-distribution images.
    pub mutual_information_ood: Vec<f64>,
}

impl Predictions {
    /// What `model` says of the test set with `labels`, and of images out of distribution.
    pub fn new(
        model: impl Into<String>,
        labels: &[usize],
        test: &Classification,
        out_of_distribution: &Classification,
    ) -> Self {
        // Of one draw it is 0 by definition, which says nothing.
        let information = |of: &Classification| match of.samples {
            1 => Vec::new(),
            _ => of.mutual_information.clone(),
        };
        Self {
            model: model.into(),
            classes: test.classes,
            probabilities: test.probabilities.clone(),
            labels: labels.to_vec(),
            entropy: test.predictive_entropy.clone(),
            entropy_ood: out_of_distribution.predictive_entropy.clone(),
            mutual_information: information(test),
            mutual_information_ood: information(out_of_distribution),
        }
    }
}

/// What the page calls things.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Names {
    /// What the test set holds, in the plural.
    pub inside: String,
    /// What is out of distribution, in the plural.
    pub outside: String,
    /// The classes, in order; those without a name are called by their number.
    pub classes: Vec<String>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            inside: "test images".to_owned(),
            outside: "images out of distribution".to_owned(),
            classes: Vec::new(),
        }
    }
}

impl Names {
    /// What class `class` is called.
    pub(super) fn class(&self, class: usize) -> String {
        let name = self.classes.get(class);
        name.cloned().unwrap_or_else(|| class.to_string())
    }
}

/// The posterior N(mu, sigma²) of each weight of a layer, or of one of its tensors.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LayerPosterior {
    /// Which layer.
    pub name: String,
    /// Posterior means.
    pub mu: Vec<f32>,
    /// Posterior standard deviations, as many.
    pub sigma: Vec<f32>,
    /// Its KL from the prior, in nats, summed over the weights.
    pub kl: f64,
}

/// The images of which a model is least sure, and some of which it is most sure.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LeastSure {
    /// Which model.
    pub model: String,
    /// The images of which it is least sure, in the order in which they are shown.
    pub images: Vec<UncertainImage>,
    /// Those of which it is most sure.
    pub surest: Vec<UncertainImage>,
}

/// An image as it is drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Picture {
    /// Pixels in a line.
    pub width: usize,
    /// Red, green and blue, 0 to 1 (what is beyond is shown as the nearer end): whole lines, from the top.
    pub pixels: Vec<[f32; 3]>,
}

impl Picture {
    /// Ink on white paper: 0 is white and 1 black.
    pub fn ink(width: usize, ink: &[f32]) -> Self {
        Self {
            width,
            pixels: ink.iter().map(|ink| [1.0 - ink; 3]).collect(),
        }
    }

    /// Brightness from 0 to 1, grey or in three colours: `channels × height × width` numbers. Of more than 64 pixels in a
    /// line every second is shown, or every third, and so on.
    ///
    /// # Errors
    /// [`Error::Length`] if it is not one channel or three, or not as many numbers.
    pub fn new([channels, height, width]: [usize; 3], values: &[f32]) -> Result<Self, Error> {
        check_length(
            "values of an image",
            channels * height * width,
            values.len(),
        )?;
        let colours: [usize; 3] = match channels {
            1 => [0, 0, 0],
            3 => [0, 1, 2],
            _ => {
                return Err(Error::Length {
                    what: "channels of an image".to_owned(),
                    expected: 3,
                    found: channels,
                });
            }
        };
        let every = width.div_ceil(64).max(1);
        let at = |y: usize, x: usize| colours.map(|c| values[(c * height + y) * width + x]);
        let lines = (0..height).step_by(every);
        let pixels = lines.flat_map(|y| (0..width).step_by(every).map(move |x| at(y, x)));
        Ok(Self {
            width: width.div_ceil(every),
            pixels: pixels.collect(),
        })
    }
}

/// An image, its class, and what a model says of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct UncertainImage {
    /// The image.
    pub picture: Picture,
    /// Its class.
    pub label: String,
    /// The most probable class.
    pub prediction: String,
    /// The probability of that class.
    pub probability: f64,
    /// Predictive entropy, in nats.
    pub entropy: f64,
    /// Mutual information of prediction and weights, in nats.
    pub mutual_information: f64,
}

impl LeastSure {
    /// The `count` images with the highest predictive entropy, from the highest, and half as many with the lowest, from
    /// the lowest; of equal ones the first. `picture` draws the image at an index, and `names` has the classes' names.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one prediction for each label, or no class; those of `picture`.
    pub fn of(
        model: impl Into<String>,
        labels: &[usize],
        predicted: &Classification,
        names: &Names,
        count: usize,
        picture: impl Fn(usize) -> Result<Picture, Error>,
    ) -> Result<Self, Error> {
        let n = labels.len();
        let entropies = &predicted.predictive_entropy;
        let information = &predicted.mutual_information;
        check_length("classes", predicted.classes.max(1), predicted.classes)?;
        for (what, expected, found) in [
            (
                "probabilities",
                n * predicted.classes,
                predicted.probabilities.len(),
            ),
            ("predictive entropies", n, entropies.len()),
            ("mutual information", n, information.len()),
        ] {
            check_length(what, expected, found)?;
        }
        let (classes, probabilities) = (predicted.predicted(), predicted.confidence());
        let image = |&i: &usize| {
            Ok(UncertainImage {
                picture: picture(i)?,
                label: names.class(labels[i]),
                prediction: names.class(classes[i]),
                probability: probabilities[i],
                entropy: entropies[i],
                mutual_information: information[i],
            })
        };
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| entropies[b].total_cmp(&entropies[a]));
        let images = order
            .iter()
            .take(count)
            .map(image)
            .collect::<Result<_, Error>>()?;
        order.sort_by(|&a, &b| entropies[a].total_cmp(&entropies[b]));
        let surest = order.iter().take(count / 2).map(image);
        Ok(Self {
            model: model.into(),
            images,
            surest: surest.collect::<Result<_, Error>>()?,
        })
    }

    /// The same of digits, which are drawn as ink on paper.
    ///
    /// # Errors
    /// [`Error::Length`] if the digits are not of 8×8 pixels each, or there is not one prediction for each.
    pub fn of_digits(
        model: impl Into<String>,
        digits: &Labelled,
        predicted: &Classification,
        count: usize,
    ) -> Result<Self, Error> {
        let pixels = digits.len() * Digits::PIXELS;
        check_length("pixels of the digits", pixels, digits.images.len())?;
        let ink = |i: usize| {
            let ink = &digits.images[i * Digits::PIXELS..][..Digits::PIXELS];
            Ok(Picture::ink(Digits::SIDE, ink))
        };
        Self::of(
            model,
            &digits.labels,
            predicted,
            &Names::default(),
            count,
            ink,
        )
    }
}

/// A table of text, such as the layers of a model with their sizes and scales.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Inspection {
    /// What it shows and what to see in it, in a sentence or two.
    pub explanation: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows: a cell for each column, as they are to be read.
    pub rows: Vec<Vec<String>>,
}

impl From<&bayes_core::int8::Inspection> for Inspection {
    fn from(inspection: &bayes_core::int8::Inspection) -> Self {
        let explanation = format!(
            "What the int8 model runs: each line is one fused step. Noise that is small against the rounding has a \
             product of its own, and where draws differ by less than two steps of 8 bits a value has 16. The more dB, \
             the less rounding changed, by 6 for each bit. Values turned into floats between layers: {}.",
            inspection.dequantized()
        );
        Self {
            explanation,
            columns: bayes_core::int8::Inspection::TITLES
                .map(str::to_owned)
                .to_vec(),
            rows: inspection.rows().into_iter().map(Vec::from).collect(),
        }
    }
}

pub(super) fn check_length(
    what: impl Into<String>,
    expected: usize,
    found: usize,
) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Length {
        what: what.into(),
        expected,
        found,
    })
}

/// Checks that all `values` are finite and not below `least`, of which `expected` tells the reader of an error.
pub(super) fn check_values(
    what: &str,
    values: impl IntoIterator<Item = f64>,
    least: f64,
    expected: &'static str,
) -> Result<(), Error> {
    let bad = |&(_, value): &(usize, f64)| !(value.is_finite() && value >= least);
    match values.into_iter().enumerate().find(bad) {
        None => Ok(()),
        Some((position, found)) => Err(Error::Value {
            what: what.to_owned(),
            position,
            expected,
            found,
        }),
    }
}
