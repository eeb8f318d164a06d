//! An encoder and a decoder (Sutskever, Vinyals and Le 2014): the state of one LSTM starts the other.

use super::{kl_names, trained};
use bayes_core::dfdx::tensor::{PutTape, SplitTape};
use bayes_core::prelude::*;

#[bayesian(forward, estimator = Reparameterization)]
pub struct Translator {
    encoder: LSTM<3, 5>,
    decoder: LSTM<2, 5>,
    head: Linear<5, 2>,
}

#[bayesian(forward)]
impl Translator {
    /// `source` of `(batch, S, 3)` and `target` of `(batch, R, 2)` to `(batch, R, 2)`.
    fn forward<E: Dtype, D: Device<E>, B: Dim, S: Dim, R: Dim, T: Tape<E, D>>(
        &self,
        source: Tensor<(B, S, Const<3>), E, D, T>,
        target: Tensor<(B, R, Const<2>), E, D, T>,
    ) -> Result<Tensor<(B, R, Const<2>), E, D, T>, D::Err> {
        let (read, state) = self.encoder.try_forward(source)?;
        // The history of what was read is on the tape of the outputs, the state's is its own alone.
        let (_, history) = read.split_tape();
        let (target, more) = target.split_tape();
        let target = target.put_tape(history.merge(more));
        let (steps, _) = self.decoder.try_forward((target, state))?;
        self.head.try_forward(steps)
    }
}

#[test]
fn the_state_is_handed_over() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Translator, f64>();
    let source: Tensor<Rank3<4, 6, 3>, f64, _> = dev.sample_normal();
    let target: Tensor<Rank3<4, 3, 2>, f64, _> = dev.sample_normal();
    let (_, state) = plain.encoder.forward(source.clone());
    let want = plain
        .head
        .forward(plain.decoder.forward((target.clone(), state)).0);
    let y: Tensor<Rank3<4, 3, 2>, f64, _> = plain.forward((source.clone(), target.clone()));
    assert_eq!(y.as_vec(), want.as_vec());
    // What is read changes what is said.
    let other = plain.forward((source.clone() * 2.0, target.clone()));
    assert_ne!(other.as_vec(), y.as_vec());

    let mut bayes = BayesTranslator::from_pretrained(&plain).expect("a twin");
    let mean = bayes
        .eval(Key::MEAN)
        .forward((source.clone(), target.clone()));
    assert_eq!(mean.as_vec(), want.as_vec());
    let pair = (source.clone(), target.clone());
    let draws = bayes.predict(pair.clone(), 3, 7).draws().expect("draws");
    let sampled = bayes.sample(7).expect("a sample").forward(pair).as_vec();
    for (got, want) in sampled.iter().zip(draws.member(0)) {
        assert!((got - want).abs() <= 1e-12, "{got} instead of {want}");
    }

    let view = bayes.train(Key::new(1, 0));
    let y = view.forward((source.leaky_trace(), target.leaky_trace()));
    let gradients = y.square().sum::<Rank0, _>().backward();
    let names = trained(&bayes, &gradients);
    assert_eq!(kl_names!(bayes), names);
    // Two products and two biases of each LSTM, a weight and a bias of the head.
    assert_eq!(names.len(), 10);
}
