//! Generated code against the same twin written by hand: which kernels each calls, and how long each takes.
//!
//! `cargo bench -p tests --bench generated`. 31 runs by turns; prints the median of their ratios with the interval in
//! which the median lies at 95 % (order statistics 10 and 22 of 31).

use bayes_core::device::kernel_calls;
use bayes_core::losses::cross_entropy_loss;
use bayes_core::prelude::*;
use bayes_core::twin::{Bayes, Built, Defaults};
use std::hint::black_box;
use std::time::Instant;
use tests::Rectified;

const RUNS: usize = 31;
const BATCH: usize = 64;
/// Steps in one run.
const STEPS: usize = 8;

/// An image classifier, which states nothing, so that the layers by hand are configured by the defaults.
#[bayesian(input = (1, 8, 8))]
pub struct Net {
    conv1: Conv2D<1, 32, 3, 1, 1>,
    act1: ReLU,
    pool: MaxPool2D<2, 2>,
    flatten: Flatten,
    fc1: Linear<512, 128>,
    act2: ReLU,
    fc2: Linear<128, 10>,
}

type Layer<S> = Bayes<Built<S, f32, Cpu>, f32, Cpu, Defaults>;
type Images = Tensor<Rank4<BATCH, 1, 8, 8>, f32, Cpu>;
type Logits<T> = Tensor<Rank2<BATCH, 10>, f32, Cpu, T>;
type Taped = OwnedTape<f32, Cpu>;

/// The twin by hand: its three layers, and all that is between them.
struct ByHand {
    conv1: Layer<Conv2D<1, 32, 3, 1, 1>>,
    pool: Built<MaxPool2D<2, 2>, f32, Cpu>,
    flatten: Built<Flatten, f32, Cpu>,
    fc1: Layer<Linear<512, 128>>,
    fc2: Layer<Linear<128, 10>>,
}

impl ByHand {
    fn of(bayes: &BayesNet<f32, Cpu>, net: &DeviceNet<f32, Cpu>) -> Self {
        let name = bayes_core::twin::Name::ROOT;
        // The same weights: those of the plain net, whose twins start alike.
        assert!(bayes.conv1.weight.mu.as_vec() == net.conv1.weight.as_vec());
        Self {
            conv1: net.conv1.to_bayes::<Defaults>(&name).expect("a twin"),
            pool: net.pool,
            flatten: net.flatten,
            fc1: net.fc1.to_bayes::<Defaults>(&name).expect("a twin"),
            fc2: net.fc2.to_bayes::<Defaults>(&name).expect("a twin"),
        }
    }

    fn predict(&self, x: Images, draw: &Draw) -> Vec<f32> {
        let y = self.conv1.eval(&draw.field("conv1")).forward(x).rectified();
        let y = self.flatten.forward(self.pool.forward(y));
        let y = self.fc1.eval(&draw.field("fc1")).forward(y).rectified();
        let y: Logits<NoneTape> = self.fc2.eval(&draw.field("fc2")).forward(y);
        y.as_vec()
    }

    fn train(&mut self, x: Images, labels: &[usize], draw: &Draw) -> Vec<f32> {
        let y = self
            .conv1
            .train(&draw.field("conv1"))
            .forward(x.leaky_trace());
        let y = self.flatten.forward(self.pool.forward(y.rectified()));
        let y = self.fc1.train(&draw.field("fc1")).forward(y).rectified();
        let y: Logits<Taped> = self.fc2.train(&draw.field("fc2")).forward(y);
        let nll = cross_entropy_loss(y, labels).expect("a loss");
        let of_conv1 = kl::<f32, Cpu, Taped, _>(&self.conv1).expect("a KL");
        let of_fc1 = kl::<f32, Cpu, Taped, _>(&self.fc1).expect("a KL");
        let of_fc2 = kl::<f32, Cpu, Taped, _>(&self.fc2).expect("a KL");
        let loss = elbo_loss(nll, of_conv1 + of_fc1 + of_fc2, 1437, 1.0).expect("a loss");
        loss.backward().get(&self.conv1.weight.rho).as_vec()
    }
}

/// What the generated code does in the same place.
fn predict(bayes: &BayesNet<f32, Cpu>, x: Images, draw: &Draw) -> Vec<f32> {
    let y: Logits<NoneTape> = bayes.eval(draw).forward(x);
    y.as_vec()
}

fn train(bayes: &mut BayesNet<f32, Cpu>, x: Images, labels: &[usize], draw: &Draw) -> Vec<f32> {
    let y: Logits<Taped> = bayes.train(draw).forward(x.leaky_trace());
    let nll = cross_entropy_loss(y, labels).expect("a loss");
    let loss = elbo_loss(nll, bayes.kl(), 1437, 1.0).expect("a loss");
    loss.backward().get(&bayes.conv1.weight.rho).as_vec()
}

fn seconds(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..STEPS).for_each(|_| run());
    start.elapsed().as_secs_f64()
}

/// Prints the ratio of `generated` to `by_hand`.
fn compare(name: &str, mut generated: impl FnMut(), mut by_hand: impl FnMut()) {
    generated();
    by_hand();
    let mut ratios: Vec<f64> = (0..RUNS)
        .map(|run| {
            // By turns, and each first in every second run.
            if run.is_multiple_of(2) {
                let one = seconds(&mut generated);
                one / seconds(&mut by_hand)
            } else {
                let other = seconds(&mut by_hand);
                seconds(&mut generated) / other
            }
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "{name}: generated / by hand {:.3} [{:.3}, {:.3}], {RUNS} runs of {STEPS}",
        ratios[RUNS / 2],
        ratios[9],
        ratios[21]
    );
}

fn main() {
    let dev = Cpu::seed_from_u64(0);
    let net = dev.build_module::<Net, f32>();
    let mut bayes = BayesNet::from_pretrained(&net).expect("a twin");
    let mut hand = ByHand::of(&bayes, &net);
    let x: Images = dev.sample_normal();
    let labels: Vec<usize> = (0..BATCH).map(|i| i * i % 10).collect();
    let draw = Draw::from(Key::new(7, 0));

    let (one, called) = kernel_calls(|| predict(&bayes, x.clone(), &draw));
    let (other, by_hand) = kernel_calls(|| hand.predict(x.clone(), &draw));
    println!(
        "a draw: {} kernel calls, the same: {}",
        called.len(),
        called == by_hand
    );
    println!("        {}", called.join(" "));
    println!("        the same bits: {}", one == other);
    let (one, called) = kernel_calls(|| train(&mut bayes, x.clone(), &labels, &draw));
    let (other, by_hand) = kernel_calls(|| hand.train(x.clone(), &labels, &draw));
    println!(
        "a step: {} kernel calls, the same: {}",
        called.len(),
        called == by_hand
    );
    println!("        {}", called.join(" "));
    println!("        the same bits of a gradient: {}", one == other);

    compare(
        "a draw",
        || drop(black_box(predict(&bayes, x.clone(), &draw))),
        || drop(black_box(hand.predict(x.clone(), &draw))),
    );
    compare(
        "a step",
        || drop(black_box(train(&mut bayes, x.clone(), &labels, &draw))),
        || drop(black_box(hand.train(x.clone(), &labels, &draw))),
    );
}
