//! The weights that an example meets: the same for all, or its own.

use crate::kernels::isa::Isa;
use crate::kernels::matmul::Strips;
use crate::kernels::real::Real;

/// Packed weights of each group, for each example.
pub(super) trait OfExample<E: Real>: Sync {
    /// Where an example's own weights are made.
    type Own;

    /// Room for them.
    fn own(&self) -> Self::Own;

    /// The weights of example `n`.
    fn of_example<'a>(&'a self, isa: Isa, own: &'a mut Self::Own, n: usize) -> &'a [Strips<E>];
}

/// The same weights for all examples.
pub(super) struct Same<E>(pub Vec<Strips<E>>);

impl<E: Real> OfExample<E> for Same<E> {
    type Own = ();

    fn own(&self) {}

    fn of_example<'a>(&'a self, _: Isa, (): &'a mut (), _: usize) -> &'a [Strips<E>] {
        &self.0
    }
}
