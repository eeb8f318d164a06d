//! The divergence of a Gaussian posterior from its prior: `kl_gaussian_0` and `kl_gaussian_1`.

use crate::fixture::Fixture;
use crate::tape::{Number, both_ways, filled, kernels_in, upload};
use bayes_core::device::Kernels;
use bayes_core::dfdx::prelude::{Cpu, OwnedTape, Rank0, Tensor};
use bayes_core::dfdx::tensor_ops::Backward;
use bayes_core::kernels::gaussian::{self, GaussianPrior};
use bayes_core::posterior::{MeanField, PriorMean};

#[test]
fn golden_kl_gaussian_0() {
    golden("kl_gaussian_0");
}

#[test]
fn golden_kl_gaussian_1() {
    golden("kl_gaussian_1");
}

fn golden(name: &str) {
    let file = Fixture::open(name);
    by_kernels::<f32>(&file);
    by_kernels::<f64>(&file);
    on_tape::<f32>(&file);
    on_tape::<f64>(&file);
}

/// The prior's mean and standard deviation; by default standard normal.
fn prior(file: &Fixture) -> (f64, f64) {
    (
        file.number("prior_mu", 0.0),
        file.number("prior_sigma", 1.0),
    )
}

fn by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let (mean, std) = prior(file);
    let means = vec![E::narrow(mean); file.tensor("mu").values.len()];
    let std = E::narrow(std);
    let of_one = GaussianPrior {
        mean: gaussian::PriorMean::Scalar(E::narrow(mean)),
        std,
    };
    let of_each = GaussianPrior {
        mean: gaussian::PriorMean::Slice(&means),
        std,
    };
    let (mu, rho) = (file.tensor("mu").to::<E>(), file.tensor("rho").to::<E>());
    let per_weight = mu.iter().zip(&rho).map(|(&mu, &rho)| {
        let kl = gaussian::kl(&[mu], &[rho], &of_one);
        E::narrow(kl)
    });
    file.compare_if_there(&way, "kl", &per_weight.collect::<Vec<_>>());
    for prior in [of_one, of_each] {
        let kl = gaussian::kl(&mu, &rho, &prior);
        file.compare(&way, "kl_sum", &[E::narrow(kl)]);
        let (mut d_mu, mut d_rho) = (vec![E::zero(); mu.len()], vec![E::zero(); mu.len()]);
        let mut slope = vec![E::zero(); rho.len()];
        gaussian::kl_with_slope(&mu, &rho, &prior, &mut slope);
        gaussian::kl_gradients(&mu, &slope, &prior, E::one(), &mut d_mu, &mut d_rho);
        file.compare_if_there(&way, "dmu", &d_mu);
        file.compare_if_there(&way, "drho", &d_rho);
    }
}

fn on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let (mean, prior_std) = prior(file);
    let shape = (file.tensor("mu").values.len(),);
    let (mu, rho) = (
        upload::<_, E>(file.tensor("mu"), shape),
        upload::<_, E>(file.tensor("rho"), shape),
    );
    let means = filled(vec![E::narrow(mean); shape.0], shape);
    both_ways!(E, |Operations, way| {
        for prior_mean in [PriorMean::Value(mean), PriorMean::Tensor(&means)] {
            let kl = Operations::gaussian_kl(MeanField {
                mu: &mu,
                rho: &rho,
                prior_mean,
                prior_std,
            });
            let kl: Tensor<Rank0, E, Cpu, OwnedTape<E, Cpu>> = kl.expect("a divergence");
            file.compare(&way, "kl_sum", &kl.as_vec());
            let gradients = kl.backward();
            file.compare_if_there(&way, "dmu", &gradients.get(&mu).as_vec());
            file.compare_if_there(&way, "drho", &gradients.get(&rho).as_vec());
        }
    });
}
