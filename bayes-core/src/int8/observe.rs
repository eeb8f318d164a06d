//! What calibration sees: the range of every value of a plan, and how much draws differ there.

use super::calibration::Calibration;
use super::histogram::Histogram;
use crate::draw::Key;
use crate::error::Error;
use crate::plan::{Float, Plan, Stage, Values, Wire};

/// Examples that are observed at once: what their draws differ is held for every element of every value.
pub(super) const ROWS: usize = 32;

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
        // Lanes do not wait for each other.
        let (mut lows, mut highs) = ([*low; 16], [*high; 16]);
        let (whole, rest) = values.as_chunks::<16>();
        for values in whole {
            for (i, &value) in values.iter().enumerate() {
                lows[i] = lows[i].min(value);
                highs[i] = highs[i].max(value);
            }
        }
        *low = lows
            .into_iter()
            .chain(rest.iter().copied())
            .fold(*low, f32::min);
        *high = highs
            .into_iter()
            .chain(rest.iter().copied())
            .fold(*high, f32::max);
    }
}

/// Watches a plan while it runs on parts of the batches, in the mean and in draws; a layer may be called several times in
/// each.
#[derive(Clone, Debug)]
pub(super) struct Observer {
    seen: Vec<Observed>,
    /// What each call of the part at hand gave.
    calls: Vec<Given>,
    /// Calls in the draw at hand.
    made: usize,
    settled: bool,
}

/// What one call gave, by wire.
#[derive(Clone, Debug)]
struct Given {
    means: Vec<Vec<f32>>,
    /// Sum and sum of squares of what each draw adds to the mean.
    sums: Vec<Vec<[f32; 2]>>,
}

impl Observer {
    pub fn of(plan: &Plan<Float>) -> Self {
        Self {
            seen: vec![Observed::default(); plan.wires()],
            calls: Vec::new(),
            made: 0,
            settled: false,
        }
    }

    /// Another draw of the same part.
    pub fn begin_draw(&mut self) {
        self.made = 0;
    }

    /// Another call in this draw.
    pub fn begin_call(&mut self) {
        self.made += 1;
        if self.calls.len() < self.made {
            self.calls.push(Given {
                means: vec![Vec::new(); self.seen.len()],
                sums: vec![Vec::new(); self.seen.len()],
            });
        }
    }

    /// Takes a value: its range and how far it is from the mean, and once the ranges are known its histogram.
    pub fn see(&mut self, key: Key, wire: Wire, stage: Stage, values: &[f32]) {
        let seen = &mut self.seen[wire.0];
        if self.settled {
            if let (Stage::Value, Some(histogram)) = (stage, &mut seen.histogram) {
                histogram.count(values);
            }
            return;
        }
        seen.widen(stage, values);
        let call = self.made.checked_sub(1).and_then(|i| self.calls.get_mut(i));
        let (Stage::Value, Some(call)) = (stage, call) else {
            return;
        };
        let (mean, sums) = (&mut call.means[wire.0], &mut call.sums[wire.0]);
        if key.draw.is_none() {
            mean.clear();
            mean.extend_from_slice(values);
            *sums = vec![[0.0; 2]; values.len()];
            return;
        }
        for (sum, (value, mean)) in sums.iter_mut().zip(values.iter().zip(mean)) {
            let difference = value - *mean;
            sum[0] += difference;
            sum[1] += difference * difference;
        }
    }

    /// Widens the range of a wire, which has to hold these values too.
    pub fn reach(&mut self, wire: Wire, values: &[f32]) {
        if !self.settled {
            self.seen[wire.0].widen(Stage::Value, values);
        }
    }

    /// All draws of a part were seen. The noise of an element is the variance of its draws.
    pub fn end_part(&mut self, calibration: &Calibration) {
        let draws = calibration.draws as f64;
        for call in std::mem::take(&mut self.calls) {
            for (seen, sums) in self.seen.iter_mut().zip(&call.sums) {
                for [sum, squares] in sums.iter().map(|sums| sums.map(f64::from)) {
                    if squares > 0.0 {
                        seen.noisy += 1;
                        seen.noise_sum += ((squares - sum * sum / draws) / (draws - 1.0)).max(0.0);
                    }
                }
            }
        }
    }

    /// All parts were seen. Where histograms are wanted, they are filled by what is seen from now on.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn settle(&mut self, plan: &Plan<Float>, calibration: &Calibration) -> Result<(), Error> {
        for (i, seen) in self.seen.iter_mut().enumerate() {
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
        self.settled = true;
        Ok(())
    }

    /// What was seen of each wire.
    pub fn seen(self) -> Vec<Observed> {
        self.seen
    }
}

/// Runs the plan on all batches, in the mean and in so many draws, and gives what was seen of each wire.
pub(super) fn observe(
    plan: &Plan<Float>,
    batches: &[Values],
    calibration: &Calibration,
) -> Result<Vec<Observed>, Error> {
    let mut observer = Observer::of(plan);
    let parts: Vec<Values> = batches.iter().flat_map(parts).collect();
    let run = |observer: &mut Observer, key: Key, part: &Values| {
        observer.begin_draw();
        observer.begin_call();
        let see = |wire, stage, values: &Values| observer.see(key, wire, stage, &values.values);
        plan.run(key, part.clone(), see).map(drop)
    };
    for part in &parts {
        for key in keys(calibration) {
            run(&mut observer, key, part)?;
        }
        observer.end_part(calibration);
    }
    observer.settle(plan, calibration)?;
    if calibration.range.needs_histogram() {
        for part in &parts {
            for key in keys(calibration) {
                run(&mut observer, key, part)?;
            }
        }
    }
    Ok(observer.seen())
}

/// The mean, then the draws.
pub(super) fn keys(calibration: &Calibration) -> impl Iterator<Item = Key> {
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
