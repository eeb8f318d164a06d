//! A guide: from a dfdx model to an int8 file.
//!
//! You have a model in dfdx, and it is trained. At the end of this page it says how sure it is of each answer, and fits in a
//! small file of 8-bit integers that a program of one binary loads. The data are the digits that this crate holds; every block
//! runs as a test of this page, in the order in which it stands.
//!
//! # 1. The model
//!
//! A perceptron for images of 8×8 pixels, as one writes it in dfdx: a struct of modules, the walk over its tensors, and a
//! forward pass.
//!
//! ```
//! use bayes_core::prelude::*;
//! use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//!
//! #[derive(Clone, Debug)]
//! struct Net<E: Dtype, D: Device<E>> {
//!     flatten: Flatten,
//!     fc1: modules::Linear<64, 64, E, D>,
//!     act: ReLU,
//!     fc2: modules::Linear<64, 10, E, D>,
//! }
//!
//! impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//!     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//!
//!     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//!         visitor: &mut V,
//!     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//!         visitor.visit_fields(
//!             (
//!                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//!                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//!             ),
//!             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//!         )
//!     }
//! }
//!
//! type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//!
//! impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//!     type Output = Tensor<(B, Const<10>), f32, D, T>;
//!     type Error = D::Err;
//!
//!     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//!         let pixels = (x.shape().0, Const::<64>);
//!         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//!         self.fc2.try_forward(self.act.try_forward(x)?)
//!     }
//! }
//!
//! impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn main() {}
//! ```
//!
//! Trained with dfdx's loop, or with the one here:
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! #
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! use bayes_models::data::Digits;
//! use bayes_models::train::{Training, train_plain};
//!
//! let digits = Digits::embedded()?; // 1437 images to train with, 360 to test
//! let mut net = net();
//! let training = Training { epochs: 4, ..Training::default() };
//! train_plain(&mut net, &digits.train, &training, |epoch| println!("{}: {:.3}", epoch.number, epoch.loss))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A model that is written anew is shorter: in [spec form](bayes_core::bayesian#the-two-forms) the struct names builders, and
//! the walk and the forward pass are generated.
//!
//! # 2. One line
//!
//! Nothing of the struct changes; the attribute stands above it.
//!
//! ```
//! # use bayes_core::prelude::*;
//! #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! #[derive(Clone, Debug)]
//! struct Net<E: Dtype, D: Device<E>> {
//!     flatten: Flatten,
//!     fc1: modules::Linear<64, 64, E, D>,
//!     act: ReLU,
//!     fc2: modules::Linear<64, 10, E, D>,
//! }
//! # fn main() {}
//! ```
//!
//! `cargo check` now proves its sizes: with `Linear<32, 10>` it says, at `fc2`, that it takes 32 features, but `act` gives 64.
//! There is a `BayesNet` with the same fields, and a `QuantNet`. [The attribute's page](bayes_core::bayesian) has all keys.
//! What to state first:
//!
//! | key | a good start |
//! |---|---|
//! | `prior` | `Gaussian(0.0, 1.0)`, narrower where the net is small and the data few |
//! | `moped` | 0.1 to 1, where the net is trained already: the posterior starts around its weights |
//! | `estimator` | `Flipout` trains with less noise; `Reparameterization` costs less; `LocalReparameterization` is for `Linear` |
//! | `#[bayes(skip)]` | on layers that may stay as they are: the last layer alone is often Bayesian enough |
//!
//! # 3. Train the twin
//!
//! The loss is the negative evidence lower bound: the mean negative log-likelihood in one draw of the weights, and the KL from
//! the prior over the number of examples.
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! # use bayes_models::data::Digits;
//! # use bayes_models::train::{Training, train_plain, train_twin};
//! # let digits = Digits::embedded()?;
//! # let mut net = net();
//! # let training = Training { epochs: 4, ..Training::default() };
//! # train_plain(&mut net, &digits.train, &training, |_| {})?;
//! use bayes_core::losses::cross_entropy_loss;
//! use bayes_core::optim::{Adam, AdamConfig};
//!
//! let mut bayes = BayesNet::from_pretrained(&net)?;
//! let mut adam = Adam::new(AdamConfig { lr: 1e-2, ..AdamConfig::default() })?;
//! let n = digits.train.len();
//! for (step, batch) in (0..n).step_by(128).enumerate() {
//!     let rows = batch..n.min(batch + 128);
//!     let x = bayes_models::tensors::images(&digits.train.images[64 * rows.start..64 * rows.end])?;
//!     let draw = Key::new(0, step as u64); // seed 0: another draw of the weights at each step
//!     let grads = bayes.alloc_grads();
//!     let logits = bayes.train(draw).forward(x.trace(grads));
//!     let nll = cross_entropy_loss(logits, &digits.train.labels[rows])?;
//!     let loss = elbo_loss(nll, bayes.kl(), n, 1.0)?;
//!     adam.update(&mut bayes, &loss.backward())?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`train_twin`](crate::train::train_twin) is that loop with epochs, a schedule and shuffling.
//!
//! # 4. Ask it
//!
//! A prediction is many draws, reduced. Its numbers depend on the seed, and on nothing else.
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! # use bayes_models::data::Digits;
//! # use bayes_models::train::{Training, train_plain, train_twin};
//! # let digits = Digits::embedded()?;
//! # let mut net = net();
//! # let training = Training { epochs: 4, ..Training::default() };
//! # train_plain(&mut net, &digits.train, &training, |_| {})?;
//! # let mut bayes = BayesNet::from_pretrained(&net)?;
//! # let training = Training { learning_rate: 1e-2, ..training };
//! # train_twin(&mut bayes, &digits.train, &training, 0.1, |_| {})?;
//! let x = bayes_models::tensors::images(&digits.test.images)?;
//! let seen = bayes.predict(x, 32, 7).classify()?; // 32 draws with seed 7
//!
//! let least_sure = (0..seen.predictive_entropy.len()).max_by(|&a, &b| seen.predictive_entropy[a].total_cmp(&seen.predictive_entropy[b]));
//! if let Some(i) = least_sure {
//!     println!("image {i}: {} with {:.0} %", seen.predicted()[i], 100.0 * seen.confidence()[i]);
//!     println!("uncertain by {:.2} nats, of which the draws disagree on {:.2}", seen.predictive_entropy[i], seen.mutual_information[i]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `mutual_information` is what more data would remove: it is large for what the net has not seen. `expected_entropy` is
//! what the data themselves leave open.
//!
//! # 5. Believe it?
//!
//! Uncertainty can be measured. Is the net right as often as it says (ECE)? Does it know what is no digit (AUROC)?
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! # use bayes_models::data::Digits;
//! # use bayes_models::train::{Training, train_plain, train_twin};
//! # let digits = Digits::embedded()?;
//! # let mut net = net();
//! # let training = Training { epochs: 4, ..Training::default() };
//! # train_plain(&mut net, &digits.train, &training, |_| {})?;
//! # let mut bayes = BayesNet::from_pretrained(&net)?;
//! # let training = Training { learning_rate: 1e-2, ..training };
//! # train_twin(&mut bayes, &digits.train, &training, 0.1, |_| {})?;
//! use bayes_models::evaluate::{Sampling, evaluate};
//!
//! let sampling = Sampling { samples: 32, seed: 7 };
//! let seen = evaluate(&bayes, &digits, sampling)?;
//! println!("{}", seen.report);
//! println!("patches of photographs against digits: AUROC {:.3}", seen.auroc_ood);
//! assert!(seen.report.accuracy > 0.8 && seen.auroc_ood > 0.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is still too sure is [scaled](bayes_core::calibration::Temperature) on images held out; where an answer has to come with
//! a guarantee, [conformal sets](bayes_core::calibration::ConformalClassifier) have one.
//!
//! # 6. Keep it
//!
//! A checkpoint holds means, deviations, the prior's means and the numbers of the configuration, and is compared with the
//! model whole before anything is loaded.
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! # use bayes_models::data::Digits;
//! # use bayes_models::train::{Training, train_plain, train_twin};
//! # let digits = Digits::embedded()?;
//! # let mut net = net();
//! # let training = Training { epochs: 4, ..Training::default() };
//! # train_plain(&mut net, &digits.train, &training, |_| {})?;
//! # let mut bayes = BayesNet::from_pretrained(&net)?;
//! # let training = Training { learning_rate: 1e-2, ..training };
//! # train_twin(&mut bayes, &digits.train, &training, 0.1, |_| {})?;
//! # let folder = std::env::temp_dir().join(format!("bayes-guide-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("net.safetensors");
//! use bayes_core::checkpoint::Checkpoint;
//!
//! Checkpoint::new().with_entry("epochs", "4").save(&path, &bayes)?;
//!
//! let mut again = BayesNet::from_pretrained(&net)?;
//! let entries = Checkpoint::new().with_entry("epochs", "4").load(&path, &mut again)?;
//! assert_eq!(entries["epochs"], "4");
//! assert_eq!(again.fc1.weight.mu.as_vec(), bayes.fc1.weight.mu.as_vec());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # 7. 8-bit integers
//!
//! A batch or two of real inputs show which values occur. [`inspect`](bayes_core::int8::inspect) says what each layer became
//! and what rounding cost.
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! # use bayes_models::data::Digits;
//! # use bayes_models::train::{Training, train_plain, train_twin};
//! # let digits = Digits::embedded()?;
//! # let mut net = net();
//! # let training = Training { epochs: 4, ..Training::default() };
//! # train_plain(&mut net, &digits.train, &training, |_| {})?;
//! # let mut bayes = BayesNet::from_pretrained(&net)?;
//! # let training = Training { learning_rate: 1e-2, ..training };
//! # train_twin(&mut bayes, &digits.train, &training, 0.1, |_| {})?;
//! # let folder = std::env::temp_dir().join(format!("bayes-guide-int8-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("net.int8");
//! use bayes_core::int8::inspect;
//!
//! let calibration = bayes_models::tensors::images(&digits.train.images[..64 * 256])?;
//! let quant: QuantNet = bayes.quantize([calibration])?;
//! println!("{}", inspect(&quant));
//! quant.save(&path)?;
//!
//! // The same draws as before, in integers.
//! let x = bayes_models::tensors::images(&digits.test.images)?;
//! let [in_f32, in_int8] = [bayes.predict(x.clone(), 32, 7).classify()?, quant.predict(x, 32, 7).classify()?];
//! let same = in_f32.predicted().iter().zip(in_int8.predicted()).filter(|(a, b)| **a == *b).count();
//! assert!(same >= 355, "{same} of 360 answers are the same");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A twin that was trained by `Flipout` is drawn by it in integers too, in two products. Where all examples of a batch may see the
//! same weights, one product is enough: `quantize_with` of
//! `Calibration { estimator: Some(EstimatorKind::Reparameterization), ..Calibration::default() }`, or
//! `bayes quantize RUN --estimator reparameterization`.
//!
//! # 8. Ship it
//!
//! The program that predicts needs the struct, which proves the file's shape, and the file. No weights in f32, no training, no
//! Python.
//!
//! ```
//! # use bayes_core::prelude::*;
//! # use bayes_core::dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection};
//! #
//! # #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.2), estimator = Flipout, moped = 1.0)]
//! # #[derive(Clone, Debug)]
//! # struct Net<E: Dtype, D: Device<E>> {
//! #     flatten: Flatten,
//! #     fc1: modules::Linear<64, 64, E, D>,
//! #     act: ReLU,
//! #     fc2: modules::Linear<64, 10, E, D>,
//! # }
//! #
//! # impl<D: Device<f32>> TensorCollection<f32, D> for Net<f32, D> {
//! #     type To<E2: Dtype, D2: Device<E2>> = Net<E2, D2>;
//! #
//! #     fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
//! #         visitor: &mut V,
//! #     ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
//! #         visitor.visit_fields(
//! #             (
//! #                 Self::module("fc1", |net| &net.fc1, |net| &mut net.fc1),
//! #                 Self::module("fc2", |net| &net.fc2, |net| &mut net.fc2),
//! #             ),
//! #             |(fc1, fc2)| Net { flatten: Flatten, fc1, act: ReLU, fc2 },
//! #         )
//! #     }
//! # }
//! #
//! # type Image<B, D, T> = Tensor<(B, Const<1>, Const<8>, Const<8>), f32, D, T>;
//! #
//! # impl<B: Dim, D: Device<f32>, T: Tape<f32, D>> Module<Image<B, D, T>> for Net<f32, D> {
//! #     type Output = Tensor<(B, Const<10>), f32, D, T>;
//! #     type Error = D::Err;
//! #
//! #     fn try_forward(&self, x: Image<B, D, T>) -> Result<Self::Output, D::Err> {
//! #         let pixels = (x.shape().0, Const::<64>);
//! #         let x = self.fc1.try_forward(x.try_reshape_like(&pixels)?)?;
//! #         self.fc2.try_forward(self.act.try_forward(x)?)
//! #     }
//! # }
//! #
//! # impl<D: Device<f32>> NonMutableModule for Net<f32, D> {}
//! # fn net() -> Net<f32, Cpu> {
//! #     let dev = Cpu::seed_from_u64(0);
//! #     Net { flatten: Flatten, fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) }
//! # }
//! # use bayes_models::data::Digits;
//! # use bayes_models::train::{Training, train_plain, train_twin};
//! # let digits = Digits::embedded()?;
//! # let mut net = net();
//! # let training = Training { epochs: 4, ..Training::default() };
//! # train_plain(&mut net, &digits.train, &training, |_| {})?;
//! # let mut bayes = BayesNet::from_pretrained(&net)?;
//! # let training = Training { learning_rate: 1e-2, ..training };
//! # train_twin(&mut bayes, &digits.train, &training, 0.1, |_| {})?;
//! # let folder = std::env::temp_dir().join(format!("bayes-guide-ship-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("net.int8");
//! # bayes.quantize([bayes_models::tensors::images(&digits.train.images[..64 * 256])?])?.save(&path)?;
//! # let image = &digits.test.images[..64];
//! let quant = QuantNet::load(&path)?; // another model's file, or a damaged one, is an error that says so
//! let seen = quant.predict(bayes_models::tensors::images(image)?, 32, 7).classify()?;
//! if seen.mutual_information[0] > 0.3 {
//!     println!("not sure enough: a person should look");
//! } else {
//!     println!("{}", seen.predicted()[0]);
//! }
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Built with `cargo build --release`, it is one file; it gives the same numbers on every processor.
//!
//! Where to go from here: a [forward pass of your own](bayes_core::bayesian#a-forward-pass-of-its-own), the
//! [example `digits`](https://docs.rs/bayes-models), which does all this with figures and a report, and
//! [`bayes_core::layers`] for what there is to build with. To train and predict on a GPU, see [`gpu`].

pub mod gpu;
