//! What layers on features ask of a tensor's shape: vectors, and sequences of them, with or without a batch.

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
