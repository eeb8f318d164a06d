//! Checked inputs of losses: what the host has to know of a tensor before anything goes on the tape.

use crate::device;
use crate::error::Error;
use crate::metrics::{Demand, MetricError, check_all, check_labels};
use dfdx::prelude::{Device, Dtype, Shape, Tape, Tensor};
use dfdx::shapes::HasShape;
use dfdx::tensor::{PutTape, SplitTape};

/// The elements of a tensor, each of which meets the demand; `what` names them for the error.
pub(super) fn checked<S: Shape, E: Dtype, D: Device<E>>(
    what: &'static str,
    tensor: &Tensor<S, E, D>,
    demand: Demand,
) -> Result<Vec<f64>, Error> {
    let values = device::read(tensor).map_err(Error::device)?;
    let values: Vec<f64> = values
        .into_iter()
        .map(|x| x.to_f64().unwrap_or(f64::NAN))
        .collect();
    if values.is_empty() {
        return Err(MetricError::Empty { what }.into());
    }
    check_all(what, values.iter().copied(), demand)?;
    Ok(values)
}

/// A tensor with its tape, and what the host knows of it.
pub(super) struct Known<S: Shape, E: Dtype, D: Device<E>, T, K> {
    pub(super) tensor: Tensor<S, E, D, T>,
    pub(super) known: K,
}

pub(super) type Checked<S, E, D, T, K> = Result<Known<S, E, D, T, K>, Error>;

/// A tensor with its tape, checked to have the shape of its partner and as by [`checked`]; and its elements.
pub(super) fn checked_on_tape<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    what: &'static str,
    tensor: Tensor<S, E, D, T>,
    shape: &S,
    demand: Demand,
) -> Checked<S, E, D, T, Vec<f64>> {
    if tensor.shape() != shape {
        return Err(MetricError::Length {
            what,
            expected: shape.num_elements(),
            found: tensor.shape().num_elements(),
        }
        .into());
    }
    let (tensor, tape) = tensor.split_tape();
    let known = checked(what, &tensor, demand)?;
    Ok(Known {
        tensor: tensor.put_tape(tape),
        known,
    })
}

/// Checks that each of `rows` rows has a label, and each label a class.
pub(super) fn check_targets(rows: usize, classes: usize, labels: &[usize]) -> Result<(), Error> {
    if labels.len() != rows {
        return Err(MetricError::Length {
            what: "labels",
            expected: rows,
            found: labels.len(),
        }
        .into());
    }
    Ok(check_labels(labels, classes)?)
}

/// Checks the weight of a loss.
pub(super) fn check_beta(found: f64) -> Result<(), Error> {
    if found.is_finite() && found >= 0.0 {
        return Ok(());
    }
    Err(Error::Number {
        name: "beta",
        must: "finite and at least 0",
        found,
    })
}

/// Checks that a threshold is a number, of which others are above or below.
pub(super) fn check_threshold(threshold: f64) -> Result<(), Error> {
    if threshold.is_nan() {
        return Err(MetricError::NanThreshold.into());
    }
    Ok(())
}

/// A constant as an element.
pub(super) fn number<E: Dtype>(value: f64) -> E {
    E::from_f64(value).unwrap_or_default()
}

/// Numbers of the host as a constant of the device.
pub(super) fn upload<S: Shape, E: Dtype, D: Device<E>>(
    device: &D,
    values: impl IntoIterator<Item = f64>,
    shape: S,
) -> Result<Tensor<S, E, D>, D::Err> {
    device.try_tensor_from_vec(values.into_iter().map(number).collect(), shape)
}
