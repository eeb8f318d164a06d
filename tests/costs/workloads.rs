//! Training steps and predictions of an MLP, LeNet-5 and ResNet-20 on a device.
//!
//! `cargo bench -p tests --bench workloads -- cpu`, or with the feature `cuda` `-- cuda`. A line for each measurement: net,
//! estimator, what, median, least and largest milliseconds of 30 runs after 5, the device waited for after each.
//!
//! A step is the forward pass on 128 examples, cross entropy and KL, the backward pass and Adam. A prediction is so many
//! draws, reduced to probabilities on the host.

use bayes_core::device::DeviceName;
use bayes_core::estimator::EstimatorKind;
use bayes_core::kl::kl_in;
use bayes_core::optim::{AdamConfig, DeviceAdam};
use bayes_core::prelude::*;
use bayes_models::models::resnet_cifar::{BayesResNetCifar, ResNet20};
use std::time::Instant;

const WARM_UP: usize = 5;
const RUNS: usize = 30;
const BATCH: usize = 128;

#[bayesian(input = (784), posterior = MeanField(rho = -3.0))]
struct Mlp {
    fc1: Linear<784, 400>,
    act1: ReLU,
    fc2: Linear<400, 400>,
    act2: ReLU,
    fc3: Linear<400, 10>,
}

#[bayesian(input = (1, 28, 28), posterior = MeanField(rho = -3.0))]
struct LeNet {
    conv1: (Conv2D<1, 6, 5, 1, 2>, Bias2D<6>),
    act1: ReLU,
    pool1: MaxPool2D<2, 2>,
    conv2: (Conv2D<6, 16, 5>, Bias2D<16>),
    act2: ReLU,
    pool2: MaxPool2D<2, 2>,
    flatten: Flatten,
    fc1: Linear<400, 120>,
    act3: ReLU,
    fc2: Linear<120, 84>,
    act4: ReLU,
    fc3: Linear<84, 10>,
}

/// Times `run`, which is to wait for the device.
fn measure(net: &str, estimator: &str, what: &str, mut run: impl FnMut()) {
    for _ in 0..WARM_UP {
        run();
    }
    let mut times = [0.0; RUNS].map(|_: f64| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1e3
    });
    times.sort_by(f64::total_cmp);
    let [least, median, most] = [times[0], times[RUNS / 2], times[RUNS - 1]];
    println!("{net:10} {estimator:20} {what:12} {median:9.3} {least:9.3} {most:9.3}");
}

fn noise(len: usize) -> Vec<f32> {
    let number = |i: usize| ((i * 2_654_435_761) % 1_000_003) as f32 / 500_000.0 - 1.0;
    (0..len).map(number).collect()
}

/// All measurements of a net: its types, its input, and the draws of a prediction.
macro_rules! workload {
    ($name:literal: $Net:ident, $BayesNet:ident, [$($side:expr),+], $draws:literal, $device:expr) => {{
        let device = $device;
        let len = BATCH * workload!(@size [$($side),+]);
        let x = device.tensor_from_vec(noise(len), (BATCH, $($side),+));
        let one = device.tensor_from_vec(noise(len / BATCH), (1, $($side),+));
        let targets = (0..BATCH * 10).map(|i| f32::from(u8::from(i % 10 == i / 10 % 10)));
        let y = device.tensor_from_vec(targets.collect(), (BATCH, Const::<10>));
        let mut net = device.build_module::<$Net, f32>();
        let config = AdamConfig::default();

        let mut adam = DeviceAdam::new(config).expect("Adam");
        let mut grads = Some(net.alloc_grads());
        measure($name, "plain", "train", || {
            let trace = x.clone().trace(grads.take().expect("gradients"));
            let loss = cross_entropy_with_logits_loss(net.forward_mut(trace), y.clone());
            let mut found = loss.backward();
            adam.update(&mut net, &mut found).expect("a step");
            net.zero_grads(&mut found);
            grads = Some(found);
            device.synchronize();
        });

        for estimator in [EstimatorKind::Reparameterization, EstimatorKind::Flipout] {
            let named = estimator.to_string();
            let mut twin = $BayesNet::from_pretrained(&net).expect("a twin");
            let mut adam = DeviceAdam::new(config).expect("Adam");
            let mut grads = Some(twin.alloc_grads());
            let mut step = 0;
            measure($name, &named, "train", || {
                step += 1;
                let draw = Draw::from(Key::new(1, step)).estimated_by(estimator);
                let trace = x.clone().trace(grads.take().expect("gradients"));
                let logits = twin.train(&draw).forward(trace);
                let nll = cross_entropy_with_logits_loss(logits, y.clone());
                let kl = kl_in(&twin, &draw).expect("a KL");
                let mut found = elbo_loss(nll, kl, BATCH, 1.0).expect("a loss").backward();
                adam.update(&mut twin, &mut found).expect("a step");
                twin.zero_grads(&mut found);
                grads = Some(found);
                device.synchronize();
            });
            let classes = |rows: usize, seen: Classification| assert_eq!(seen.predicted().len(), rows);
            measure($name, &named, concat!("mc", $draws, " of 128"), || {
                let draws = twin.predict(x.clone(), $draws, 3).estimator(estimator);
                classes(BATCH, draws.classify().expect("a prediction"));
            });
            measure($name, &named, concat!("mc", $draws, " of 1"), || {
                let draws = twin.predict(one.clone(), $draws, 3).estimator(estimator);
                classes(1, draws.classify().expect("a prediction"));
            });
        }
    }};
    (@size [$($side:expr),+]) => {
        [$(Dim::size(&$side)),+].into_iter().product::<usize>()
    };
}

macro_rules! workloads {
    ($device:expr) => {{
        let device = $device;
        workload!("MLP": Mlp, BayesMlp, [Const::<784>], 32, device);
        workload!("LeNet-5": LeNet, BayesLeNet, [Const::<1>, Const::<28>, Const::<28>], 32, device);
        workload!("ResNet-20": ResNet20, BayesResNetCifar, [Const::<3>, 32, 32], 10, device);
    }};
}

fn main() {
    // Cargo passes `--bench`; run as a test it has nothing to do.
    let mut args = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"));
    let name = args.next().unwrap_or_else(|| "cpu".to_owned());
    if let Err(error) = run(&name) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run(name: &str) -> Result<(), Error> {
    let name: DeviceName = name.parse()?;
    println!("on {name}: milliseconds, median, least, most");
    match name {
        DeviceName::Cpu => workloads!(&Cpu::seed_from_u64(0)),
        #[cfg(feature = "cuda")]
        DeviceName::Cuda(_) => workloads!(&name.open_cuda(0)?),
        #[cfg(not(feature = "cuda"))]
        DeviceName::Cuda(_) => name.check()?,
    }
    Ok(())
}
