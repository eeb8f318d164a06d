//! A report of an int8 model: how each layer is stored, what was fused, and what rounding cost.

use super::byte::Noise;
use super::model::Int8;
use super::scale::Scale;
use crate::estimator::EstimatorKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What there is to know of an int8 model; it prints as a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Each fused step.
    pub layers: Vec<LayerInspection>,
}

/// One fused step of an int8 model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerInspection {
    /// Dotted name of the layer that leads.
    pub name: String,
    /// What it does.
    pub operation: String,
    /// Whether it computes in f32.
    pub is_float: bool,
    /// Whether a forward pass of one's own takes what it gives, in f32.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaves_integers: bool,
    /// What was folded in behind it.
    pub fused: Vec<String>,
    /// Its weights, where it has some.
    pub weights: Option<WeightInspection>,
    /// How what it gives is stored; `None` where that is f32.
    pub value: Option<ValueInspection>,
    /// Signal to quantization noise of what it gives in f32, in dB, on the calibration batches in the mean.
    pub output_snr: Option<f64>,
}

/// Weights of an int8 layer. Ratios of powers are in dB, `None` where nothing was lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightInspection {
    /// Signal to quantization noise of the means.
    pub mean_snr: Option<f64>,
    /// The same of the standard deviations.
    pub sigma_snr: Option<f64>,
    /// The part of −127 to 127 that the means use.
    pub range_used: f64,
    /// The smallest of the outputs' steps.
    pub smallest_step: f32,
    /// The largest.
    pub largest_step: f32,
    /// Where the noise is added; `None` for plain weights.
    pub noise: Option<Noise>,
    /// How the noise enters.
    pub estimator: EstimatorKind,
}

/// Values between layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueInspection {
    /// Step, zero point and bits.
    #[serde(flatten)]
    pub scale: Scale,
    /// The part of the range that the calibration batches use in the mean.
    pub range_used: f64,
    /// Signal to quantization noise on the calibration batches in the mean, in dB, the layers before included.
    pub snr: Option<f64>,
}

/// How `model` is stored.
pub fn inspect<M>(model: &Int8<M>) -> Inspection {
    Inspection {
        layers: model.layers.to_vec(),
    }
}

impl Inspection {
    /// How many values are turned into f32 between the layers: by layers that compute in f32, and behind every layer of
    /// a forward pass of one's own. What a plan as a whole gives is f32 and does not count.
    pub fn dequantized(&self) -> usize {
        let between = |layer: &&LayerInspection| {
            layer.leaves_integers || (layer.is_float && layer.value.is_some())
        };
        self.layers.iter().filter(between).count()
    }

    /// The titles of [`rows`](Self::rows).
    pub const TITLES: [&'static str; 6] =
        ["layer", "operation", "fused", "weights", "noise", "gives"];

    /// A row of text for each layer.
    pub fn rows(&self) -> Vec<[String; 6]> {
        let row = |layer: &LayerInspection| {
            [
                layer.name.clone(),
                layer.operation.clone(),
                layer.fused.join(", "),
                layer
                    .weights
                    .as_ref()
                    .map_or(String::new(), WeightInspection::to_string),
                layer.noise(),
                layer.gives(),
            ]
        };
        self.layers.iter().map(row).collect()
    }
}

impl LayerInspection {
    fn noise(&self) -> String {
        let weights = self.weights.as_ref();
        match weights.and_then(|weights| weights.noise.map(|noise| (noise, weights.estimator))) {
            None => String::new(),
            Some((Noise::InTheWeight, _)) => "in the weight".to_owned(),
            Some((Noise::InItsOwnProduct, EstimatorKind::Reparameterization)) => {
                "own product".to_owned()
            }
            Some((Noise::InItsOwnProduct, estimator)) => format!("own product, {estimator}"),
        }
    }

    fn gives(&self) -> String {
        match &self.value {
            Some(value) => {
                let used = 100.0 * value.range_used;
                format!("{}, {used:.0} % used, {}", value.scale, decibel(value.snr))
            }
            None => format!("f32, {}", decibel(self.output_snr)),
        }
    }
}

impl fmt::Display for WeightInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = 100.0 * self.range_used;
        write!(f, "i8 of {:.1e}", self.smallest_step)?;
        if self.smallest_step < self.largest_step {
            write!(f, " to {:.1e}", self.largest_step)?;
        }
        write!(f, ", {used:.0} % used, {}", decibel(self.mean_snr))
    }
}

fn decibel(snr: Option<f64>) -> String {
    snr.map_or("exact".to_owned(), |snr| format!("{snr:.1} dB"))
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let width = |i: usize| {
            let cells = rows.iter().map(|row| row[i].chars().count());
            cells.chain([Self::TITLES[i].len()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..Self::TITLES.len()).map(width).collect();
        let line = |f: &mut fmt::Formatter<'_>, cells: [&str; 6]| {
            let padded = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())
        };
        line(f, Self::TITLES)?;
        for row in &rows {
            line(f, row.each_ref().map(String::as_str))?;
        }
        write!(f, "dequantized between layers: {}", self.dequantized())
    }
}
