//! Twins in code that is generic over models, number types and devices.

use bayes_core::prelude::*;

#[bayesian(input = (4))]
struct Net {
    fc1: Linear<4, 8>,
    act: ReLU,
    fc2: Linear<8, 3>,
}

/// The mean loss of a model on a batch.
fn loss<M, X, T>(model: &M, x: X) -> f32
where
    M: Module<X, Output = Tensor<Rank2<2, 3>, f32, Cpu, T>, Error = CpuError>,
    T: Tape<f32, Cpu>,
{
    model.forward(x).square().mean::<Rank0, _>().array()
}

fn norm<E: Dtype, D: Kernels<E>>(bayes: &BayesNet<E, D>) -> E {
    bayes.kl::<NoneTape>().as_vec()[0]
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Net, f32>();
    let bayes = BayesNet::from_pretrained(&net)?;
    let x: Tensor<Rank2<2, 4>, f32, Cpu> = dev.sample_normal();
    let plain = loss(&net, x.clone());
    let mean = loss(&bayes.eval(Key::MEAN), x.clone());
    assert!((plain - mean).abs() < 1e-5);
    assert_ne!(loss(&bayes.eval(Key::new(1, 0)), x), plain);
    assert!(norm(&bayes) > 0.0);
    Ok(())
}
