//! Histograms: shares of values in bins of equal width.

use std::ops::Range;

/// The share of values in each of the bins that a range is cut into.
#[derive(Debug, PartialEq)]
pub(super) struct Histogram {
    range: Range<f64>,
    shares: Vec<f64>,
}

impl Histogram {
    /// Counts `values`, none of which is NaN. Those beyond the range go to its first or last bin, so the shares sum to
    /// 1; without values they are 0.
    pub(super) fn new(
        values: impl IntoIterator<Item = f64>,
        range: Range<f64>,
        bins: usize,
    ) -> Self {
        let (mut counts, mut total) = (vec![0_usize; bins], 0_usize);
        let scale = bins as f64 / (range.end - range.start);
        for value in values {
            // The conversion of a float saturates: −∞ is 0.
            let bin = ((value - range.start) * scale) as usize;
            counts[bin.min(bins - 1)] += 1;
            total += 1;
        }
        let share = |count| count as f64 / total.max(1) as f64;
        Self {
            range,
            shares: counts.into_iter().map(share).collect(),
        }
    }

    /// The largest share.
    pub(super) fn highest(&self) -> f64 {
        self.shares.iter().copied().fold(0.0, f64::max)
    }

    /// The bins that hold something, as opposite corners of their bars.
    pub(super) fn bars(&self) -> impl Iterator<Item = [(f64, f64); 2]> + '_ {
        let held = |(_, share): &(usize, &f64)| **share > 0.0;
        let bars = self.shares.iter().enumerate().filter(held);
        bars.map(|(bin, &share)| [(self.edge(bin), 0.0), (self.edge(bin + 1), share)])
    }

    /// The line around the bars, from the lower left corner to the lower right one.
    pub(super) fn outline(&self) -> Vec<(f64, f64)> {
        let steps = self.shares.iter().enumerate();
        let steps =
            steps.flat_map(|(bin, &share)| [(self.edge(bin), share), (self.edge(bin + 1), share)]);
        let (first, last) = ((self.range.start, 0.0), (self.range.end, 0.0));
        [first].into_iter().chain(steps).chain([last]).collect()
    }

    fn edge(&self, bin: usize) -> f64 {
        let part = bin as f64 / self.shares.len() as f64;
        self.range.start + part * (self.range.end - self.range.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_on_edges_and_beyond_the_range_are_counted() {
        let values = [
            f64::NEG_INFINITY,
            -1.0,
            0.0,
            0.5,
            1.5,
            2.0,
            9.0,
            f64::INFINITY,
        ];
        let histogram = Histogram::new(values, 0.0..2.0, 4);
        assert_eq!(histogram.shares, [0.375, 0.125, 0.0, 0.5]);
        assert_eq!(histogram.highest(), 0.5);
        let bars: Vec<_> = histogram.bars().collect();
        assert_eq!(bars.len(), 3, "the empty bin has no bar");
        assert_eq!(bars[2], [(1.5, 0.0), (2.0, 0.5)]);
        let outline = histogram.outline();
        assert_eq!(outline.len(), 10);
        assert_eq!((outline[0], outline[9]), ((0.0, 0.0), (2.0, 0.0)));
        assert_eq!(outline[7..9], [(1.5, 0.5), (2.0, 0.5)]);
    }

    #[test]
    fn nothing_has_no_bars() {
        let histogram = Histogram::new([], 0.0..1.0, 3);
        assert_eq!(histogram.shares, [0.0; 3]);
        assert_eq!(histogram.bars().count(), 0);
    }
}
