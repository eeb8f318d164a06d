//! Tuple structs in both forms: their tensors are named by the fields' places, as those of a tuple.

use bayes_core::prelude::*;

/// The same layers as a tuple.
type Layers = (Linear<4, 8>, ReLU, Linear<8, 2>);

#[bayesian(input = (4))]
struct Net(
    /// Features.
    Linear<4, 8>,
    pub ReLU,
    #[bayes(moped = 0.1)] Linear<8, 2>,
);

#[bayesian]
struct Wide<const N: usize>(Linear<4, N>, #[bayes(skip)] Linear<N, 2>)
where
    Linear<4, N>: Clone;

#[bayesian]
#[derive(Clone, Debug)]
struct Written<E: Dtype, D: Device<E>>(
    modules::Linear<4, 8, E, D>,
    ReLU,
    modules::Linear<8, 2, E, D>,
);

#[bayesian(forward)]
struct Branches(Linear<4, 2>, Linear<4, 2>);

#[bayesian(forward)]
impl Branches {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<Tensor<(B, Const<2>), E, D, T>, D::Err> {
        let left = self.0.try_forward(x.with_empty_tape())?;
        left.try_add(self.1.try_forward(x)?)
    }
}

#[bayesian]
struct Nested(Branches, (Linear<2, 2>, ReLU));

type Row = Tensor<Rank2<3, 4>, f32, Cpu>;

fn names<M: Bayesian<f32, Cpu>>(bayes: &M) -> Vec<String> {
    let kl = bayes_core::kl::kl_per_layer::<f32, Cpu, M>(bayes).unwrap();
    kl.into_iter().map(|kl| kl.name).collect()
}

#[test]
fn tensors_are_named_as_those_of_a_tuple() {
    let dev = Cpu::seed_from_u64(1);
    let mut net = dev.build_module::<Net, f32>();
    let tuple = dev.build_module::<Layers, f32>();
    let file = tempfile::NamedTempFile::new().unwrap();
    tuple.save_safetensors(file.path()).unwrap();
    net.load_safetensors(file.path()).unwrap();
    let x: Row = dev.sample_normal();
    let (ours, theirs) = (net.forward(x.clone()), tuple.forward(x.clone()));
    // dfdx's product adds up in another order.
    assert!((ours - theirs).abs().sum::<Rank0, _>().array() < 1e-4);

    let bayes = BayesNet::from_pretrained(&net).unwrap();
    assert_eq!(names(&bayes), ["0.weight", "0.bias", "2.weight", "2.bias"]);
    let draw = bayes.eval(Key::new(1, 0));
    let by_hand = draw.2.forward(draw.1.forward(draw.0.forward(x.clone())));
    assert_eq!(draw.forward(x.clone()).as_vec(), by_hand.as_vec());
    let quant: QuantNet = bayes.quantize([x.clone()]).unwrap();
    assert_eq!(quant.predict(x, 3, 1).classify().unwrap().classes, 2);
    let keys: Option<NetField2Config> = None;
    assert!(keys.is_none());
}

#[test]
fn const_parameters_and_where_clauses() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Wide<5>, f32>();
    let bayes = BayesWide::from_pretrained(&net).unwrap();
    assert_eq!(names(&bayes), ["0.weight", "0.bias"]);
}

#[test]
fn modules() {
    let dev = Cpu::seed_from_u64(1);
    let net = Written(BuildModule::build(&dev), ReLU, BuildModule::build(&dev));
    let bayes = BayesWritten::from_pretrained(&net).unwrap();
    let x: Row = dev.sample_normal();
    assert_eq!(
        bayes.predict(x.clone(), 2, 1).draws().unwrap().values.len(),
        12
    );
    let y = net.2.forward(net.0.forward(x.clone()).relu());
    let mean = bayes.mean().unwrap();
    assert_eq!(
        mean.2.forward(mean.0.forward(x).relu()).as_vec(),
        y.as_vec()
    );
}

#[test]
fn own_forward_and_nested() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Nested, f32>();
    let mut bayes = BayesNested::from_pretrained(&net).unwrap();
    assert_eq!(names(&bayes)[..3], ["0.0.weight", "0.0.bias", "0.1.weight"]);
    let x: Row = dev.sample_normal();
    let y = bayes.eval(Key::MEAN).forward(x.clone());
    assert_eq!(y.as_vec(), net.forward(x.clone()).as_vec());
    let gradients = bayes
        .train(Key::new(1, 0))
        .forward(x.leaky_trace())
        .mean()
        .backward();
    assert!(
        gradients
            .get(&bayes.0.1.weight.rho)
            .as_vec()
            .iter()
            .any(|g| *g != 0.0)
    );
}
