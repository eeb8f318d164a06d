//! The CPU: every operation is a kernel of ours.

use super::fused::{Operand, in_place, input, overwritable, record, split};
use super::host::HostKernels;
use super::recurrent;
use super::slices::{own_memory, slice};
use super::{
    GroupSize, Hidden, ImageSize, Initial, Kernels, LinearSize, NormSize, Normalized, PackedWeight,
    PoolSize, SignSize,
};
use crate::cast::cast;
use crate::kernels::batch_norm::{Affine, Gradients, RunningStatistics};
use crate::kernels::conv::transposed::TransposedGeometry;
use crate::kernels::conv::{ConvGeometry, flipout};
use crate::kernels::fresh::zeros;
use crate::kernels::gaussian::{self, GaussianPrior};
use crate::kernels::group_norm;
use crate::kernels::linear::LinearGeometry;
use crate::kernels::pool_axis::AxisPool;
use crate::kernels::pool2d::Pool2dGeometry;
use crate::kernels::pool2d::adaptive_average::AdaptivePool2dGeometry;
use crate::kernels::recurrent::RecurrentGeometry;
use crate::posterior::{MeanField, PriorMean};
use crate::twin::Noise;
use dfdx::prelude::{Cpu, Device, Rank0, Shape, Tape, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::{CpuError, HasErr, PutTape, Storage, TensorFromVec};
use std::ops::DerefMut;

type Result<S, E, T> = std::result::Result<Tensor<S, E, Cpu, T>, CpuError>;

/// Standard normal numbers as `E`: f64 uses the f32 numbers, widened, so that a model keeps its draws.
fn normal<E: HostKernels>(noise: &Noise, len: usize) -> Vec<E> {
    widened(noise.normal(len))
}

/// f32 numbers as `E`, which f32 itself are without a pass over them.
fn widened<E: HostKernels>(numbers: Vec<f32>) -> Vec<E> {
    cast(numbers).unwrap_or_else(|numbers| {
        let numbers = numbers.into_iter();
        numbers.map(|z| E::narrow(f64::from(z))).collect()
    })
}

impl LinearSize {
    fn geometry(self) -> LinearGeometry {
        LinearGeometry {
            rows: self.rows,
            inputs: self.inputs,
            outputs: self.outputs,
        }
    }
}

impl ImageSize {
    fn sizes(self) -> [usize; 3] {
        [self.examples, self.channels, self.pixels]
    }
}

impl PoolSize {
    fn geometry(self) -> Pool2dGeometry {
        Pool2dGeometry {
            planes: self.planes,
            height: self.height,
            width: self.width,
            kernel: self.window.kernel,
            stride: self.window.stride,
            padding: self.window.padding,
        }
    }
}

impl GroupSize {
    fn sizes(self) -> group_norm::Sizes {
        group_norm::Sizes {
            examples: self.image.examples,
            channels: self.image.channels,
            groups: self.groups,
            inner: self.image.pixels,
        }
    }
}

impl<E: HostKernels> Kernels<E> for Cpu
where
    Cpu: Device<E>,
    <Cpu as Storage<E>>::Vec: DerefMut<Target = Vec<E>>,
{
    const CACHE: Option<usize> = Some(1 << 20);

    fn misfit() -> <Self as HasErr>::Err {
        CpuError::WrongNumElements
    }

    fn packed<W: Shape, T: Tape<E, Self>>(
        weight: Tensor<W, E, Self, T>,
        size: LinearSize,
    ) -> Option<PackedWeight<E>> {
        let (weight, _) = split(weight).ok()?;
        let packed = E::linear_pack(&size.geometry(), weight.values());
        Some(PackedWeight(packed))
    }

    fn linear_packed<X: Shape, B: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: &PackedWeight<E>,
        bias: Option<Tensor<B, E, Self, T>>,
        size: LinearSize,
        out: Y,
    ) -> Result<Y, E, T> {
        let (x, _) = split(x)?;
        let bias = bias.map(|bias| split(bias).map(|(bias, _)| bias));
        let bias = bias.transpose()?;
        let mut y = zeros(size.rows * size.outputs);
        let bias = bias.as_ref().map(|bias| bias.values());
        E::linear_forward_packed(&size.geometry(), x.values(), &weight.0, bias, &mut y);
        let y = x.device().try_tensor_from_vec(y, out)?;
        Ok(y.put_tape(T::default()))
    }

    fn linear<X: Shape, W: Shape, B: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: Tensor<W, E, Self, T>,
        bias: Option<Tensor<B, E, Self, T>>,
        size: LinearSize,
        out: Y,
    ) -> Result<Y, E, T> {
        let geometry = size.geometry();
        let ((x, tape), (weight, more)) = (split(x)?, split(weight)?);
        let tape = tape.merge(more);
        let device = x.device().clone();
        let mut y = zeros(size.rows * size.outputs);
        let Some(bias) = bias else {
            E::linear_forward(&geometry, x.values(), weight.values(), None, &mut y);
            return record(
                &device,
                tape,
                [input(x), Box::new(weight)],
                (y, out),
                move |g, [x, w], [dx, dw]| {
                    if x.has_gradient() {
                        E::linear_backward_input(&geometry, w.values(), g, dx);
                    }
                    E::linear_backward_weight(&geometry, x.values(), g, dw);
                },
            );
        };
        let (bias, more) = split(bias)?;
        E::linear_forward(
            &geometry,
            x.values(),
            weight.values(),
            Some(bias.values()),
            &mut y,
        );
        let operands: [Box<dyn Operand<E>>; 3] = [input(x), Box::new(weight), Box::new(bias)];
        record(
            &device,
            tape.merge(more),
            operands,
            (y, out),
            move |g, [x, w, _], [dx, dw, db]| {
                if x.has_gradient() {
                    E::linear_backward_input(&geometry, w.values(), g, dx);
                }
                E::linear_backward_weight(&geometry, x.values(), g, dw);
                E::linear_backward_bias(&geometry, g, db);
            },
        )
    }

    fn conv<X: Shape, W: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: Tensor<W, E, Self, T>,
        geometry: ConvGeometry,
        out: Y,
    ) -> Result<Y, E, T> {
        let ((x, tape), (weight, more)) = (split(x)?, split(weight)?);
        let device = x.device().clone();
        let mut y = zeros(out.num_elements());
        E::conv_forward(&geometry, x.values(), weight.values(), None, &mut y);
        let operands: [Box<dyn Operand<E>>; 2] = [input(x), Box::new(weight)];
        record(
            &device,
            tape.merge(more),
            operands,
            (y, out),
            move |g, [x, w], [dx, dw]| {
                if x.has_gradient() {
                    E::conv_backward_input(&geometry, w.values(), g, dx);
                }
                E::conv_backward_weight(&geometry, x.values(), g, dw);
            },
        )
    }

    fn conv_flipout<X: Shape, W: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        [mean, deviation]: [Tensor<W, E, Self, T>; 2],
        [of_input, of_output]: [Noise; 2],
        geometry: ConvGeometry,
        out: Y,
    ) -> Result<Y, E, T> {
        let ((x, tape), (mean, more)) = (split(x)?, split(mean)?);
        let (deviation, most) = split(deviation)?;
        let device = x.device().clone();
        let signs =
            |noise: Noise, channels| -> Vec<E> { widened(noise.signs(geometry.batch * channels)) };
        let of_inputs = signs(of_input, geometry.in_channels);
        let of_outputs = signs(of_output, geometry.out_channels);
        let mut y = zeros(out.num_elements());
        let weights = flipout::Weights {
            mean: mean.values(),
            deviation: deviation.values(),
        };
        let of = flipout::Signs {
            input: &of_inputs,
            output: &of_outputs,
        };
        E::flipout_forward(&geometry, x.values(), weights, of, &mut y);
        let operands: [Box<dyn Operand<E>>; 3] = [input(x), Box::new(mean), Box::new(deviation)];
        record(
            &device,
            tape.merge(more).merge(most),
            operands,
            (y, out),
            move |g, [x, mean, deviation], [dx, d_mean, d_deviation]| {
                let weights = flipout::Weights {
                    mean: mean.values(),
                    deviation: deviation.values(),
                };
                let signs = flipout::Signs {
                    input: &of_inputs,
                    output: &of_outputs,
                };
                if x.has_gradient() {
                    E::flipout_backward_input(&geometry, weights, signs, g, dx);
                }
                E::flipout_backward_weight(&geometry, x.values(), signs, g, d_mean, d_deviation);
            },
        )
    }

    fn conv_transposed<X: Shape, W: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: Tensor<W, E, Self, T>,
        geometry: TransposedGeometry,
        out: Y,
    ) -> Result<Y, E, T> {
        let ((x, tape), (weight, more)) = (split(x)?, split(weight)?);
        let device = x.device().clone();
        let mut y = zeros(out.num_elements());
        E::transposed_forward(&geometry, x.values(), weight.values(), &mut y);
        let operands: [Box<dyn Operand<E>>; 2] = [input(x), Box::new(weight)];
        record(
            &device,
            tape.merge(more),
            operands,
            (y, out),
            move |g, [x, w], [dx, dw]| {
                if x.has_gradient() {
                    E::transposed_backward_input(&geometry, w.values(), g, dx);
                }
                E::transposed_backward_weight(&geometry, x.values(), g, dw);
            },
        )
    }

    fn add_bias<X: Shape, B: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        bias: Tensor<B, E, Self, T>,
        size: ImageSize,
    ) -> Result<X, E, T> {
        let ((mut x, tape), (bias, more)) = (split(x)?, split(bias)?);
        let (tape, sizes) = (tape.merge(more), size.sizes());
        if let Some(values) = overwritable(&mut x) {
            E::bias_forward(sizes, bias.values(), values);
            return Ok(in_place(x, tape, [Box::new(bias)], move |g, [db]| {
                E::bias_backward(sizes, g, db);
            }));
        }
        let (device, shape) = (x.device().clone(), *x.shape());
        let mut y = x.values().to_vec();
        E::bias_forward(sizes, bias.values(), &mut y);
        let operands: [Box<dyn Operand<E>>; 2] = [input(x), Box::new(bias)];
        record(
            &device,
            tape,
            operands,
            (y, shape),
            move |g, [x, _], [dx, db]| {
                if x.has_gradient() {
                    E::add_onto(g, dx);
                }
                E::bias_backward(sizes, g, db);
            },
        )
    }

    fn add_bias_flipped<X: Shape, B: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        [mean, deviation]: [Tensor<B, E, Self, T>; 2],
        noise: Noise,
        size: ImageSize,
    ) -> Result<X, E, T> {
        let ((mut x, tape), (mean, more)) = (split(x)?, split(mean)?);
        let (deviation, most) = split(deviation)?;
        let (tape, sizes) = (tape.merge(more).merge(most), size.sizes());
        let signs: Vec<E> = widened(noise.signs(size.examples * size.channels));
        let of_draw = [mean.values(), deviation.values()];
        if let Some(values) = overwritable(&mut x) {
            E::bias_forward_flipped(sizes, of_draw, &signs, values);
            let operands: [Box<dyn Operand<E>>; 2] = [Box::new(mean), Box::new(deviation)];
            return Ok(in_place(x, tape, operands, move |g, gradients| {
                E::bias_backward_flipped(sizes, &signs, g, gradients);
            }));
        }
        let (device, shape) = (x.device().clone(), *x.shape());
        let mut y = x.values().to_vec();
        E::bias_forward_flipped(sizes, of_draw, &signs, &mut y);
        let operands: [Box<dyn Operand<E>>; 3] = [input(x), Box::new(mean), Box::new(deviation)];
        record(
            &device,
            tape,
            operands,
            (y, shape),
            move |g, [x, ..], [dx, d_mean, d_deviation]| {
                if x.has_gradient() {
                    E::add_onto(g, dx);
                }
                E::bias_backward_flipped(sizes, &signs, g, [d_mean, d_deviation]);
            },
        )
    }

    fn max_pool2d<X: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        size: PoolSize,
        out: Y,
    ) -> Result<Y, E, T> {
        let (x, tape) = split(x)?;
        let (device, geometry) = (x.device().clone(), size.geometry());
        let mut y = zeros(out.num_elements());
        E::max_pool_forward(&geometry, x.values(), &mut y);
        record(
            &device,
            tape,
            [Box::new(x)],
            (y, out),
            move |g, [x], [dx]| {
                E::max_pool_backward(&geometry, x.values(), g, dx);
            },
        )
    }

    fn avg_pool2d<X: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        size: PoolSize,
        out: Y,
    ) -> Result<Y, E, T> {
        let (x, tape) = split(x)?;
        let (device, geometry) = (x.device().clone(), size.geometry());
        let mut y = zeros(out.num_elements());
        E::average_pool_forward(&geometry, x.values(), &mut y);
        record(&device, tape, [Box::new(x)], (y, out), move |g, _, [dx]| {
            E::average_pool_backward(&geometry, g, dx)
        })
    }

    fn axis_max<T: Tape<E, Self>>(
        x: Tensor<(usize, usize, usize), E, Self, T>,
        pool: AxisPool,
    ) -> Result<(usize, usize, usize), E, T> {
        let (x, tape) = split(x)?;
        let device = x.device().clone();
        let mut y = zeros(pool.output_len());
        E::axis_max_forward(&pool, x.values(), &mut y);
        let out = (pool.outer, pool.windows.len(), pool.inner);
        record(
            &device,
            tape,
            [Box::new(x)],
            (y, out),
            move |g, [x], [dx]| E::axis_max_backward(&pool, x.values(), g, dx),
        )
    }

    fn axis_mean<T: Tape<E, Self>>(
        x: Tensor<(usize, usize, usize), E, Self, T>,
        pool: AxisPool,
    ) -> Result<(usize, usize, usize), E, T> {
        let (x, tape) = split(x)?;
        let device = x.device().clone();
        let mut y = zeros(pool.output_len());
        E::axis_mean_forward(&pool, x.values(), &mut y);
        let out = (pool.outer, pool.windows.len(), pool.inner);
        record(&device, tape, [Box::new(x)], (y, out), move |g, _, [dx]| {
            E::axis_mean_backward(&pool, g, dx)
        })
    }

    fn avg_pool_global<X: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        size: ImageSize,
        out: Y,
    ) -> Result<Y, E, T> {
        let (x, tape) = split(x)?;
        let planes = size.examples * size.channels;
        let geometry = AdaptivePool2dGeometry {
            planes,
            input: [1, size.pixels],
            output: [1, 1],
        };
        let device = x.device().clone();
        let mut y = zeros(planes);
        E::adaptive_pool_forward(&geometry, x.values(), &mut y);
        record(&device, tape, [Box::new(x)], (y, out), move |g, _, [dx]| {
            E::adaptive_pool_backward(&geometry, g, dx);
        })
    }

    fn batch_norm<X: Shape, C: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        scale: Tensor<C, E, Self, T>,
        bias: Tensor<C, E, Self, T>,
        size: NormSize,
    ) -> std::result::Result<Normalized<X, E, Self, T>, CpuError> {
        let ((x, tape), (scale, more), (bias, most)) = (split(x)?, split(scale)?, split(bias)?);
        let (device, shape, sizes, eps) = (
            x.device().clone(),
            *x.shape(),
            size.image.sizes(),
            size.epsilon,
        );
        // Statistics that follow the batch with all their momentum are the batch's own.
        let (mut mean, mut variance) = (vec![E::default(); sizes[1]], vec![E::default(); sizes[1]]);
        let running = RunningStatistics {
            mean: &mut mean,
            variance: &mut variance,
            momentum: 1.0,
        };
        let mut y = zeros(shape.num_elements());
        let affine = Affine {
            scale: scale.values(),
            bias: bias.values(),
            eps,
        };
        let statistics = E::batch_norm_forward_train(sizes, x.values(), &affine, running, &mut y)
            .map_err(|_| Self::misfit())?;
        let operands: [Box<dyn Operand<E>>; 3] = [Box::new(x), Box::new(scale), Box::new(bias)];
        let output = record(
            &device,
            tape.merge(more).merge(most),
            operands,
            (y, shape),
            move |g, [x, scale, bias], [dx, d_scale, d_bias]| {
                let affine = Affine {
                    scale: scale.values(),
                    bias: bias.values(),
                    eps,
                };
                let gradients = Gradients {
                    dx,
                    d_scale,
                    d_bias,
                };
                E::batch_norm_backward_train(sizes, x.values(), &affine, &statistics, g, gradients);
            },
        )?;
        Ok(Normalized {
            output,
            mean: device.try_tensor_from_vec(mean, (sizes[1],))?,
            unbiased_var: device.try_tensor_from_vec(variance, (sizes[1],))?,
        })
    }

    fn follow<C: Shape>(
        running: &mut Tensor<C, E, Self>,
        batch: Tensor<(usize,), E, Self>,
        momentum: f64,
    ) -> std::result::Result<(), CpuError> {
        let number = |x: E| x.to_f64().unwrap_or(f64::NAN);
        let mean = |(old, new)| E::narrow((1.0 - momentum) * number(old) + momentum * number(new));
        let moved: Vec<E> = running
            .as_vec()
            .into_iter()
            .zip(batch.as_vec())
            .map(mean)
            .collect();
        running.copy_from(&moved);
        Ok(())
    }

    fn batch_norm_eval<X: Shape, C: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        scale: Tensor<C, E, Self, T>,
        bias: Tensor<C, E, Self, T>,
        (mean, variance): (&Tensor<C, E, Self>, &Tensor<C, E, Self>),
        size: NormSize,
    ) -> Result<X, E, T> {
        let ((mut x, tape), (scale, more), (bias, most)) = (split(x)?, split(scale)?, split(bias)?);
        let (device, shape, sizes, eps) = (
            x.device().clone(),
            *x.shape(),
            size.image.sizes(),
            size.epsilon,
        );
        let (mean, variance) = (mean.values().to_vec(), variance.values().to_vec());
        let affine = Affine {
            scale: scale.values(),
            bias: bias.values(),
            eps,
        };
        // The way back reads the input.
        if !T::OWNS_TAPE
            && let Some(values) = overwritable(&mut x)
        {
            E::batch_norm_in_place(sizes, &affine, [&mean, &variance], values);
            return Ok(x.put_tape(tape));
        }
        let mut y = zeros(shape.num_elements());
        E::batch_norm_forward_eval(sizes, x.values(), &affine, [&mean, &variance], &mut y);
        let operands: [Box<dyn Operand<E>>; 3] = [Box::new(x), Box::new(scale), Box::new(bias)];
        record(
            &device,
            tape.merge(more).merge(most),
            operands,
            (y, shape),
            move |g, [x, scale, bias], [dx, d_scale, d_bias]| {
                let affine = Affine {
                    scale: scale.values(),
                    bias: bias.values(),
                    eps,
                };
                let gradients = Gradients {
                    dx,
                    d_scale,
                    d_bias,
                };
                E::batch_norm_backward_eval(
                    sizes,
                    x.values(),
                    &affine,
                    [&mean, &variance],
                    g,
                    gradients,
                );
            },
        )
    }

    fn group_norm<X: Shape, C: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        gamma: Tensor<C, E, Self, T>,
        beta: Tensor<C, E, Self, T>,
        size: GroupSize,
    ) -> Result<X, E, T> {
        let ((x, tape), (gamma, more), (beta, most)) = (split(x)?, split(gamma)?, split(beta)?);
        let (device, shape) = (x.device().clone(), *x.shape());
        let (sizes, eps) = (size.sizes(), size.epsilon);
        let mut y = zeros(shape.num_elements());
        let affine = group_norm::Affine {
            gamma: gamma.values(),
            beta: beta.values(),
            eps,
        };
        E::group_norm_forward(sizes, x.values(), &affine, &mut y);
        let operands: [Box<dyn Operand<E>>; 3] = [Box::new(x), Box::new(gamma), Box::new(beta)];
        record(
            &device,
            tape.merge(more).merge(most),
            operands,
            (y, shape),
            move |g, [x, gamma, beta], [dx, d_gamma, d_beta]| {
                let affine = group_norm::Affine {
                    gamma: gamma.values(),
                    beta: beta.values(),
                    eps,
                };
                let gradients = group_norm::Gradients {
                    dx,
                    d_gamma,
                    d_beta,
                };
                E::group_norm_backward(sizes, x.values(), &affine, g, gradients);
            },
        )
    }

    fn relu<S: Shape, T: Tape<E, Self>>(x: Tensor<S, E, Self, T>) -> Result<S, E, T> {
        let (mut x, tape) = split(x)?;
        if let Some(values) = own_memory(&mut x) {
            E::relu_forward(values);
            let y = x.clone();
            return Ok(in_place(x, tape, [], move |g, []| {
                E::relu_mask(y.values(), g)
            }));
        }
        let (device, shape) = (x.device().clone(), *x.shape());
        let mut y = x.values().to_vec();
        E::relu_forward(&mut y);
        record(&device, tape, [input(x)], (y, shape), |g, [x], [dx]| {
            E::relu_backward(x.values(), g, dx)
        })
    }

    fn accurate_gelu<S: Shape, T: Tape<E, Self>>(x: Tensor<S, E, Self, T>) -> Result<S, E, T> {
        let (x, tape) = split(x)?;
        let (device, shape) = (x.device().clone(), *x.shape());
        let mut y = zeros(shape.num_elements());
        E::gelu_forward(x.values(), &mut y);
        record(&device, tape, [Box::new(x)], (y, shape), |g, [x], [dx]| {
            E::gelu_backward(x.values(), g, dx)
        })
    }

    fn recurrence<T: Tape<E, Self>>(
        pre: Tensor<(usize, usize, usize), E, Self, T>,
        hidden: Hidden<E, Self, T>,
        initial: Initial<E, Self, T>,
        geometry: RecurrentGeometry,
    ) -> Result<(usize, usize, usize), E, T> {
        recurrent::recurrence(pre, hidden, initial, geometry)
    }

    fn draw_weights<S: Shape, T: Tape<E, Self>>(
        mu: Tensor<S, E, Self, T>,
        rho: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<S, E, T> {
        let ((mu, tape), (rho, more)) = (split(mu)?, split(rho)?);
        let (device, shape) = (mu.device().clone(), *mu.shape());
        // The noise is kept for the backward pass: to make it again would take as long as to draw.
        let epsilon = normal(&noise, shape.num_elements());
        let mut y = zeros(shape.num_elements());
        E::gaussian_sample(mu.values(), rho.values(), &epsilon, &mut y);
        let operands: [Box<dyn Operand<E>>; 2] = [Box::new(mu), Box::new(rho)];
        record(
            &device,
            tape.merge(more),
            operands,
            (y, shape),
            move |g, [_, rho], [d_mu, d_rho]| {
                E::gaussian_sample_backward(rho.values(), &epsilon, g, d_mu, d_rho);
            },
        )
    }

    fn deviation<S: Shape, T: Tape<E, Self>>(
        rho: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<S, E, T> {
        let (rho, tape) = split(rho)?;
        let (device, shape) = (rho.device().clone(), *rho.shape());
        let epsilon = normal(&noise, shape.num_elements());
        let mut y = zeros(shape.num_elements());
        E::gaussian_delta(rho.values(), &epsilon, &mut y);
        record(
            &device,
            tape,
            [Box::new(rho)],
            (y, shape),
            move |g, [rho], [d_rho]| {
                E::gaussian_delta_backward(rho.values(), &epsilon, g, d_rho);
            },
        )
    }

    fn spread<S: Shape, T: Tape<E, Self>>(
        mu: Option<Tensor<S, E, Self, T>>,
        sigma: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<S, E, T> {
        if T::OWNS_TAPE {
            return super::composed::spread(mu, sigma, noise);
        }
        let sigma = split(sigma)?.0;
        let mu = mu.map(split).transpose()?;
        let mut y = normal(&noise, sigma.shape().num_elements());
        E::gaussian_spread(mu.as_ref().map(|(mu, _)| slice(mu)), slice(&sigma), &mut y);
        let y = sigma.device().try_tensor_from_vec(y, *sigma.shape())?;
        Ok(y.put_tape(T::default()))
    }

    fn variance<S: Shape, T: Tape<E, Self>>(rho: Tensor<S, E, Self, T>) -> Result<S, E, T> {
        let (rho, tape) = split(rho)?;
        let (device, shape) = (rho.device().clone(), *rho.shape());
        let mut y = zeros(shape.num_elements());
        E::gaussian_variance(rho.values(), &mut y);
        record(
            &device,
            tape,
            [Box::new(rho)],
            (y, shape),
            |g, [rho], [d_rho]| E::gaussian_variance_backward(rho.values(), g, d_rho),
        )
    }

    fn flip_signs<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
        noise: Noise,
        size: SignSize,
    ) -> Result<S, E, T> {
        let (x, tape) = split(x)?;
        let (device, shape) = (x.device().clone(), *x.shape());
        let signs = spread_signs(&noise, size);
        let mut y = zeros(shape.num_elements());
        E::flip_signs(&signs, size.pixels, x.values(), &mut y);
        record(&device, tape, [input(x)], (y, shape), move |g, _, [dx]| {
            E::add_flipped(&signs, size.pixels, g, dx);
        })
    }

    fn flip_onto<S: Shape, T: Tape<E, Self>>(
        mean: Tensor<S, E, Self, T>,
        deviation: Tensor<S, E, Self, T>,
        noise: Noise,
        size: SignSize,
    ) -> Result<S, E, T> {
        let ((mean, tape), (mut deviation, more)) = (split(mean)?, split(deviation)?);
        let tape = tape.merge(more);
        let Some(values) = overwritable(&mut deviation) else {
            let turned = Self::flip_signs(deviation.put_tape(tape), noise, size)?;
            return Self::sum(turned, mean.put_tape(T::default()));
        };
        let signs = spread_signs(&noise, size);
        E::flip_onto(&signs, size.pixels, mean.values(), values);
        let backward = move |g: &mut [E], [d_mean]: [&mut [E]; 1]| {
            E::flip_onto_backward(&signs, size.pixels, g, d_mean);
        };
        Ok(in_place(deviation, tape, [Box::new(mean)], backward))
    }

    fn sum<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
        y: Tensor<S, E, Self, T>,
    ) -> Result<S, E, T> {
        let ((mut x, tape), (y, more)) = (split(x)?, split(y)?);
        let tape = tape.merge(more);
        // A tensor and itself have one gradient.
        let twice = std::ptr::eq(x.values(), y.values());
        let y = input(y);
        if let Some(values) = overwritable(&mut x) {
            E::add_onto(y.values(), values);
            return Ok(in_place(x, tape, [y], |g, [dy]| {
                if !dy.is_empty() {
                    E::add_onto(g, dy);
                }
            }));
        }
        let (device, shape) = (x.device().clone(), *x.shape());
        let mut sum = x.values().to_vec();
        E::add_onto(y.values(), &mut sum);
        if twice {
            return record(&device, tape, [y], (sum, shape), |g, _, [dy]| {
                E::add_onto(g, dy);
                E::add_onto(g, dy);
            });
        }
        record(
            &device,
            tape,
            [input(x), y],
            (sum, shape),
            |g, _, targets| {
                for target in targets.into_iter().filter(|target| !target.is_empty()) {
                    E::add_onto(g, target);
                }
            },
        )
    }

    fn local_noise<S: Shape, T: Tape<E, Self>>(
        mean: Tensor<S, E, Self, T>,
        variance: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<S, E, T> {
        let ((mean, tape), (variance, more)) = (split(mean)?, split(variance)?);
        let (device, shape) = (mean.device().clone(), *mean.shape());
        let epsilon = normal(&noise, shape.num_elements());
        let mut y = zeros(shape.num_elements());
        E::local_sample(mean.values(), variance.values(), &epsilon, &mut y);
        let operands: [Box<dyn Operand<E>>; 2] = [Box::new(mean), Box::new(variance)];
        record(
            &device,
            tape.merge(more),
            operands,
            (y, shape),
            move |g, [_, variance], [d_mean, d_variance]| {
                E::local_backward(variance.values(), &epsilon, g, d_mean, d_variance);
            },
        )
    }

    fn dropout<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
        p: f32,
        noise: Noise,
    ) -> Result<S, E, T> {
        let (x, tape) = split(x)?;
        let (device, shape) = (x.device().clone(), *x.shape());
        let mask = move |len| {
            noise
                .mask(len, p)
                .into_iter()
                .map(|m| E::narrow(f64::from(m)))
        };
        let y = x
            .values()
            .iter()
            .zip(mask(shape.num_elements()))
            .map(|(&x, mask)| x * mask)
            .collect();
        record(
            &device,
            tape,
            [Box::new(x)],
            (y, shape),
            move |g, _, [dx]| {
                add(dx, g.iter().zip(mask(g.len())).map(|(&g, mask)| g * mask));
            },
        )
    }

    fn gaussian_kl<S: Shape, T: Tape<E, Self>>(
        posterior: MeanField<'_, S, E, Self>,
    ) -> Result<Rank0, E, T> {
        let ((mu, tape), (rho, more)) = (
            split(posterior.mu.retaped::<T>())?,
            split(posterior.rho.retaped::<T>())?,
        );
        let device = mu.device().clone();
        let prior = Prior {
            mean: match posterior.prior_mean {
                PriorMean::Value(mean) => OwnedMean::Value(E::narrow(mean)),
                PriorMean::Tensor(mean) => OwnedMean::Tensor(mean.clone()),
            },
            std: E::narrow(posterior.prior_std),
        };
        // With a tape the slope by rho is worked out along with the value, from the same functions.
        let slopes = match T::OWNS_TAPE {
            true => rho.shape().num_elements(),
            false => 0,
        };
        let mut slope = zeros(slopes);
        let kl = prior.with(|prior| match T::OWNS_TAPE {
            true => E::gaussian_kl_with_slope(mu.values(), rho.values(), prior, &mut slope),
            false => E::gaussian_kl(mu.values(), rho.values(), prior),
        });
        let operands: [Box<dyn Operand<E>>; 2] = [Box::new(mu), Box::new(rho)];
        record(
            &device,
            tape.merge(more),
            operands,
            (vec![E::narrow(kl)], ()),
            move |g, [mu, _], [d_mu, d_rho]| {
                prior.with(|prior| {
                    E::gaussian_kl_backward(mu.values(), &slope, prior, g[0], d_mu, d_rho)
                });
            },
        )
    }
}

/// A Gaussian prior that the tape keeps: a shared tensor, read when it is needed.
struct Prior<S: Shape, E: HostKernels>
where
    Cpu: Device<E>,
{
    mean: OwnedMean<S, E>,
    std: E,
}

enum OwnedMean<S: Shape, E: HostKernels>
where
    Cpu: Device<E>,
{
    Value(E),
    Tensor(Tensor<S, E, Cpu>),
}

impl<S: Shape, E: HostKernels> Prior<S, E>
where
    Cpu: Device<E>,
{
    fn with<R>(&self, run: impl FnOnce(&GaussianPrior<'_, E>) -> R) -> R {
        match &self.mean {
            OwnedMean::Value(mean) => run(&GaussianPrior {
                mean: gaussian::PriorMean::Scalar(*mean),
                std: self.std,
            }),
            OwnedMean::Tensor(mean) => run(&GaussianPrior {
                mean: gaussian::PriorMean::Slice(mean.values()),
                std: self.std,
            }),
        }
    }
}

/// One sign per step, channel and example, in the order of the tensor.
fn spread_signs<E: HostKernels>(noise: &Noise, size: SignSize) -> Vec<E> {
    let signs = widened(noise.signs(size.examples * size.channels));
    if size.steps == 1 {
        return signs;
    }
    let per_step = signs
        .chunks_exact(size.channels.max(1))
        .flat_map(|signs| std::iter::repeat_n(signs, size.steps));
    per_step.flatten().copied().collect()
}

fn add<E: HostKernels>(sum: &mut [E], terms: impl IntoIterator<Item = E>) {
    for (sum, term) in sum.iter_mut().zip(terms) {
        *sum += term;
    }
}
