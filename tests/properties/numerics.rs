//! Extreme parameters in f32: everything stays finite, and no variance gives no gradient.

use crate::estimators::twin;
use crate::parameters::{change, gradients};
use bayes_core::dfdx::tensor::NoneTape;
use bayes_core::estimator::Estimator;
use bayes_core::prelude::*;

/// From no variance at all, through variances that f32 holds as subnormal numbers or not, to the limit.
const RHO: [f64; 11] = [
    -1e4, -200.0, -104.0, -88.0, -50.0, -20.0, 0.0, 20.0, 88.0, 200.0, 1e4,
];
const MU: [f64; 5] = [-1e4, -1e-30, 0.0, 1.0, 1e4];

/// Sets every mu and rho.
fn set<M: TensorCollection<f32, Cpu>>(model: &mut M, new_mu: f64, new_rho: f64) {
    change(model, &mut |name, _, old| match name.rsplit('.').next() {
        Some("mu") => new_mu,
        Some("rho") => new_rho,
        _ => old,
    });
}

fn assert_finite(values: impl IntoIterator<Item = f64>, what: &str) {
    for (i, x) in values.into_iter().enumerate() {
        assert!(x.is_finite(), "{what}, element {i}: {x}");
    }
}

/// Checks `$net` on `$x` at every pair of extremes.
macro_rules! check {
    ($net:ident, $x:ident, $what:expr) => {
        for (mu, rho) in MU.into_iter().flat_map(|mu| RHO.map(|rho| (mu, rho))) {
            let what = format!("{} at mu {mu}, rho {rho}", $what);
            set(&mut $net, mu, rho);
            let output = $net.eval(Key::new(1, 0)).forward($x.clone());
            assert_finite(output.as_vec().into_iter().map(f64::from), &what);
            let kl = f64::from($net.kl::<NoneTape>().array());
            assert!(kl.is_finite() && kl >= 0.0, "{what}: KL {kl}");

            let y = $net.train(Key::new(1, 0)).forward($x.leaky_trace());
            let found = gradients(&$net, &y.mean().backward());
            for gradient in &found {
                let nothing = gradient.values.iter().all(|&g| g == 0.0);
                let of_rho = gradient.name.ends_with("rho");
                assert_finite(
                    gradient.values.iter().copied(),
                    &format!("{what}, {}", gradient.name),
                );
                if of_rho && rho <= -200.0 {
                    assert!(nothing, "{what}, {}: {:?}", gradient.name, gradient.values);
                } else if !of_rho || rho >= -20.0 {
                    assert!(!nothing, "{what}, {}: no gradient", gradient.name);
                }
            }
            for gradient in gradients(&$net, &$net.kl::<OwnedTape<f32, Cpu>>().backward()) {
                assert_finite(
                    gradient.values,
                    &format!("{what}, {} of the KL", gradient.name),
                );
            }
        }
    };
}

#[bayesian]
struct Dense {
    fc: Linear<3, 2>,
}

fn dense<S: Estimator>() {
    let dev = Cpu::seed_from_u64(0);
    let mut net = twin::<S, f32, _, _>(&dev.build_module::<Dense, f32>());
    let x: Tensor<Rank2<3, 3>, f32, _> =
        dev.tensor([[0.5, -1.0, 2.0], [0.0; 3], [1e-3, 3.0, -0.1]]);
    check!(net, x, std::any::type_name::<S>());
}

#[test]
fn linear() {
    dense::<Reparameterization>();
    dense::<Flipout>();
    dense::<LocalReparameterization>();
}

#[bayesian]
struct Images {
    conv: Conv2D<1, 2, 3, 1, 1>,
    bias: Bias2D<2>,
}

fn images<S: Estimator>() {
    let dev = Cpu::seed_from_u64(0);
    let mut net = twin::<S, f32, _, _>(&dev.build_module::<Images, f32>());
    let x: Tensor<Rank4<2, 1, 4, 4>, f32, _> = dev.sample_normal();
    check!(net, x, std::any::type_name::<S>());
}

#[test]
fn convolution_and_bias() {
    images::<Reparameterization>();
    images::<Flipout>();
}

/// Where nothing is drawn, a draw is the mean.
#[test]
fn without_variance_each_draw_is_the_mean() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Dense, f32>();
    let x: Tensor<Rank2<4, 3>, f32, _> = dev.sample_normal();
    let mean = plain.forward(x.clone()).as_vec();
    macro_rules! check {
        ($($S:ty)*) => {$(
            let mut net = twin::<$S, f32, _, _>(&plain);
            change(&mut net, &mut |name, _, old| if name.ends_with("rho") { -1e4 } else { old });
            assert_eq!(net.eval(Key::new(1, 3)).forward(x.clone()).as_vec(), mean, stringify!($S));
        )*};
    }
    check!(Reparameterization Flipout LocalReparameterization);
}

#[test]
fn weights_that_are_not_finite_are_refused_by_name() {
    let dev = Cpu::seed_from_u64(2);
    let mut plain = dev.build_module::<Dense, f32>();
    for bad in [f64::NAN, f64::INFINITY] {
        change(&mut plain, &mut |name, i, old| {
            if name == "fc.weight" && i == 4 {
                bad
            } else {
                old
            }
        });
        let error = BayesDense::from_pretrained(&plain).expect_err("a weight that is no number");
        let text = error.to_string();
        assert!(
            text.contains("`fc.weight`") && text.contains("element 4"),
            "{text}"
        );
    }
}
