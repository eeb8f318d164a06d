//! Tuples, `Residual` and `Repeated`.

use bayes_core::prelude::*;

type Conv = (Conv2D<4, 4, 3, 1, 1>, BatchNorm2D<4>, ReLU);

#[bayesian(input = (1, 6, 6))]
struct Net {
    stem: (Conv2D<1, 4, 3, 1, 1>, Bias2D<4>),
    blocks: Repeated<Residual<Conv>, 3>,
    pool: AvgPoolGlobal,
    head: (Linear<4, 8>, (ReLU, Linear<8, 2>)),
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Net, f32>();
    let mut bayes = BayesNet::from_pretrained(&net)?;
    let names: Vec<String> = bayes
        .kl_per_layer()?
        .into_iter()
        .map(|kl| kl.name)
        .collect();
    assert!(
        names.contains(&"blocks.2.0.0.weight".to_string()),
        "{names:?}"
    );
    let x: Tensor<Rank4<5, 1, 6, 6>, f32, Cpu> = dev.sample_normal();
    let y = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    assert_eq!(y.shape().concrete(), [5, 2]);
    Ok(())
}
