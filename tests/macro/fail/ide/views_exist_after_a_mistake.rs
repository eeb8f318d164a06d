use bayes_core::prelude::*;

#[bayesian(forward, prior = Gaussien(0.0, 1.0))]
struct Net {
    fc: Linear<4, 4>,
}

#[bayesian(forward)]
impl Net {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<Tensor<(B, Const<4>), E, D, T>, D::Err> {
        self.fc.try_forward(self.fc.try_forward(x)?)
    }
}

/// The forward pass is there for every view.
fn uses(net: DeviceNet<f32, Cpu>, x: Tensor<Rank2<5, 4>, f32, Cpu>) -> Result<(), Error> {
    let bayes = BayesNet::from_pretrained(&net)?;
    let _ = (net.forward(x.clone()), bayes.eval(Key::MEAN).forward(x));
    Ok(())
}

fn main() {
    let _ = uses;
}
