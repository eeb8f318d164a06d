//! The attribute `#[bayesian]`, documented here where its examples can run.

/// Makes a struct of layers Bayesian: the fields, in order, are the forward pass, and each weight of a field that is
/// not skipped gets a posterior.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 1.0), estimator = Flipout, moped = 0.5)]
/// struct Net {
///     conv: (Conv2D<1, 4, 3, 1, 1>, Bias2D<4>),
///     act: ReLU,
///     pool: MaxPool2D<2, 2>,
///     flatten: Flatten,
///     #[bayes(skip)]
///     fc: Linear<64, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Net, f32>(); // train it, or load its weights
/// let bayes = BayesNet::from_pretrained(&net)?;
///
/// let x: Tensor<Rank4<5, 1, 8, 8>, f32, _> = dev.sample_normal();
/// let seen = bayes.predict(x, 16, 7).classify()?; // 16 draws with seed 7
/// assert_eq!(seen.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
///
/// # The two forms
///
/// **Spec form**, as above: fields are builder types, and type parameters, where there are any, are [layers
/// too](#layers-as-parameters). The struct is a description; what holds the
/// weights is `DeviceNet<E, D>` with the same fields, and `dev.build_module::<Net, f32>()` makes one.
///
/// **Module form**: the type parameters `E: Dtype, D: Device<E>` (under any name), fields are layers on a device, dfdx's
/// own or the twins' plain layers. The struct itself holds the weights, so there is no `DeviceNet`. It is left exactly
/// as written: whatever it needs to be a dfdx model (`TensorCollection`, `Module`, `derive(Clone)`) is written by hand,
/// as without the attribute. The Bayesian twin's own implementations are generated.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net<E: Dtype, D: Device<E>> {
///     fc1: modules::Linear<4, 8, E, D>,
///     act: ReLU,
///     fc2: modules::Linear<8, 3, E, D>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = Net { fc1: BuildModule::build(&dev), act: ReLU, fc2: BuildModule::build(&dev) };
/// let bayes = BayesNet::from_pretrained(&net)?;
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// let y = bayes.eval(Key::MEAN).forward(x);
/// assert_eq!(y.shape().concrete(), [5, 3]);
/// # Ok::<(), Error>(())
/// ```
///
/// Both forms take const parameters. Tuples of up to six, `Residual`, `Repeated`, other annotated structs and aliases
/// are fields like any other, as are layers of your own: see [`Deterministic`](crate::twin::Deterministic).
///
/// Both may be tuple structs: `#[bayesian] struct Net(Linear<4, 8>, ReLU, Linear<8, 2>);`. Their tensors are `0.weight`,
/// `0.bias`, `2.weight`, …, as those of a tuple and of PyTorch's `Sequential`; twins and views are tuple structs too.
///
/// `cfg` and `cfg_attr` on fields, parameters and on `#[bayes(..)]` mean what they mean elsewhere, and `cfg` on the struct
/// itself may stand above or below `#[bayesian]`: the twins have the fields that are left, and the forward pass is their
/// order. Lints that the struct allows are allowed on its twins.
///
/// A field's type is at least as visible as its struct where the fields run in order: the views show it.
///
/// # Fields that are no layers
///
/// What is no layer is marked with the value that it has in a new model: `#[bayes(value = 1.0)]`. Each twin and each view
/// has a copy, so its type is `Clone` and `Debug`, and `Send` and `Sync` for predictions on several threads. It holds no
/// tensors: a forward pass in order, the KL, checkpoints and int8 models pass over it, while a forward pass of its own
/// reads it.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (4))]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: ReLU,
///     fc2: Linear<8, 3>,
///     #[bayes(value = ["ant", "bee", "cat"])]
///     labels: [&'static str; 3],
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let mut net = dev.build_module::<Net, f32>();
/// net.labels[0] = "asp";
/// let bayes = BayesNet::from_pretrained(&net)?;
/// assert_eq!(bayes.labels, ["asp", "bee", "cat"]);
/// # Ok::<(), Error>(())
/// ```
///
/// In module form the struct is built by hand, and the value stands for a twin that is built of nothing. An int8 model has
/// the attribute's value: where its forward pass is its own and the model's is another by now, `quantize` is an `Err`.
///
/// # Layers as parameters
///
/// In spec form a type parameter is a layer in builder form, `L: Spec`, alone or within the types of fields, with further
/// bounds, defaults and const parameters beside it. `DeviceBlock`, `BayesBlock` and `QuantBlock` have the same parameter.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (8))]
/// struct Block<L: Spec> {
///     inner: Residual<L>,
///     act: ReLU,
///     fc: Linear<8, 8>,
/// }
///
/// type Deep = Block<Block<Linear<8, 8>>>;
/// check_shapes!(Deep);
///
/// let dev = Cpu::seed_from_u64(0);
/// let net: DeviceBlock<Block<Linear<8, 8>>, f32, Cpu> = dev.build_module::<Deep, f32>();
/// let bayes = BayesBlock::from_pretrained(&net)?;
/// assert_eq!(bayes.kl_per_layer()?[0].name, "inner.0.inner.0.weight");
/// let x: Tensor<Rank2<5, 8>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 16, 7).classify()?.classes, 8);
/// # Ok::<(), Error>(())
/// ```
///
/// A forward pass of its own cannot say what such a layer takes and gives in each view, so it takes none; nor does module
/// form, whose two type parameters are the number type and the device.
///
/// # A forward pass of its own
///
/// Where the fields do not simply run in order (branches, loops, several inputs or outputs) the struct says `forward`,
/// and an `impl` block beside it, with `#[bayesian(forward)]`, holds the forward pass as its method `forward`. It is
/// written once. The macro re-emits it, token for token, as dfdx's `Module` of each view of the struct: plain and
/// Bayesian, for prediction and for training, and in integers. `self` is the view, so that `self.conv1.try_forward(x)` means the layer
/// in the draw at hand.
///
/// ```
/// use bayes_core::dfdx::tensor::WithEmptyTape;
/// use bayes_core::prelude::*;
///
/// /// A residual block with normalisation and activation in front of each convolution (He et al. 2016).
/// #[bayesian(forward, estimator = Flipout)]
/// struct Block {
///     bn1: BatchNorm2D<4>,
///     conv1: Conv2D<4, 4, 3, 1, 1>,
///     bn2: BatchNorm2D<4>,
///     conv2: Conv2D<4, 4, 3, 1, 1>,
/// }
///
/// #[bayesian(forward)]
/// impl Block {
///     fn forward<E: Dtype, D: Device<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>(
///         &self,
///         x: Tensor<(B, Const<4>, H, W), E, D, T>,
///     ) -> Result<Tensor<(B, Const<4>, H, W), E, D, T>, D::Err> {
///         let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
///         let y = self.bn2.try_forward(self.conv1.try_forward(y)?)?.try_relu()?;
///         x.try_add(self.conv2.try_forward(y)?)
///     }
/// }
///
/// /// It is a field like any other.
/// #[bayesian(input = (1, 8, 8))]
/// struct Net {
///     stem: Conv2D<1, 4, 3, 1, 1>,
///     blocks: Repeated<Block, 2>,
///     pool: AvgPoolGlobal,
///     fc: Linear<4, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net = dev.build_module::<Net, f32>();
/// let mut bayes = BayesNet::from_pretrained(&net)?;
/// let x: Tensor<Rank4<5, 1, 8, 8>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), net.forward(x.clone()).as_vec());
/// let grads = bayes.train(Key::new(7, 0)).forward(x.leaky_trace()).square().mean().backward();
/// assert!(grads.get(&bayes.blocks.modules[1].conv2.weight.rho).as_vec().iter().any(|g| *g != 0.0));
/// assert_eq!(bayes.predict(x, 16, 7).classify()?.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
///
/// - It is generic over the number type and the device, `E: Dtype, D: Device<E>` under any name, and gives
///   `Result<…, D::Err>`, so that it fits between dfdx's layers. What else it is generic over is its own affair: a batch
///   `B: Dim` takes static sizes and run-time ones (`predict` asks with the latter), a tape `T: Tape<E, D>` takes inputs
///   with and without one (training asks with one). Our layers ask for more than `D: Device<E>` of a device; the macro
///   adds it.
/// - Several inputs are several arguments, and a tuple for the caller: `net.forward((x, y))`, `predict((x, y), …)`. Several
///   outputs are a tuple.
/// - A layer that is used twice gives the same draw both times, and is counted once in the KL. A tensor that is used
///   twice is one in dfdx's sense: `x.with_empty_tape()` is a copy with a tape of its own, whose operations come together
///   with those of `x` where both are added or [joined](crate::layers::join). [`fit_to`](crate::layers::FitTo) says that
///   two dimensions of one size are one. What a recurrent layer records is on the tape of its outputs: where only the
///   state goes on, take their tape along with `split_tape` and `put_tape`.
/// - The block's other methods on `&self` are methods of the views, which `forward` may call; its constants and functions
///   are the struct's and the views'. Const parameters (`impl<const N: usize> Net<N>`) are as in any `impl`.
/// - The views have names here, `NetEval`, `NetTrain`, `NetBayesEval` and `NetBayesTrain`, by which the block finds them.
///   "unresolved import `NET_SAYS_FORWARD`" means that the struct does not say `forward`, or that the block
///   is in another module than its struct: write `impl models::Net` there.
/// - The plain model's `forward` runs as a prediction, with running statistics; dfdx's `forward_mut` runs as training, and
///   drops by the device's random numbers. In module form both are generated too, and not written by hand.
/// - Each layer's types are those of the `impl`, so `input` is not stated. A layer that does not fit is an error in the
///   body, which the compiler may repeat for each view.
/// - In [integers](crate::int8) its layers have a plan each, with f32 between them: a sequential struct has one plan and is
///   faster. `NetInt8` is the view there. Calibration runs the forward pass, so its batches have to reach every layer.
///
/// # Keys of the struct
///
/// | key | values | where it is not stated |
/// |---|---|---|
/// | `input` | the size of one example: `(features)`, `(steps, features)` or `(channels, length)`, `(channels, height, width)`, `(channels, depth, height, width)` | sizes of neighbours are proven, not those that follow from the input |
/// | `prior` | `Gaussian(mean, std)`, `Gaussian(mean, FanIn)`, `Gaussian(mean, Learned)` or `Learned(start, floor = …)`, `Laplace(mean, scale)`, `ScaleMixture(pi, std1, std2)`, `StudentT(dof, scale)`, `Own(MyPrior { … })`: see [`prior`](crate::prior) | `Gaussian(0.0, 1.0)` |
/// | `posterior` | `MeanField(rho = -3.0)`, `Radial(rho = -3.0)`, `LowRank(rank = 2, rho = -3.0)`: see [`Family`](crate::posterior::Family); `rho` is where rho starts without MOPED, sigma = ln(1 + e^rho), or `FanIn` | `MeanField(rho = FanIn)` |
/// | `estimator` | [`Flipout`], [`Reparameterization`], [`LocalReparameterization`] | `Flipout` |
/// | `moped` | delta: posterior and prior start from the plain weights w, with sigma = delta·\|w\| (Krishnan et al. 2020) | no MOPED |
/// | `init` | how parameters start without pretrained weights: `FanIn`, `BayesianTorch` (see [`Init`](crate::posterior::Init)) | `FanIn` |
/// | `bayes` | name of the Bayesian twin | `BayesNet` for `Net` |
/// | `quant` | name of the int8 twin: see [`int8`](crate::int8) | `QuantNet` for `Net` |
/// | `device` | name of the struct that holds the weights, in spec form | `DeviceNet` for `Net` |
/// | `crate` | path of this crate | `::bayes_core` |
/// | `forward` | no value: the forward pass is [its own](#a-forward-pass-of-its-own) | the fields run in order |
/// | `members` | `members(Small = <4>, Sure = <4>(moped = 0.01))`: a [family](#families) of models | one model |
/// | `registry` | name of the enum of the members | `NetMember` for `Net` |
/// | `export` | no value: other crates build members by name | this crate does |
///
/// Numbers are literals or paths of constants; sizes in `input` may be const parameters.
///
/// # Keys of a field
///
/// | key | |
/// |---|---|
/// | `skip` | the field stays as it is: no posterior, no KL |
/// | `value` | an expression: the field [is no layer](#fields-that-are-no-layers), and starts as this; one with a comma outside brackets stands in parentheses |
/// | `prior`, `posterior`, `estimator`, `moped`, `init` | as above, for this field |
///
/// A field's key wins over its struct's. What an annotated struct states wins over the struct that holds it as a field,
/// and what it leaves open it takes from there.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(estimator = LocalReparameterization)]
/// struct Head {
///     fc: Linear<4, 2>, // LocalReparameterization, moped = 0.2
/// }
///
/// #[bayesian(estimator = Reparameterization, moped = 0.2)]
/// struct Net {
///     fc1: Linear<8, 4>, // Reparameterization, moped = 0.2
///     #[bayes(moped = 0.05, prior = Gaussian(0.0, FanIn))]
///     fc2: Linear<4, 4>, // Reparameterization, moped = 0.05
///     head: Head,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let names: Vec<String> = bayes.kl_per_layer()?.into_iter().map(|kl| kl.name).collect();
/// assert_eq!(names[..2], ["fc1.weight", "fc1.bias"]);
/// assert_eq!(names[4..], ["head.fc.weight", "head.fc.bias"]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Families
///
/// One definition is many models: `members` names them. A member has values for the struct's const parameters, in `<..>`
/// where there are some, and in `(..)` what it states of its weights: `prior`, `posterior`, `estimator`, `moped`, `init`,
/// and `input`. Its keys win over the struct's and lose to a field's.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (8), prior = Gaussian(0.0, 1.0), members(
///     /// The one to begin with.
///     Small = <16>,
///     Wide = <[64, 256]>(estimator = [Reparameterization, Flipout]), // Wide64Reparameterization and three more
///     Sure = <16>(prior = [Narrow: Gaussian(0.0, 0.1), Heavy: Laplace(0.0, 1.0)]), // SureNarrow, SureHeavy
/// ))]
/// struct Net<const H: usize, const MORE: usize = 1> {
///     fc1: Linear<8, H>,
///     act: ReLU,
///     more: Repeated<(Linear<H, H>, ReLU), MORE>,
///     fc2: Linear<H, 3>,
/// }
///
/// // As types:
/// let dev = Cpu::seed_from_u64(0);
/// let net: DeviceSmall<f32, Cpu> = dev.build_module::<Small, f32>();
/// let narrow = BayesSureNarrow::from_pretrained(&net)?;
/// let heavy = BayesSureHeavy::from_pretrained(&net)?; // of the same weights
/// assert_ne!(narrow.kl::<NoneTape>().array(), heavy.kl_in::<NoneTape>(Key::new(7, 0)).array());
///
/// // By name:
/// let member: NetMember = "Wide64Flipout".parse()?;
/// let x: Tensor<Rank2<5, 8>, f32, _> = dev.sample_normal();
/// let predicted = with_net!(member, |Net, BayesNet| {
///     let net = dev.build_module::<Net, f32>();
///     BayesNet::from_pretrained(&net)?.predict(x, 16, 7).classify()?.predicted()
/// });
/// assert_eq!(predicted.len(), 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// - **A list** `[a, b]` stands wherever a value does, and makes a member of each; several lists make one of each
///   combination. The member's name is what is written with the values' behind it: whole numbers and names such as
///   `Flipout` are their own, other values are given one, `[Narrow: Gaussian(0.0, 0.1), ..]`. A parameter with a default
///   may be left out.
/// - **Types**: `Small` is the builder `Net<16, 1>`; in module form it is the struct, `Small<E, D>`. `DeviceSmall<E, D>`,
///   `BayesSmall<E, D>` and `QuantSmall` are its twins, `SmallConfig` is what it states, where it states something. Two
///   members that differ by keys alone are one plain model with two twins: `BayesNet::from_pretrained` gives the
///   struct's, and a member's comes from its own name. `FromPretrained`, of which generic code asks it, is in the prelude.
/// - **Sizes** are proven for each member, with the error at its name, as
///   [`check_shapes!`](crate::check_shapes) does; in module form too.
/// - **The registry** `NetMember` is an enum of all members, with `ALL`, `name()`, `input()`, `rule()`, `parameters()` and
///   `bayes_parameters()`, of which none builds anything. It is read from text (`FromStr`; an unknown name is answered with
///   the nearest and with all), written as text (`Display`), and saved by `serde` as its name. See
///   [`members`](crate::members).
/// - **By name**: `with_net!(member, |Net, BayesNet, QuantNet| { .. })` is a `match` in which the body stands once for each
///   member, and the names are those of its types. It gives the body's value, so members meet in one type there: numbers,
///   or `Box<dyn Model>` of a trait that the program implements for `BayesNet<H, MORE, f32, Cpu, C>` with every `C: Config`.
///   The names are the caller's choice, and the last ones may be left out; in module form the first takes `<E, D>`. The
///   registry must be in scope where it is called.
/// - The macro is visible where the struct is, within the crate: `use models::{NetMember, with_net}`. With `export` it goes
///   with a `pub` struct to other crates.
/// - A member is a whole model. As a field of another struct its name is that of the plain struct, so that what `Net` states
///   holds there, and not what the member does.
///
/// # Key by key
///
/// Each value may be a literal or the path of a constant. What is refused is refused at compile time, with a sentence at the
/// value that says what to write.
///
/// ## `input`
///
/// The size of one example, without its batch. All sizes of the net are proven from it, each at its own field.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (3, 32, 32))]
/// struct Net {
///     conv: Conv2D<3, 8, 5, 2>, // 8 × 14 × 14
///     flatten: Flatten,
///     fc: Linear<1568, 10>,
/// }
///
/// let net = Cpu::default().build_module::<Net, f32>();
/// let x: Tensor<Rank4<2, 3, 32, 32>, f32, _> = Cpu::default().zeros();
/// assert_eq!(net.forward(x).shape().concrete(), [2, 10]);
/// ```
///
/// Refused: 5 sizes or none; a size that is no whole number above 0; a batch among them, which the first layer
/// calls a volume.
///
/// ## `prior`
///
/// What is believed of each weight before the data; the KL is from it.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(prior = ScaleMixture(0.5, 1.0, 0.01))] // Blundell et al. 2015
/// struct Net {
///     fc1: Linear<4, 8>,
///     #[bayes(prior = Gaussian(0.0, FanIn))] // std = 1/√fan_in
///     fc2: Linear<8, 2>,
/// }
///
/// let bayes = BayesNet::from_pretrained(&Cpu::default().build_module::<Net, f64>())?;
/// // A scale mixture has no closed form: its KL is sampled in a draw.
/// let kl = bayes.kl_in::<NoneTape>(Key::new(7, 0)).array();
/// assert!(kl.is_finite());
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: an unknown family, with the nearest name; too many or too few numbers; a std or scale that is not above
/// 0; NaN and infinity.
///
/// ## `posterior`
///
/// The family of each weight's posterior, and where rho starts where MOPED does not say it.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(posterior = LowRank(rank = 2, rho = -3.0), estimator = Reparameterization)]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
///
/// let bayes = BayesNet::from_pretrained(&Cpu::default().build_module::<Net, f64>())?;
/// assert!(bayes.fc.weight.rho.as_vec().iter().all(|&rho| rho == -3.0));
/// assert!(bayes.kl::<NoneTape>().array() > 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: an unknown family; a rank of 0; `LowRank` with an estimator other than `Reparameterization`; `Radial`
/// with `LocalReparameterization`.
///
/// ## `estimator`
///
/// How the noise enters a layer's output. All three have the same mean and variance of each output.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (1, 8, 8), estimator = Flipout)] // Wen et al. 2018: signs for each example
/// struct Net {
///     conv: Conv2D<1, 4, 3, 1, 1>,
///     flatten: Flatten,
///     #[bayes(estimator = LocalReparameterization)] // Kingma, Salimans and Welling 2015
///     fc: Linear<256, 10>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank4<5, 1, 8, 8>, f32, _> = dev.sample_normal();
/// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 5);
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: an unknown name; `LocalReparameterization` for anything but `Linear`, at the field that it reaches.
///
/// ## `moped`
///
/// Delta: around pretrained weights w, sigma starts at delta·|w| and the prior's mean is w (Krishnan, Subedar and
/// Tickoo 2020).
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(moped = 0.25)]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
///
/// let net = Cpu::seed_from_u64(0).build_module::<Net, f64>();
/// let bayes = BayesNet::from_pretrained(&net)?;
/// for (rho, w) in bayes.fc.weight.rho.as_vec().into_iter().zip(net.fc.weight.as_vec()) {
///     let sigma = rho.exp().ln_1p();
///     assert!((sigma - 0.25 * w.abs()).abs() < 1e-12);
/// }
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: 0, a negative number, NaN, infinity, a string.
///
/// ## `init`
///
/// How parameters start where no pretrained weights are given, as in a model that is built as a twin.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(init = BayesianTorch, posterior = MeanField(rho = -3.0))]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
///
/// let net = Cpu::seed_from_u64(0).build_module::<Net, f32>();
/// assert!(BayesNet::from_pretrained(&net)?.kl::<NoneTape>().array() > 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: an unknown name.
///
/// ## `bayes`, `quant`, `device`
///
/// Names of what is generated.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(bayes = Posterior, quant = Integers, device = Weights)]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let net: Weights<f32, Cpu> = dev.build_module::<Net, f32>();
/// let bayes: Posterior<f32, Cpu> = Posterior::from_pretrained(&net)?;
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
/// let quant: Integers = bayes.quantize([x])?;
/// # let _ = quant;
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: a name that the struct or another twin has; `device` in module form, where the struct is that type.
///
/// ## `crate`
///
/// Where this crate is, for a renamed dependency or a re-export.
///
/// ```
/// mod nn {
///     pub use bayes_core::*; // as a crate of your own may
/// }
/// use bayes_core::prelude::*;
///
/// #[bayesian(crate = crate::nn)]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
///
/// fn main() {
///     assert!(BayesNet::from_pretrained(&Cpu::default().build_module::<Net, f32>()).is_ok());
/// }
/// ```
///
/// Refused: anything that is no path.
///
/// ## `skip`
///
/// The field stays as it is: no posterior, no noise, nothing in the KL.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian]
/// struct Net {
///     #[bayes(skip)]
///     fc1: Linear<4, 8>,
///     fc2: Linear<8, 2>,
/// }
///
/// let bayes = BayesNet::from_pretrained(&Cpu::default().build_module::<Net, f32>())?;
/// let names: Vec<String> = bayes.kl_per_layer()?.into_iter().map(|kl| kl.name).collect();
/// assert_eq!(names, ["fc2.weight", "fc2.bias"]);
/// # Ok::<(), Error>(())
/// ```
///
/// Refused: another key beside it; every field with weights skipped.
///
/// # What is generated
///
/// - `BayesNet<E, D>`, with the fields of `Net`. It walks its tensors as a dfdx model does (`alloc_grads`, optimisers,
///   checkpoints), and has
///   - `from_pretrained(&net)`: the twin around the weights of a plain model,
///   - `mean()` and `sample(seed)`: a plain model again, with the means or with drawn weights,
///   - `eval(key)` and `train(key)`: a view of the model in one draw,
///   - `predict(x, samples, seed)`: many draws on a batch, to be reduced ([`predict`](crate::predict::predict)),
///   - `kl()`: KL(posterior ‖ prior) summed over all weights, in nats, on a tape; `kl_in(key)`: the same in one draw, for
///     priors without a closed form; `kl_per_layer()`: by tensor.
/// - For each member of a [family](#families) its types, and for all of them `NetMember` and `with_net!`.
/// - In spec form `DeviceNet<E, D>`: the plain model, with everything that dfdx asks of one.
/// - `NetView`: what `eval` and `train` give. `NetConfig`, and `NetFc1Config` for a field `fc1` with keys
///   (`NetField0Config` in a tuple struct): what the attribute states, as types. `NET_LAYERS`: a constant that exists so that a field that is no layer is one error.
///
/// # Views and keys
///
/// A draw is a value, its [`Key`](crate::draw::Key): seed and sample say everything about its noise. A view is the model
/// under a key; its fields are views of the model's fields, so any layer can be called by itself, and the same draw is
/// the same noise in any order and on any thread.
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(estimator = Reparameterization)]
/// struct Net {
///     fc1: Linear<4, 8>,
///     act: ReLU,
///     fc2: Linear<8, 3>,
/// }
///
/// let dev = Cpu::seed_from_u64(0);
/// let mut bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
/// let x: Tensor<Rank2<5, 4>, f32, _> = dev.sample_normal();
///
/// let draw = bayes.eval(Key::new(7, 0)); // seed 7, sample 0
/// let whole = draw.forward(x.clone());
/// let by_hand = draw.fc2.forward(draw.act.forward(draw.fc1.forward(x.clone())));
/// assert_eq!(whole.array(), by_hand.array());
///
/// // Training: a view that records, the loss with its KL, and the gradients of mu and rho.
/// let grads = bayes.alloc_grads();
/// let nll = bayes.train(Key::new(7, 1)).forward(x.trace(grads)).square().mean();
/// let loss = elbo_loss(nll, bayes.kl(), 5, 1.0)?;
/// let grads = loss.backward();
/// assert!(grads.get(&bayes.fc1.weight.rho).as_vec().iter().any(|g| *g != 0.0));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
///
/// A size that does not fit is a compile error on its field, under `cargo check`, and names both sides. Here it is
/// "`fc` takes 400 features, but `flatten` gives 256":
///
/// ```compile_fail,E0080
/// # use bayes_core::prelude::*;
/// #[bayesian(input = (1, 8, 8))]
/// struct Net {
///     conv: Conv2D<1, 4, 3, 1, 1>,
///     act: ReLU,
///     flatten: Flatten,
///     fc: Linear<400, 10>,
/// }
/// ```
///
/// Where sizes are const parameters, name the members that the program uses in
/// [`check_shapes!`](crate::check_shapes). Wrong keys and values are reported all at once, each at its own place; "unknown
/// estimator `Flipuot`: did you mean `Flipout`?":
///
/// ```compile_fail
/// # use bayes_core::prelude::*;
/// #[bayesian(estimator = Flipuot)]
/// struct Net {
///     fc: Linear<4, 2>,
/// }
/// ```
///
/// A field whose type is no layer is one error at that type, and `LocalReparameterization` on a layer that applies a
/// weight at several positions, such as a convolution, is one at its field. What is known at run time only, such as the
/// size of a batch of `usize` dimensions, is an `Err` of `try_forward` and of `predict`.
///
/// # In an editor
///
/// What is generated is ordinary code, which rust-analyzer reads by running the macro (its default). Seen with that of Rust 1.95:
/// hovering `BayesNet` or `QuantNet` shows the type, its fields and a sentence on what it is; the types of `net.forward(x)`,
/// `bayes.eval(key)` and `bayes.predict(x, 32, 7).classify()` are inferred; after `bayes.` come the fields and the methods above. A
/// wrong key is underlined as it is typed, with its suggestion, and the struct, its twins and their fields and methods stay
/// there for completion.
///
/// [`Flipout`]: crate::estimator::Flipout
/// [`Reparameterization`]: crate::estimator::Reparameterization
/// [`LocalReparameterization`]: crate::estimator::LocalReparameterization
#[doc(inline)]
pub use bayes_macros::bayesian;
