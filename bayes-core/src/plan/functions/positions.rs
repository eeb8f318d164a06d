//! Where a step is, as sines and cosines.

use crate::plan::Form;

/// Of feature 2i of step t `sin(t/10000^(2i/K))`, of feature 2i + 1 the cosine of the same (Vaswani et al. 2017);
/// `(steps, features)`.
pub(crate) fn encoding(steps: usize, features: usize) -> impl Iterator<Item = f64> {
    let number = move |at: usize| {
        let (t, k) = (at / features, at % features);
        let angle = t as f64 / libm::pow(1e4, (k - k % 2) as f64 / features as f64);
        if k.is_multiple_of(2) {
            libm::sin(angle)
        } else {
            libm::cos(angle)
        }
    };
    (0..steps * features).map(number)
}

/// Adds them to each example.
pub(crate) fn add_positions(form: Form, x: &mut [f32]) {
    let table: Vec<f64> = encoding(form.positions(), form.channels()).collect();
    let places = x.iter_mut().zip(table.iter().cycle());
    places.for_each(|(x, place)| *x += *place as f32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_sines_and_cosines() {
        let table: Vec<f64> = encoding(3, 4).collect();
        assert_eq!(table[..4], [0.0, 1.0, 0.0, 1.0]);
        let want = [2f64.sin(), 2f64.cos(), 0.02f64.sin(), 0.02f64.cos()];
        for (got, want) in table[8..].iter().zip(want) {
            assert!((got - want).abs() < 1e-15, "{got} {want}");
        }
        assert!(encoding(2, 3).all(f64::is_finite));
    }
}
