//! What `regress` says of a layer whose outputs have a known distribution, and that it agrees with what is kept.

use crate::confidence::Estimate;
use crate::estimators::twin;
use crate::parameters::{parameters, spread_out};
use bayes_core::prelude::*;

const DRAWS: usize = 20_000;

const SEED: u64 = 23;

/// Two means, then two log variances.
#[bayesian]
pub struct Head {
    pub fc: Linear<3, 4>,
}

const EXAMPLES: [[f64; 3]; 2] = [[0.9, -0.5, 1.2], [0.7, 0.8, -0.4]];

/// Mean and variance of each output of each example over all weights, from mu and rho alone.
fn exact<M: TensorCollection<f64, Cpu>>(layer: &M) -> Vec<[f64; 2]> {
    let tensors = parameters(layer);
    let values = |name: &str| {
        let tensor = tensors.iter().find(|tensor| tensor.name == name);
        tensor.expect("a tensor").values.clone()
    };
    let variances = |name: &str| -> Vec<f64> {
        let rho = values(name).into_iter();
        rho.map(|rho| rho.exp().ln_1p().powi(2)).collect()
    };
    let (w, b) = (values("fc.weight.mu"), values("fc.bias.mu"));
    let (var_w, var_b) = (variances("fc.weight.rho"), variances("fc.bias.rho"));
    let of = |x: &[f64; 3], o: usize| {
        let mut moments = [b[o], var_b[o]];
        for (i, x) in x.iter().enumerate() {
            moments[0] += w[3 * o + i] * x;
            moments[1] += var_w[3 * o + i] * x * x;
        }
        moments
    };
    EXAMPLES
        .iter()
        .flat_map(|x| (0..4).map(move |o| (x, o)))
        .map(|(x, o)| of(x, o))
        .collect()
}

/// The parts of the variance against their closed forms: the means are Gaussian and the variances log-normal.
fn follows_the_law_of_total_variance<E: bayes_core::estimator::Estimator>() {
    let plain = Cpu::seed_from_u64(3).build_module::<Head, f64>();
    let mut bayes = twin::<E, _, _, _>(&plain);
    spread_out(&mut bayes);
    let x = Cpu::default().tensor(EXAMPLES);
    let got = predict(&bayes, x.clone(), DRAWS, SEED)
        .regress(GaussianOutputs::MeanAndLogVariance)
        .expect("a prediction");
    assert_eq!((got.samples, got.outputs), (DRAWS, 2));
    let mixture = predict(&bayes, x, DRAWS, SEED)
        .mixture(GaussianOutputs::MeanAndLogVariance)
        .expect("a prediction");
    let kept = mixture.moments();
    assert_eq!(got.mean, kept.mean, "the draws are the same");
    let exact = exact(&bayes);
    for n in 0..4 {
        let (row, output) = (n / 2, n % 2);
        let [mean, variance] = exact[4 * row + output];
        let [ln_mean, ln_variance] = exact[4 * row + 2 + output];
        let count = DRAWS as f64;
        let estimate = |mean: f64, variance: f64| Estimate {
            mean,
            standard_error: (variance / count).sqrt(),
        };
        let what = format!("row {row}, output {output}");
        estimate(got.mean[n], variance).assert_is(mean, 0.3 * variance.sqrt(), &what);
        // The fourth moment of a Gaussian is three times its variance squared.
        let epistemic = estimate(got.epistemic[n], 2.0 * variance * variance);
        epistemic.assert_is(variance, 0.2 * variance, &format!("{what}: epistemic"));
        let noise = (ln_mean + 0.5 * ln_variance).exp();
        let spread = noise * noise * (ln_variance.exp() - 1.0);
        let aleatoric = estimate(got.aleatoric[n], spread);
        aleatoric.assert_is(noise, 0.5 * noise, &format!("{what}: aleatoric"));
        let total = got.aleatoric[n] + got.epistemic[n];
        assert_eq!(got.total[n], total);
        assert!((kept.total()[n] - total).abs() < 1e-12 * total);
    }
}

#[test]
fn each_estimator_follows_the_law_of_total_variance() {
    follows_the_law_of_total_variance::<Reparameterization>();
    follows_the_law_of_total_variance::<Flipout>();
    follows_the_law_of_total_variance::<LocalReparameterization>();
}

#[test]
fn a_plain_model_is_uncertain_of_its_noise_alone() {
    let plain = Cpu::seed_from_u64(3).build_module::<Head, f64>();
    let x = Cpu::default().tensor(EXAMPLES);
    let outputs = GaussianOutputs::Mean { variance: 0.25 };
    let got = predict(&plain, x.clone(), 3, 0).regress(outputs).unwrap();
    assert_eq!((got.outputs, got.mean.len()), (4, 8));
    assert_eq!(got.mean, plain.forward(x.clone()).as_vec());
    assert_eq!(
        (&got.epistemic, &got.total),
        (&vec![0.0; 8], &vec![0.25; 8])
    );
    let none = predict(&plain, x, 0, 0).regress(outputs);
    assert!(matches!(none, Err(Error::Empty { what: "sample" })));
}

#[test]
fn bits_do_not_depend_on_how_rows_are_cut() {
    let plain = Cpu::seed_from_u64(4).build_module::<Head, f32>();
    let mut bayes = twin::<LocalReparameterization, _, _, _>(&plain);
    spread_out(&mut bayes);
    let rows = |first: usize, count: usize| {
        let values = (0..count * 3).map(|i| ((first * 3 + i) as f32 * 0.37).sin());
        Cpu::default().tensor_from_vec(values.collect(), (count, Const::<3>))
    };
    // More rows than run at once, more draws than are held at once.
    let of = |first, count| {
        let draws = predict(&bayes, rows(first, count), 20, 5).from_example(first);
        draws.regress(GaussianOutputs::MeanAndLogVariance).unwrap()
    };
    let whole = of(0, 300);
    for first in [0, 100, 200] {
        let part = of(first, 100);
        assert_eq!(part.mean, whole.mean[first * 2..][..200]);
        assert_eq!(part.total, whole.total[first * 2..][..200]);
    }
}

#[test]
fn negative_variances_and_odd_outputs_are_errors() {
    let plain = Cpu::seed_from_u64(3).build_module::<Head, f64>();
    let x = Cpu::default().tensor([[9.0, -9.0, 9.0], [-9.0, 9.0, -9.0]]);
    let negative = predict(&plain, x.clone(), 1, 0).regress(GaussianOutputs::MeanAndVariance);
    assert!(matches!(negative, Err(Error::Metric(_))), "{negative:?}");
    let odd = Cpu::seed_from_u64(3).build_module::<Linear<3, 5>, f64>();
    let odd = predict(&odd, x, 1, 0).regress(GaussianOutputs::MeanAndVariance);
    assert!(matches!(
        odd,
        Err(Error::Input {
            layer: "regress",
            ..
        })
    ));
}
