//! What layers ask of a tensor's shape: feature vectors, sequences of them, and images, each with or without a batch.

use super::window::{Window, WindowOut};
use dfdx::shapes::{Const, Dim, Shape};

/// Feature vectors: `(K,)`, `(batch, K)` or `(batch, steps, K)`.
#[diagnostic::on_unimplemented(
    message = "a layer on feature vectors takes a tensor of shape (K,), (batch, K) or (batch, steps, K), not `{Self}`",
    note = "put a `Flatten` before it if this is an image"
)]
pub trait FeatureShape: Shape {
    /// The dimension of the features.
    type Features: Dim;
    /// The same shape with `O` features.
    type With<const O: usize>: FeatureShape<Features = Const<O>>;

    /// The same shape with `O` features.
    fn with<const O: usize>(&self) -> Self::With<O>;
    /// Number of examples: 1 without a batch dimension.
    fn examples(&self) -> usize;
    /// Feature vectors of one example: the steps of a sequence, else 1.
    fn steps(&self) -> usize;
    /// Number of features.
    fn features(&self) -> usize;
}

impl<K: Dim> FeatureShape for (K,) {
    type Features = K;
    type With<const O: usize> = (Const<O>,);

    fn with<const O: usize>(&self) -> Self::With<O> {
        (Const,)
    }
    fn examples(&self) -> usize {
        1
    }
    fn steps(&self) -> usize {
        1
    }
    fn features(&self) -> usize {
        self.0.size()
    }
}

impl<B: Dim, K: Dim> FeatureShape for (B, K) {
    type Features = K;
    type With<const O: usize> = (B, Const<O>);

    fn with<const O: usize>(&self) -> Self::With<O> {
        (self.0, Const)
    }
    fn examples(&self) -> usize {
        self.0.size()
    }
    fn steps(&self) -> usize {
        1
    }
    fn features(&self) -> usize {
        self.1.size()
    }
}

impl<B: Dim, S: Dim, K: Dim> FeatureShape for (B, S, K) {
    type Features = K;
    type With<const O: usize> = (B, S, Const<O>);

    fn with<const O: usize>(&self) -> Self::With<O> {
        (self.0, self.1, Const)
    }
    fn examples(&self) -> usize {
        self.0.size()
    }
    fn steps(&self) -> usize {
        self.1.size()
    }
    fn features(&self) -> usize {
        self.2.size()
    }
}

/// Images: `(C, H, W)` or `(batch, C, H, W)`.
#[diagnostic::on_unimplemented(
    message = "a layer on images takes a tensor of shape (C, H, W) or (batch, C, H, W), not `{Self}`"
)]
pub trait ImageShape: Shape {
    /// The dimension of the channels.
    type Channels: Dim;
    /// The dimension of the height.
    type Height: Dim;
    /// The dimension of the width.
    type Width: Dim;
    /// The same batch of images with other channels, height and width.
    type With<C: Dim, H: Dim, W: Dim>: ImageShape<Channels = C, Height = H, Width = W>;
    /// The same batch of vectors.
    type Vectors<K: Dim>: FeatureShape<Features = K>;

    /// The same batch with other dimensions.
    fn with<C: Dim, H: Dim, W: Dim>(&self, channels: C, height: H, width: W)
    -> Self::With<C, H, W>;
    /// The same batch of vectors.
    fn vectors<K: Dim>(&self, features: K) -> Self::Vectors<K>;
    /// Number of images: 1 without a batch dimension.
    fn examples(&self) -> usize;
    /// Channels, height and width.
    fn image(&self) -> (Self::Channels, Self::Height, Self::Width);
}

impl<C: Dim, H: Dim, W: Dim> ImageShape for (C, H, W) {
    type Channels = C;
    type Height = H;
    type Width = W;
    type With<C2: Dim, H2: Dim, W2: Dim> = (C2, H2, W2);
    type Vectors<K: Dim> = (K,);

    fn with<C2: Dim, H2: Dim, W2: Dim>(&self, channels: C2, height: H2, width: W2) -> (C2, H2, W2) {
        (channels, height, width)
    }
    fn vectors<K: Dim>(&self, features: K) -> (K,) {
        (features,)
    }
    fn examples(&self) -> usize {
        1
    }
    fn image(&self) -> (C, H, W) {
        *self
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim> ImageShape for (B, C, H, W) {
    type Channels = C;
    type Height = H;
    type Width = W;
    type With<C2: Dim, H2: Dim, W2: Dim> = (B, C2, H2, W2);
    type Vectors<K: Dim> = (B, K);

    fn with<C2: Dim, H2: Dim, W2: Dim>(
        &self,
        channels: C2,
        height: H2,
        width: W2,
    ) -> (B, C2, H2, W2) {
        (self.0, channels, height, width)
    }
    fn vectors<K: Dim>(&self, features: K) -> (B, K) {
        (self.0, features)
    }
    fn examples(&self) -> usize {
        self.0.size()
    }
    fn image(&self) -> (C, H, W) {
        (self.1, self.2, self.3)
    }
}

/// Images over which a [`Window`] of kernel `K`, stride `S`, padding `P` and dilation `L` can move.
#[diagnostic::on_unimplemented(
    message = "a {K}×{K} window with stride {S}, padding {P} and dilation {L} cannot move over `{Self}`",
    note = "it takes (C, H, W) or (batch, C, H, W); kernel 1 to 11, stride 1 to 4, padding 0 to 5, dilation 1 or 2"
)]
pub trait WindowShape<const K: usize, const S: usize, const P: usize, const L: usize>:
    ImageShape
{
    /// Output height.
    type OutHeight: Dim;
    /// Output width.
    type OutWidth: Dim;

    /// Height and width of the output, or `None` where the window is larger than the padded image.
    fn slide(&self) -> Option<(Self::OutHeight, Self::OutWidth)>;
}

/// The images with `C` channels that a window makes of the images `X`.
pub type Slid<X, C, const K: usize, const S: usize, const P: usize, const L: usize> =
    <X as ImageShape>::With<
        C,
        <X as WindowShape<K, S, P, L>>::OutHeight,
        <X as WindowShape<K, S, P, L>>::OutWidth,
    >;

impl<X: ImageShape, const K: usize, const S: usize, const P: usize, const L: usize>
    WindowShape<K, S, P, L> for X
where
    Window<K, S, P, L>: WindowOut<X::Height> + WindowOut<X::Width>,
{
    type OutHeight = <Window<K, S, P, L> as WindowOut<X::Height>>::Out;
    type OutWidth = <Window<K, S, P, L> as WindowOut<X::Width>>::Out;

    fn slide(&self) -> Option<(Self::OutHeight, Self::OutWidth)> {
        let (_, height, width) = self.image();
        Some((
            <Window<K, S, P, L> as WindowOut<X::Height>>::out(height)?,
            <Window<K, S, P, L> as WindowOut<X::Width>>::out(width)?,
        ))
    }
}
