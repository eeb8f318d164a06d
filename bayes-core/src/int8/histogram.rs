//! How often values fall where in their range.

/// Bins over the range of a value.
const BINS: usize = 2048;

/// Counts of values in equal bins from the smallest to the largest.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    low: f32,
    high: f32,
    counts: Vec<u64>,
}

impl Histogram {
    /// An empty histogram, or none where there is no range.
    pub fn new(low: f32, high: f32) -> Option<Self> {
        (low < high).then(|| Self {
            low,
            high,
            counts: vec![0; BINS],
        })
    }

    /// Adds values.
    pub fn count(&mut self, values: &[f32]) {
        let per_unit = BINS as f32 / (self.high - self.low);
        for value in values {
            let bin = (value - self.low) * per_unit;
            self.counts[(bin.max(0.0) as usize).min(BINS - 1)] += 1;
        }
    }

    /// The smallest and the largest value.
    pub fn range(&self) -> (f32, f32) {
        (self.low, self.high)
    }

    fn edge(&self, bin: usize) -> f32 {
        self.low + (self.high - self.low) * (bin as f32 / BINS as f32)
    }

    /// The value below which this part of all values is, to a bin, outwards.
    pub fn quantile(&self, part: f64) -> f32 {
        let total: u64 = self.counts.iter().sum();
        let mut below = 0;
        for (bin, count) in self.counts.iter().enumerate() {
            below += count;
            if below as f64 > part * total as f64 {
                let outwards = if part < 0.5 { bin } else { bin + 1 };
                return self.edge(outwards);
            }
        }
        self.high
    }

    /// Mean squared error of rounding to `levels` steps in a range and clipping what is outside.
    ///
    /// 0 is stored exactly: a bin that holds it, where rectified values are, has no rounding error.
    pub fn squared_error(&self, (low, high): (f32, f32), levels: u16) -> f64 {
        let (low, high) = (f64::from(low.min(0.0)), f64::from(high.max(0.0)));
        let step = (high - low) / f64::from(levels);
        let mut sum = 0.0;
        let mut total = 0;
        for (bin, &count) in self.counts.iter().enumerate() {
            let (left, right) = (f64::from(self.edge(bin)), f64::from(self.edge(bin + 1)));
            let middle = f64::midpoint(left, right);
            let error = if middle < low {
                (low - middle) * (low - middle)
            } else if middle > high {
                (middle - high) * (middle - high)
            } else if left <= 0.0 && right > 0.0 {
                0.0
            } else {
                step * step / 12.0
            };
            sum += error * count as f64;
            total += count;
        }
        sum / total.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_values_to_a_bin() {
        let values: Vec<f32> = (0..=10_000).map(|i| i as f32 / 1000.0 - 2.0).collect();
        let mut histogram = Histogram::new(-2.0, 8.0).unwrap();
        histogram.count(&values);
        let bin = 10.0 / BINS as f32;
        for part in [0.001, 0.25, 0.75, 0.999] {
            let want = -2.0 + 10.0 * part as f32;
            assert!((histogram.quantile(part) - want).abs() <= 1.5 * bin);
        }
        assert_eq!(histogram.quantile(1.0), 8.0);
        assert!(Histogram::new(1.0, 1.0).is_none());
    }

    #[test]
    fn squared_error_is_that_of_rounding_and_clipping() {
        let values: Vec<f32> = (0..100_000)
            .map(|i| (i as f32 * 0.618_034).fract() * 6.0 - 1.0)
            .collect();
        let mut histogram = Histogram::new(-1.0, 5.0).unwrap();
        histogram.count(&values);
        for (low, high) in [(-1.0, 5.0), (-0.5, 4.0), (-1.0, 1.0)] {
            let step = (high - low) / 255.0;
            let measured = values.iter().map(|&x| {
                let clipped = x.clamp(low, high);
                let rounded = ((clipped - low) / step).round() * step + low;
                f64::from(x - rounded).powi(2)
            });
            let measured = measured.sum::<f64>() / values.len() as f64;
            let got = histogram.squared_error((low, high), 255);
            assert!((got / measured - 1.0).abs() < 0.02, "{got} {measured}");
        }
    }
}
