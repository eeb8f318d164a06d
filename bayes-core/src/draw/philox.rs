//! Philox4x32-10, the counter-based random number generator behind every draw.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). The output
//! is a keyed bijection of a 128-bit counter, so any block is computed without those before it.

const ROUNDS: usize = 10;
const MULTIPLIER_0: u64 = 0xD251_1F53;
const MULTIPLIER_1: u64 = 0xCD9E_8D57;
const WEYL_0: u32 = 0x9E37_79B9;
const WEYL_1: u32 = 0xBB67_AE85;

/// The number of counters in a group, which is computed at once.
pub(crate) const LANES: usize = 16;

/// The output of one group: `words[w][lane]` is word `w` of the block of counter `lane`.
pub(crate) type GroupWords = [[u32; LANES]; 4];

/// The four output words of one counter.
///
/// The words live in the low halves of `u64`s, where the widening product is one vector instruction.
/// The high halves are left dirty between rounds: nothing reads them.
#[inline(always)]
pub(crate) fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    const LOW: u64 = 0xFFFF_FFFF;
    let [mut x0, mut x1, mut x2, mut x3] = counter.map(u64::from);
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let product_0 = (x0 & LOW) * MULTIPLIER_0;
        let product_1 = (x2 & LOW) * MULTIPLIER_1;
        x0 = (product_1 >> 32) ^ x1 ^ u64::from(k0);
        x1 = product_1;
        x2 = (product_0 >> 32) ^ x3 ^ u64::from(k1);
        x3 = product_0;
        k0 = k0.wrapping_add(WEYL_0);
        k1 = k1.wrapping_add(WEYL_1);
    }
    [x0 as u32, x1 as u32, x2 as u32, x3 as u32]
}

/// The words of the counters `[LANES * group + lane, fixed[0], fixed[1], fixed[2]]`.
#[inline(always)]
pub(crate) fn philox_group(group: u32, fixed: [u32; 3], key: [u32; 2]) -> GroupWords {
    let first = group.wrapping_mul(LANES as u32);
    let mut words = [[0; LANES]; 4];
    for lane in 0..LANES {
        let block = first.wrapping_add(lane as u32);
        let output = philox4x32_10([block, fixed[0], fixed[1], fixed[2]], key);
        for (row, word) in words.iter_mut().zip(output) {
            row[lane] = word;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known-answer vectors published with the Random123 library.
    #[test]
    fn known_answers() {
        let cases = [
            (
                [0; 4],
                [0; 2],
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [!0; 4],
                [!0; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, want) in cases {
            assert_eq!(philox4x32_10(counter, key), want);
        }
    }

    #[test]
    fn a_group_is_sixteen_consecutive_counters() {
        let (fixed, key) = ([5, 6, 7], [8, 9]);
        for group in [0, 3, u32::MAX] {
            let words = philox_group(group, fixed, key);
            for lane in 0..LANES {
                let block = group.wrapping_mul(16).wrapping_add(lane as u32);
                let want = philox4x32_10([block, 5, 6, 7], key);
                assert_eq!(words.map(|row| row[lane]), want);
            }
        }
    }
}
