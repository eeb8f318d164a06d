//! A prior whose standard deviation is learned.

use super::*;
use crate::parameters::{change, gradients, parameters, spread_out};

/// Moves `prior_log_std` alone, down the slope of the KL.
macro_rules! learn {
    ($bayes:ident) => {
        for _ in 0..3_000 {
            let found = gradients(&$bayes, &$bayes.kl::<OwnedTape<f64, Cpu>>().backward());
            let slope = |name: &str| {
                let gradient = found.iter().find(|gradient| gradient.name == name);
                gradient.expect("a gradient").values[0]
            };
            change(&mut $bayes, &mut |name, _, old| {
                if name.ends_with("prior_log_std") {
                    old - 0.02 * slope(name)
                } else {
                    old
                }
            });
        }
    };
}

/// `√(mean(sigma² + (mu − m)²))` and the prior's std, for each tensor.
fn want_and_got<M: TensorCollection<f64, Cpu>>(
    model: &M,
    distance: impl Fn(f64, Option<f64>) -> f64,
    floor: f64,
) -> Vec<(f64, f64)> {
    let all = parameters(model);
    let of = |name: String| {
        all.iter()
            .find(|parameter| parameter.name == name)
            .map(|p| p.values.clone())
    };
    ["fc.weight", "fc.bias"]
        .map(|tensor| {
            let mu = of(format!("{tensor}.mu")).expect("mu");
            let rho = of(format!("{tensor}.rho")).expect("rho");
            let prior = of(format!("{tensor}.prior_mean"));
            let squares = mu.iter().zip(&rho).enumerate().map(|(i, (mu, rho))| {
                let sigma = rho.exp().ln_1p();
                sigma * sigma + distance(*mu, prior.as_ref().map(|prior| prior[i])).powi(2)
            });
            let mean = squares.sum::<f64>() / mu.len() as f64;
            let std = of(format!("{tensor}.prior_log_std")).expect("a learned prior")[0];
            (mean.sqrt(), floor + std.exp())
        })
        .to_vec()
}

#[test]
fn with_a_frozen_posterior_it_reaches_the_spread_of_the_weights() {
    let dev = Cpu::seed_from_u64(4);
    let mut bayes =
        BayesLearnedNet::from_pretrained(&dev.build_module::<LearnedNet, f64>()).expect("a twin");
    spread_out(&mut bayes);
    learn!(bayes);
    for (want, got) in want_and_got(&bayes, |mu, _| mu - 0.2, 0.0) {
        assert!((got - want).abs() <= 1e-4, "{got} instead of {want}");
    }
}

/// With MOPED the distances from the prior's mean are 0 at first: the prior shrinks to sigma, and to no less than its
/// floor.
#[test]
fn with_moped_it_shrinks_to_sigma_and_the_floor_holds_it() {
    let dev = Cpu::seed_from_u64(4);
    let mut plain = dev.build_module::<MopedLearnedNet, f64>();
    change(&mut plain, &mut |name, i, _| {
        if name.ends_with("bias") {
            1e-6
        } else {
            0.3 + 0.1 * i as f64
        }
    });
    let mut bayes = BayesMopedLearnedNet::from_pretrained(&plain).expect("a twin");
    learn!(bayes);
    let seen = want_and_got(&bayes, |mu, prior| mu - prior.expect("a prior mean"), 0.05);
    let (spread, std) = seen[0];
    assert!((std - spread).abs() <= 1e-4, "{std} instead of {spread}");
    assert!(std < 0.3, "it began at 0.5 and followed sigma: {std}");
    let (spread, std) = seen[1];
    assert!(
        spread < 1e-5 && (0.05..0.051).contains(&std),
        "{std}, spread {spread}"
    );
}
