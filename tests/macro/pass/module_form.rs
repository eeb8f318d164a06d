//! dfdx's own modules, with the struct's own traits written by hand.

use bayes_core::prelude::*;

/// Kept as it is: what it needs as a dfdx model is the user's.
#[bayesian(input = (4), prior = Gaussian(0.0, FanIn))]
#[derive(Clone, Debug)]
pub struct Net<E: Dtype, D: Device<E>> {
    pub fc1: modules::Linear<4, 8, E, D>,
    pub act: ReLU,
    #[bayes(skip)]
    pub fc2: modules::Linear<8, 3, E, D>,
}

type Row = Tensor<Rank2<2, 4>, f32, Cpu>;

impl Module<Row> for Net<f32, Cpu> {
    type Output = Tensor<Rank2<2, 3>, f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, x: Row) -> Result<Self::Output, CpuError> {
        self.fc2
            .try_forward(self.act.try_forward(self.fc1.try_forward(x)?)?)
    }
}

#[test]
fn runs() -> Result<(), Error> {
    let dev = Cpu::seed_from_u64(1);
    let net = Net {
        fc1: BuildModule::build(&dev),
        act: ReLU,
        fc2: BuildModule::build(&dev),
    };
    let x: Row = dev.sample_normal();
    let y = net.forward(x.clone());
    let bayes = BayesNet::from_pretrained(&net)?;
    let mean = bayes.eval(Key::MEAN).forward(x.clone());
    assert!((y - mean).abs().sum::<Rank0, _>().array() < 1e-4);
    assert_eq!(bayes.predict(x, 3, 1).draws()?.values.len(), 3 * 2 * 3);
    assert!(bayes.kl::<NoneTape>().array() > 0.0);
    Ok(())
}
