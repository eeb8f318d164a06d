//! The area under a curve of equally spaced points.

/// Trapezoidal area under `values` at equally spaced abscissae, divided by the length of their
/// range; none for fewer than two values.
///
/// That is the mean of neighbours' means: `1/(n−1) Σ_i (v_i + v_{i+1})/2`.
pub(super) fn mean_height(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values = values.into_iter();
    let mut left = values.next()?;
    let (mut area, mut intervals) = (0.0, 0_usize);
    for right in values {
        area += 0.5 * (left + right);
        intervals += 1;
        left = right;
    }
    (intervals > 0).then(|| area / intervals as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_computed_values() {
        assert_eq!(mean_height([]), None);
        assert_eq!(mean_height([3.0]), None);
        assert_eq!(mean_height([1.0, 2.0]), Some(1.5));
        assert_eq!(
            mean_height([0.0, 1.0, 0.0, 4.0]),
            Some((0.5 + 0.5 + 2.0) / 3.0)
        );
    }
}
