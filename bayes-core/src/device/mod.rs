//! What differs between devices: the operations of our layers, fused on the CPU, composed of dfdx's own elsewhere.
//!
//! Layers call [`Kernels`] and never ask which device they are on. On `Cpu` each operation is one entry on the tape
//! that runs a kernel of [`kernels`](crate::kernels); on every other device it is made of dfdx operations
//! ([`composed`]), with noise drawn on the host.

#[cfg(test)]
mod agreement;
mod calls;
mod choice;
pub mod composed;
mod constant;
mod constants;
mod cpu;
mod fused;
mod host;
mod noise;
mod recurrent;
mod sizes;
pub(crate) mod slices;

pub use calls::kernel_calls;
pub use choice::DeviceName;
pub use constant::Constant;
pub use host::HostKernels;
pub use sizes::{GroupSize, ImageSize, LinearSize, NormSize, PoolSize, SignSize};

use crate::error::Error;
use crate::kernels::conv::ConvGeometry;
use crate::kernels::conv::transposed::TransposedGeometry;
use crate::kernels::matmul::Panels;
use crate::kernels::pool_axis::AxisPool;
use crate::kernels::recurrent::RecurrentGeometry;
use crate::posterior::MeanField;
use crate::twin::{Noise, Sort};
use dfdx::prelude::{Device, Dtype, Rank0, ReshapeTo, Shape, Tape, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::HasErr;
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

/// A tensor and the batch statistics it was normalised with.
#[derive(Debug)]
pub struct Normalized<S: Shape, E: Dtype, D: Device<E>, T> {
    /// The output.
    pub output: Tensor<S, E, D, T>,
    /// Mean of each channel over batch and space.
    pub mean: Tensor<(usize,), E, D>,
    /// Unbiased variance of each channel over batch and space.
    pub unbiased_var: Tensor<(usize,), E, D>,
}

/// A weight in the form in which it is multiplied.
#[derive(Clone, Debug)]
pub struct PackedWeight<E>(Panels<E>);

/// The products of a recurrent layer with its hidden state: `W·h + b` and, by Flipout, `s∘(Δ·(r∘h) + b_Δ)`.
#[derive(Debug)]
pub struct Hidden<E: Dtype, D: Device<E>, T> {
    /// The weights in the draw, or by Flipout their mean: `(gates·hidden, hidden)`.
    pub weight: Tensor<(usize, usize), E, D, T>,
    /// Biases, `(gates·hidden,)`.
    pub bias: Option<Tensor<(usize,), E, D, T>>,
    /// What a draw adds to the mean.
    pub turned: Option<Turned<E, D, T>>,
}

/// The deviation of a recurrent layer's weights, with a sign for each example and number, the same at all steps.
#[derive(Debug)]
pub struct Turned<E: Dtype, D: Device<E>, T> {
    /// `(gates·hidden, hidden)`.
    pub weight: Tensor<(usize, usize), E, D, T>,
    /// `(gates·hidden,)`.
    pub bias: Option<Tensor<(usize,), E, D, T>>,
    /// r, `(batch, hidden)`, and s, `(batch, gates·hidden)`.
    pub signs: [Noise; 2],
}

/// The initial hidden and cell state, `(batch, hidden)`: 0 where there is none.
#[derive(Debug)]
pub struct Initial<E: Dtype, D: Device<E>, T> {
    /// Hidden state.
    pub h: Option<Tensor<(usize, usize), E, D, T>>,
    /// Cell state of an LSTM.
    pub c: Option<Tensor<(usize, usize), E, D, T>>,
}

/// The operations that layers need, on tensors of any shape with the sizes beside them.
///
/// Every method records its gradient on the tape of its arguments. The defaults are [`composed`]; `out` is the
/// shape that the caller has worked out, with as many elements as the sizes say.
pub trait Kernels<E: Dtype>: Device<E> {
    /// Bytes of the largest tensor with which a prediction is quickest, so that what a layer gives is still in the cache
    /// when the next one takes it; `None` where a batch is best worked through as a whole.
    const CACHE: Option<usize> = None;

    /// The error for tensors whose sizes do not fit.
    fn misfit() -> <Self as HasErr>::Err;

    /// The number of this device among those of its type: tensors of two of them do not meet.
    fn ordinal(&self) -> usize {
        0
    }

    /// `y = x·Wᵀ + b` with x of `rows × inputs`, W of `outputs × inputs` and b of `outputs`.
    ///
    /// # Errors
    /// A device that fails.
    fn linear<X: Shape, W: Shape, B: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: Tensor<W, E, Self, T>,
        bias: Option<Tensor<B, E, Self, T>>,
        size: LinearSize,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::linear(x, weight, bias, size, out)
    }

    /// A weight of [`linear`](Self::linear) in the form in which it is multiplied, for products that follow each other;
    /// `None` where it is multiplied as it is.
    fn packed<W: Shape, T: Tape<E, Self>>(
        _weight: Tensor<W, E, Self, T>,
        _size: LinearSize,
    ) -> Option<PackedWeight<E>> {
        None
    }

    /// [`linear`](Self::linear) with a weight that [`packed`](Self::packed) gave, and without a tape.
    ///
    /// # Errors
    /// A device that fails; one that packs nothing.
    fn linear_packed<X: Shape, B: Shape, Y: Shape, T: Tape<E, Self>>(
        _x: Tensor<X, E, Self, T>,
        _weight: &PackedWeight<E>,
        _bias: Option<Tensor<B, E, Self, T>>,
        _size: LinearSize,
        _out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        Err(Self::misfit())
    }

    /// Convolution (cross-correlation) of grids of channels, channels first.
    ///
    /// # Errors
    /// A device that fails.
    fn conv<X: Shape, W: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: Tensor<W, E, Self, T>,
        geometry: ConvGeometry,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::conv(x, weight, geometry, out)
    }

    /// Convolution by Flipout: `mu ⋆ x + s ∘ (Δ ⋆ (r ∘ x))`, r and s the signs of the input's and the output's channels.
    ///
    /// # Errors
    /// A device that fails.
    fn conv_flipout<X: Shape, W: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        [mean, deviation]: [Tensor<W, E, Self, T>; 2],
        signs: [Noise; 2],
        geometry: ConvGeometry,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::conv_flipout(x, [mean, deviation], signs, geometry, out)
    }

    /// Transposed convolution of grids of channels, channels first.
    ///
    /// # Errors
    /// A device that fails.
    fn conv_transposed<X: Shape, W: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        weight: Tensor<W, E, Self, T>,
        geometry: TransposedGeometry,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::conv_transposed(x, weight, geometry, out)
    }

    /// Adds `bias[c]` to each pixel of channel c.
    ///
    /// # Errors
    /// A device that fails.
    fn add_bias<X: Shape, B: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        bias: Tensor<B, E, Self, T>,
        size: ImageSize,
    ) -> Result<Tensor<X, E, Self, T>, Self::Err> {
        composed::add_bias(x, bias, size)
    }

    /// Adds to each pixel of channel c the mean of its bias, and the deviation multiplied by the sign of the example and channel.
    ///
    /// # Errors
    /// A device that fails.
    fn add_bias_flipped<X: Shape, B: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        [mean, deviation]: [Tensor<B, E, Self, T>; 2],
        noise: Noise,
        size: ImageSize,
    ) -> Result<Tensor<X, E, Self, T>, Self::Err> {
        composed::add_bias_flipped(x, [mean, deviation], noise, size)
    }

    /// Maximum over each window; padding never wins.
    ///
    /// # Errors
    /// A device that fails.
    fn max_pool2d<X: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        size: PoolSize,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::max_pool2d(x, size, out)
    }

    /// Mean over each window; padding counts as zeros.
    ///
    /// # Errors
    /// A device that fails.
    fn avg_pool2d<X: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        size: PoolSize,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::avg_pool2d(x, size, out)
    }

    /// Maximum over windows of one axis; padding never wins.
    ///
    /// # Errors
    /// A device that fails.
    fn axis_max<T: Tape<E, Self>>(
        x: Tensor<(usize, usize, usize), E, Self, T>,
        pool: AxisPool,
    ) -> Result<Tensor<(usize, usize, usize), E, Self, T>, Self::Err> {
        composed::axis_max(x, pool)
    }

    /// Mean over windows of one axis.
    ///
    /// # Errors
    /// A device that fails.
    fn axis_mean<T: Tape<E, Self>>(
        x: Tensor<(usize, usize, usize), E, Self, T>,
        pool: AxisPool,
    ) -> Result<Tensor<(usize, usize, usize), E, Self, T>, Self::Err> {
        composed::axis_mean(x, pool)
    }

    /// Mean of each channel of each image.
    ///
    /// # Errors
    /// A device that fails.
    fn avg_pool_global<X: Shape, Y: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        size: ImageSize,
        out: Y,
    ) -> Result<Tensor<Y, E, Self, T>, Self::Err> {
        composed::avg_pool_global(x, size, out)
    }

    /// Batch normalisation with the statistics of the batch (Ioffe and Szegedy 2015):
    /// `(x − mean)/√(var + epsilon)·scale + bias` per channel, var the biased variance.
    ///
    /// # Errors
    /// A device that fails; the caller has made sure that there are two values per channel.
    fn batch_norm<X: Shape, C: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        scale: Tensor<C, E, Self, T>,
        bias: Tensor<C, E, Self, T>,
        size: NormSize,
    ) -> Result<Normalized<X, E, Self, T>, Self::Err> {
        composed::batch_norm(x, scale, bias, size)
    }

    /// Moves a running statistic towards that of a batch: `(1 − momentum)·running + momentum·batch`.
    ///
    /// # Errors
    /// A device that fails.
    fn follow<C: Shape>(
        running: &mut Tensor<C, E, Self>,
        batch: Tensor<(usize,), E, Self>,
        momentum: f64,
    ) -> Result<(), Self::Err> {
        composed::follow(running, batch, momentum)
    }

    /// Batch normalisation with given statistics.
    ///
    /// # Errors
    /// A device that fails.
    fn batch_norm_eval<X: Shape, C: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        scale: Tensor<C, E, Self, T>,
        bias: Tensor<C, E, Self, T>,
        running: (&Tensor<C, E, Self>, &Tensor<C, E, Self>),
        size: NormSize,
    ) -> Result<Tensor<X, E, Self, T>, Self::Err> {
        composed::batch_norm_eval(x, scale, bias, running, size)
    }

    /// Group normalisation (Wu and He 2018): `(x − mean)/√(var + epsilon)·gamma + beta`, the mean and the biased variance
    /// those of each group of channels of each example, gamma and beta per channel.
    ///
    /// # Errors
    /// A device that fails; the caller has made sure that the groups divide the channels.
    fn group_norm<X: Shape, C: Shape, T: Tape<E, Self>>(
        x: Tensor<X, E, Self, T>,
        gamma: Tensor<C, E, Self, T>,
        beta: Tensor<C, E, Self, T>,
        size: GroupSize,
    ) -> Result<Tensor<X, E, Self, T>, Self::Err> {
        composed::group_norm(x, gamma, beta, size)
    }

    /// `max(0, x)`. Where nobody else holds `x`, it may become the output in place.
    ///
    /// # Errors
    /// A device that fails.
    fn relu<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        x.try_relu()
    }

    /// `x·Φ(x)`, Φ the distribution function of the standard normal (Hendrycks and Gimpel 2016), with the slope
    /// `Φ(x) + x·φ(x)`.
    ///
    /// # Errors
    /// A device that fails.
    fn accurate_gelu<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::accurate_gelu(x)
    }

    /// One layer of a recurrent net in one direction: `pre`, `(batch, steps, gates·hidden)`, is the input's product; gives
    /// the hidden state after each step and, of an LSTM, the last cell state behind them: `(batch, rows, hidden)`.
    ///
    /// # Errors
    /// A device that fails.
    fn recurrence<T: Tape<E, Self>>(
        pre: Tensor<(usize, usize, usize), E, Self, T>,
        hidden: Hidden<E, Self, T>,
        initial: Initial<E, Self, T>,
        geometry: RecurrentGeometry,
    ) -> Result<Tensor<(usize, usize, usize), E, Self, T>, Self::Err> {
        composed::recurrence(pre, hidden, initial, geometry)
    }

    /// `mu + softplus(rho)·epsilon`, epsilon the normal noise.
    ///
    /// # Errors
    /// A device that fails.
    fn draw_weights<S: Shape, T: Tape<E, Self>>(
        mu: Tensor<S, E, Self, T>,
        rho: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::draw_weights(mu, rho, noise)
    }

    /// `softplus(rho)·epsilon`, epsilon the normal noise.
    ///
    /// # Errors
    /// A device that fails.
    fn deviation<S: Shape, T: Tape<E, Self>>(
        rho: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::deviation(rho, noise)
    }

    /// `mu + sigma·epsilon`, epsilon the normal noise; without mu only what is added to it.
    ///
    /// # Errors
    /// A device that fails.
    fn spread<S: Shape, T: Tape<E, Self>>(
        mu: Option<Tensor<S, E, Self, T>>,
        sigma: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::spread(mu, sigma, noise)
    }

    /// `softplus(rho)²`.
    ///
    /// # Errors
    /// A device that fails.
    fn variance<S: Shape, T: Tape<E, Self>>(
        rho: Tensor<S, E, Self, T>,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::variance(rho)
    }

    /// Multiplies each channel of each example by its sign.
    ///
    /// # Errors
    /// A device that fails.
    fn flip_signs<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
        noise: Noise,
        size: SignSize,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::flip_signs(x, noise, size)
    }

    /// Flipout's sum: the mean, and the deviation with each channel of each example multiplied by its sign.
    ///
    /// # Errors
    /// A device that fails.
    fn flip_onto<S: Shape, T: Tape<E, Self>>(
        mean: Tensor<S, E, Self, T>,
        deviation: Tensor<S, E, Self, T>,
        noise: Noise,
        size: SignSize,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::flip_onto(mean, deviation, noise, size)
    }

    /// `x + y`.
    ///
    /// # Errors
    /// A device that fails.
    fn sum<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
        y: Tensor<S, E, Self, T>,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::sum(x, y)
    }

    /// `mean + √variance·epsilon`, epsilon the normal noise; the gradient where the variance is 0 is 0.
    ///
    /// # Errors
    /// A device that fails.
    fn local_noise<S: Shape, T: Tape<E, Self>>(
        mean: Tensor<S, E, Self, T>,
        variance: Tensor<S, E, Self, T>,
        noise: Noise,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::local_noise(mean, variance, noise)
    }

    /// Sets a fraction `p` of the elements to 0 and scales the others by `1/(1 − p)` (Srivastava et al. 2014).
    ///
    /// # Errors
    /// A device that fails.
    fn dropout<S: Shape, T: Tape<E, Self>>(
        x: Tensor<S, E, Self, T>,
        p: f32,
        noise: Noise,
    ) -> Result<Tensor<S, E, Self, T>, Self::Err> {
        composed::dropout(x, p, noise)
    }

    /// `KL(N(mu, softplus(rho)²) ‖ N(prior_mean, prior_std²))`, summed over the weights:
    /// per weight `ln σp − ln σq + (σq² + (mu − μp)²)/(2σp²) − ½`.
    ///
    /// # Errors
    /// A device that fails.
    fn gaussian_kl<S: Shape, T: Tape<E, Self>>(
        posterior: MeanField<'_, S, E, Self>,
    ) -> Result<Tensor<Rank0, E, Self, T>, Self::Err> {
        composed::gaussian_kl(posterior)
    }
}

/// How independent draws of `S`, a model with its input, are worked through: by several threads where a device's
/// tensors can be shared, one after the other where they cannot.
pub trait Workers<S> {
    /// So many draws are worked through at once.
    fn threads() -> usize {
        1
    }

    /// `work(shared, i)` for each i below `tasks`, in order.
    ///
    /// # Errors
    /// The first error of a task.
    fn map<R: Send>(
        shared: &S,
        tasks: usize,
        work: impl Fn(&S, usize) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error>;
}

impl<S: Sync> Workers<S> for dfdx::tensor::Cpu {
    fn threads() -> usize {
        rayon::current_num_threads()
    }

    fn map<R: Send>(
        shared: &S,
        tasks: usize,
        work: impl Fn(&S, usize) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        (0..tasks)
            .into_par_iter()
            .map(|i| work(shared, i))
            .collect()
    }
}

/// The device's streams belong to one thread.
#[cfg(feature = "cuda")]
impl<S> Workers<S> for dfdx::tensor::Cuda {
    fn map<R: Send>(
        shared: &S,
        tasks: usize,
        work: impl Fn(&S, usize) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        (0..tasks).map(|i| work(shared, i)).collect()
    }
}

/// The elements of a tensor in row-major order, by one copy.
pub(crate) fn read<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &Tensor<S, E, D>,
) -> Result<Vec<E>, D::Err> {
    let tensor = tensor.clone().try_contiguous()?;
    if let Some(values) = slices::on_host(&tensor) {
        return Ok(values.to_vec());
    }
    let mut values = vec![E::default(); tensor.shape().num_elements()];
    tensor.copy_into(&mut values);
    Ok(values)
}

/// `len` standard normal numbers of `noise`.
pub(crate) fn standard_normal<E: Dtype, D: Kernels<E>>(
    device: &D,
    noise: &Noise,
    len: usize,
) -> Result<Tensor<(usize,), E, D>, D::Err> {
    noise::on_device(device, noise, Sort::Normal, len)
}

/// A tensor with the same elements and an identity, and so a gradient, of its own.
pub(crate) fn copy<S: Shape, E: Dtype, D: Device<E>>(
    tensor: &Tensor<S, E, D>,
) -> Result<Tensor<S, E, D>, D::Err> {
    tensor
        .device()
        .try_tensor_from_vec(read(tensor)?, *tensor.shape())
}

#[cfg(feature = "cuda")]
impl<E: Dtype> Kernels<E> for dfdx::tensor::Cuda
where
    Self: Device<E>,
{
    fn misfit() -> <Self as HasErr>::Err {
        dfdx::tensor::CpuError::WrongNumElements.into()
    }

    fn ordinal(&self) -> usize {
        number_of(self)
    }
}

/// The number of a GPU. dfdx shows that of memory, not of a device.
#[cfg(feature = "cuda")]
fn number_of(gpu: &dfdx::tensor::Cuda) -> usize {
    let memory = dfdx::tensor::Storage::<f32>::try_alloc_len(gpu, 1);
    memory.map_or(0, |memory| memory.device().ordinal())
}
