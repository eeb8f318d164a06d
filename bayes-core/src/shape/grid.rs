//! What layers on grids ask of a tensor's shape: lines, images and volumes of channels, with or without a batch; and what
//! a window makes of them.

use super::dims::{Flat, Up};
use super::features::FeatureShape;
use super::window::{Window, WindowOut};
use dfdx::shapes::{Const, ConstDim, ConstShape, Dim, Shape};

/// How many sides the grids of a layer have.
pub trait Space: Copy + Clone + std::fmt::Debug + Default + Send + Sync + 'static {
    /// Sides.
    const SIDES: usize;
    /// The shape of `A·B` kernels of `K` taps along each side.
    type Kernels<A: ConstDim, B: ConstDim, const K: usize>: ConstShape;
}

/// One side: `(C, L)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line;

/// Two sides: `(C, H, W)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plane;

/// Three sides: `(C, D, H, W)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume;

impl Space for Line {
    const SIDES: usize = 1;
    type Kernels<A: ConstDim, B: ConstDim, const K: usize> = (A, B, Const<K>);
}

impl Space for Plane {
    const SIDES: usize = 2;
    type Kernels<A: ConstDim, B: ConstDim, const K: usize> = (A, B, Const<K>, Const<K>);
}

impl Space for Volume {
    const SIDES: usize = 3;
    type Kernels<A: ConstDim, B: ConstDim, const K: usize> = (A, B, Const<K>, Const<K>, Const<K>);
}

/// Grids of channels over the space `N`, with or without a batch: lines `(C, L)`, images `(C, H, W)`, volumes
/// `(C, D, H, W)`.
#[diagnostic::on_unimplemented(
    message = "a layer on grids with sides like a `{N}` does not take a tensor of shape `{Self}`",
    note = "a Line is (C, L), a Plane (C, H, W) and a Volume (C, D, H, W), each with or without a batch in front"
)]
pub trait GridShape<N: Space>: Shape {
    /// The dimension of the channels.
    type Channels: Dim;
    /// All numbers of an example, as one dimension.
    type Flat: Dim;
    /// The same grids with other channels.
    type With<C: Dim>: GridShape<N, Channels = C>;
    /// The same batch of vectors.
    type Vectors<K: Dim>: FeatureShape<Features = K>;

    /// The same grids with other channels.
    fn with<C: Dim>(&self, channels: C) -> Self::With<C>;
    /// The same batch of vectors.
    fn vectors<K: Dim>(&self, features: K) -> Self::Vectors<K>;
    /// All numbers of an example.
    fn flat(&self) -> Self::Flat;
    /// Number of examples: 1 without a batch dimension.
    fn examples(&self) -> usize;
    /// Channels.
    fn channels(&self) -> Self::Channels;
    /// Depth, height and width; 1 for those that there are not.
    fn sides(&self) -> [usize; 3];

    /// Positions of a channel.
    fn positions(&self) -> usize {
        self.sides().into_iter().product()
    }
}

/// How a window's layer changes the sides of a grid.
pub trait Motion: Copy + Clone + std::fmt::Debug + Default + Send + Sync + 'static {}

/// A window moves over the input: convolution, pooling.
#[derive(Clone, Copy, Debug, Default)]
pub struct Over;

/// A window moves over the output: transposed convolution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Back;

impl Motion for Over {}
impl Motion for Back {}

/// Grids over the space `N` that a window of kernel `K`, stride `S`, padding `P` and dilation `L` can move over (`M` is
/// [`Over`]), or back with `OP` positions more ([`Back`]).
#[diagnostic::on_unimplemented(
    message = "a window of kernel {K}, stride {S}, padding {P} and dilation {L} over a `{N}` cannot move over `{Self}`",
    note = "a Line is (C, L), a Plane (C, H, W) and a Volume (C, D, H, W), each with or without a batch; windows have \
            kernel 1 to 11, stride 1 to 4, padding 0 to 5 and dilation 1 or 2"
)]
pub trait WindowShape<
    N: Space,
    M: Motion,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const OP: usize = 0,
>: GridShape<N>
{
    /// The output with `C` channels.
    type Out<C: Dim>: GridShape<N, Channels = C>;

    /// The output, or `None` where the window does not fit.
    fn slide<C: Dim>(&self, channels: C) -> Option<Self::Out<C>>;
}

/// Grids over the space `N`, of which each side can become `OUT`.
pub trait AdaptiveShape<N: Space, const OUT: usize>: GridShape<N> {
    /// The same grids with sides of `OUT`.
    type Out: GridShape<N, Channels = Self::Channels>;

    /// The same grids with sides of `OUT`.
    fn adapted(&self) -> Self::Out;
}

macro_rules! grid {
    ($N:ident: [$($B:ident $b:ident)?], $($Side:ident $side:ident),+; $Flat:ty, $flat:expr) => {
        impl<$($B: Dim,)? C: Dim, $($Side: Dim),+> GridShape<$N> for ($($B,)? C, $($Side),+) {
            type Channels = C;
            type Flat = $Flat;
            type With<C2: Dim> = ($($B,)? C2, $($Side),+);
            type Vectors<F: Dim> = ($($B,)? F,);

            fn with<C2: Dim>(&self, channels: C2) -> Self::With<C2> {
                let ($($b,)? _, $($side),+) = *self;
                ($($b,)? channels, $($side),+)
            }

            fn vectors<F: Dim>(&self, features: F) -> Self::Vectors<F> {
                let ($($b,)? ..) = *self;
                ($($b,)? features,)
            }

            fn flat(&self) -> Self::Flat {
                let ($($b,)? c, $($side),+) = *self;
                $(let _ = $b;)?
                ($flat)(c, $($side),+)
            }

            fn examples(&self) -> usize {
                let ($($b,)? ..) = *self;
                1 $(* $b.size())?
            }

            fn channels(&self) -> C {
                let ($($b,)? c, ..) = *self;
                $(let _ = $b;)?
                c
            }

            fn sides(&self) -> [usize; 3] {
                let ($($b,)? _, $($side),+) = *self;
                $(let _ = $b;)?
                let there = [$($side.size()),+];
                let mut sides = [1; 3];
                sides[3 - there.len()..].copy_from_slice(&there);
                sides
            }
        }

        impl<$($B: Dim,)? C: Dim, $($Side: Dim,)+ const OUT: usize> AdaptiveShape<$N, OUT>
            for ($($B,)? C, $($Side),+)
        {
            type Out = ($($B,)? C, $(grid!(@out OUT $Side)),+);

            fn adapted(&self) -> Self::Out {
                let ($($b,)? c, ..) = *self;
                ($($b,)? c, $(grid!(@side $side)),+)
            }
        }

        impl<
            $($B: Dim,)? C: Dim, $($Side: Dim,)+ const K: usize, const S: usize, const P: usize, const L: usize,
        > WindowShape<$N, Over, K, S, P, L, 0> for ($($B,)? C, $($Side),+)
        where
            $(Window<K, S, P, L>: WindowOut<$Side>),+
        {
            type Out<C2: Dim> = ($($B,)? C2, $(<Window<K, S, P, L> as WindowOut<$Side>>::Out),+);

            fn slide<C2: Dim>(&self, channels: C2) -> Option<Self::Out<C2>> {
                let ($($b,)? _, $($side),+) = *self;
                Some(($($b,)? channels, $(<Window<K, S, P, L> as WindowOut<$Side>>::out($side)?),+))
            }
        }

        impl<
            $($B: Dim,)? C: Dim, $($Side: Dim,)+ const K: usize, const S: usize, const P: usize, const L: usize,
            const OP: usize,
        > WindowShape<$N, Back, K, S, P, L, OP> for ($($B,)? C, $($Side),+) {
            type Out<C2: Dim> = ($($B,)? C2, $(Up<$Side, K, S, P, L, OP>),+);

            fn slide<C2: Dim>(&self, channels: C2) -> Option<Self::Out<C2>> {
                let ($($b,)? _, $($side),+) = *self;
                Some(($($b,)? channels, $(Up::over($side)?),+))
            }
        }
    };
    (@out $OUT:ident $Side:ident) => { Const<$OUT> };
    (@side $side:ident) => { Const };
}

grid!(Line: [], X x; Flat<C, X, Const<1>>, |c, x| Flat::of(c, x, Const));
grid!(Line: [B b], X x; Flat<C, X, Const<1>>, |c, x| Flat::of(c, x, Const));
grid!(Plane: [], Y y, X x; Flat<C, Y, X>, Flat::of);
grid!(Plane: [B b], Y y, X x; Flat<C, Y, X>, Flat::of);
grid!(Volume: [], Z z, Y y, X x; Flat<Flat<C, Z, Const<1>>, Y, X>, |c, z, y, x| Flat::of(Flat::of(c, z, Const), y, x));
grid!(Volume: [B b], Z z, Y y, X x; Flat<Flat<C, Z, Const<1>>, Y, X>, |c, z, y, x| Flat::of(Flat::of(c, z, Const), y, x));

/// Grids of channels, of which each channel is normalised over batch and positions: as [`GridShape`], but along a
/// [`Line`] `(batch, C)` and `(batch, C, L)`, always with a batch.
#[diagnostic::on_unimplemented(
    message = "a normalisation of channels over a `{N}` does not take a tensor of shape `{Self}`",
    note = "BatchNorm1D takes (batch, C) or (batch, C, L); BatchNorm2D images and BatchNorm3D volumes, with or without a \
            batch"
)]
pub trait ChannelShape<N: Space>: Shape {
    /// The dimension of the channels.
    type Channels: Dim;

    /// Number of examples: 1 without a batch dimension.
    fn examples(&self) -> usize;
    /// Channels.
    fn channels(&self) -> Self::Channels;
    /// Positions of a channel.
    fn positions(&self) -> usize;
}

macro_rules! channels {
    ($N:ident: ($($B:ident)?) $(, $Side:ident $side:ident)*) => {
        impl<$($B: Dim,)? C: Dim $(, $Side: Dim)*> ChannelShape<$N> for ($($B,)? C, $($Side),*) {
            type Channels = C;

            fn examples(&self) -> usize {
                channels!(@examples self $($B)?)
            }

            fn channels(&self) -> C {
                channels!(@channels self $($B)?)
            }

            fn positions(&self) -> usize {
                let ($(channels!(@any $B),)? _, $($side),*) = *self;
                1 $(* $side.size())*
            }
        }
    };
    (@any $B:ident) => { _ };
    (@examples $shape:ident $B:ident) => { $shape.0.size() };
    (@examples $shape:ident) => { 1 };
    (@channels $shape:ident $B:ident) => { $shape.1 };
    (@channels $shape:ident) => { $shape.0 };
}

channels!(Line: (B));
channels!(Line: (B), X x);
channels!(Plane: (), Y y, X x);
channels!(Plane: (B), Y y, X x);
channels!(Volume: (), Z z, Y y, X x);
channels!(Volume: (B), Z z, Y y, X x);
