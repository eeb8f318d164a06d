//! Dimensions and shapes of recurrent layers.

use crate::shape::{FeatureShape, Fits};
use dfdx::shapes::{ConstDim, Dim, Shape};

macro_rules! dimension {
    ($(#[$doc:meta])* $Name:ident<$(const $P:ident: $Ty:ty),+>, $size:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Name<$(const $P: $Ty),+>;

        impl<$(const $P: $Ty),+> Dim for $Name<$($P),+> {
            fn size(&self) -> usize {
                Self::SIZE
            }

            fn from_size(size: usize) -> Option<Self> {
                (size == Self::SIZE).then_some(Self)
            }
        }

        impl<$(const $P: $Ty),+> ConstDim for $Name<$($P),+> {
            const SIZE: usize = $size;
        }

        impl<$(const $P: $Ty,)+ const N: usize> Fits<N> for $Name<$($P),+> {}
    };
}

dimension! {
    /// `GATES·H`: the numbers of all gates.
    Gates<const GATES: usize, const H: usize>, GATES * H
}

dimension! {
    /// `H`, or `2·H` of a layer that runs in both directions.
    Directions<const H: usize, const BIDIRECTIONAL: bool>, if BIDIRECTIONAL { 2 * H } else { H }
}

/// Sequences of feature vectors: `(steps, K)` or `(batch, steps, K)`.
#[diagnostic::on_unimplemented(
    message = "a layer on sequences takes a tensor of shape (steps, K) or (batch, steps, K), not `{Self}`"
)]
pub trait SequenceShape: Shape {
    /// The dimension of the features.
    type Features: Dim;
    /// The same sequences with other features.
    type With<K: Dim>: SequenceShape<Features = K>;
    /// One vector of each sequence.
    type One: FeatureShape<Features = Self::Features>;

    /// The same sequences with other features.
    fn with<K: Dim>(&self, features: K) -> Self::With<K>;
    /// One vector of each sequence.
    fn one(&self) -> Self::One;
    /// Examples, steps and features.
    fn sizes(&self) -> (usize, usize, usize);
}

impl<S: Dim, K: Dim> SequenceShape for (S, K) {
    type Features = K;
    type With<F: Dim> = (S, F);
    type One = (K,);

    fn with<F: Dim>(&self, features: F) -> (S, F) {
        (self.0, features)
    }
    fn one(&self) -> (K,) {
        (self.1,)
    }
    fn sizes(&self) -> (usize, usize, usize) {
        (1, self.0.size(), self.1.size())
    }
}

impl<B: Dim, S: Dim, K: Dim> SequenceShape for (B, S, K) {
    type Features = K;
    type With<F: Dim> = (B, S, F);
    type One = (B, K);

    fn with<F: Dim>(&self, features: F) -> (B, S, F) {
        (self.0, self.1, features)
    }
    fn one(&self) -> (B, K) {
        (self.0, self.2)
    }
    fn sizes(&self) -> (usize, usize, usize) {
        (self.0.size(), self.1.size(), self.2.size())
    }
}
