//! Uniform numbers and random signs from random words.

/// `2^-24`, the spacing of the uniforms.
const TWO_POW_MINUS_24: f32 = 1.0 / (1u32 << 24) as f32;

/// A uniform number in `[0, 1)`: the upper 24 bits of the word over `2^24`, which is exact.
#[inline(always)]
pub(crate) fn uniform(word: u32) -> f32 {
    // The conversion goes through i32 because SSE2 and AVX2 have no unsigned one.
    (word >> 8) as i32 as f32 * TWO_POW_MINUS_24
}

/// The sign that bit `bit` (0 to 31) of the word stands for: -1 where it is set, otherwise 1.
#[inline(always)]
pub(crate) fn sign(word: u32, bit: u32) -> f32 {
    f32::from_bits(1f32.to_bits() | ((word >> bit) << 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniforms_cover_the_half_open_interval() {
        assert_eq!(uniform(0), 0.0);
        assert_eq!(uniform(0x8000_0000), 0.5);
        assert_eq!(uniform(0x0000_0100), 2f32.powi(-24));
        assert_eq!(uniform(u32::MAX), 1.0 - 2f32.powi(-24));
    }

    #[test]
    fn a_set_bit_is_minus_one() {
        for bit in 0..32 {
            assert_eq!(sign(1 << bit, bit), -1.0);
            assert_eq!(sign(!(1 << bit), bit), 1.0);
        }
    }
}
