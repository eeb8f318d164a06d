//! Where parameters start: by the fan-in, and as bayesian-torch's.

use crate::confidence::Estimate;
use crate::parameters::parameters;
use bayes_core::dfdx::nn::ResetParams;
use bayes_core::prelude::*;

#[bayesian]
struct Wide {
    fc1: Linear<2048, 2048>,
    act1: ReLU,
    fc2: Linear<2048, 2048>,
    act2: ReLU,
    fc3: Linear<2048, 1>,
}

#[bayesian(init = BayesianTorch)]
struct Theirs {
    fc1: Linear<2048, 2048>,
    act1: ReLU,
    fc2: Linear<2048, 2048>,
    act2: ReLU,
    fc3: Linear<2048, 1>,
}

/// Root mean square.
fn size(values: &[f32]) -> f32 {
    (values.iter().map(|y| y * y).sum::<f32>() / values.len() as f32).sqrt()
}

#[test]
fn a_wide_twin_has_outputs_of_the_plain_net_s_size() {
    let dev = Cpu::seed_from_u64(0);
    let plain = dev.build_module::<Wide, f32>();
    let bayes = BayesWide::from_pretrained(&plain).expect("a twin");
    let x: Tensor<Rank2<16, 2048>, f32, _> = dev.sample_normal();
    let of_plain = size(
        &predict(&plain, x.clone(), 1, 0)
            .draws()
            .expect("draws")
            .values,
    );
    let of_twin = size(
        &bayes
            .predict(x.clone(), 4, 1)
            .draws()
            .expect("draws")
            .values,
    );
    let ratio = of_twin / of_plain;
    assert!((0.9..1.2).contains(&ratio), "{of_twin} for {of_plain}");

    let mut theirs =
        BayesTheirs::from_pretrained(&dev.build_module::<Theirs, f32>()).expect("a twin");
    theirs.reset_params();
    let of_theirs = size(&theirs.predict(x, 4, 1).draws().expect("draws").values);
    assert!(of_theirs > 100.0 * of_plain, "{of_theirs} for {of_plain}");
    let all = parameters(&theirs);
    for (end, mean) in [("mu", 0.0), ("rho", -3.0)] {
        let name = format!("fc2.weight.{end}");
        let found = all
            .iter()
            .find(|parameter| parameter.name == name)
            .expect("a tensor");
        let estimate: Estimate = found.values.iter().copied().collect();
        estimate.assert_is(mean, 1e-3, &name);
        let squares: Estimate = found.values.iter().map(|x| (x - mean).powi(2)).collect();
        squares.assert_is(0.01, 1e-4, &name);
    }
}
