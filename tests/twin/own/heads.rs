//! Two outputs: the mean of a Gaussian and the logarithm of its variance (Nix and Weigend 1994).

use super::{kl_names, trained};
use bayes_core::layers::modules::ConcatDim;
use bayes_core::prelude::*;

#[bayesian(forward, estimator = Reparameterization)]
pub struct Heads {
    trunk: Linear<4, 16>,
    mean: Linear<16, 1>,
    #[bayes(estimator = LocalReparameterization)]
    log_variance: Linear<16, 1>,
}

type Column<B, E, D, T> = Tensor<(B, Const<1>), E, D, T>;

#[bayesian(forward)]
impl Heads {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<(Column<B, E, D, T>, Column<B, E, D, T>), D::Err> {
        let x = self.trunk.try_forward(x)?.try_tanh()?;
        let mean = self.mean.try_forward(x.retaped::<T>())?;
        Ok((mean, self.log_variance.try_forward(x)?))
    }
}

/// Both in one row, as a regression takes them.
#[bayesian(forward)]
pub struct Regressor {
    heads: Heads,
}

#[bayesian(forward)]
impl Regressor {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<Tensor<(B, ConcatDim<Const<1>, Const<1>>), E, D, T>, D::Err> {
        let (mean, log_variance) = self.heads.try_forward(x)?;
        join(mean, log_variance)
    }
}

#[test]
fn a_mean_and_a_variance() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Heads, f64>();
    let x: Tensor<Rank2<6, 4>, f64, _> = dev.sample_normal();
    let inner = plain.trunk.forward(x.clone()).tanh();
    let want = [
        plain.mean.forward(inner.clone()).as_vec(),
        plain.log_variance.forward(inner).as_vec(),
    ];
    let (mean, log_variance) = plain.forward(x.clone());
    assert_eq!([mean.as_vec(), log_variance.as_vec()], want);

    let mut bayes = BayesHeads::from_pretrained(&plain).expect("a twin");
    let (mean, log_variance) = bayes.eval(Key::MEAN).forward(x.clone());
    assert_eq!([mean.as_vec(), log_variance.as_vec()], want);
    let (drawn, _) = bayes.eval(Key::new(1, 0)).forward(x.clone());
    assert_ne!(drawn.as_vec(), want[0]);

    let (mean, log_variance) = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    // ½(ln σ² + μ²/σ²), for a target of 0.
    let nll = (mean.square() * log_variance.retaped::<OwnedTape<f64, Cpu>>().negate().exp()
        + log_variance)
        * 0.5;
    let gradients = nll.mean::<Rank0, _>().backward();
    let names = trained(&bayes, &gradients);
    assert_eq!(
        names,
        [
            "trunk.weight",
            "trunk.bias",
            "mean.weight",
            "mean.bias",
            "log_variance.weight",
            "log_variance.bias",
        ]
    );
    assert_eq!(kl_names!(bayes), names);
}

#[test]
fn a_regression_takes_both_in_one_row() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Regressor, f64>();
    let x: Tensor<Rank2<6, 4>, f64, _> = dev.sample_normal();
    let (mean, log_variance) = plain.heads.forward(x.clone());
    let bayes = BayesRegressor::from_pretrained(&plain).expect("a twin");
    let joined = bayes.eval(Key::MEAN).forward(x.clone()).as_vec();
    for (i, row) in joined.chunks(2).enumerate() {
        assert_eq!(row, [mean.as_vec()[i], log_variance.as_vec()[i]]);
    }
    let outputs = GaussianOutputs::MeanAndLogVariance;
    let seen = bayes
        .predict(x, 8, 7)
        .regress(outputs)
        .expect("a regression");
    assert_eq!(seen.mean.len(), 6);
}
