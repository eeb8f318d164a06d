//! Statistical tests of the noise, with bounds of four standard errors unless said otherwise.
//!
//! Everything is seeded, so a test passes always or never.

use super::{Key, Noise, Stream};

/// The length of the sequences tested alone.
const LEN: usize = 1 << 22;
/// The length of the sequences that are tested in pairs.
const PAIR_LEN: usize = 1 << 19;

const LAGS: [usize; 4] = [1, 2, 16, 64];

/// The key of the sequences, and the one that others are compared with.
fn base() -> Key {
    Key::new(2024, 0).field("layer.weight")
}

fn filled(stream: Option<Stream>, len: usize, fill: fn(&Stream, usize, &mut [f32])) -> Vec<f64> {
    let mut numbers = vec![f32::NAN; len];
    if let Some(stream) = stream {
        fill(&stream, 0, &mut numbers);
    }
    numbers.into_iter().map(f64::from).collect()
}

fn normals(len: usize) -> Vec<f64> {
    filled(base().stream(Noise::Weight), len, Stream::fill_normal)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / f64::from(count)
}

/// Fails unless the correlation of two sequences that have mean 0 and variance 1, which is their mean
/// product with a standard error of `1 / sqrt(n)`, is 0 within the bounds.
fn assert_uncorrelated(a: &[f64], b: &[f64], what: &str) {
    let n = a.len().min(b.len());
    let z = mean(a.iter().zip(b).map(|(a, b)| a * b)) * (n as f64).sqrt();
    assert!(
        z.abs() < 4.0,
        "{what}: correlation of {z:.2} standard errors"
    );
}

/// `(z^2 - 1) / sqrt(2)`, which has mean 0 and variance 1 for a standard normal `z`.
fn standardised_squares(z: &[f64]) -> Vec<f64> {
    z.iter().map(|z| (z * z - 1.0) / 2f64.sqrt()).collect()
}

/// Pearson's statistic of counts that should be equal.
fn chi_square(counts: &[u32]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    counts
        .iter()
        .map(|&count| (f64::from(count) - expected).powi(2) / expected)
        .sum()
}

/// Fails outside of the central 99.99 % of chi-square with 63 degrees of freedom.
fn assert_even_over_64(counts: &[u32; 64], what: &str) {
    let statistic = chi_square(counts);
    assert!(
        (29.0..116.0).contains(&statistic),
        "{what}: chi-square {statistic:.1}"
    );
}

/// The standard normal distribution function, by Simpson's rule on 200 intervals from 0.
fn normal_cdf(x: f64) -> f64 {
    let h = x / 200.0;
    let weight = |i: i32| match i {
        0 | 200 => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let sum: f64 = (0..=200)
        .map(|i| weight(i) * (-0.5 * (f64::from(i) * h).powi(2)).exp())
        .sum();
    0.5 + sum * h / 3.0 / (2.0 * std::f64::consts::PI).sqrt()
}

/// The quantile of the standard normal distribution, by bisection.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if normal_cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[test]
fn normals_have_the_first_four_moments() {
    let z = normals(LEN);
    // Raw moment, its value, and the variance of that power of a standard normal.
    for (power, want, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let got = mean(z.iter().map(|z| z.powi(power)));
        let error = (got - want) / (variance / LEN as f64).sqrt();
        assert!(
            error.abs() < 4.0,
            "moment {power}: {error:.2} standard errors"
        );
    }
}

#[test]
fn normals_fill_64_equally_likely_bins_evenly() {
    let edges: Vec<f64> = (1..64)
        .map(|i| normal_quantile(f64::from(i) / 64.0))
        .collect();
    let mut counts = [0; 64];
    for z in normals(LEN) {
        counts[edges.partition_point(|&edge| edge < z)] += 1;
    }
    assert_even_over_64(&counts, "normals");
}

#[test]
fn tails_hold_their_share() {
    let z = normals(LEN);
    for threshold in [3.0, 4.0, 4.5] {
        let p = 2.0 * (1.0 - normal_cdf(threshold));
        let expected = LEN as f64 * p;
        let count = z.iter().filter(|z| z.abs() > threshold).count() as f64;
        let error = (count - expected) / (expected * (1.0 - p)).sqrt();
        assert!(
            error.abs() < 4.0,
            "beyond {threshold}: {count} of {expected:.1} expected"
        );
    }
}

#[test]
fn neighbours_are_uncorrelated() {
    let z = normals(LEN);
    let squares = standardised_squares(&z);
    for lag in LAGS {
        assert_uncorrelated(&z, &z[lag..], &format!("normals at lag {lag}"));
        assert_uncorrelated(&squares, &squares[lag..], &format!("squares at lag {lag}"));
        assert_uncorrelated(
            &z,
            &squares[lag..],
            &format!("normal and square at lag {lag}"),
        );
    }
}

/// The two normals of a Box-Muller pair are 16 apart; their direction must be uniform.
#[test]
fn pairs_point_everywhere() {
    let mut counts = [0; 64];
    for pairs in normals(LEN).chunks_exact(32) {
        for lane in 0..16 {
            let turn = pairs[16 + lane].atan2(pairs[lane]) / (2.0 * std::f64::consts::PI) + 0.5;
            counts[(turn * 64.0) as usize % 64] += 1;
        }
    }
    assert_even_over_64(&counts, "directions");
}

#[test]
fn keys_that_differ_in_one_part_are_uncorrelated() {
    let example = |key: Key, row| key.example_stream(Noise::Weight, row);
    let variants = [
        (
            "seed",
            Key::new(2025, 0)
                .field("layer.weight")
                .stream(Noise::Weight),
        ),
        (
            "sample",
            Key::new(2024, 1)
                .field("layer.weight")
                .stream(Noise::Weight),
        ),
        (
            "high half of the sample",
            Key::new(2024, 1 << 32)
                .field("layer.weight")
                .stream(Noise::Weight),
        ),
        (
            "path",
            Key::new(2024, 0).field("layer.bias").stream(Noise::Weight),
        ),
        ("kind", base().stream(Noise::Local)),
        ("whole tensor or example", example(base(), 0)),
        ("example", example(base(), 1)),
        ("first example", example(base().at_example(8), 0)),
        ("high half of the example", example(base(), 1 << 32)),
    ];
    let sequences: Vec<_> = std::iter::once(("base", base().stream(Noise::Weight)))
        .chain(variants)
        .map(|(part, stream)| (part, filled(stream, PAIR_LEN, Stream::fill_normal)))
        .collect();
    for (i, (part_a, a)) in sequences.iter().enumerate() {
        for (part_b, b) in &sequences[i + 1..] {
            let what = format!("{part_a}, {part_b}");
            assert_uncorrelated(a, b, &what);
            assert_uncorrelated(&standardised_squares(a), &standardised_squares(b), &what);
        }
    }
}

#[test]
fn uniforms_are_even_and_uncorrelated() {
    let u = filled(base().stream(Noise::Dropout), LEN, Stream::fill_uniform);
    let mut counts = [0; 64];
    for &u in &u {
        assert!((0.0..1.0).contains(&u));
        counts[(u * 64.0) as usize] += 1;
    }
    assert_even_over_64(&counts, "uniforms");
    let standardised: Vec<f64> = u.iter().map(|u| (u - 0.5) * 12f64.sqrt()).collect();
    for lag in LAGS {
        assert_uncorrelated(
            &standardised,
            &standardised[lag..],
            &format!("uniforms at lag {lag}"),
        );
    }
}

#[test]
fn signs_are_balanced_and_uncorrelated() {
    let signs = filled(base().stream(Noise::SignIn), LEN, Stream::fill_signs);
    assert!(signs.iter().all(|&sign| sign == 1.0 || sign == -1.0));
    assert_uncorrelated(&signs, &vec![1.0; LEN], "signs and 1");
    // 512 and 2048 lead to the same bit of another word.
    for lag in LAGS.into_iter().chain([512, 2048]) {
        assert_uncorrelated(&signs, &signs[lag..], &format!("signs at lag {lag}"));
    }
}

#[test]
fn signs_of_examples_and_sides_are_uncorrelated() {
    let sequences: Vec<_> = [(Noise::SignIn, 0), (Noise::SignIn, 1), (Noise::SignOut, 0)]
        .map(|(kind, row)| {
            filled(
                base().example_stream(kind, row),
                PAIR_LEN,
                Stream::fill_signs,
            )
        })
        .into_iter()
        .collect();
    for (i, a) in sequences.iter().enumerate() {
        for b in &sequences[i + 1..] {
            assert_uncorrelated(a, b, "signs");
        }
    }
    // The first few signs of many examples, as Flipout uses them.
    let first: Vec<f64> = (0..PAIR_LEN as u64)
        .filter_map(|row| base().example_stream(Noise::SignIn, row))
        .map(|stream| f64::from(stream.sign_at(0)))
        .collect();
    assert_uncorrelated(&first, &vec![1.0; PAIR_LEN], "first signs and 1");
    assert_uncorrelated(&first, &first[1..], "first signs of neighbours");
}
