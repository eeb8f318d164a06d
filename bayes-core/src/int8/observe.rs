//! What calibration sees: the range of every value of a plan, and how much draws differ there.

use super::calibration::Calibration;
use super::histogram::Histogram;
use crate::draw::Key;
use crate::error::Error;
use crate::plan::{Float, Plan, Stage, Values, Wire};

/// Examples that are observed at once: what their draws differ is held for every element of every value.
const ROWS: usize = 32;

/// What was seen of one value.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    pub low: f32,
    pub high: f32,
    /// Range before a function, where there is one.
    pub before: (f32, f32),
    /// Root mean square of the draws' standard deviation, over the elements in which they differ at all.
    pub noise: f64,
    histogram: Option<Histogram>,
    noise_sum: f64,
    noisy: usize,
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            low: f32::INFINITY,
            high: f32::NEG_INFINITY,
            before: (f32::INFINITY, f32::NEG_INFINITY),
            noise: 0.0,
            histogram: None,
            noise_sum: 0.0,
            noisy: 0,
        }
    }
}

impl Observed {
    /// The range that the calibration's method chooses for this many levels.
    pub fn range(&self, calibration: &Calibration, levels: u16) -> (f32, f32) {
        match &self.histogram {
            Some(histogram) => calibration.range.choose(histogram, levels),
            None => (self.low, self.high),
        }
    }

    fn widen(&mut self, stage: Stage, values: &[f32]) {
        let (low, high) = match stage {
            Stage::Before => (&mut self.before.0, &mut self.before.1),
            Stage::Value => (&mut self.low, &mut self.high),
        };
        for &value in values {
            *low = low.min(value);
            *high = high.max(value);
        }
    }
}

/// Runs the plan on all batches, in the mean and in so many draws, and gives what was seen of each wire.
pub(super) fn observe(
    plan: &Plan<Float>,
    batches: &[Values],
    calibration: &Calibration,
) -> Result<Vec<Observed>, Error> {
    let mut seen = vec![Observed::default(); plan.wires()];
    let parts: Vec<Values> = batches.iter().flat_map(parts).collect();
    for part in &parts {
        first_pass(plan, part, calibration, &mut seen)?;
    }
    for (i, seen) in seen.iter_mut().enumerate() {
        if !(seen.low.is_finite() && seen.high.is_finite()) && seen.low <= seen.high {
            return Err(Error::Structure {
                layer: name_of(plan, Wire(i)).to_owned(),
                problem: "calibration met a value that is not finite".to_owned(),
            });
        }
        seen.noise = (seen.noise_sum / seen.noisy.max(1) as f64).sqrt();
        if calibration.range.needs_histogram() {
            seen.histogram = Histogram::new(seen.low, seen.high);
        }
    }
    if calibration.range.needs_histogram() {
        for part in &parts {
            for key in keys(calibration) {
                plan.run(key, part.clone(), |wire, stage, values| {
                    if let (Stage::Value, Some(histogram)) = (stage, &mut seen[wire.0].histogram) {
                        histogram.count(&values.values);
                    }
                })?;
            }
        }
    }
    Ok(seen)
}

/// Ranges and noise of one part. The noise of an element is the variance of its draws.
fn first_pass(
    plan: &Plan<Float>,
    part: &Values,
    calibration: &Calibration,
    seen: &mut [Observed],
) -> Result<(), Error> {
    let mut means: Vec<Vec<f32>> = vec![Vec::new(); plan.wires()];
    // Sum and sum of squares of what each draw adds to the mean.
    let mut sums: Vec<Vec<[f32; 2]>> = vec![Vec::new(); plan.wires()];
    for key in keys(calibration) {
        plan.run(key, part.clone(), |wire, stage, values| {
            let i = wire.0;
            seen[i].widen(stage, &values.values);
            if stage == Stage::Before {
                return;
            }
            if key.draw.is_none() {
                means[i].clone_from(&values.values);
                sums[i] = vec![[0.0; 2]; values.values.len()];
                return;
            }
            let differences = values.values.iter().zip(&means[i]);
            for (sum, (value, mean)) in sums[i].iter_mut().zip(differences) {
                let difference = value - mean;
                sum[0] += difference;
                sum[1] += difference * difference;
            }
        })?;
    }
    let draws = calibration.draws as f64;
    for (seen, sums) in seen.iter_mut().zip(&sums) {
        for [sum, squares] in sums.iter().map(|sums| sums.map(f64::from)) {
            if squares > 0.0 {
                seen.noisy += 1;
                seen.noise_sum += ((squares - sum * sum / draws) / (draws - 1.0)).max(0.0);
            }
        }
    }
    Ok(())
}

/// The mean, then the draws.
fn keys(calibration: &Calibration) -> impl Iterator<Item = Key> {
    let seed = calibration.seed;
    let draws = (0..calibration.draws as u64).map(move |sample| Key::new(seed, sample));
    std::iter::once(Key::MEAN).chain(draws)
}

fn parts(batch: &Values) -> Vec<Values> {
    let parts = batch.values.chunks((ROWS * batch.form.len()).max(1));
    let part = |values: &[f32]| Values {
        examples: values.len() / batch.form.len().max(1),
        form: batch.form,
        values: values.to_vec(),
    };
    parts.map(part).collect()
}

/// The layer that gives a wire.
pub(super) fn name_of(plan: &Plan<Float>, wire: Wire) -> &str {
    let gives = plan.steps.iter().find(|step| step.output == wire);
    gives.map_or("input", |step| &step.name)
}
