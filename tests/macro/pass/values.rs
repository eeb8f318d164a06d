//! Fields that are values and no layers, in both forms, with a forward pass of its own and in a tuple struct.

use bayes_core::prelude::*;
use std::collections::BTreeMap;

/// A value of a type of one's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels(Vec<&'static str>);

impl Labels {
    fn of(classes: usize) -> Self {
        Self(["cat", "dog", "bird"][..classes].to_vec())
    }
}

#[bayesian(input = (4))]
struct Net<const N: usize> {
    #[bayes(value = [0.25; N])]
    temperatures: [f32; N],
    fc1: Linear<4, N>,
    act: ReLU,
    #[bayes(value = Labels::of(3))]
    labels: Labels,
    #[bayes(skip)]
    fc2: Linear<N, 3>,
    #[bayes(value = { let by_name: BTreeMap<String, usize> = BTreeMap::new(); by_name })]
    by_name: BTreeMap<String, usize>,
}

#[bayesian]
#[derive(Clone, Debug)]
struct Written<E: Dtype, D: Device<E>> {
    fc1: modules::Linear<4, 8, E, D>,
    #[bayes(value = Labels::of(1))]
    labels: Labels,
    fc2: modules::Linear<8, 3, E, D>,
}

#[bayesian(forward)]
struct Scaled {
    #[bayes(value = 1.0)]
    scale: f64,
    #[bayes(value = Some(0))]
    shift: Option<usize>,
    fc: Linear<4, 3>,
}

#[bayesian(forward)]
impl Scaled {
    fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
    ) -> Result<Tensor<(B, Const<3>), E, D, T>, D::Err> {
        let number = |x: f64| E::from_f64(x).unwrap_or_default();
        let y = self.fc.try_forward(x)?.try_mul(number(self.scale))?;
        match self.shift {
            Some(shift) => y.try_add(number(shift as f64)),
            None => Ok(y),
        }
    }
}

#[bayesian]
struct Tuple(Linear<4, 8>, #[bayes(value = 0.5)] pub f32, Linear<8, 3>);

type Row = Tensor<Rank2<2, 4>, f32, Cpu>;

#[test]
fn a_model_carries_its_values() {
    let dev = Cpu::seed_from_u64(1);
    let mut net = dev.build_module::<Net<8>, f32>();
    assert_eq!((net.temperatures, &net.labels), ([0.25; 8], &Labels::of(3)));
    net.temperatures[1] = 0.5;
    net.by_name.insert("cat".to_owned(), 0);
    let wide: DeviceNet<8, f64, Cpu> = net.to_dtype::<f64>();
    assert_eq!((wide.temperatures[1], wide.by_name.len()), (0.5, 1));

    let mut bayes = BayesNet::from_pretrained(&net).unwrap();
    bayes.labels = Labels::of(2);
    let wide: BayesNet<8, f64, Cpu> = bayes.to_dtype::<f64>();
    assert_eq!((wide.temperatures[1], wide.labels), (0.5, Labels::of(2)));
    assert_eq!(bayes.mean().unwrap().labels, Labels::of(2));
    assert_eq!(bayes.eval(Key::new(1, 0)).temperatures[1], 0.5);
    assert_eq!(bayes.train(Key::new(1, 0)).labels, Labels::of(2));
}

#[test]
fn values_are_skipped_where_layers_run() {
    let dev = Cpu::seed_from_u64(1);
    let net = dev.build_module::<Net<8>, f32>();
    let x: Row = dev.sample_normal();
    let by_hand = net.fc2.forward(net.fc1.forward(x.clone()).relu());
    assert_eq!(net.forward(x.clone()).as_vec(), by_hand.as_vec());
    let bayes = BayesNet::from_pretrained(&net).unwrap();
    let kl = bayes.kl_per_layer().unwrap().into_iter();
    let names: Vec<String> = kl.map(|kl| kl.name).collect();
    assert_eq!(names, ["fc1.weight", "fc1.bias"]);
    let quant: QuantNet<8> = bayes.quantize([x.clone()]).unwrap();
    let seen = quant.predict(x, 3, 1).classify().unwrap();
    assert_eq!(seen.classes, 3);
}

#[test]
fn modules() {
    let dev = Cpu::seed_from_u64(1);
    let net = Written {
        fc1: BuildModule::build(&dev),
        labels: Labels::of(2),
        fc2: BuildModule::build(&dev),
    };
    let bayes = BayesWritten::from_pretrained(&net).unwrap();
    assert_eq!(bayes.labels, Labels::of(2));
    assert_eq!(bayes.to_dtype::<f64>().labels, Labels::of(2));
    assert_eq!(bayes.sample(1).unwrap().labels, Labels::of(2));
    let new: BayesWritten<f32, Cpu> = BuildModule::build(&dev);
    assert_eq!(new.labels, Labels::of(1));
    let x: Row = dev.sample_normal();
    assert_eq!(bayes.predict(x, 3, 1).draws().unwrap().values.len(), 18);
}

#[test]
fn a_forward_pass_reads_them() {
    let dev = Cpu::seed_from_u64(1);
    let mut net = dev.build_module::<Scaled, f32>();
    let x: Row = dev.sample_normal();
    let once = net.forward(x.clone()).as_vec();
    (net.scale, net.shift) = (2.0, None);
    let twice: Vec<f32> = once.iter().map(|y| 2.0 * y).collect();
    assert_eq!(net.forward(x.clone()).as_vec(), twice);
    let mut bayes = BayesScaled::from_pretrained(&net).unwrap();
    assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), twice);
    assert_eq!(bayes.train(Key::MEAN).forward(x).as_vec(), twice);
}

#[test]
fn in_a_tuple_struct() {
    let dev = Cpu::seed_from_u64(1);
    let mut net = dev.build_module::<Tuple, f32>();
    assert_eq!(net.1, 0.5);
    net.1 = 2.0;
    let bayes = BayesTuple::from_pretrained(&net).unwrap();
    assert_eq!((bayes.1, bayes.eval(Key::MEAN).1), (2.0, 2.0));
    let kl = bayes.kl_per_layer().unwrap();
    assert_eq!(
        (kl[0].name.as_str(), kl[2].name.as_str()),
        ("0.weight", "2.weight")
    );
}
