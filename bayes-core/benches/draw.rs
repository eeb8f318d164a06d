//! Time per random number of each kind and instruction set, one thread, against `rand`.
//!
//! `cargo bench -p bayes-core --bench draw`

use std::hint::black_box;
use std::time::Instant;

use bayes_core::draw::{Key, Noise, Stream};
use bayes_core::kernels::isa::Isa;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};

/// Numbers per call: 64 KiB of f32, which stays in the second-level cache.
const LEN: usize = 1 << 14;
const ROUNDS: usize = 300;

type Fill = fn(&Stream, Isa, usize, &mut [f32]);

fn main() {
    let Some(stream) = Key::new(1, 0).field("weight").stream(Noise::Weight) else {
        return;
    };
    let fills: [(&str, Fill); 3] = [
        ("normal", Stream::fill_normal_on),
        ("uniform", Stream::fill_uniform_on),
        ("signs", Stream::fill_signs_on),
    ];
    let mut rng = StdRng::seed_from_u64(1);
    let rand_ns = ns_per_number(LEN, |out| {
        out.fill_with(|| StandardNormal.sample(&mut rng));
    });
    println!("{:<28} {rand_ns:7.3} ns", "rand StandardNormal (StdRng)");
    for (name, fill) in fills {
        for isa in Isa::available() {
            for len in [LEN, 64, 10] {
                let ns = ns_per_number(len, |out| fill(&stream, isa, 0, out));
                let label = format!("{name} {isa}, {len} at once");
                println!("{label:<28} {ns:7.3} ns, rand takes {:5.1} x", rand_ns / ns);
            }
        }
    }
}

/// The shortest of [`ROUNDS`] runs, in nanoseconds per number, filling `len` numbers a call.
fn ns_per_number(len: usize, mut fill: impl FnMut(&mut [f32])) -> f64 {
    let mut out = vec![0.0; len];
    let calls = LEN / len;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..calls {
            fill(black_box(&mut out));
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    black_box(&out);
    best * 1e9 / (calls * len) as f64
}
