//! Draws of a regression reduced to its mean and the two parts of its variance, or kept as a mixture of Gaussians.

use super::{Batch, Job, Predictive};
use crate::device::{Kernels, Workers};
use crate::error::Error;
use crate::metrics::{GaussianMixture, GaussianMoments};
use crate::twin::Bind;
use dfdx::nn::Module;
use dfdx::prelude::{Dim, Dtype, Tensor};

/// What the outputs of a regression are: of each row, the O means and perhaps their variances, of Gaussians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GaussianOutputs {
    /// O means. The noise of the data has one `variance`, known or estimated; 0 where only what the weights do not
    /// know is asked for.
    Mean {
        /// The aleatoric variance of every output, at least 0.
        variance: f64,
    },
    /// O means, then O variances, each at least 0.
    MeanAndVariance,
    /// O means, then O natural logarithms of variances.
    MeanAndLogVariance,
}

/// What the draws of a regression say of each row; variances are in the squared units of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// Number of draws.
    pub samples: usize,
    /// O, the number of means in each row.
    pub outputs: usize,
    /// `mean_s mu_s`: `rows × outputs`.
    pub mean: Vec<f64>,
    /// `mean_s sigma_s²`: what no further data would remove.
    pub aleatoric: Vec<f64>,
    /// `mean_s (mu_s − mean)²`: what the draws disagree on.
    pub epistemic: Vec<f64>,
    /// The variance of the prediction: aleatoric + epistemic.
    pub total: Vec<f64>,
}

impl<'m, M, X> Predictive<'m, M, X> {
    /// Takes the model's outputs as Gaussians and reduces them draw by draw by the law of total variance,
    /// `Var[y] = mean_s sigma_s² + var_s mu_s` (Kendall & Gal 2017); memory does not grow with the draws.
    ///
    /// As in [`classify`](Self::classify), layers with
    /// [`LocalReparameterization`](crate::estimator::LocalReparameterization) draw each row's outputs by themselves,
    /// which is exact for each row.
    ///
    /// ```
    /// use bayes_core::prelude::*;
    ///
    /// // A mean and the logarithm of a variance for each row.
    /// #[bayesian(input = (2))]
    /// struct Net {
    ///     fc1: Linear<2, 8>,
    ///     act: Tanh,
    ///     fc2: Linear<8, 2>,
    /// }
    ///
    /// let dev = Cpu::seed_from_u64(0);
    /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
    /// let x: Tensor<Rank2<5, 2>, f32, _> = dev.sample_normal();
    /// let seen = bayes.predict(x.clone(), 32, 7).regress(GaussianOutputs::MeanAndLogVariance)?;
    /// assert_eq!((seen.mean.len(), seen.outputs), (5, 1));
    /// assert!(seen.aleatoric.iter().chain(&seen.epistemic).all(|&variance| variance > 0.0));
    ///
    /// let mixture = bayes.predict(x, 32, 7).mixture(GaussianOutputs::MeanAndLogVariance)?;
    /// let interval = mixture.intervals(0.9)?[0];
    /// assert!(interval.contains(seen.mean[0]));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// An input that does not fit the model; no samples or rows; a mean that is not finite; a variance that is not
    /// finite or below 0; means and variances that are not equally many.
    pub fn regress<E, D, K>(self, outputs: GaussianOutputs) -> Result<Regression, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Job<'m, M, X::Part>>,
        K: Dim,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<(usize, K), E, D>, Error = D::Err>,
    {
        let (samples, rows) = (self.samples, self.x.rows());
        let mut moments: Option<GaussianMoments> = None;
        self.for_each_gaussian::<E, D, K>(outputs, |mean, variance| {
            let moments = moments.get_or_insert_with(|| GaussianMoments::new(mean.len()));
            Ok(moments.push(&mean, &variance)?)
        })?;
        let moments = moments.ok_or(Error::Empty { what: "sample" })?.finish()?;
        Ok(Regression {
            samples,
            outputs: moments.mean.len() / rows,
            total: moments.total(),
            mean: moments.mean,
            aleatoric: moments.aleatoric,
            epistemic: moments.epistemic,
        })
    }

    /// Keeps every draw's Gaussians as the predictive distribution itself, for its intervals and for metrics; its N
    /// numbers are rows × outputs.
    ///
    /// Memory is 2 numbers for each draw, row and output: where only moments are asked for take
    /// [`regress`](Self::regress). The draws are those of `regress`.
    ///
    /// # Errors
    /// As [`regress`](Self::regress).
    pub fn mixture<E, D, K>(self, outputs: GaussianOutputs) -> Result<GaussianMixture, Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Job<'m, M, X::Part>>,
        K: Dim,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<(usize, K), E, D>, Error = D::Err>,
    {
        let (mut mu, mut sigma) = (Vec::new(), Vec::new());
        self.for_each_gaussian::<E, D, K>(outputs, |mean, variance| {
            mu.extend(mean);
            sigma.extend(variance.into_iter().map(f64::sqrt));
            Ok(())
        })?;
        Ok(GaussianMixture::new(mu, sigma, self.samples)?)
    }

    /// Calls `reduce` with the means and variances of all rows in each draw.
    fn for_each_gaussian<E, D, K>(
        &self,
        outputs: GaussianOutputs,
        mut reduce: impl FnMut(Vec<f64>, Vec<f64>) -> Result<(), Error>,
    ) -> Result<(), Error>
    where
        E: Dtype,
        D: Kernels<E> + Workers<Job<'m, M, X::Part>>,
        K: Dim,
        M: Bind,
        X: Batch<E, D>,
        for<'a> M::Eval<'a>: Module<X::Part, Output = Tensor<(usize, K), E, D>, Error = D::Err>,
    {
        outputs.check()?;
        let job = self.job(false)?;
        job.for_each_draw::<E, D, (usize, K)>(self.samples, |draw| {
            let width = draw.len() / self.x.rows();
            let (mean, variance) = outputs.split(draw, width)?;
            reduce(mean, variance)
        })
    }
}

impl GaussianOutputs {
    fn check(self) -> Result<(), Error> {
        match self {
            Self::Mean { variance } if !variance.is_finite() || variance < 0.0 => {
                Err(Error::Number {
                    name: "variance",
                    must: "finite and at least 0",
                    found: variance,
                })
            }
            _ => Ok(()),
        }
    }

    /// The means and variances in rows of `width` outputs of the model.
    fn split(self, rows: Vec<f64>, width: usize) -> Result<(Vec<f64>, Vec<f64>), Error> {
        if width == 0 {
            return Err(Error::Empty { what: "output" });
        }
        if let Self::Mean { variance } = self {
            let variances = vec![variance; rows.len()];
            return Ok((rows, variances));
        }
        if !width.is_multiple_of(2) {
            let takes = "as many variances as means in each row";
            return Err(Error::input(
                "regress",
                takes,
                format_args!("{width} outputs"),
            ));
        }
        let half = |first: usize| {
            let rows = rows.chunks_exact(width);
            let part = rows.flat_map(move |row| &row[first..first + width / 2]);
            part.copied().collect::<Vec<f64>>()
        };
        let (mean, mut variance) = (half(0), half(width / 2));
        if self == Self::MeanAndLogVariance {
            variance.iter_mut().for_each(|ln| *ln = ln.exp());
        }
        Ok((mean, variance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_come_first_and_variances_after_them() {
        // Two rows of two means and two variances.
        let rows = vec![1.0, 2.0, 0.25, 0.5, /**/ 3.0, 4.0, 0.0, 1.0];
        let (mean, variance) = GaussianOutputs::MeanAndVariance
            .split(rows.clone(), 4)
            .unwrap();
        assert_eq!(mean, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(variance, [0.25, 0.5, 0.0, 1.0]);
        let (_, exponentials) = GaussianOutputs::MeanAndLogVariance
            .split(rows.clone(), 4)
            .unwrap();
        for (got, ln) in exponentials.iter().zip(variance) {
            assert_eq!(*got, ln.exp());
        }
        let (mean, variance) = GaussianOutputs::Mean { variance: 0.5 }
            .split(rows.clone(), 4)
            .unwrap();
        assert_eq!((mean, variance), (rows, vec![0.5; 8]));
    }

    #[test]
    fn outputs_that_do_not_pair_are_an_error() {
        let odd = GaussianOutputs::MeanAndVariance
            .split(vec![0.0; 6], 3)
            .unwrap_err();
        assert_eq!(
            odd.to_string(),
            "`regress` takes as many variances as means in each row, but got 3 outputs"
        );
        assert!(
            GaussianOutputs::MeanAndVariance
                .split(Vec::new(), 0)
                .is_err()
        );
        for variance in [-1.0, f64::NAN] {
            assert!(GaussianOutputs::Mean { variance }.check().is_err());
        }
    }
}
