//! int8 twins of both forms, of const parameters, of a layer of one's own, under a name of one's own.

use bayes_core::plan::{Graph, Structure, Wire};
use bayes_core::prelude::*;
use bayes_core::twin::Name;

#[derive(Clone, Debug, Default)]
struct Squared;
impl ZeroSizedModule for Squared {}
impl NonMutableModule for Squared {}
impl bayes_core::twin::Deterministic for Squared {
    const RULE: Rule = Rule::Keep;
}

impl<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>> Module<Tensor<S, E, D, T>> for Squared {
    type Output = Tensor<S, E, D, T>;
    type Error = D::Err;

    fn try_forward(&self, x: Tensor<S, E, D, T>) -> Result<Self::Output, D::Err> {
        x.try_square()
    }
}

impl<E: Dtype> Structure<E> for Squared {
    fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
        Ok(graph.map(name, x, "square", |x| x * x))
    }
}

#[bayesian(quant = Small)]
struct Wide<const N: usize> {
    fc1: Linear<4, N>,
    act: Squared,
    #[bayes(skip)]
    fc2: Linear<N, 3>,
}

#[bayesian(input = (4))]
struct Written<E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 8, E, D>,
    act: ReLU,
    inner: modules::Linear<8, 3, E, D>,
}

/// Whether both see the same in the mean, to a twentieth of the largest output.
fn agree(want: Vec<f32>, got: Vec<f32>) {
    let largest = want.iter().fold(0.0f32, |most, y| most.max(y.abs()));
    for (want, got) in want.iter().zip(&got) {
        assert!((want - got).abs() <= 0.05 * largest, "{want} {got}");
    }
}

#[test]
fn both_forms_are_quantized() {
    let dev = Cpu::seed_from_u64(0);
    let x: Tensor<Rank2<40, 4>, f32, Cpu> = dev.sample_normal();

    let bayes = BayesWide::from_pretrained(&dev.build_module::<Wide<6>, f32>()).unwrap();
    let quant: Small<6> = bayes.quantize([x.clone()]).unwrap();
    let (want, got) = (bayes.eval(Key::MEAN), quant.eval(Key::MEAN));
    agree(
        want.forward(x.clone()).as_vec(),
        got.forward(x.clone()).as_vec(),
    );

    let net = Written {
        fc1: BuildModule::build(&dev),
        act: ReLU,
        inner: BuildModule::build(&dev),
    };
    let bayes = BayesWritten::from_pretrained(&net).unwrap();
    let quant: QuantWritten = bayes.quantize([x.clone()]).unwrap();
    assert_eq!(
        quant.predict(x.clone(), 4, 1).classify().unwrap().classes,
        3
    );
    let (want, got) = (bayes.eval(Key::MEAN), quant.eval(Key::MEAN));
    agree(want.forward(x.clone()).as_vec(), got.forward(x).as_vec());
}
