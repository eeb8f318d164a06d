use bayes_core::prelude::*;

#[bayesian(input = (4), moped = -0.5)]
struct Net {
    fc1: Linear<4, 8>,
    #[bayes(estimater = Flipout)]
    act: ReLU,
    fc2: Linear<8, 2>,
}

/// Every name that the attribute makes, and what it has: nothing of it is an error, while two keys are.
fn uses(net: DeviceNet<f32, Cpu>, x: Tensor<Rank2<5, 4>, f32, Cpu>) -> Result<(), Error> {
    let mut bayes: BayesNet<f32, Cpu, NetConfig> = BayesNet::from_pretrained(&net)?;
    let view = bayes.eval(Key::MEAN);
    let _ = view.fc2.forward(view.act.forward(view.fc1.forward(x.clone())));
    let _ = (bayes.fc1.weight.mu.clone(), bayes.kl::<NoneTape>(), bayes.train(Key::MEAN));
    let quant: QuantNet = bayes.quantize([x.clone()])?;
    let _ = quant.predict(x, 4, 7).classify()?;
    Ok(())
}

fn main() {
    let _ = uses;
}
