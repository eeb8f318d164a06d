//! Pruning by the signal-to-noise ratio.

use bayes_core::prelude::*;
use bayes_core::prune::{Prune, prune};

#[bayesian(moped = 0.3, estimator = Flipout)]
struct Net {
    fc1: Linear<6, 20>,
    act: ReLU,
    #[bayes(posterior = LowRank(rank = 2, rho = -2.0), estimator = Reparameterization)]
    fc2: Linear<20, 3>,
}

#[test]
fn pruned_weights_are_0_in_every_draw() {
    let dev = Cpu::seed_from_u64(0);
    let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).expect("a twin");
    // MOPED gives all weights one ratio; these differ.
    let rho: Vec<f32> = (0..120).map(|i| -6.0 + 0.05 * i as f32).collect();
    bayes.fc1.weight.rho.copy_from(&rho);
    let report = prune(&mut bayes, Prune::Fraction(0.4)).expect("a report");
    assert_eq!((report.weights(), report.pruned()), (203, 81));
    let of = |name: &str| {
        report
            .tensors
            .iter()
            .find(|t| t.name == name)
            .expect("a tensor")
            .clone()
    };
    assert!(of("fc1.weight").pruned > 40, "{report}");
    for sample in 0..3 {
        let plain = bayes.sample(sample).expect("a sample");
        let zeros = [
            plain.fc1.weight.as_vec(),
            plain.fc1.bias.as_vec(),
            plain.fc2.weight.as_vec(),
            plain.fc2.bias.as_vec(),
        ]
        .concat();
        assert_eq!(zeros.iter().filter(|&&w| w == 0.0).count(), 81);
    }
    let text = report.to_string();
    assert!(
        text.starts_with("tensor") && text.contains("fc2.bias") && text.contains("39.9"),
        "{text}"
    );
    for bad in [
        Prune::Fraction(1.5),
        Prune::Fraction(f64::NAN),
        Prune::Threshold(-1.0),
    ] {
        let error = prune(&mut bayes, bad).expect_err("a number out of range");
        assert!(error.to_string().contains("to prune"), "{error}");
    }
}
