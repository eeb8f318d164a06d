//! The entropy of each family of posteriors, in closed form.

use super::rows::{Row, Rows};
use crate::device::{self, Kernels, composed};
use crate::error::Error;
use crate::posterior::Family;
use crate::prior::number;
use crate::twin::Name;
use dfdx::prelude::{
    Axes2, Axis, BroadcastTo, Dtype, PermuteTo, Rank0, SumTo, Tape, Tensor, TryAdd, TryDiv,
    TryMatMul, TryMul, TrySub,
};
use dfdx::shapes::HasShape;
use std::f64::consts::{E as EULER, PI};

type Scalar<E, D, T> = Tensor<Rank0, E, D, T>;

/// `E ln q(w)`, in nats:
/// - mean-field: `−Σ ln sigma − n/2·ln(2πe)`;
/// - radial: `−Σ ln sigma − H_n`, H_n the entropy of a random direction in n dimensions whose length is half-normal;
/// - low-rank: as mean-field, and `−½·ln det(I + (U/sigma)ᵀ(U/sigma))`.
pub(super) fn negative_entropy<E, D, T>(
    name: &Name<'_>,
    rows: &Rows<E, D>,
) -> Result<Scalar<E, D, T>, Error>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    let n = rows.len();
    let of_noise = match rows.family {
        Family::Radial { .. } => radial_noise(n),
        Family::MeanField { .. } | Family::LowRank { .. } => {
            0.5 * n as f64 * (2.0 * PI * EULER).ln()
        }
    };
    let sum = || -> Result<Scalar<E, D, T>, D::Err> {
        let logs = composed::ln_softplus(rows.rho.retaped::<T>())?;
        let logs: Scalar<E, D, T> = logs.try_sum()?;
        logs.try_negate()?.try_sub(number::<E>(of_noise))
    };
    let independent = sum().map_err(Error::device)?;
    match &rows.factor {
        None => Ok(independent),
        Some(factor) => independent
            .try_sub(half_log_det::<E, D, T>(name, &rows.rho, factor)?)
            .map_err(Error::device),
    }
}

/// The entropy of `z = direction·r` in n dimensions, r normal: that of |r|, and `ln` of the sphere's area at |r|.
fn radial_noise(n: usize) -> f64 {
    const EULER_MASCHERONI: f64 = 0.577_215_664_901_532_9;
    let n = n as f64;
    let of_length = 0.5 * (PI * EULER / 2.0).ln();
    let ln_unit_sphere = 2f64.ln() + n / 2.0 * PI.ln() - libm::lgamma(n / 2.0);
    let mean_ln_length = -0.5 * (EULER_MASCHERONI + 2f64.ln());
    of_length + ln_unit_sphere + (n - 1.0) * mean_ln_length
}

/// Below this, a sigma that divides the factor counts as so much.
const LEAST_SIGMA: f64 = 1e-12;

/// `½·ln det(I + AᵀA)` with `A = U/sigma`.
///
/// The matrix is as small as the rank: its determinant and inverse are found on the host, and the gradient is that of
/// `½·Σ inverse∘AᵀA`, whose slope is the determinant's.
fn half_log_det<E, D, T>(
    name: &Name<'_>,
    rho: &Row<E, D>,
    factor: &Tensor<(usize, usize), E, D>,
) -> Result<Scalar<E, D, T>, Error>
where
    E: Dtype,
    D: Kernels<E>,
    T: Tape<E, D>,
{
    let &(rows, rank) = factor.shape();
    let gram = || -> Result<Tensor<(usize, usize), E, D, T>, D::Err> {
        let sigma = composed::softplus(rho.retaped::<T>())?;
        let sigma = sigma.try_clamp(LEAST_SIGMA, f64::from(f32::MAX))?;
        let sigma = sigma.try_broadcast_like::<_, Axis<1>>(&(rows, rank))?;
        let a = factor.retaped::<T>().try_div(sigma)?;
        // A tensor cannot be multiplied with itself on a tape: this is another one.
        let transposed = a.retaped::<T>().try_add(E::default())?;
        let transposed = transposed.try_permute::<(usize, usize), Axes2<1, 0>>()?;
        transposed.try_matmul(a)
    };
    let gram = gram().map_err(Error::device)?;
    let (gram, tape) = dfdx::tensor::SplitTape::split_tape(gram);
    let host = device::read(&gram).map_err(Error::device)?;
    let host: Vec<f64> = host
        .into_iter()
        .map(|x| x.to_f64().unwrap_or(f64::NAN))
        .collect();
    let Inverse { inverse, log_det } =
        inverse_of_one_plus(&host, rank).ok_or_else(|| Error::NotFinite {
            tensor: format!("{name}.factor"),
            element: 0,
            found: f64::NAN,
        })?;
    let at_host: f64 = inverse.iter().zip(&host).map(|(i, g)| i * g).sum();
    let surrogate = || -> Result<Scalar<E, D, T>, D::Err> {
        let inverse = inverse.into_iter().map(number::<E>).collect();
        let inverse: Tensor<(usize, usize), E, D> =
            gram.device().try_tensor_from_vec(inverse, (rank, rank))?;
        let gram = dfdx::tensor::PutTape::put_tape(gram.clone(), tape);
        let sum: Scalar<E, D, T> = gram.try_mul(inverse)?.try_sum()?;
        sum.try_add(number::<E>(log_det - at_host))?
            .try_mul(number::<E>(0.5))
    };
    surrogate().map_err(Error::device)
}

/// The inverse of a positive definite matrix, row-major, and the logarithm of its determinant.
struct Inverse {
    inverse: Vec<f64>,
    log_det: f64,
}

/// Of `I + gram`, by its Cholesky factor L; `None` where that is not finite.
fn inverse_of_one_plus(gram: &[f64], n: usize) -> Option<Inverse> {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
            let entry = gram[i * n + j] + f64::from(u8::from(i == j)) - dot;
            l[i * n + j] = if i == j {
                // At least 1 but for rounding, as for every matrix that is added to one; NaN stays.
                if entry < 1.0 { 1.0 } else { entry.sqrt() }
            } else {
                entry / l[j * n + j]
            };
        }
    }
    let log_det: f64 = (0..n).map(|i| 2.0 * l[i * n + i].ln()).sum();
    // The columns of the inverse of L, by forward substitution.
    let mut lower = vec![0.0; n * n];
    for j in 0..n {
        for i in j..n {
            let dot: f64 = (j..i).map(|k| l[i * n + k] * lower[k * n + j]).sum();
            lower[i * n + j] = (f64::from(u8::from(i == j)) - dot) / l[i * n + i];
        }
    }
    let entry = |i: usize, j: usize| (0..n).map(|k| lower[k * n + i] * lower[k * n + j]).sum();
    let inverse: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
    let finite = log_det.is_finite() && inverse.iter().all(|x: &f64| x.is_finite());
    finite.then_some(Inverse { inverse, log_det })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radial_noise_in_one_dimension_is_normal() {
        let normal = 0.5 * (2.0 * PI * EULER).ln();
        assert!((radial_noise(1) - normal).abs() < 1e-14);
        // In three: H(|r|) + ln(4π) + 2·E ln|r|.
        let three =
            0.5 * (PI * EULER / 2.0).ln() + (4.0 * PI).ln() - (0.577_215_664_901_532_9 + 2f64.ln());
        assert!((radial_noise(3) - three).abs() < 1e-13);
    }

    #[test]
    fn the_inverse_times_the_matrix_is_one() {
        let gram = [2.0, 0.5, -0.25, 0.5, 1.0, 0.75, -0.25, 0.75, 3.0];
        let Inverse { inverse, log_det } =
            inverse_of_one_plus(&gram, 3).expect("positive definite");
        let matrix = |i: usize, j: usize| gram[i * 3 + j] + f64::from(u8::from(i == j));
        for (i, j) in (0..9).map(|at| (at / 3, at % 3)) {
            let entry: f64 = (0..3).map(|k| matrix(i, k) * inverse[k * 3 + j]).sum();
            assert!((entry - f64::from(u8::from(i == j))).abs() < 1e-14);
        }
        let det: f64 = 3.0 * (2.0 * 4.0 - 0.75 * 0.75)
            - 0.5 * (0.5 * 4.0 + 0.75 * 0.25)
            - 0.25 * (0.5 * 0.75 + 2.0 * 0.25);
        assert!((log_det - det.ln()).abs() < 1e-14);
        assert!(inverse_of_one_plus(&[f64::NAN], 1).is_none());
    }
}
