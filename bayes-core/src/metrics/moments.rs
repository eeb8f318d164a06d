//! Streaming reduction of Monte Carlo probabilities to each example's mean and uncertainties.

use super::MetricError;
use super::entropy::row_entropy;
use super::rows::{check_rows, check_shape};

/// Running sums over Monte Carlo samples or ensemble members, from which [`finish`](Self::finish)
/// gives each example's [`PredictiveUncertainty`].
///
/// Memory is N·(C + 1) numbers whatever the number of samples. An example's result is computed from
/// its own rows alone, added in the order in which samples are pushed; so the bits are the same
/// however a batch is split into accumulators, and depend on the order of the samples.
///
/// ```
/// use bayes_core::metrics::PredictiveMoments;
///
/// // Two examples, both with a uniform mean; only on the second do the samples disagree.
/// let mut moments = PredictiveMoments::new(2, 2);
/// moments.push(&[0.5, 0.5, /**/ 1.0, 0.0])?;
/// moments.push(&[0.5, 0.5, /**/ 0.0, 1.0])?;
/// let got = moments.finish()?;
///
/// let log2 = 2.0_f64.ln();
/// assert_eq!(got.mean_probabilities, [0.5, 0.5, 0.5, 0.5]);
/// assert_eq!(got.predictive_entropy, [log2, log2]);
/// assert_eq!(got.expected_entropy, [log2, 0.0]);
/// assert_eq!(got.mutual_information, [0.0, log2]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PredictiveMoments {
    examples: usize,
    classes: usize,
    samples: usize,
    probability_sums: Vec<f64>,
    entropy_sums: Vec<f64>,
}

/// The mean prediction of each of N examples and how uncertain it is, in nats.
///
/// Total uncertainty splits as predictive entropy = expected entropy + mutual information
/// (Houlsby et al. 2011; Depeweg et al. 2018).
#[derive(Debug, Clone, PartialEq)]
pub struct PredictiveUncertainty {
    /// `p̄(n, c) = mean_s p_s(n, c)`, N×C.
    pub mean_probabilities: Vec<f64>,
    /// Total: `H[p̄_n]`, N values in 0 to log C.
    pub predictive_entropy: Vec<f64>,
    /// Aleatoric: `mean_s H[p_s,n]`, N values in 0 to log C.
    pub expected_entropy: Vec<f64>,
    /// Epistemic: `H[p̄_n] − mean_s H[p_s,n]`, N values in 0 to log C; rounding below 0 is clamped
    /// to 0.
    pub mutual_information: Vec<f64>,
}

impl PredictiveMoments {
    /// An accumulator for `examples` × `classes` probabilities that has seen no sample.
    pub fn new(examples: usize, classes: usize) -> Self {
        // The sums are allocated by the first sample: then the dimensions are known to be those of
        // a real table.
        Self {
            examples,
            classes,
            samples: 0,
            probability_sums: Vec::new(),
            entropy_sums: Vec::new(),
        }
    }

    /// Adds one sample's probabilities, N×C.
    ///
    /// # Errors
    /// [`MetricError::Empty`] or [`MetricError::Length`] for a table that is not N×C with N, C ≥ 1,
    /// [`MetricError::InvalidProbability`] or [`MetricError::RowSum`] for a row that is no
    /// distribution. After an error the sums are as before the call.
    pub fn push(&mut self, probabilities: &[f64]) -> Result<(), MetricError> {
        let dimensions = [("examples", self.examples), ("classes", self.classes)];
        check_shape("probabilities", probabilities, &dimensions)?;
        check_rows(probabilities, self.classes)?;
        self.add(probabilities);
        Ok(())
    }

    /// Adds one sample's probabilities, already checked.
    pub(super) fn add(&mut self, probabilities: &[f64]) {
        self.probability_sums.resize(probabilities.len(), 0.0);
        self.entropy_sums.resize(self.examples, 0.0);
        for (sum, p) in self.probability_sums.iter_mut().zip(probabilities) {
            *sum += p;
        }
        for (sum, row) in self
            .entropy_sums
            .iter_mut()
            .zip(probabilities.chunks_exact(self.classes))
        {
            *sum += row_entropy(row);
        }
        self.samples += 1;
    }

    /// Number of samples pushed so far.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Each example's mean probabilities, entropies and mutual information.
    ///
    /// # Errors
    /// [`MetricError::Empty`] if no sample was pushed.
    pub fn finish(self) -> Result<PredictiveUncertainty, MetricError> {
        if self.samples == 0 {
            return Err(MetricError::Empty { what: "samples" });
        }
        let samples = self.samples as f64;
        let mean =
            |sums: Vec<f64>| -> Vec<f64> { sums.into_iter().map(|sum| sum / samples).collect() };

        let mean_probabilities = mean(self.probability_sums);
        let expected_entropy = mean(self.entropy_sums);
        let predictive_entropy: Vec<f64> = mean_probabilities
            .chunks_exact(self.classes)
            .map(row_entropy)
            .collect();
        let mutual_information = predictive_entropy
            .iter()
            .zip(&expected_entropy)
            .map(|(total, aleatoric)| (total - aleatoric).max(0.0))
            .collect();
        Ok(PredictiveUncertainty {
            mean_probabilities,
            predictive_entropy,
            expected_entropy,
            mutual_information,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: usize = 9;
    const EXAMPLES: usize = 23;
    const CLASSES: usize = 5;

    /// S×N×C distributions that vary over all three dimensions, some with zeros.
    fn table() -> Vec<f64> {
        let weight = |i: usize| ((i * i * 7 + i * 13) % 31) as f64;
        let row = |r: usize| {
            let weights: Vec<f64> = (0..CLASSES)
                .map(|c| weight(r * CLASSES + c) + f64::from(c == 0))
                .collect();
            let total: f64 = weights.iter().sum();
            weights.into_iter().map(move |w| w / total)
        };
        (0..SAMPLES * EXAMPLES).flat_map(row).collect()
    }

    /// Pushes the rows `first..first + examples` of every sample.
    fn reduce(table: &[f64], first: usize, examples: usize) -> PredictiveUncertainty {
        let mut moments = PredictiveMoments::new(examples, CLASSES);
        for sample in table.chunks_exact(EXAMPLES * CLASSES) {
            moments
                .push(&sample[first * CLASSES..(first + examples) * CLASSES])
                .unwrap();
        }
        moments.finish().unwrap()
    }

    #[test]
    fn agrees_with_the_formulas_read_aloud() {
        let table = table();
        let got = reduce(&table, 0, EXAMPLES);
        let p = |s: usize, n: usize, c: usize| table[(s * EXAMPLES + n) * CLASSES + c];
        let plogp = |p: f64| if p > 0.0 { p * p.ln() } else { 0.0 };
        for n in 0..EXAMPLES {
            let (mut total, mut aleatoric) = (0.0, 0.0);
            for c in 0..CLASSES {
                let mean = (0..SAMPLES).map(|s| p(s, n, c)).sum::<f64>() / SAMPLES as f64;
                assert!(
                    (got.mean_probabilities[n * CLASSES + c] - mean).abs() < 1e-15,
                    "example {n}"
                );
                total -= plogp(mean);
                aleatoric -= (0..SAMPLES).map(|s| plogp(p(s, n, c))).sum::<f64>() / SAMPLES as f64;
            }
            assert!(
                (got.predictive_entropy[n] - total).abs() < 1e-14,
                "example {n}"
            );
            assert!(
                (got.expected_entropy[n] - aleatoric).abs() < 1e-14,
                "example {n}"
            );
            assert!(
                (got.mutual_information[n] - (total - aleatoric)).abs() < 1e-14,
                "example {n}"
            );
            assert!(total - aleatoric > 0.01, "example {n} tests nothing");
        }
    }

    #[test]
    fn bits_do_not_depend_on_how_rows_are_split() {
        let table = table();
        let whole = reduce(&table, 0, EXAMPLES);
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        for rows in [1, 2, 7, 16] {
            for first in (0..EXAMPLES).step_by(rows) {
                let examples = rows.min(EXAMPLES - first);
                let part = reduce(&table, first, examples);
                let range = first..first + examples;
                let table_range = first * CLASSES..(first + examples) * CLASSES;
                assert_eq!(
                    bits(&part.mean_probabilities),
                    bits(&whole.mean_probabilities[table_range])
                );
                assert_eq!(
                    bits(&part.predictive_entropy),
                    bits(&whole.predictive_entropy[range.clone()])
                );
                assert_eq!(
                    bits(&part.expected_entropy),
                    bits(&whole.expected_entropy[range.clone()])
                );
                assert_eq!(
                    bits(&part.mutual_information),
                    bits(&whole.mutual_information[range])
                );
            }
        }
    }

    #[test]
    fn memory_does_not_grow_with_samples() {
        let mut moments = PredictiveMoments::new(2, 2);
        moments.push(&[0.5, 0.5, 0.1, 0.9]).unwrap();
        let held =
            |m: &PredictiveMoments| m.probability_sums.capacity() + m.entropy_sums.capacity();
        let first = held(&moments);
        for _ in 0..1000 {
            moments.push(&[0.5, 0.5, 0.1, 0.9]).unwrap();
        }
        assert_eq!(held(&moments), first);
        assert_eq!(moments.samples(), 1001);
    }

    #[test]
    fn mutual_information_of_equal_samples_is_never_negative() {
        // Means of S equal numbers miss them by a rounding; some differences would come out below
        // 0.
        let sample = [0.1, 0.2, 0.7, 0.3, 0.3, 0.4, 0.15, 0.05, 0.8];
        let mut below_zero = 0;
        for samples in 1..40 {
            let mut moments = PredictiveMoments::new(3, 3);
            for _ in 0..samples {
                moments.push(&sample).unwrap();
            }
            let got = moments.finish().unwrap();
            for n in 0..3 {
                below_zero += usize::from(got.predictive_entropy[n] < got.expected_entropy[n]);
                assert!(
                    (0.0..1e-14).contains(&got.mutual_information[n]),
                    "{samples} samples, example {n}"
                );
            }
        }
        assert!(
            below_zero > 0,
            "the clamp was never needed: the test shows nothing"
        );
    }

    #[test]
    fn a_rejected_sample_leaves_no_trace() {
        let mut moments = PredictiveMoments::new(2, 2);
        moments.push(&[0.5, 0.5, 0.25, 0.75]).unwrap();
        assert_eq!(
            moments.push(&[1.0, 0.0, 0.5, 0.25]),
            Err(MetricError::RowSum { row: 1, sum: 0.75 })
        );
        assert_eq!(
            moments.push(&[1.0, 0.0]),
            Err(MetricError::Length {
                what: "probabilities",
                expected: 4,
                found: 2
            })
        );
        assert_eq!(moments.samples(), 1);
        assert_eq!(
            moments.finish().unwrap().mean_probabilities,
            [0.5, 0.5, 0.25, 0.75]
        );
    }

    #[test]
    fn nothing_to_reduce_is_an_error() {
        assert_eq!(
            PredictiveMoments::new(2, 2).finish(),
            Err(MetricError::Empty { what: "samples" })
        );
        assert_eq!(
            PredictiveMoments::new(0, 2).push(&[]),
            Err(MetricError::Empty { what: "examples" })
        );
        assert!(matches!(
            PredictiveMoments::new(usize::MAX, usize::MAX).push(&[1.0]),
            Err(MetricError::Length { .. })
        ));
    }
}
