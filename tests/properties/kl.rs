//! The KL divergence and the loss that it enters.

use crate::estimators::By;
use crate::parameters::{change, parameters, spread_out};
use bayes_core::dfdx::tensor::NoneTape;
use bayes_core::layers::modules;
use bayes_core::posterior::{Family, Init, Rho};
use bayes_core::prelude::*;
use bayes_core::prior::{Gaussian, Std};
use bayes_core::twin::Name;

/// One weight under the prior of `C`, at `mu` and `sigma`.
fn kl_of_one_weight<C: Config>(mu: f64, sigma: f64) -> f64 {
    let dev = Cpu::seed_from_u64(0);
    let plain = modules::Bias2D::<1, f64, Cpu>::build(&dev);
    let mut layer = plain.to_bayes::<C>(&Name::ROOT).expect("a twin");
    let rho = sigma + (-(-sigma).exp_m1()).ln();
    change(&mut layer, &mut |name, _, _| {
        if name == "bias.mu" { mu } else { rho }
    });
    kl::<f64, Cpu, NoneTape, _>(&layer)
        .expect("a posterior")
        .array()
}

/// `∫ q·ln(q/p)` by the trapezoidal rule over ±12 sigma, which for a Gaussian times a parabola is exact to rounding.
fn quadrature(mu: f64, sigma: f64, prior: Gaussian) -> f64 {
    const POINTS: i32 = 4_000;
    let step = 24.0 / f64::from(POINTS);
    let std = prior.std_for(1);
    let term = |i: i32| {
        let z = -12.0 + f64::from(i) * step;
        let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
        let distance = (mu + sigma * z - prior.mean) / std;
        density * ((std / sigma).ln() - 0.5 * z * z + 0.5 * distance * distance)
    };
    (0..=POINTS).map(term).sum::<f64>() * step
}

macro_rules! prior {
    ($Prior:ident, $mean:expr, $std:expr) => {
        #[derive(Clone, Copy, Debug)]
        struct $Prior;

        impl Config for $Prior {
            type Estimator = Flipout;
            type Prior = Gaussian;
            const INIT: Init = Init::FanIn;
            const PRIOR: Gaussian = Gaussian::new($mean, Std::Value($std));
            const POSTERIOR: Family = Family::mean_field(Rho::Value(-3.0));
            const MOPED: Option<f64> = None;
        }
    };
}

prior!(Standard, 0.0, 1.0);
prior!(Narrow, 0.5, 0.05);
prior!(Broad, -2.0, 7.0);

fn assert_quadrature<C: Config<Prior = Gaussian>>() {
    for mu in [-3.0, -0.4, 0.0, 0.5, 2.0] {
        for sigma in [0.003, 0.05, 0.7, 1.0, 4.0] {
            let (got, want) = (
                kl_of_one_weight::<C>(mu, sigma),
                quadrature(mu, sigma, C::PRIOR),
            );
            assert!(
                (got - want).abs() <= 1e-10 * want.max(1.0),
                "mu {mu}, sigma {sigma}, {}: {got} instead of {want}",
                C::PRIOR
            );
            assert!(got >= 0.0, "mu {mu}, sigma {sigma}: {got}");
        }
    }
}

#[test]
fn the_closed_form_is_the_integral() {
    assert_quadrature::<Standard>();
    assert_quadrature::<Narrow>();
    assert_quadrature::<Broad>();
}

fn assert_least_at_the_prior<C: Config<Prior = Gaussian>>() {
    let (mean, std) = (C::PRIOR.mean, C::PRIOR.std_for(1));
    let least = kl_of_one_weight::<C>(mean, std);
    assert!(least.abs() <= 1e-14, "{}: {least}", C::PRIOR);
    // Near its minimum the KL is d²/2 for a mean and d² for a spread that are off by d prior widths.
    for off in [-1e-3, 1e-3] {
        let mean = kl_of_one_weight::<C>(mean + off * std, std);
        let spread = kl_of_one_weight::<C>(C::PRIOR.mean, std * (1.0 + off));
        assert!((4.9e-7..5.1e-7).contains(&mean), "{}: {mean}", C::PRIOR);
        assert!(
            (9.9e-7..1.01e-6).contains(&spread),
            "{}: {spread}",
            C::PRIOR
        );
    }
}

#[test]
fn kl_is_zero_where_posterior_and_prior_are_equal_and_only_there() {
    assert_least_at_the_prior::<Standard>();
    assert_least_at_the_prior::<Narrow>();
    assert_least_at_the_prior::<Broad>();
}

#[bayesian(input = (2, 6, 6), prior = Gaussian(0.0, FanIn))]
struct Net {
    conv: Conv2D<2, 4, 3, 1, 1, 1, 2>,
    bias: Bias2D<4>,
    act: ReLU,
    flatten: Flatten,
    #[bayes(skip)]
    skipped: Linear<144, 8>,
    block: Residual<(Linear<8, 8>, Tanh)>,
    #[bayes(prior = Gaussian(0.5, 0.25))]
    head: Linear<8, 2>,
}

fn net() -> BayesNet<f64, Cpu> {
    let dev = Cpu::seed_from_u64(1);
    let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f64>()).expect("a twin");
    spread_out(&mut bayes);
    bayes
}

#[test]
fn the_sum_over_tensors_is_the_kl() {
    let bayes = net();
    let layers = bayes.kl_per_layer().expect("the KL of each");
    let sum: f64 = layers.iter().map(|layer| layer.kl).sum();
    let kl = bayes.kl::<NoneTape>().array();
    assert!((sum - kl).abs() <= 1e-12 * kl, "{sum} instead of {kl}");
    let counted: Vec<(&str, usize)> = layers
        .iter()
        .map(|l| (l.name.as_str(), l.weights))
        .collect();
    let want = [
        ("conv.weight", 36),
        ("bias.bias", 4),
        ("block.0.0.weight", 64),
        ("block.0.0.bias", 8),
        ("head.weight", 16),
        ("head.bias", 2),
    ];
    assert_eq!(counted, want);
}

#[test]
fn skipped_fields_contribute_nothing() {
    let mut bayes = net();
    let before = bayes.kl::<NoneTape>().array();
    change(&mut bayes, &mut |name, _, old| {
        if name.starts_with("skipped") {
            100.0
        } else {
            old
        }
    });
    assert_eq!(bayes.kl::<NoneTape>().array(), before);
    change(&mut bayes, &mut |name, i, old| {
        if name == "head.bias.mu" && i == 0 {
            3.0
        } else {
            old
        }
    });
    assert_ne!(bayes.kl::<NoneTape>().array(), before);
}

/// Each tensor's KL by the formula, with the prior that its field has.
#[test]
fn a_fan_in_prior_is_as_wide_as_one_over_the_root_of_the_inputs() {
    let bayes = net();
    let tensors = parameters(&bayes);
    let values = |name: String| {
        let found = tensors.iter().find(|tensor| tensor.name == name);
        &found.expect("a tensor of the net").values
    };
    for layer in bayes.kl_per_layer().expect("the KL of each") {
        let (mean, std) = match layer.name.as_str() {
            "conv.weight" => (0.0, 1.0 / 3.0), // 2 of 2 channels in 2 groups: 1·3² inputs
            "bias.bias" => (0.0, 1.0),
            name if name.starts_with("block") => (0.0, 1.0 / 8.0_f64.sqrt()),
            _ => (0.5, 0.25),
        };
        let (mu, rho) = (
            values(format!("{}.mu", layer.name)),
            values(format!("{}.rho", layer.name)),
        );
        let one = |(mu, rho): (&f64, &f64)| {
            let sigma = rho.exp().ln_1p();
            (std / sigma).ln() + (sigma * sigma + (mu - mean).powi(2)) / (2.0 * std * std) - 0.5
        };
        let want: f64 = mu.iter().zip(rho).map(one).sum();
        let difference = (layer.kl - want).abs();
        assert!(
            difference <= 1e-11 * want,
            "{}: {} instead of {want}",
            layer.name,
            layer.kl
        );
    }
}

#[test]
fn elbo_loss_is_the_nll_plus_the_weighted_kl_of_one_example() {
    let dev = Cpu::seed_from_u64(2);
    let number = |x: f64| -> Tensor<Rank0, f64, Cpu> { dev.tensor(x) };
    let loss = |n, beta| elbo_loss(number(2.0), number(30.0), n, beta).map(|loss| loss.array());
    assert_eq!(loss(10, 1.0).expect("a loss"), 5.0);
    assert_eq!(loss(10, 0.5).expect("a loss"), 3.5);
    assert_eq!(loss(10, 0.0).expect("a loss"), 2.0);
    let nothing = loss(0, 1.0).expect_err("no examples").to_string();
    assert!(nothing.contains("training example"), "{nothing}");
    for beta in [-0.1, f64::NAN, f64::INFINITY] {
        let error = loss(10, beta).expect_err("a wrong beta").to_string();
        assert!(
            error.contains("beta") && error.contains(&beta.to_string()),
            "{error}"
        );
    }
}

#[test]
fn elbo_loss_divides_its_gradient_as_its_value() {
    let bayes = net();
    let dev = Cpu::seed_from_u64(3);
    let zero: Tensor<Rank0, f64, Cpu> = dev.zeros();
    let loss = elbo_loss(zero.leaky_trace(), bayes.kl(), 20, 0.5).expect("a loss");
    let found = loss.backward().get(&bayes.head.weight.mu).as_vec();
    let whole = bayes.kl::<OwnedTape<f64, Cpu>>().backward();
    for (got, want) in found.iter().zip(whole.get(&bayes.head.weight.mu).as_vec()) {
        assert!(
            (got - want * 0.025).abs() <= 1e-14,
            "{got} instead of {want}/40"
        );
    }
}

#[test]
fn estimators_have_one_kl() {
    let dev = Cpu::seed_from_u64(4);
    let plain = modules::Linear::<3, 2, f64, Cpu>::build(&dev);
    let name = Name::ROOT;
    let [a, b, c] = [
        kl_per_layer(
            &plain
                .to_bayes::<By<Reparameterization>>(&name)
                .expect("a twin"),
        ),
        kl_per_layer(&plain.to_bayes::<By<Flipout>>(&name).expect("a twin")),
        kl_per_layer(
            &plain
                .to_bayes::<By<LocalReparameterization>>(&name)
                .expect("a twin"),
        ),
    ]
    .map(|layers| layers.expect("the KL of each"));
    assert_eq!(a, b);
    assert_eq!(a, c);
}
