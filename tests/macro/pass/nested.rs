//! Annotated structs and aliases as fields.

use bayes_core::prelude::*;

type Hidden = (Linear<4, 4>, ReLU);

#[bayesian(estimator = LocalReparameterization)]
struct Head<const O: usize> {
    fc: Linear<4, O>,
}

#[bayesian(input = (4), estimator = Flipout, moped = 0.3)]
struct Net {
    hidden: Hidden,
    head: Head<3>,
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net: DeviceNet<f64, Cpu> = dev.build_module::<Net, f64>();
    let head: &DeviceHead<3, f64, Cpu> = &net.head;
    assert_eq!(head.fc.weight.shape().concrete(), [3, 4]);
    let bayes = BayesNet::from_pretrained(&net)?;
    let names: Vec<String> = bayes
        .kl_per_layer()?
        .into_iter()
        .map(|kl| kl.name)
        .collect();
    assert_eq!(
        names,
        [
            "hidden.0.weight",
            "hidden.0.bias",
            "head.fc.weight",
            "head.fc.bias"
        ]
    );
    Ok(())
}
