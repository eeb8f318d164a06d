//! Soft counts of examples that are right and certain, or wrong and uncertain: the share that all losses of this kind
//! are made of.

use super::Result;
use super::input::{number, upload};
use dfdx::prelude::{
    Axis, Device, Dtype, Rank0, SumTo, Tape, Tensor, TryAdd, TryDiv, TryMatMul, TryMul,
};
use dfdx::shapes::HasShape;

/// Added to the count of all examples, and to the share before its logarithm (as bayesian-torch does).
const EPSILON: f64 = 1e-10;

/// A number for each example.
pub(super) type Column<E, D, T> = Tensor<(usize,), E, D, T>;

/// What each example counts, as the product of two factors.
pub(super) struct Weights<E: Dtype, D: Device<E>, T> {
    /// For being right, or wrong, whichever it is.
    pub(super) right: Column<E, D, T>,
    /// For being certain, where it is.
    pub(super) certain: Column<E, D, T>,
    /// For being uncertain, where it is.
    pub(super) uncertain: Column<E, D, T>,
}

/// Which examples are right, and which are certain; constants for the gradient.
pub(super) struct Membership {
    pub(super) right: Vec<bool>,
    /// For each threshold.
    pub(super) certain: Vec<Vec<bool>>,
}

impl Membership {
    pub(super) fn new(right: Vec<bool>, certain: Vec<Vec<bool>>) -> Self {
        Self { right, certain }
    }

    /// The examples of which `holds` is true of (right, certain), as 1 beside 0: `examples × thresholds`.
    fn mask<E: Dtype, D: Device<E>>(
        &self,
        device: &D,
        holds: impl Fn(bool, bool) -> bool,
    ) -> std::result::Result<Tensor<(usize, usize), E, D>, D::Err> {
        let row = |n: usize| {
            let holds = &holds;
            self.certain
                .iter()
                .map(move |certain| f64::from(u8::from(holds(self.right[n], certain[n]))))
        };
        let shape = (self.right.len(), self.certain.len());
        upload(device, (0..shape.0).flat_map(row), shape)
    }
}

/// At each threshold the soft share of examples that are right and certain or wrong and uncertain:
/// `(n_AC + n_IU)/(n_AC + n_AU + n_IC + n_IU + 1e-10)`, each n the sum of its examples' weights.
pub(super) fn agreement<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    weights: Weights<E, D, T>,
    membership: &Membership,
) -> Result<(usize,), E, D, T> {
    let device = weights.right.device().clone();
    let certain = weights.right.retaped::<T>().try_mul(weights.certain)?;
    let uncertain = weights.right.try_mul(weights.uncertain)?;
    let good = certain
        .retaped::<T>()
        .try_matmul(membership.mask(&device, |right, certain| right && certain)?)?;
    let good = uncertain
        .retaped::<T>()
        .try_matmul(membership.mask(&device, |right, certain| !right && !certain)?)?
        .try_add(good)?;
    let all = certain.try_matmul(membership.mask(&device, |_, certain| certain)?)?;
    let all = uncertain
        .try_matmul(membership.mask(&device, |_, certain| !certain)?)?
        .try_add(all)?;
    good.try_div(all.try_add(number::<E>(EPSILON))?)
}

/// `−beta·ln(Σ_k weight_k·share_k + 1e-10)`.
pub(super) fn log_loss<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    shares: Column<E, D, T>,
    weights: &[f64],
    beta: f64,
) -> Result<Rank0, E, D, T> {
    let weights = upload(shares.device(), weights.iter().copied(), *shares.shape())?;
    let area = shares.try_mul(weights)?.try_sum::<Rank0, Axis<0>>()?;
    area.try_add(number::<E>(EPSILON))?
        .try_ln()?
        .try_mul(number::<E>(-beta))
}

/// `x` where `holds`, else `1 − x`, for each example.
pub(super) fn where_or_rest<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Column<E, D, T>,
    holds: &[bool],
) -> Result<(usize,), E, D, T> {
    let device = x.device().clone();
    let shape = *x.shape();
    let sign = |holds: &bool| if *holds { 1.0 } else { -1.0 };
    let offset = |holds: &bool| if *holds { 0.0 } else { 1.0 };
    x.try_mul(upload(&device, holds.iter().map(sign), shape)?)?
        .try_add(upload(&device, holds.iter().map(offset), shape)?)
}

/// `1 − x`.
pub(super) fn rest<E: Dtype, D: Device<E>, T: Tape<E, D>>(
    x: Column<E, D, T>,
) -> Result<(usize,), E, D, T> {
    x.try_negate()?.try_add(E::ONE)
}
