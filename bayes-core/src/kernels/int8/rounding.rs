//! Rounding to the nearest integer, ties to even, by additions alone.

/// 1.5·2²³: f32 numbers near it are the integers, so adding it rounds.
const TO_INTEGERS: f32 = 12_582_912.0;

/// `value` rounded to the nearest integer, ties to even; |value| must be at most 2²².
///
/// An addition rounds so on every processor and in every vector width; the integer is then read
/// from the last bits of the sum.
#[inline(always)]
pub(super) fn round(value: f32) -> i32 {
    debug_assert!(value.abs() <= 4_194_304.0, "{value} is too large to round");
    (value + TO_INTEGERS).to_bits() as i32 - TO_INTEGERS.to_bits() as i32
}

/// `value` limited to `low..=high`; where it is no number, 0, which must lie between them.
///
/// Comparisons written out, because `f32::clamp` has other rules for what is no number.
#[inline(always)]
pub(super) fn limit(value: f32, low: f32, high: f32) -> f32 {
    let value = if value.is_nan() { 0.0 } else { value };
    let value = if value > low { value } else { low };
    if value < high { value } else { high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_ties_to_even() {
        for quarter in -40_000..40_000 {
            let value = quarter as f32 / 4.0;
            assert_eq!(round(value), value.round_ties_even() as i32, "{value}");
        }
        for value in [-4_194_304.0, 4_194_304.0, 0.499_999_97, -0.499_999_97, -0.0] {
            assert_eq!(round(value), f32::round_ties_even(value) as i32, "{value}");
        }
    }

    #[test]
    fn limits_saturate_and_nan_is_zero() {
        let limited = [f32::NEG_INFINITY, -3.5, 2.5, 1e30, f32::INFINITY, f32::NAN];
        let want = [-3.0, -3.0, 2.5, 4.0, 4.0, 0.0];
        assert_eq!(limited.map(|v| limit(v, -3.0, 4.0)), want);
    }
}
