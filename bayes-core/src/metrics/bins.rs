//! Bins of events with a stated probability: what every calibration metric is made of.

use std::collections::BTreeMap;

use super::MetricError;

/// What one bin has collected: events, how many of them came true, and their stated probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bin {
    pub(super) examples: usize,
    hits: usize,
    probability_sum: f64,
}

impl Bin {
    /// Takes in one event that was given `probability` and came true where `hit`.
    fn add(&mut self, (probability, hit): (f64, bool)) {
        self.examples += 1;
        self.hits += usize::from(hit);
        self.probability_sum += probability;
    }

    /// Mean stated probability; the bin must hold an event.
    pub(super) fn mean_probability(&self) -> f64 {
        self.probability_sum / self.examples as f64
    }

    /// Share of events that came true; the bin must hold an event.
    pub(super) fn frequency(&self) -> f64 {
        self.hits as f64 / self.examples as f64
    }

    /// `|frequency − mean probability|`; the bin must hold an event.
    pub(super) fn gap(&self) -> f64 {
        (self.hits as f64 - self.probability_sum).abs() / self.examples as f64
    }
}

/// Checks that there is a bin.
pub(super) fn check_bins(bins: usize) -> Result<(), MetricError> {
    if bins == 0 {
        return Err(MetricError::Empty { what: "bins" });
    }
    Ok(())
}

/// The bins that hold an event, by index, of `bins` (at least 1) equal widths over 0 to 1; see
/// [`bin_of`]. A map, so that memory follows the events however many bins there are.
pub(super) fn equal_width(
    events: impl Iterator<Item = (f64, bool)>,
    bins: usize,
) -> BTreeMap<usize, Bin> {
    let mut occupied = BTreeMap::<usize, Bin>::new();
    for event in events {
        occupied
            .entry(bin_of(event.0, bins))
            .or_default()
            .add(event);
    }
    occupied
}

/// Bins of equal mass: the [`equal_runs`] of the events in ascending order of probability. Equal
/// probabilities keep the order in which they came.
pub(super) fn equal_mass(events: impl Iterator<Item = (f64, bool)>, bins: usize) -> Vec<Bin> {
    let mut sorted: Vec<(f64, bool)> = events.collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));

    let of_run = |run: &[(f64, bool)]| {
        let mut bin = Bin::default();
        run.iter().for_each(|event| bin.add(*event));
        bin
    };
    equal_runs(&sorted, bins).map(of_run).collect()
}

/// `sorted` cut into `bins` (at least 1) runs whose sizes differ by at most one, the larger ones
/// first. With fewer entries than bins there is one run for each.
pub(super) fn equal_runs<T>(sorted: &[T], bins: usize) -> impl Iterator<Item = &[T]> {
    let bins = bins.min(sorted.len());
    let mut rest = sorted;
    (0..bins).map(move |done| {
        let (run, after) = rest.split_at(rest.len().div_ceil(bins - done));
        rest = after;
        run
    })
}

/// The lower and upper edge of bin `index` of `bins` equal widths.
pub(super) fn edges(index: usize, bins: usize) -> (f64, f64) {
    let edge = |k: usize| k as f64 / bins as f64;
    (edge(index), edge(index + 1))
}

/// The bin that `probability` belongs to: the first of `bins` whose upper edge (b+1)/bins is not
/// below it, or the last bin. So bin b is (b/bins, (b+1)/bins], the first bin also takes 0 and the
/// last also takes what is above 1.
///
/// A binary search over the edges: `ceil(probability · bins)` would put some probabilities that
/// equal an edge one bin up.
pub(super) fn bin_of(probability: f64, bins: usize) -> usize {
    let (mut low, mut high) = (0, bins - 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if edges(middle, bins).1 < probability {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition read aloud: the bin whose half-open interval contains the probability.
    fn bin_of_reference(probability: f64, bins: usize) -> usize {
        let edge = |k: usize| k as f64 / bins as f64;
        let holds = |b: &usize| edge(*b) < probability && probability <= edge(b + 1);
        match (0..bins).find(holds) {
            Some(bin) => bin,
            None if probability <= 0.0 => 0,
            None => bins - 1,
        }
    }

    #[test]
    fn every_edge_belongs_to_the_bin_below_it() {
        for bins in [1, 2, 3, 7, 10, 15, 49, 100, 1000] {
            assert_eq!(bin_of(0.0, bins), 0, "{bins} bins");
            assert_eq!(bin_of(1.0, bins), bins - 1, "{bins} bins");
            assert_eq!(bin_of(1.0 + 1e-5, bins), bins - 1, "{bins} bins");
            for k in 1..bins {
                let edge = k as f64 / bins as f64;
                assert_eq!(bin_of(edge, bins), k - 1, "edge {k} of {bins}");
                assert_eq!(bin_of(edge.next_up(), bins), k, "above edge {k} of {bins}");
                assert_eq!(
                    bin_of(edge.next_down(), bins),
                    k - 1,
                    "below edge {k} of {bins}"
                );
            }
        }
    }

    #[test]
    fn bins_agree_with_the_definition_on_a_grid() {
        for bins in 1..40 {
            for step in 0..=840 {
                let probability = f64::from(step) / 840.0;
                assert_eq!(
                    bin_of(probability, bins),
                    bin_of_reference(probability, bins),
                    "{probability}, {bins} bins"
                );
            }
        }
    }

    #[test]
    fn equal_mass_sizes_differ_by_at_most_one_and_larger_come_first() {
        for events in [1, 2, 9, 10, 11, 40, 101] {
            for bins in [1, 2, 3, 7, 10, 40, usize::MAX] {
                let got = equal_mass((0..events).map(|i| (i as f64 / 101.0, false)), bins);
                let count = bins.min(events);
                let want: Vec<usize> = (0..count)
                    .map(|b| events / count + usize::from(b < events % count))
                    .collect();
                let sizes: Vec<usize> = got.iter().map(|bin| bin.examples).collect();
                assert_eq!(sizes, want, "{events} events, {bins} bins");
            }
        }
    }

    #[test]
    fn equal_mass_sorts_and_leaves_ties_as_they_came() {
        // 0.5 comes three times; the first two of them fill the middle bin.
        let events = [
            (0.5, true),
            (0.9, false),
            (0.5, false),
            (0.1, true),
            (0.2, true),
            (0.5, true),
        ];
        let frequencies: Vec<f64> = equal_mass(events.into_iter(), 3)
            .iter()
            .map(Bin::frequency)
            .collect();
        assert_eq!(frequencies, [1.0, 0.5, 0.5]);
    }

    #[test]
    fn a_bin_tells_its_mean_frequency_and_gap() {
        let bins = equal_width([(0.5, true), (0.25, false), (1.0, false)].into_iter(), 2);
        let (low, high) = (bins[&0], bins[&1]);
        assert_eq!((low.examples, low.mean_probability()), (2, 0.375));
        assert_eq!((low.frequency(), low.gap()), (0.5, 0.125));
        assert_eq!((high.examples, high.frequency(), high.gap()), (1, 0.0, 1.0));
    }
}
