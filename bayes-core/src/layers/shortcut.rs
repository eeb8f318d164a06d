//! The shortcut of CIFAR residual nets without weights: every S-th pixel, and channels of zeros ("option A", He et al.
//! 2016).

use crate::device::{Kernels, PoolSize};
use crate::error::Error;
use crate::layers::shape_of;
use crate::plan::{Graph, Structure, Wire};
use crate::shape::{Fits, GridShape, Over, Plane, Rule, Sliding, WindowShape};
use crate::twin::{Deterministic, Name};
use dfdx::nn::{Module, NonMutableModule, ZeroSizedModule};
use dfdx::prelude::{Axis, Const, Dim, Dtype, ReshapeTo, Tape, Tensor, TryConcatAlong};
use dfdx::tensor::{PutTape, SplitTape};

/// Every `S`-th row and column of `(C, H, W)` or `(batch, C, H, W)`: `y[c, i, j] = x[c, i·S, j·S]`.
///
/// Its output has the dimensions of a 3×3 convolution with padding 1 and the same stride, so it is the shortcut beside
/// one:
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4, 8, 8), estimator = Flipout)]
/// struct Net {
///     block: GeneralizedResidual<
///         (Conv2D<4, 8, 3, 2, 1>, BatchNorm2D<8>, ReLU, Conv2D<8, 8, 3, 1, 1>, BatchNorm2D<8>),
///         (Subsample<2>, PadChannels<4, 8>),
///     >,
///     act: ReLU,
///     flatten: Flatten,
///     fc: Linear<128, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank4<2, 4, 8, 8>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subsample<const S: usize>;

/// `I` channels and zeros on both sides of them, `O` together: `(O − I)/2` before, the others behind.
///
/// ```
/// use bayes_core::prelude::*;
///
/// let dev = Cpu::default();
/// let pad = dev.build_module::<PadChannels<1, 3>, f32>();
/// let x = dev.tensor([[[5.0, 6.0]]]);
/// assert_eq!(pad.forward(x).as_vec(), [0.0, 0.0, 5.0, 6.0, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PadChannels<const I: usize, const O: usize>;

const fn every<const S: usize>() -> Sliding {
    Sliding {
        kernel: 1,
        stride: S,
        padding: 0,
        dilation: 1,
    }
}

impl<const S: usize> ZeroSizedModule for Subsample<S> {}
impl<const S: usize> NonMutableModule for Subsample<S> {}
impl<const S: usize> Deterministic for Subsample<S> {
    const RULE: Rule = Rule::Pool {
        window: every::<S>(),
        sides: 2,
    };
}

impl<const S: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for Subsample<S>
where
    X: WindowShape<Plane, Over, 1, S, 0, 1>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::Out<X::Channels>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        let channels = shape.channels();
        let out = shape.slide(channels).ok_or_else(D::misfit)?;
        let [_, height, width] = shape.sides();
        let size = PoolSize {
            planes: shape.examples() * channels.size(),
            height,
            width,
            window: every::<S>(),
        };
        // The maximum of one pixel.
        D::max_pool2d(x, size, out)
    }
}

impl<const S: usize, E: Dtype> Structure<E> for Subsample<S> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.max_pool(name, x, every::<S>()))
    }
}

impl<const I: usize, const O: usize> PadChannels<I, O> {
    /// Channels of zeros before and behind.
    const SIDES: [usize; 2] = {
        assert!(
            O >= I,
            "PadChannels<I, O> adds channels: O must be at least I"
        );
        [(O - I) / 2, O - I - (O - I) / 2]
    };
}

impl<const I: usize, const O: usize> ZeroSizedModule for PadChannels<I, O> {}
impl<const I: usize, const O: usize> NonMutableModule for PadChannels<I, O> {}
impl<const I: usize, const O: usize> Deterministic for PadChannels<I, O> {
    const RULE: Rule = Rule::Convolution {
        inputs: I,
        outputs: O,
        window: every::<1>(),
        sides: 2,
    };
}

impl<const I: usize, const O: usize, X, E, D, T> Module<Tensor<X, E, D, T>> for PadChannels<I, O>
where
    X: GridShape<Plane>,
    X::Channels: Fits<I>,
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    type Output = Tensor<X::With<Const<O>>, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
        let shape = shape_of(&x);
        if shape.channels().size() != I {
            return Err(D::misfit());
        }
        let (examples, pixels) = (shape.examples(), shape.positions());
        let device = x.device().clone();
        let zeros = |channels: usize| {
            let zeros: Tensor<(usize, usize), E, D> =
                device.try_zeros_like(&(examples, channels * pixels))?;
            Ok(zeros)
        };
        let [before, behind] = Self::SIDES;
        let x: Tensor<(usize, usize), E, D, T> = x.try_reshape_like(&(examples, I * pixels))?;
        let (x, tape) = x.split_tape();
        let first = zeros(before)?.put_tape(tape);
        let y = (first, x).try_concat_along(Axis::<1>)?;
        let y = (y, zeros(behind)?).try_concat_along(Axis::<1>)?;
        y.try_reshape_like(&shape.with(Const))
    }
}

impl<const I: usize, const O: usize, E: Dtype> Structure<E> for PadChannels<I, O> {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.pad_channels(name, x, Self::SIDES))
    }
}
