//! The dimensions of a low-rank posterior's factor: all weights of a tensor, by the rank.

use crate::twin::Config;
use dfdx::shapes::{ConstDim, ConstShape, Dim};
use std::fmt;
use std::marker::PhantomData;

/// The number of elements of `S`, as a dimension.
pub struct Elements<S>(PhantomData<S>);

/// The rank of the posterior of `C`, as a dimension.
pub struct Columns<C>(PhantomData<C>);

macro_rules! dimension {
    ($Name:ident<$T:ident: $Bound:ident>, $size:expr) => {
        impl<$T: $Bound> Dim for $Name<$T> {
            fn size(&self) -> usize {
                Self::SIZE
            }

            fn from_size(size: usize) -> Option<Self> {
                (size == Self::SIZE).then_some(Self(PhantomData))
            }
        }

        impl<$T: $Bound> ConstDim for $Name<$T> {
            const SIZE: usize = $size;
        }

        // Derived, these would ask the same of the type that is counted.
        impl<$T> Clone for $Name<$T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<$T> Copy for $Name<$T> {}
        impl<$T> Default for $Name<$T> {
            fn default() -> Self {
                Self(PhantomData)
            }
        }
        impl<$T> PartialEq for $Name<$T> {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }
        impl<$T> Eq for $Name<$T> {}
        impl<$T> fmt::Debug for $Name<$T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($Name))
            }
        }
    };
}

dimension!(Elements<S: ConstShape>, S::NUMEL);
dimension!(Columns<C: Config>, C::POSTERIOR.rank());
