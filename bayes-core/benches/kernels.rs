//! Speed of the kernels on one thread: against their references, per instruction set, and of the
//! matrix product against the `gemm` crate in the same run.
//!
//! Run with `cargo bench --bench kernels`. Every figure is the best of repeated runs over about
//! 0.1 s. The last column is the time of the reference divided by that of the kernel.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bayes_core::kernels::conv::{self, Axis, ConvGeometry};
use bayes_core::kernels::gaussian::{self, GaussianPrior, PriorMean};
use bayes_core::kernels::isa::Isa;
use bayes_core::kernels::linear::{self, LinearGeometry};
use bayes_core::kernels::matmul::{self, Matrix, MatrixMut, Panels, Write};
use bayes_core::kernels::pool2d::{self, Pool2dGeometry};
use bayes_core::kernels::{batch_norm, local_reparameterization, signs};

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    match pool {
        Ok(pool) => pool.install(|| {
            bench_matmul();
            bench_linear();
            bench_conv();
            bench_gaussian();
            bench_elementwise();
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

/// One line: what, how fast in `unit`, and how much faster than the reference where there is one.
fn report(what: &str, isa: &str, amount: f64, unit: &str, time: f64, reference: Option<f64>) {
    let speed = amount * 1e-9 / time;
    let ratio = reference.map_or(String::new(), |reference| {
        format!("{:8.1} x", reference / time)
    });
    println!("{what:<44} {isa:<9} {speed:8.1} {unit}{ratio}");
}

/// Numbers from −0.5 to 0.5.
fn numbers(count: usize) -> Vec<f32> {
    (0..count)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 % 1000.0 / 1000.0 - 0.5)
        .collect()
}

fn bench_matmul() {
    for [m, k, n] in [
        [128, 400, 400],
        [64, 288, 512],
        [128, 784, 400],
        [16, 144, 1024],
        [1, 400, 400],
    ] {
        let (a, b, mut c) = (numbers(m * k), numbers(k * n), vec![0.0; m * n]);
        let operations = 2.0 * (m * k * n) as f64;
        let left = Matrix::new(&a, m, k);
        let right = Matrix::new(&b, k, n);
        let transposed = Matrix::new(&b, n, k).transposed();
        let reference = seconds(|| {
            matmul::reference::matmul(left, right, MatrixMut::new(&mut c, m, n), Write::Overwrite);
        });
        let gemm = seconds(|| gemm_crate(m, k, n, &a, &b, &mut c));
        let name = format!("matmul {m} x {k} x {n}");
        report(
            &name,
            "gemm 0.19",
            operations,
            "GFLOP/s",
            gemm,
            Some(reference),
        );
        for isa in Isa::available() {
            let panels = Panels::pack(right);
            let mut time = |run: &dyn Fn(MatrixMut<'_, f32>)| {
                seconds(|| run(MatrixMut::new(black_box(&mut c), m, n)))
            };
            let write = Write::Overwrite;
            let plain = time(&|c| matmul::matmul_on(isa, left, right, c, write));
            let nt = time(&|c| matmul::matmul_on(isa, left, transposed, c, write));
            let packed = time(&|c| matmul::matmul_packed_on(isa, left, &panels, c, write));
            for (form, time) in [("A·B", plain), ("A·Bᵀ", nt), ("A·packed B", packed)] {
                let name = format!("{name}, {form}, {:.2} of gemm", gemm / time);
                report(
                    &name,
                    isa.name(),
                    operations,
                    "GFLOP/s",
                    time,
                    Some(reference),
                );
            }
        }
    }
}

/// The same product by the `gemm` crate, row-major and on one thread.
fn gemm_crate(m: usize, k: usize, n: usize, a: &[f32], b: &[f32], c: &mut [f32]) {
    assert_eq!([a.len(), b.len(), c.len()], [m * k, k * n, m * n]);
    // SAFETY: the strides describe the row-major matrices whose sizes were just checked, and `c` is
    // borrowed mutably, so that it overlaps with neither operand.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.as_ptr(),
            1,
            k as isize,
            b.as_ptr(),
            1,
            n as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn bench_linear() {
    let geometry = LinearGeometry {
        rows: 128,
        inputs: 784,
        outputs: 400,
    };
    let LinearGeometry {
        rows,
        inputs,
        outputs,
    } = geometry;
    let operations = 2.0 * (rows * inputs * outputs) as f64;
    let (x, w, bias, g) = (
        numbers(rows * inputs),
        numbers(outputs * inputs),
        numbers(outputs),
        numbers(rows * outputs),
    );
    let (mut y, mut dx, mut dw, mut db) = (g.clone(), x.clone(), w.clone(), bias.clone());
    let forward = seconds(|| linear::reference::forward(&geometry, &x, &w, Some(&bias), &mut y));
    let backward =
        seconds(|| linear::reference::backward(&geometry, &x, &w, &g, &mut dx, &mut dw, &mut db));
    let backward = Some(backward / 2.0);
    for isa in Isa::available() {
        let time = seconds(|| linear::forward_on(isa, &geometry, &x, &w, Some(&bias), &mut y));
        report(
            "linear 128 x 784 -> 400",
            isa.name(),
            operations,
            "GFLOP/s",
            time,
            Some(forward),
        );
        let time = seconds(|| linear::backward_input_on(isa, &geometry, &w, &g, &mut dx));
        report(
            "  gradient of x",
            isa.name(),
            operations,
            "GFLOP/s",
            time,
            backward,
        );
        let time = seconds(|| linear::backward_weight_on(isa, &geometry, &x, &g, &mut dw));
        report(
            "  gradient of W",
            isa.name(),
            operations,
            "GFLOP/s",
            time,
            backward,
        );
    }
}

/// The layers of ResNet-20 at its three resolutions, and the first of LeNet-5.
fn bench_conv() {
    for [
        batch,
        in_channels,
        size,
        out_channels,
        kernel,
        stride,
        padding,
    ] in [
        [16, 16, 32, 16, 3, 1, 1],
        [16, 32, 16, 32, 3, 1, 1],
        [16, 64, 8, 64, 3, 1, 1],
        [16, 16, 32, 32, 3, 2, 1],
        [16, 128, 4, 128, 3, 1, 1],
        [16, 1, 28, 6, 5, 1, 2],
    ] {
        let axis = Axis {
            size,
            kernel,
            stride,
            padding,
            dilation: 1,
        };
        bench_conv_layer(&ConvGeometry {
            batch,
            in_channels,
            out_channels,
            axes: [Axis::NONE, axis, axis],
            groups: 1,
        });
    }
}

fn bench_conv_layer(geometry: &ConvGeometry) {
    let &ConvGeometry {
        in_channels,
        out_channels,
        axes:
            [
                ..,
                Axis {
                    size: height,
                    kernel,
                    stride,
                    ..
                },
            ],
        ..
    } = geometry;
    let (x, w) = (
        numbers(geometry.input_len()),
        numbers(geometry.weight_len()),
    );
    let (bias, g) = (numbers(out_channels), numbers(geometry.output_len()));
    let (mut y, mut dx, mut dw, mut db) = (g.clone(), x.clone(), w.clone(), bias.clone());
    let operations = 2.0 * (g.len() * w.len() / out_channels) as f64;
    let forward = seconds(|| conv::reference::forward(geometry, &x, &w, Some(&bias), &mut y));
    let backward =
        seconds(|| conv::reference::backward(geometry, &x, &w, &g, [&mut dx, &mut dw, &mut db]));
    let backward = Some(backward / 2.0);
    let name =
        format!("conv {in_channels}->{out_channels} k{kernel} s{stride}, {height} x {height}");
    for isa in Isa::available() {
        let time = seconds(|| conv::forward_on(isa, geometry, &x, &w, Some(&bias), &mut y));
        report(
            &name,
            isa.name(),
            operations,
            "GFLOP/s",
            time,
            Some(forward),
        );
        let time = seconds(|| conv::backward_input_on(isa, geometry, &w, &g, &mut dx));
        report(
            "  gradient of x",
            isa.name(),
            operations,
            "GFLOP/s",
            time,
            backward,
        );
        let time = seconds(|| conv::backward_weight_on(isa, geometry, &x, &g, &mut dw));
        report(
            "  gradient of W",
            isa.name(),
            operations,
            "GFLOP/s",
            time,
            backward,
        );
    }
}

fn bench_gaussian() {
    let count = 478_410;
    let (mu, epsilon) = (numbers(count), numbers(count));
    let rho: Vec<f32> = mu.iter().map(|m| m * 4.0 - 3.0).collect();
    let (mut w, mut d_mu, mut d_rho) = (mu.clone(), mu.clone(), mu.clone());
    let prior = GaussianPrior {
        mean: PriorMean::Scalar(0.0),
        std: 1.0,
    };
    let library = seconds(|| {
        for i in 0..count {
            w[i] = mu[i] + rho[i].exp().ln_1p() * epsilon[i];
        }
        black_box(&mut w);
    });
    let bytes = 4.0 * count as f64;
    for isa in Isa::available() {
        let line = |what: &str, slices: f64, time: f64, reference| {
            let name = format!("{what}, {:.2} ns each", time * 1e9 / count as f64);
            report(&name, isa.name(), slices * bytes, "GB/s", time, reference);
        };
        let time = seconds(|| gaussian::sample_on(isa, &mu, &rho, &epsilon, &mut w));
        line("gaussian sample", 4.0, time, Some(library));
        let time = seconds(|| {
            gaussian::sample_backward_on(isa, &rho, &epsilon, &w, &mut d_mu, &mut d_rho)
        });
        line("gaussian sample, backward", 7.0, time, None);
        let time = seconds(|| {
            black_box(gaussian::kl_on(isa, &mu, &rho, &prior));
        });
        line("gaussian KL", 2.0, time, None);
        let mut slope = vec![0.0; rho.len()];
        let time = seconds(|| {
            black_box(gaussian::kl_with_slope_on(
                isa, &mu, &rho, &prior, &mut slope,
            ));
        });
        line("gaussian KL with slope", 3.0, time, None);
        let time = seconds(|| {
            gaussian::kl_gradients_on(isa, &mu, &slope, &prior, 1e-6, &mut d_mu, &mut d_rho)
        });
        line("gaussian KL, gradients", 6.0, time, None);
    }
}

/// Passes that are limited by memory: bytes read and written per second.
fn bench_elementwise() {
    let sizes = [16, 16, 1024];
    let count: usize = sizes.iter().product();
    let (x, g) = (numbers(count), numbers(count));
    let (mut y, mut dx) = (x.clone(), x.clone());
    let variance: Vec<f32> = x.iter().map(|x| x * x).collect();
    let bytes = 4.0 * count as f64;
    let line = |what: &str, isa: &str, slices: f64, time: f64| {
        report(what, isa, slices * bytes, "GB/s", time, None);
    };
    let (scale, mut d_scale, mut d_bias) = ([1.0; 16], [0.0; 16], [0.0; 16]);
    let affine = batch_norm::Affine {
        scale: &scale,
        bias: &[0.0; 16],
        eps: 1e-5,
    };
    for isa in Isa::available() {
        let time = seconds(|| {
            black_box(batch_norm::statistics_on(isa, sizes, &x).is_ok());
        });
        line("batch norm, statistics", isa.name(), 1.0, time);
        let time = seconds(|| local_reparameterization::sample_on(isa, &x, &variance, &g, &mut y));
        line("local reparameterisation", isa.name(), 4.0, time);
    }
    let active = Isa::active().name();
    let statistics = batch_norm::statistics(sizes, &x).expect("two values per channel");
    let time = seconds(|| {
        let gradients = batch_norm::Gradients {
            dx: &mut dx,
            d_scale: &mut d_scale,
            d_bias: &mut d_bias,
        };
        batch_norm::backward_train(sizes, &x, &affine, &statistics, &g, gradients);
        black_box(&mut d_bias);
    });
    line("batch norm, backward", active, 6.0, time);
    let pool = Pool2dGeometry {
        planes: 256,
        height: 32,
        width: 32,
        kernel: 2,
        stride: 2,
        padding: 0,
    };
    let time = seconds(|| pool2d::max::forward(&pool, &x, &mut y[..count / 4]));
    line("max pool 2 x 2", active, 1.25, time);
    let time = seconds(|| pool2d::max::backward(&pool, &x, &g[..count / 4], &mut dx));
    line("max pool 2 x 2, backward", active, 3.25, time);
    let time = seconds(|| pool2d::average::forward(&pool, &x, &mut y[..count / 4]));
    line("average pool 2 x 2", active, 1.25, time);
    let signs_of = vec![-1.0; 256];
    let time = seconds(|| signs::multiply(&signs_of, 1024, &x, &mut y));
    line("signs", active, 2.0, time);
}
