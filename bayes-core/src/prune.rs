//! Pruning: weights whose noise is large beside their mean say little, and can be 0.
//!
//! The signal-to-noise ratio of a weight is `|mu|/sigma` (Graves 2011; Blundell et al. 2015). [`prune`] sets those with
//! the smallest ratios to 0 for good: mu = 0 and rho at its lower limit, so that sigma is 0 and each draw of them is
//! exactly 0. What a further training may change is not held. sigma is that of rho for every posterior: the factor of a
//! low-rank one is left out, and a radial one is not divided by the number of weights.
//!
//! ```
//! use bayes_core::prelude::*;
//! use bayes_core::prune::{Prune, prune};
//!
//! #[bayesian(moped = 0.2)]
//! struct Net {
//!     fc1: Linear<4, 16>,
//!     act: ReLU,
//!     fc2: Linear<16, 3>,
//! }
//!
//! let dev = Cpu::seed_from_u64(0);
//! let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
//! let pruned = prune(&mut bayes, Prune::Fraction(0.5))?;
//! assert_eq!((pruned.weights(), pruned.pruned()), (131, 66));
//! println!("{pruned}");
//! # Ok::<(), Error>(())
//! ```

use crate::device;
use crate::error::Error;
use crate::kernels::real::Real;
use crate::posterior::{Family, FanIn, Variational};
use crate::twin::{Bayesian, Config, Name, VisitPosteriors};
use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut, ViewTensorName,
};
use dfdx::prelude::{ConstShape, Device, Dtype, Shape, Tensor};
use std::collections::HashMap;
use std::fmt;

/// Which weights are set to 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prune {
    /// This share of all weights of the model, to the nearest number: those with the smallest ratios, of equal ones the
    /// first.
    Fraction(f64),
    /// Weights with a ratio below this.
    Threshold(f64),
}

/// What was pruned, by tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruned {
    /// The tensors in the model's order.
    pub tensors: Vec<PrunedTensor>,
}

/// What was pruned of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct PrunedTensor {
    /// Dotted name, such as `fc1.weight`.
    pub name: String,
    /// Number of weights.
    pub weights: usize,
    /// Number of weights that are 0 now.
    pub pruned: usize,
    /// Signal-to-noise ratio before: its 5 %, 50 % and 95 % quantile.
    pub snr: [f64; 3],
}

impl Pruned {
    /// Weights of the model.
    pub fn weights(&self) -> usize {
        self.tensors.iter().map(|tensor| tensor.weights).sum()
    }

    /// Weights that are 0 now.
    pub fn pruned(&self) -> usize {
        self.tensors.iter().map(|tensor| tensor.pruned).sum()
    }
}

impl fmt::Display for Pruned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.tensors.iter().map(|tensor| tensor.name.len()).max();
        let width = width.unwrap_or(0).max("tensor".len());
        writeln!(
            f,
            "{:width$}  {:>9}  {:>9}  {:>6}  {:>8}  {:>8}  {:>8}",
            "tensor", "weights", "pruned", "%", "SNR 5 %", "50 %", "95 %"
        )?;
        let mut row = |name: &str, weights: usize, pruned: usize, snr: Option<[f64; 3]>| {
            let share = 100.0 * pruned as f64 / weights.max(1) as f64;
            write!(f, "{name:width$}  {weights:>9}  {pruned:>9}  {share:>6.1}")?;
            for snr in snr.into_iter().flatten() {
                write!(f, "  {snr:>8.3}")?;
            }
            writeln!(f)
        };
        for tensor in &self.tensors {
            row(
                &tensor.name,
                tensor.weights,
                tensor.pruned,
                Some(tensor.snr),
            )?;
        }
        row("all", self.weights(), self.pruned(), None)
    }
}

/// Sets weights of `model` to 0, and says how many of which tensor.
///
/// # Errors
/// A fraction outside 0 to 1 or a threshold that is negative or not finite; a model without a posterior; a mu or rho that
/// is not a number; a device that fails.
pub fn prune<E, D, M>(model: &mut M, which: Prune) -> Result<Pruned, Error>
where
    E: Dtype,
    D: Device<E>,
    M: Bayesian<E, D> + TensorCollection<E, D>,
{
    let (name, must, found, good) = match which {
        Prune::Fraction(share) => {
            let good = (0.0..=1.0).contains(&share);
            ("the fraction to prune", "between 0 and 1", share, good)
        }
        Prune::Threshold(ratio) => {
            let good = ratio >= 0.0 && ratio.is_finite();
            (
                "the threshold to prune at",
                "finite and at least 0",
                ratio,
                good,
            )
        }
    };
    if !good {
        return Err(Error::Number { name, must, found });
    }
    let mut ratios = Ratios(Vec::new());
    model.visit_posteriors(&Name::ROOT, &mut ratios)?;
    if ratios.0.is_empty() {
        return Err(Error::NoPosterior);
    }
    let pruned = chosen(&ratios.0, which);
    let tensors = ratios.0.iter().map(|(name, ratios)| {
        let pruned = pruned[name].iter().filter(|&&pruned| pruned).count();
        PrunedTensor {
            name: name.clone(),
            weights: ratios.len(),
            pruned,
            snr: quantiles(ratios),
        }
    });
    let report = Pruned {
        tensors: tensors.collect(),
    };
    M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut Zero(&pruned),
    })?;
    Ok(report)
}

/// The ratios of each tensor, by name.
struct Ratios(Vec<(String, Vec<f64>)>);

impl<E: Dtype, D: Device<E>> VisitPosteriors<E, D> for Ratios {
    type Err = Error;

    fn visit<S: ConstShape, C: Config, F: FanIn>(
        &mut self,
        name: &Name<'_>,
        weights: &Variational<S, E, D, C, F>,
    ) -> Result<(), Error> {
        let host = |tensor| -> Result<Vec<f64>, Error> {
            let values = device::read(tensor).map_err(Error::device)?.into_iter();
            Ok(values.map(|x: E| x.to_f64().unwrap_or(f64::NAN)).collect())
        };
        let pairs = host(&weights.mu)?.into_iter().zip(host(&weights.rho)?);
        // A weight of 0 says nothing, however sure it is.
        let ratio = |(mu, rho): (f64, f64)| match mu.abs() {
            0.0 => 0.0,
            size => size / rho.softplus(),
        };
        let ratios: Vec<f64> = pairs.map(ratio).collect();
        if let Some(element) = ratios.iter().position(|ratio| ratio.is_nan()) {
            return Err(Error::NotFinite {
                tensor: name.to_string(),
                element,
                found: f64::NAN,
            });
        }
        self.0.push((name.to_string(), ratios));
        Ok(())
    }
}

/// Whether each weight of each tensor is to be 0.
fn chosen(ratios: &[(String, Vec<f64>)], which: Prune) -> HashMap<String, Vec<bool>> {
    let mut pruned: HashMap<String, Vec<bool>> = HashMap::new();
    match which {
        Prune::Threshold(least) => {
            for (name, ratios) in ratios {
                pruned.insert(
                    name.clone(),
                    ratios.iter().map(|&ratio| ratio < least).collect(),
                );
            }
        }
        Prune::Fraction(share) => {
            let mut all: Vec<(f64, &str, usize)> = Vec::new();
            for (name, ratios) in ratios {
                pruned.insert(name.clone(), vec![false; ratios.len()]);
                all.extend(
                    ratios
                        .iter()
                        .enumerate()
                        .map(|(i, &ratio)| (ratio, &**name, i)),
                );
            }
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let count = (share * all.len() as f64).round() as usize;
            for (_, name, i) in &all[..count] {
                if let Some(pruned) = pruned.get_mut(*name) {
                    pruned[*i] = true;
                }
            }
        }
    }
    pruned
}

fn quantiles(ratios: &[f64]) -> [f64; 3] {
    let mut sorted = ratios.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    [0.05, 0.5, 0.95].map(|share| {
        let at = (share * last).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    })
}

/// Sets mu to 0 and rho to its lower limit where it says so; a factor's rows to 0.
struct Zero<'a>(&'a HashMap<String, Vec<bool>>);

impl<E: Dtype, D: Device<E>> TensorVisitor<E, D> for Zero<'_> {
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = Error;
    type E2 = E;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, E, D>,
        (tensor, name): (&mut Tensor<S, E, D>, String),
    ) -> Result<Option<Tensor<S, E, D>>, Error> {
        let Some((weights, field)) = name.rsplit_once('.') else {
            return Ok(None);
        };
        let none = match field {
            "mu" | "factor" => 0.0,
            "rho" => -Family::LIMIT,
            _ => return Ok(None),
        };
        let Some(pruned) = self.0.get(weights) else {
            return Ok(None);
        };
        let mut values = device::read(tensor).map_err(Error::device)?;
        let each = values.len() / pruned.len().max(1);
        for (values, _) in values
            .chunks_mut(each.max(1))
            .zip(pruned)
            .filter(|(_, pruned)| **pruned)
        {
            values.fill(E::from_f64(none).unwrap_or_default());
        }
        tensor.copy_from(&values);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors() -> Vec<(String, Vec<f64>)> {
        vec![
            ("a".to_owned(), vec![3.0, 1.0, 1.0, 0.0]),
            ("b".to_owned(), vec![1.0, 2.0]),
        ]
    }

    #[test]
    fn the_smallest_go_first_and_of_equal_ones_the_first() {
        let of = |which| {
            let mut chosen: Vec<_> = chosen(&tensors(), which).into_iter().collect();
            chosen.sort();
            chosen
                .into_iter()
                .flat_map(|(_, pruned)| pruned)
                .collect::<Vec<bool>>()
        };
        let (t, f) = (true, false);
        assert_eq!(of(Prune::Fraction(0.5)), [f, t, t, t, f, f]);
        assert_eq!(of(Prune::Fraction(0.4)), [f, t, f, t, f, f]);
        assert_eq!(of(Prune::Fraction(1.0)), [t; 6]);
        assert_eq!(of(Prune::Fraction(0.0)), [f; 6]);
        assert_eq!(of(Prune::Threshold(1.0)), [f, f, f, t, f, f]);
        assert_eq!(of(Prune::Threshold(2.5)), [f, t, t, t, t, t]);
    }

    #[test]
    fn quantiles_are_of_the_sorted_ratios() {
        let ratios: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(quantiles(&ratios), [5.0, 50.0, 95.0]);
        assert_eq!(quantiles(&[7.0]), [7.0; 3]);
    }
}
