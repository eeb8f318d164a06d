//! On an NVIDIA GPU: what to install, how to build, how to choose the device, what runs there, what it costs.
//!
//! # Build
//!
//! Where the program runs there must be a GPU from Pascal (compute capability 6.0) on, NVIDIA's driver, and CUDA 12 or 13 with
//! nvcc, cuBLAS and NVRTC. Say `CUDA_ROOT` where CUDA is not in `/usr/local/cuda`:
//!
//! ```text
//! cargo run --release --example gpu --features cuda -- --device cuda
//! cargo install --path bayes-models --features program,cuda
//! ```
//!
//! The feature is `cuda` in each crate, and is off unless asked for. A program built with it needs `libcuda.so.1`,
//! `libcublas.so` and `libnvrtc.so` of CUDA's version to start at all, also for its CPU. Some of dfdx's kernels are compiled
//! by NVRTC when they are first used, from headers at the paths of the build: build where the program runs, or give the
//! other machine the folders `$CUDA_ROOT/include` and `target/…/build/dfdx-…/out` at the same paths.
//!
//! `.ci/cuda` compiles the feature without GPU, driver and toolkit, which shows that it compiles and links.
//! `cargo check --features cuda,ci-check` needs nothing and shows that its types fit.
//!
//! # Choose
//!
//! [`DeviceName`](bayes_core::device::DeviceName) reads `cpu`, `cuda` and `cuda:1`, lists what answers, and opens a GPU, or
//! says in a sentence why it cannot:
//!
//! ```
//! use bayes_core::device::DeviceName;
//!
//! for device in DeviceName::all() {
//!     println!("{device}");
//! }
//! if let Err(sentence) = "cuda:7".parse::<DeviceName>()?.check() {
//!     eprintln!("{sentence}"); // `cuda:7` is not there: …
//! }
//! # Ok::<(), bayes_core::Error>(())
//! ```
//!
//! With the feature, `name.open_cuda(seed)?` is the device, of dfdx's type `Cuda`; without a name, dfdx's `AutoDevice` is the
//! type `Cuda` with the feature and `Cpu` without. A model's type names its device, so a program that chooses at run time
//! has its lines for both, as the example `gpu` has, by a macro. Models by name have no type:
//! `Architecture::plain_on(name, seed)` is one on any device, and what is made of it stays there.
//!
//! # The program
//!
//! ```text
//! bayes --list-devices
//! bayes train --device cuda --out runs/digits
//! bayes evaluate runs/digits
//! bayes train --device cuda:1 --resume runs/digits
//! ```
//!
//! `--device` is for `train`, `evaluate`, `predict`, `calibrate` and `quantize`, and is `cpu` where it is not given; a file for
//! `train --config` may say `device = "cuda"`. The folder of a run does not say where it trained: initial weights, the order of
//! the examples and all noise are functions of the seed, and the checkpoint with the optimiser's state is the same on every
//! device, so a run that began on one is evaluated and goes on on any, with the same numbers up to the last digits. `--int8`
//! runs on the CPU.
//!
//! # What runs there
//!
//! Every layer, estimator, prior and loss, training and prediction, `from_pretrained`, saving and loading. Noise is made by
//! the generator of the CPU, so that a draw has the same epsilon on both, up to the last digits of the arithmetic.
//!
//! - *Training*: [`train_plain`](crate::train::train_plain), [`train_twin`](crate::train::train_twin) and
//!   [`train_regression`](crate::train::train_regression) train a model where its weights are.
//! - *Moving*: `model.to_device(&device)` (dfdx's `ToDevice`) copies a model or twin to another device. A checkpoint does not
//!   know of devices.
//! - *Optimiser*: [`DeviceAdam`](bayes_core::optim::DeviceAdam) keeps its moments on the device. `Sgd`, `Adam` and `AdamW` work
//!   too, but bring each gradient to the host and each parameter back.
//! - *What a training step copies*: the noise of all layers, once, made on several threads while the GPU works on the step
//!   before; the batch, where it is not
//!   there yet; sizes and strides for each kernel, which dfdx passes in memory. The first step of a run, and the first
//!   with another batch size, copy the noise layer by layer.
//! - *Batches*: a prediction from [`HostRows`](bayes_core::predict::HostRows) moves each part of the rows once, when it is
//!   asked for.
//! - *On the host*: the 8-bit twin (`twin.quantize(batches)` makes it from a twin on any device), the metrics, `classify` and
//!   `regress` from the logits on, the losses of models by name, which are of a few numbers for each example, word indices of an `Embedding`, the determinant of a low-rank posterior's KL, and the
//!   losses that check their input (those of [`losses`](bayes_core::losses); dfdx's `cross_entropy_with_logits_loss` does not).
//! - *One thread*: draws run one after the other, the GPU being busy with each. A model by name belongs to the thread that made
//!   it; `on_cpu` copies it to where several threads may ask it.
//!
//! Results are the CPU's to rounding, not to the bit: sums of gradients are added in no fixed order, so that two runs on a
//! GPU differ in the last digits too.
//!
//! What a GPU is worth depends on the size: a step launches hundreds of small kernels, each some microseconds of the host's
//! time, so a small net on a small batch gains nothing: the digits' twin of the example `gpu` trains in 14 s on an H100 and in
//! 11 s on the 16 cores beside it. `BENCHMARKS.md` has more figures, also next to PyTorch, which is quicker with convolutions.
//! The test `cargo test -p tests --features cuda --test device` compares each operation with the CPU's, and says where no driver
//! answers.
//!
//! # Memory
//!
//! Beside what dfdx holds for each operation on the tape, for a batch of n examples, in numbers of the model's type:
//!
//! | layer | on the tape, and as much again for gradients | kept from call to call |
//! |---|---|---|
//! | convolution of `c` channels, kernel of `k` taps, `p` output positions | `n·c·k·p`: what each window sees | an index of `c·k·p` 8-byte numbers for each size |
//! | pooling over `k` taps | `n·c·k·p` | an index of `k·p` |
//! | recurrent layer of `s` steps, `h` numbers, `g` gates | about `n·s·(2g + 4)·h` | nothing |
//! | weights in a draw | about 6 tensors like the weights: epsilon, the slope by rho, and what leads to them | epsilon of all layers in one tensor; sigma while a prediction runs |
//! | Flipout | the layer twice, its input once more | its signs |
//!
//! ResNet-20 on 128 images of 3×32×32 has windows of 19 million numbers in each layer of its first stage: 75 MB, and as much
//! for the gradient.
//!
//! [`DeviceName::open_cuda`](bayes_core::device::DeviceName) keeps memory for the next tensors of the same size; dfdx's
//! `device.empty_cache()` gives it back.
