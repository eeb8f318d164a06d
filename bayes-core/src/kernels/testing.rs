//! Inputs and comparisons shared by the kernels' tests.

use super::real::Real;

/// Numbers from −1 to 1 in a fixed pseudo-random order (a Weyl sequence, scrambled).
pub fn numbers<E: Real>(seed: u64, count: usize) -> Vec<E> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let bits = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 11;
        E::narrow(bits as f64 / (1_u64 << 52) as f64 - 1.0)
    };
    (0..count).map(|_| next()).collect()
}

/// Asserts |got − want| ≤ `steps`·ε·max(1, max|want|) for every element.
pub fn assert_all_close<E: Real>(got: &[E], want: &[E], steps: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}: length");
    let largest = want
        .iter()
        .fold(1.0, |largest: f64, w| largest.max(w.widen().abs()));
    let bound = steps * E::epsilon().widen() * largest;
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let error = (g.widen() - w.widen()).abs();
        assert!(
            error <= bound,
            "{what}: element {i} is {g:?} instead of {w:?}"
        );
    }
}

/// Asserts that two slices hold the same bits.
pub fn assert_same_bits<E: Real>(got: &[E], want: &[E], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}: length");
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert_eq!(
            g.integer_decode(),
            w.integer_decode(),
            "{what}: element {i}"
        );
    }
}

/// The result of `work` in a pool of 1 thread and in one of 2.
pub fn with_one_and_two_threads<R: Send>(work: impl Fn() -> R + Sync + Send) -> [R; 2] {
    [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a small thread pool").install(&work)
    })
}

/// The slope of `loss` at `x` in direction `i`, by central differences.
pub fn numeric_slope(x: &[f64], i: usize, loss: impl Fn(&[f64]) -> f64) -> f64 {
    let step = 1e-5;
    let at = |shift: f64| {
        let mut moved = x.to_vec();
        moved[i] += shift;
        loss(&moved)
    };
    (at(step) - at(-step)) / (2.0 * step)
}
