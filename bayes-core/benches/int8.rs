//! Speed of the integer kernels on one thread, and of the products beside the f32 convolution.
//!
//! Run with `cargo bench --bench int8`. Every figure is the best of repeated runs over about 0.1 s.
//! The last column is the time of the f32 kernel on the same instruction set divided by that of the
//! integer kernel, both in this run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bayes_core::kernels::conv::{self, Axis, ConvGeometry};
use bayes_core::kernels::int8::activation::{self, Scaled};
use bayes_core::kernels::int8::pool::{self, Pool8};
use bayes_core::kernels::int8::{Layout, Packed, SLACK, Wide, Window8, border, draw, product_on};
use bayes_core::kernels::isa::Isa;
use bayes_core::kernels::linear::{self, LinearGeometry};

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    match pool {
        Ok(pool) => pool.install(|| {
            bench_convolutions();
            bench_linear();
            bench_epilogues();
            bench_draws();
        }),
        Err(error) => eprintln!("no thread pool: {error}"),
    }
}

/// The shortest of repeated runs, in seconds.
fn seconds(mut run: impl FnMut()) -> f64 {
    let end = Instant::now() + Duration::from_millis(100);
    let mut best = f64::INFINITY;
    let mut runs = 0;
    while runs < 3 || Instant::now() < end {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
        runs += 1;
    }
    best
}

/// One line: what, how fast in `unit`, and how much faster than in f32 where that is known.
fn report(what: &str, isa: Isa, amount: f64, unit: &str, time: f64, float: Option<f64>) {
    let speed = amount * 1e-9 / time;
    let ratio = float.map_or(String::new(), |float| format!("{:8.1} x", float / time));
    println!("{what:<44} {:<9} {speed:8.1} {unit}{ratio}", isa.name());
}

/// Bytes that look random.
fn bytes(count: usize) -> Vec<u8> {
    (0..count)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8)
        .collect()
}

/// Numbers from −0.5 to 0.5.
fn numbers(count: usize) -> Vec<f32> {
    (0..count)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 % 1000.0 / 1000.0 - 0.5)
        .collect()
}

fn signed(count: usize) -> Vec<i8> {
    bytes(count).into_iter().map(u8::cast_signed).collect()
}

/// The layers of ResNet-20 at its three resolutions and between them, a 1 × 1 and LeNet-5's first.
fn bench_convolutions() {
    for [channels, image, outputs, kernel, stride, padding] in [
        [16, 32, 16, 3, 1, 1],
        [32, 16, 32, 3, 1, 1],
        [64, 8, 64, 3, 1, 1],
        [16, 32, 32, 3, 2, 1],
        [16, 32, 48, 1, 1, 0],
        [3, 32, 16, 3, 1, 1],
        [1, 28, 6, 5, 1, 2],
    ] {
        let name = format!("conv {channels}->{outputs} k{kernel} s{stride}, {image} x {image}");
        let size = Window8 {
            channels,
            outputs,
            groups: 1,
            kernel: [kernel; 2],
            stride,
            dilation: 1,
            height: image + 2 * padding,
            width: image + 2 * padding,
        };
        let axis = Axis {
            size: image,
            kernel,
            stride,
            padding,
            dilation: 1,
        };
        let float = ConvGeometry {
            batch: 16,
            in_channels: channels,
            out_channels: outputs,
            axes: [Axis::NONE, axis, axis],
            groups: 1,
        };
        let (x, w) = (numbers(float.input_len()), numbers(float.weight_len()));
        let mut y = vec![0.0; float.output_len()];
        bench_product(&name, &size, |isa| {
            seconds(|| conv::forward_on(isa, &float, &x, &w, None, &mut y)) / 16.0
        });
    }
}

fn bench_linear() {
    for rows in [128, 16, 1] {
        let [inputs, outputs] = [784, 400];
        let size = Window8::linear(rows, inputs, outputs);
        let float = LinearGeometry {
            rows,
            inputs,
            outputs,
        };
        let (x, w) = (numbers(rows * inputs), numbers(outputs * inputs));
        let mut y = vec![0.0; rows * outputs];
        bench_product(&format!("linear {rows} x 784 -> 400"), &size, |isa| {
            seconds(|| linear::forward_on(isa, &float, &x, &w, None, &mut y))
        });
    }
}

/// One product, and packing its weights; `float` times the same layer in f32.
fn bench_product(name: &str, size: &Window8, mut float: impl FnMut(Isa) -> f64) {
    let (x, w) = (bytes(size.input_len() + SLACK), signed(size.weight_len()));
    let layout = Layout::new(size);
    let mut packed = Packed::empty();
    let packing = seconds(|| layout.pack_into(black_box(&w), &mut packed));
    let mut acc = vec![0; size.output_len()];
    let operations = 2.0 * (acc.len() * w.len() / size.outputs) as f64;
    for isa in Isa::available() {
        let time = seconds(|| product_on(isa, size, &x, &packed, black_box(&mut acc)));
        report(name, isa, operations, "GOP/s", time, Some(float(isa)));
    }
    println!("  packing, {:.2} ns each", packing * 1e9 / w.len() as f64);
}

/// Passes over one block of pixels in cache: bytes read and written per second.
fn bench_epilogues() {
    for [pixels, channels] in [[1024, 16], [64, 64], [128, 10]] {
        let count = pixels * channels;
        let (acc, sums) = (vec![12_345; count], vec![321; channels]);
        let (gain, mut y, epsilon) = (numbers(channels), numbers(count), numbers(count));
        let (codes, variance) = (bytes(count), vec![0.5; count]);
        let [mut hi, mut lo] = [0, 1].map(|_| codes.clone());
        let scaled = Scaled {
            acc: &acc,
            zero: 128,
            sums: &sums,
            gain: &gain,
        };
        for isa in Isa::available() {
            let line = |what: &str, bytes_each: usize, time: f64| {
                let name = format!("{what}, {pixels} x {channels}");
                report(&name, isa, (count * bytes_each) as f64, "GB/s", time, None);
            };
            let time = seconds(|| activation::scale(isa, scaled, black_box(&mut y)));
            line("scale", 8, time);
            let time = seconds(|| activation::add_scaled(isa, scaled, black_box(&mut y)));
            line("add_scaled", 12, time);
            let time = seconds(|| activation::add_rows(isa, &gain, black_box(&mut y)));
            line("add_rows", 8, time);
            let time = seconds(|| activation::flip(isa, &codes, 3, &gain, black_box(&mut lo)));
            line("flip", 2, time);
            let add = |y: &mut [f32]| activation::add_quantized(isa, &codes[..], 3, 0.1, y);
            line("add_quantized", 9, seconds(|| add(black_box(&mut y))));
            let wide = Wide {
                hi: &codes,
                lo: &codes,
            };
            let time = seconds(|| activation::dequantize(isa, wide, 3, 0.1, black_box(&mut y)));
            line("dequantize, wide", 6, time);
            line(
                "relu",
                8,
                seconds(|| activation::relu(isa, black_box(&mut y))),
            );
            let time = seconds(|| activation::quantize(isa, black_box(&y), 3.0, 9, &mut lo));
            line("quantize", 5, time);
            let time = seconds(|| {
                activation::quantize_wide(isa, black_box(&y), 3.0, 9, &mut hi, &mut lo);
            });
            line("quantize, wide", 6, time);
            let time = seconds(|| activation::round_wide(isa, &codes, &codes, black_box(&mut lo)));
            line("round_wide", 3, time);
            let time = seconds(|| {
                activation::add_noise(isa, black_box(&mut y), &variance, &epsilon);
            });
            line("add_noise", 16, time);
        }
    }
}

fn bench_draws() {
    let [outputs, taps] = [400, 784];
    let count = outputs * taps;
    let (mu, sigma, epsilon) = (signed(count), bytes(count), numbers(count));
    let (ratio, mut out) = (vec![0.1; outputs], signed(count));
    let [height, width, channels] = [32, 32, 16];
    let image = bytes(height * width * channels);
    let mut padded = vec![0; (height + 2) * (width + 2) * channels];
    let size = Pool8 {
        channels,
        height,
        width,
        kernel: [2, 2],
        stride: 2,
        padding: 0,
    };
    let (mut largest, mut acc) = (vec![0; image.len() / 4], vec![0; image.len() / 4]);
    for isa in Isa::available() {
        let draws = |what: &str, bytes_each: usize, time: f64| {
            let name = format!("{what}, {:.2} ns each", time * 1e9 / count as f64);
            report(&name, isa, (count * bytes_each) as f64, "GB/s", time, None);
        };
        let time = seconds(|| draw::weights(isa, &mu, &sigma, &ratio, &epsilon, &mut out));
        draws("draw", 7, time);
        let time = seconds(|| draw::deviation(isa, &sigma, &ratio, &epsilon, &mut out));
        draws("draw, deviation", 6, time);
        let pools = |what: &str, bytes: usize, time: f64| {
            report(what, isa, bytes as f64, "GB/s", time, None);
        };
        let time = seconds(|| pool::max(isa, &size, black_box(&image), &mut largest));
        pools("max pool 2 x 2, 32 x 32 x 16", image.len() * 5 / 4, time);
        let time = seconds(|| pool::sum(isa, &size, black_box(&image[..]), 3, &mut acc));
        pools("sum pool 2 x 2, 32 x 32 x 16", image.len() * 2, time);
    }
    let time = seconds(|| {
        border::pad(
            [height, width, channels],
            black_box(&image),
            [1, 1],
            7,
            &mut padded,
        )
    });
    let moved = (image.len() + padded.len()) as f64;
    report(
        "border of 1, 32 x 32 x 16",
        Isa::active(),
        moved,
        "GB/s",
        time,
        None,
    );
}
