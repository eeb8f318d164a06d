//! Sums over one channel of N × C × inner in f64, in an order fixed by the sizes.

use super::Sizes;
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::real::Real;

/// Sums kept side by side, so that additions need not wait for each other.
const LANES: usize = 16;

/// Σ (x − origin): a shift by any value of the channel keeps the digits of a large mean.
pub(in crate::kernels) fn deviations<E: Real>(
    isa: Isa,
    sizes: Sizes,
    x: &[E],
    c: usize,
    origin: f64,
) -> f64 {
    let term = Deviation { origin };
    isa.run(ChannelSums {
        sizes,
        x,
        g: x,
        channel: c,
        term,
    })[0]
}

/// Σ (x − mean)².
pub(in crate::kernels) fn centred_squares<E: Real>(
    isa: Isa,
    sizes: Sizes,
    x: &[E],
    c: usize,
    mean: f64,
) -> f64 {
    let term = CentredSquare { mean };
    isa.run(ChannelSums {
        sizes,
        x,
        g: x,
        channel: c,
        term,
    })[0]
}

/// Σ g and Σ g·(x − mean).
pub(in crate::kernels) fn gradient_products<E: Real>(
    isa: Isa,
    sizes: Sizes,
    [x, g]: [&[E]; 2],
    c: usize,
    mean: f64,
) -> [f64; 2] {
    let term = GradientProduct { mean };
    isa.run(ChannelSums {
        sizes,
        x,
        g,
        channel: c,
        term,
    })
}

/// What an element x with gradient g adds to up to two sums.
trait Term: Copy {
    fn of(self, x: f64, g: f64) -> [f64; 2];
}

#[derive(Clone, Copy)]
struct Deviation {
    origin: f64,
}

impl Term for Deviation {
    #[inline(always)]
    fn of(self, x: f64, _: f64) -> [f64; 2] {
        [x - self.origin, 0.0]
    }
}

#[derive(Clone, Copy)]
struct CentredSquare {
    mean: f64,
}

impl Term for CentredSquare {
    #[inline(always)]
    fn of(self, x: f64, _: f64) -> [f64; 2] {
        [(x - self.mean) * (x - self.mean), 0.0]
    }
}

#[derive(Clone, Copy)]
struct GradientProduct {
    mean: f64,
}

impl Term for GradientProduct {
    #[inline(always)]
    fn of(self, x: f64, g: f64) -> [f64; 2] {
        [g, g * (x - self.mean)]
    }
}

struct ChannelSums<'a, E, T> {
    sizes: Sizes,
    x: &'a [E],
    g: &'a [E],
    channel: usize,
    term: T,
}

impl<E: Real, T: Term> Kernel for ChannelSums<'_, E, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let Self {
            sizes: [n, channels, inner],
            x,
            g,
            channel,
            term,
        } = self;
        let mut sums = [[0.0; LANES]; 2];
        for n in 0..n {
            let start = (n * channels + channel) * inner;
            let (x, x_rest) = x[start..start + inner].as_chunks::<LANES>();
            let (g, g_rest) = g[start..start + inner].as_chunks::<LANES>();
            for (x, g) in x.iter().zip(g) {
                add(&mut sums, x, g, term);
            }
            for (lane, (x, g)) in x_rest.iter().zip(g_rest).enumerate() {
                let [first, second] = term.of(x.widen(), g.widen());
                sums[0][lane] += first;
                sums[1][lane] += second;
            }
        }
        sums.map(|lanes| lanes.iter().sum())
    }
}

/// Adds one element per lane.
#[inline(always)]
fn add<E: Real, T: Term>(sums: &mut [[f64; LANES]; 2], x: &[E; LANES], g: &[E; LANES], term: T) {
    for lane in 0..LANES {
        let [first, second] = term.of(x[lane].widen(), g[lane].widen());
        sums[0][lane] += first;
        sums[1][lane] += second;
    }
}
