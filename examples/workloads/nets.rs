//! The nets, and what is done with each.

use crate::Workload;
use crate::measure::Clock;
use anyhow::Result;
use bayes_core::device::DeviceName;
use bayes_core::estimator::EstimatorKind;
use bayes_core::int8::Calibration;
use bayes_core::kl::kl_in;
use bayes_core::optim::{Adam, AdamConfig};
use bayes_core::prelude::*;
use bayes_models::models::resnet_cifar::{BayesResNetCifar, ResNet20};

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

#[bayesian(input = (32, 64), posterior = MeanField(rho = -3.0))]
struct Recurrent {
    rnn: LSTM<64, 128>,
    outputs: Outputs,
}

/// Numbers in [-1, 1], the same at every call.
fn numbers(len: usize) -> Vec<f32> {
    let number = |i: usize| ((i * 2_654_435_761) % 1_000_003) as f32 / 500_000.0 - 1.0;
    (0..len).map(number).collect()
}

/// Training and prediction of a classifier: its types, the sizes of an example, and the draws of a prediction.
macro_rules! classifier {
    ($Net:ident, $BayesNet:ident, [$($side:expr),+], $draws:literal, $device:expr, $Adam:ident, $estimator:expr, $clock:expr) => {{
        let (device, clock) = ($device, $clock);
        let len = BATCH * [$(Dim::size(&$side)),+].into_iter().product::<usize>();
        let x = device.tensor_from_vec(numbers(len), (BATCH, $($side),+));
        let one = device.tensor_from_vec(numbers(len / BATCH), (1, $($side),+));
        let targets = (0..BATCH * 10).map(|i| f32::from(u8::from(i % 10 == i / 10 % 10)));
        let y = device.tensor_from_vec(targets.collect(), (BATCH, Const::<10>));
        let mut net = device.build_module::<$Net, f32>();
        let mut adam = $Adam::new(AdamConfig::default())?;
        match $estimator {
            None => {
                let mut grads = Some(net.alloc_grads());
                clock.time("train", BATCH, 1, || {
                    let trace = x.clone().constant().trace(grads.take().expect("gradients"));
                    let loss = cross_entropy_with_logits_loss(net.forward_mut(trace), y.clone());
                    let mut found = loss.backward();
                    adam.update(&mut net, &mut found).expect("a step");
                    net.zero_grads(&mut found);
                    grads = Some(found);
                    device.synchronize();
                });
                for (op, batch, x) in [("forward_b128", BATCH, &x), ("forward_b1", 1, &one)] {
                    clock.time(op, batch, 1, || {
                        let seen = predict(&net, x.clone(), 1, 3).classify();
                        assert_eq!(seen.expect("a prediction").predicted().len(), batch);
                    });
                }
            }
            Some(estimator) => {
                let mut twin = $BayesNet::from_pretrained(&net)?;
                let mut grads = Some(twin.alloc_grads());
                let mut step = 0;
                clock.time("train", BATCH, 1, || {
                    step += 1;
                    let draw = Draw::from(Key::new(1, step)).estimated_by(estimator);
                    let trace = x.clone().constant().trace(grads.take().expect("gradients"));
                    let logits = twin.train(&draw).forward(trace);
                    let nll = cross_entropy_with_logits_loss(logits, y.clone());
                    let kl = kl_in(&twin, &draw).expect("a KL");
                    let mut found = elbo_loss(nll, kl, BATCH, 1.0).expect("a loss").backward();
                    adam.update(&mut twin, &mut found).expect("a step");
                    twin.zero_grads(&mut found);
                    grads = Some(found);
                    device.synchronize();
                });
                let ops = [concat!("mc", $draws, "_b128"), concat!("mc", $draws, "_b1")];
                for (op, batch, x) in [(ops[0], BATCH, &x), (ops[1], 1, &one)] {
                    clock.time(op, batch, $draws, || {
                        let seen = twin.predict(x.clone(), $draws, 3).estimator(estimator).classify();
                        assert_eq!(seen.expect("a prediction").predicted().len(), batch);
                    });
                }
            }
        }
    }};
}

/// Forward and backward pass of an LSTM on 32 sequences of 32 steps.
macro_rules! recurrent {
    ($device:expr, $estimator:expr, $clock:expr) => {{
        let (device, clock) = ($device, $clock);
        let sides = (32usize, Const::<32>, Const::<64>);
        let x = device.tensor_from_vec(numbers(32 * 32 * 64), sides);
        let net = device.build_module::<Recurrent, f32>();
        match $estimator {
            None => {
                let mut grads = Some(net.alloc_grads());
                clock.time("fwd_bwd", 32, 1, || {
                    let trace = x.clone().constant().trace(grads.take().expect("gradients"));
                    let mut found = net.forward(trace).square().mean().backward();
                    net.zero_grads(&mut found);
                    grads = Some(found);
                    device.synchronize();
                });
                clock.time("forward", 32, 1, || {
                    net.forward(x.clone());
                    device.synchronize();
                });
            }
            Some(estimator) => {
                let mut twin = BayesRecurrent::from_pretrained(&net)?;
                let mut grads = Some(twin.alloc_grads());
                let mut step = 0;
                clock.time("fwd_bwd", 32, 1, || {
                    step += 1;
                    let draw = Draw::from(Key::new(1, step)).estimated_by(estimator);
                    let trace = x.clone().constant().trace(grads.take().expect("gradients"));
                    let loss = twin.train(&draw).forward(trace).square().mean();
                    let kl = kl_in(&twin, &draw).expect("a KL");
                    let mut found = elbo_loss(loss, kl, 32, 1.0).expect("a loss").backward();
                    twin.zero_grads(&mut found);
                    grads = Some(found);
                    device.synchronize();
                });
                clock.time("forward", 32, 1, || {
                    step += 1;
                    let draw = Draw::from(Key::new(1, step)).estimated_by(estimator);
                    twin.eval(&draw).forward(x.clone());
                    device.synchronize();
                });
            }
        }
    }};
}

/// Times everything that the workload has for a variant.
pub fn run(
    workload: Workload,
    estimator: Option<EstimatorKind>,
    device: DeviceName,
    clock: &Clock,
) -> Result<()> {
    match device {
        DeviceName::Cpu => on_cpu(workload, estimator, clock),
        #[cfg(feature = "cuda")]
        DeviceName::Cuda(_) => on_gpu(workload, estimator, &device.open_cuda(0)?, clock),
        #[cfg(not(feature = "cuda"))]
        DeviceName::Cuda(_) => Ok(device.check()?),
    }
}

/// The workload on a device, trained by `$Adam`; `$in_integers` is what w5 does there.
macro_rules! on_device {
    ($workload:expr, $estimator:expr, $device:expr, $Adam:ident, $clock:expr, $in_integers:expr) => {{
        let (estimator, device, clock) = ($estimator, $device, $clock);
        match $workload {
            Workload::W1 => {
                classifier!(
                    Mlp,
                    BayesMlp,
                    [Const::<784>],
                    32,
                    device,
                    $Adam,
                    estimator,
                    clock
                );
            }
            Workload::W2 => {
                classifier!(
                    LeNet,
                    BayesLeNet,
                    [Const::<1>, Const::<28>, Const::<28>],
                    32,
                    device,
                    $Adam,
                    estimator,
                    clock
                );
            }
            Workload::W3 => {
                classifier!(
                    ResNet20,
                    BayesResNetCifar,
                    [Const::<3>, 32, 32],
                    10,
                    device,
                    $Adam,
                    estimator,
                    clock
                );
            }
            Workload::W5 => $in_integers,
            Workload::W6 => recurrent!(device, estimator, clock),
        }
        Ok(())
    }};
}

fn on_cpu(workload: Workload, estimator: Option<EstimatorKind>, clock: &Clock) -> Result<()> {
    let device = &Cpu::seed_from_u64(0);
    let in_integers = || in_integers(device, estimator, clock);
    on_device!(workload, estimator, device, Adam, clock, in_integers()?)
}

#[cfg(feature = "cuda")]
fn on_gpu(
    workload: Workload,
    estimator: Option<EstimatorKind>,
    device: &Cuda,
    clock: &Clock,
) -> Result<()> {
    use bayes_core::optim::DeviceAdam;
    let refuse = || anyhow::bail!("models in integers run on the CPU: leave `--device` out");
    on_device!(workload, estimator, device, DeviceAdam, clock, refuse()?)
}

/// One draw of ResNet-20 in f32 and in 8-bit integers.
fn in_integers(device: &Cpu, estimator: Option<EstimatorKind>, clock: &Clock) -> Result<()> {
    let estimator = estimator.unwrap_or(EstimatorKind::Reparameterization);
    let sides = |rows: usize| (rows, Const::<3>, 32usize, 32usize);
    let x = device.tensor_from_vec(numbers(BATCH * 3 * 32 * 32), sides(BATCH));
    let one = device.tensor_from_vec(numbers(3 * 32 * 32), sides(1));
    let net = device.build_module::<ResNet20, f32>();
    let twin = BayesResNetCifar::from_pretrained(&net)?;
    let calibration = Calibration {
        estimator: Some(estimator),
        ..Calibration::default()
    };
    let quant = twin.quantize_with(&calibration, [x.clone()])?;
    for (batch, x) in [(BATCH, &x), (1, &one)] {
        clock.time(&format!("fp32_forward_b{batch}"), batch, 1, || {
            let draws = twin.predict(x.clone(), 1, 3).estimator(estimator);
            assert_eq!(
                draws.classify().expect("a prediction").predicted().len(),
                batch
            );
        });
        clock.time(&format!("int8_forward_b{batch}"), batch, 1, || {
            let draws = quant.predict(x.clone(), 1, 3).estimator(estimator);
            assert_eq!(
                draws.classify().expect("a prediction").predicted().len(),
                batch
            );
        });
    }
    Ok(())
}
