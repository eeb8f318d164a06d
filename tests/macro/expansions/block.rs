//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::dfdx::tensor::WithEmptyTape;
use bayes_core::prelude::*;
/// Normalisation and activation in front of each convolution.
#[allow(dead_code)]
pub struct Block {
    pub bn1: BatchNorm2D<2>,
    pub conv1: Conv2D<2, 2, 3, 1, 1>,
    pub conv2: Conv2D<2, 2, 3, 1, 1>,
}
const BLOCK_LAYERS: bool = ::bayes_core::__private::is_layer::<BatchNorm2D<2>>()
    && ::bayes_core::__private::is_layer::<Conv2D<2, 2, 3, 1, 1>>()
    && ::bayes_core::__private::is_layer::<Conv2D<2, 2, 3, 1, 1>>();
/// [`Block`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceBlock<E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    pub bn1: ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
    pub conv1: ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    pub conv2: ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
}
/// The Bayesian twin of [`Block`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesBlock<
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = BlockConfig,
> {
    pub bn1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
        E,
        D,
        C,
    >,
    pub conv1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
        E,
        D,
        C,
    >,
    pub conv2: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
        E,
        D,
        BlockConv2Config<C>,
    >,
}
/// [`Block`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantBlock = ::bayes_core::__private::Int8<DeviceBlock<f32, ::bayes_core::__private::Cpu>>;
/// [`Block`] in one draw, for prediction: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct BlockEval<'a, E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    pub bn1: ::bayes_core::__private::Eval<
        'a,
        ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
    >,
    pub conv1: ::bayes_core::__private::Eval<
        'a,
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    >,
    pub conv2: ::bayes_core::__private::Eval<
        'a,
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    >,
}
/// [`Block`] in one draw, for training: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct BlockTrain<'a, E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>>
{
    pub bn1: ::bayes_core::__private::Train<
        'a,
        ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
    >,
    pub conv1: ::bayes_core::__private::Train<
        'a,
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    >,
    pub conv2: ::bayes_core::__private::Train<
        'a,
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    >,
}
/// [`BayesBlock`] in one draw, for prediction: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct BlockBayesEval<
    'a,
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config,
> {
    pub bn1: ::bayes_core::__private::Eval<
        'a,
        ::bayes_core::__private::Bayes<
            ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
            E,
            D,
            C,
        >,
    >,
    pub conv1: ::bayes_core::__private::Eval<
        'a,
        ::bayes_core::__private::Bayes<
            ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
            E,
            D,
            C,
        >,
    >,
    pub conv2: ::bayes_core::__private::Eval<
        'a,
        ::bayes_core::__private::Bayes<
            ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
            E,
            D,
            BlockConv2Config<C>,
        >,
    >,
}
/// [`BayesBlock`] in one draw, for training: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct BlockBayesTrain<
    'a,
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config,
> {
    pub bn1: ::bayes_core::__private::Train<
        'a,
        ::bayes_core::__private::Bayes<
            ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
            E,
            D,
            C,
        >,
    >,
    pub conv1: ::bayes_core::__private::Train<
        'a,
        ::bayes_core::__private::Bayes<
            ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
            E,
            D,
            C,
        >,
    >,
    pub conv2: ::bayes_core::__private::Train<
        'a,
        ::bayes_core::__private::Bayes<
            ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
            E,
            D,
            BlockConv2Config<C>,
        >,
    >,
}
/// [`QuantBlock`] in one draw, for prediction: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct BlockInt8<'a, E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    pub bn1: ::bayes_core::__private::InInt8<
        'a,
        ::bayes_core::__private::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>,
    >,
    pub conv1: ::bayes_core::__private::InInt8<
        'a,
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    >,
    pub conv2: ::bayes_core::__private::InInt8<
        'a,
        ::bayes_core::__private::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
    >,
}
/// Asks for the `impl` block that says how [`Block`] runs.
#[allow(dead_code)]
pub const BLOCK_SAYS_FORWARD: () = ::bayes_core::__private::has_forward::<Block>();
/// What `#[bayesian]` states for [`Block`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct BlockConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
/// What `#[bayes]` states for `conv2` of [`Block`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct BlockConv2Config<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl bayes::Spec for Block {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceBlock<E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                ("forward", bayes::Rule::Unknown),
                ("bn1", <BatchNorm2D<2> as bayes::Layer<BLOCK_LAYERS>>::RULE),
                ("forward", bayes::Rule::Unknown),
                (
                    "conv1",
                    <Conv2D<2, 2, 3, 1, 1> as bayes::Layer<BLOCK_LAYERS>>::RULE,
                ),
                ("forward", bayes::Rule::Unknown),
                (
                    "conv2",
                    <Conv2D<2, 2, 3, 1, 1> as bayes::Layer<BLOCK_LAYERS>>::RULE,
                ),
                ("forward", bayes::Rule::Unknown),
            ],
            estimator: bayes::Some(bayes::EstimatorKind::Reparameterization),
            proven: bayes::Some(bayes::Size::UNKNOWN),
        };
        const INPUT: bayes::Size = bayes::Size::UNKNOWN;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E> for Block {
        type Built = DeviceBlock<E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D> for DeviceBlock<E, D> {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceBlock<E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("bn1", |s| &s.bn1, |s| &mut s.bn1),
                    Self::module("conv1", |s| &s.conv1, |s| &mut s.conv1),
                    Self::module("conv2", |s| &s.conv2, |s| &mut s.conv2),
                ),
                |(bn1, conv1, conv2)| DeviceBlock { bn1, conv1, conv2 },
            )
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BayesBlock<E, D, BlockConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceBlock<E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesBlock<E, D, C> {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceBlock<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceBlock<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::new(seed, 0).into())
        }
        /// The model in a draw, for prediction.
        pub fn eval(&self, draw: impl bayes::Into<bayes::Draw>) -> <Self as bayes::Bind>::Eval<'_> {
            bayes::Bind::eval(self, &draw.into())
        }
        /// The model in a draw, for training.
        pub fn train(
            &mut self,
            draw: impl bayes::Into<bayes::Draw>,
        ) -> <Self as bayes::Bind>::Train<'_> {
            bayes::Bind::train(self, &draw.into())
        }
        /// `KL(posterior ‖ prior)` summed over all weights, in nats, on a tape.
        ///
        /// # Panics
        /// Where a prior has no closed form, for which there is `kl_in`; where the device fails.
        pub fn kl<T: bayes::Tape<E, D>>(&self) -> bayes::Tensor<bayes::Rank0, E, D, T> {
            bayes::expect(bayes::kl(self))
        }
        /// `kl` in one draw: sampled where a prior has no closed form.
        ///
        /// # Panics
        /// Where `draw` is the mean and a prior has no closed form; where the device fails.
        pub fn kl_in<T: bayes::Tape<E, D>>(
            &self,
            draw: impl bayes::Into<bayes::Draw>,
        ) -> bayes::Tensor<bayes::Rank0, E, D, T> {
            bayes::expect(bayes::kl_in(self, draw))
        }
        /// The KL of each tensor.
        ///
        /// # Errors
        /// A device that fails.
        pub fn kl_per_layer(&self) -> bayes::Result<bayes::Vec<bayes::TensorKl>, bayes::Error> {
            bayes::kl_per_layer::<E, D, Self>(self)
        }
        /// `samples` draws on the batch `x`; reduce them with `classify` or keep them with `draws`.
        pub fn predict<X>(
            &self,
            x: X,
            samples: usize,
            seed: u64,
        ) -> bayes::Predictive<'_, Self, X> {
            bayes::predict(self, x, samples, seed)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D> for DeviceBlock<E, D> {
        type Bayes<C: bayes::Config> = BayesBlock<E, D, BlockConfig<C>>;
        fn to_bayes<C: bayes::Config>(
            &self,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self::Bayes<C>, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(self, name)
        }
        fn from_bayes<C: bayes::Config>(
            twin: &Self::Bayes<C>,
            draw: &bayes::Draw,
        ) -> bayes::Result<Self, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::FromPretrained::<E, D>::plain_in(twin, draw)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::FromPretrained<E, D>
        for BayesBlock<E, D, C>
    {
        type Plain = DeviceBlock<E, D>;
        fn around(
            plain: &DeviceBlock<E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesBlock {
                bn1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.bn1, &name.field("bn1"))?,
                conv1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.conv1, &name.field("conv1"))?,
                conv2: bayes::Twin::<E, D>::to_bayes::<BlockConv2Config<C>>(
                    &plain.conv2,
                    &name.field("conv2"),
                )?,
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceBlock<E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceBlock {
                bn1: bayes::Twin::<E, D>::from_bayes::<C>(&self.bn1, &draw.field("bn1"))?,
                conv1: bayes::Twin::<E, D>::from_bayes::<C>(&self.conv1, &draw.field("conv1"))?,
                conv2: bayes::Twin::<E, D>::from_bayes::<BlockConv2Config<C>>(
                    &self.conv2,
                    &draw.field("conv2"),
                )?,
            })
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::TensorCollection<E, D>
        for BayesBlock<E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesBlock<E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("bn1", |s| &s.bn1, |s| &mut s.bn1),
                    Self::module("conv1", |s| &s.conv1, |s| &mut s.conv1),
                    Self::module("conv2", |s| &s.conv2, |s| &mut s.conv2),
                ),
                |(bn1, conv1, conv2)| BayesBlock { bn1, conv1, conv2 },
            )
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind for BayesBlock<E, D, C> {
        const RULE: bayes::Rule = <Block as bayes::Spec>::RULE;
        type Eval<'a>
            = BlockBayesEval<'a, E, D, C>
        where
            Self: 'a;
        type Train<'a>
            = BlockBayesTrain<'a, E, D, C>
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceBlock<E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            BlockBayesEval {
                bn1: bayes::Bind::eval(&self.bn1, &draw.field("bn1")),
                conv1: bayes::Bind::eval(&self.conv1, &draw.field("conv1")),
                conv2: bayes::Bind::eval(&self.conv2, &draw.field("conv2")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            BlockBayesTrain {
                bn1: bayes::Bind::train(&mut self.bn1, &draw.field("bn1")),
                conv1: bayes::Bind::train(&mut self.conv1, &draw.field("conv1")),
                conv2: bayes::Bind::train(&mut self.conv2, &draw.field("conv2")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceBlock<E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bayesian<E, D>
        for BayesBlock<E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.bn1, &name.field("bn1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.conv1, &name.field("conv1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.conv2, &name.field("conv2"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BlockEval<'_, E, D> {
        /// Runs the forward pass.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X>(&self, x: X) -> <Self as bayes::Module<X>>::Output
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::forward(self, x)
        }
        /// Runs the forward pass.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X>(
            &self,
            x: X,
        ) -> bayes::Result<<Self as bayes::Module<X>>::Output, <Self as bayes::Module<X>>::Error>
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::NonMutableModule for BlockEval<'_, E, D> {}
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BlockTrain<'_, E, D> {
        /// Runs the forward pass.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X>(&self, x: X) -> <Self as bayes::Module<X>>::Output
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::forward(self, x)
        }
        /// Runs the forward pass.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X>(
            &self,
            x: X,
        ) -> bayes::Result<<Self as bayes::Module<X>>::Output, <Self as bayes::Module<X>>::Error>
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::NonMutableModule for BlockTrain<'_, E, D> {}
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> BlockBayesEval<'_, E, D, C> {
        /// Runs the forward pass.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X>(&self, x: X) -> <Self as bayes::Module<X>>::Output
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::forward(self, x)
        }
        /// Runs the forward pass.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X>(
            &self,
            x: X,
        ) -> bayes::Result<<Self as bayes::Module<X>>::Output, <Self as bayes::Module<X>>::Error>
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::NonMutableModule
        for BlockBayesEval<'_, E, D, C>
    {
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> BlockBayesTrain<'_, E, D, C> {
        /// Runs the forward pass.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X>(&self, x: X) -> <Self as bayes::Module<X>>::Output
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::forward(self, x)
        }
        /// Runs the forward pass.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X>(
            &self,
            x: X,
        ) -> bayes::Result<<Self as bayes::Module<X>>::Output, <Self as bayes::Module<X>>::Error>
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::NonMutableModule
        for BlockBayesTrain<'_, E, D, C>
    {
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BlockInt8<'_, E, D> {
        /// Runs the forward pass.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X>(&self, x: X) -> <Self as bayes::Module<X>>::Output
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::forward(self, x)
        }
        /// Runs the forward pass.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X>(
            &self,
            x: X,
        ) -> bayes::Result<<Self as bayes::Module<X>>::Output, <Self as bayes::Module<X>>::Error>
        where
            Self: bayes::Module<X>,
        {
            bayes::Module::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::NonMutableModule for BlockInt8<'_, E, D> {}
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> DeviceBlock<E, D> {
        /// Runs the forward pass, as in a prediction.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X, Y, Er>(&self, x: X) -> Y
        where
            for<'a> BlockEval<'a, E, D>: bayes::Module<X, Output = Y, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the forward pass, as in a prediction.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X, Y, Er>(&self, x: X) -> bayes::Result<Y, Er>
        where
            for<'a> BlockEval<'a, E, D>: bayes::Module<X, Output = Y, Error = Er>,
            Er: bayes::Debug,
        {
            bayes::Module::try_forward(&bayes::Bind::eval(self, &bayes::Key::MEAN.into()), x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X, Y, Er> bayes::Module<X> for DeviceBlock<E, D>
    where
        for<'a> BlockEval<'a, E, D>: bayes::Module<X, Output = Y, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = Y;
        type Error = Er;
        fn try_forward(&self, x: X) -> bayes::Result<Y, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X, Y, Er> bayes::ModuleMut<X> for DeviceBlock<E, D>
    where
        for<'a> BlockTrain<'a, E, D>: bayes::Module<X, Output = Y, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = Y;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X) -> bayes::Result<Y, Er> {
            let draw = bayes::next_draw(self);
            bayes::Module::try_forward(&bayes::Bind::train(self, &draw), x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceBlock<E, D> {
        const RULE: bayes::Rule = <Block as bayes::Spec>::RULE;
        type Eval<'a>
            = BlockEval<'a, E, D>
        where
            Self: 'a;
        type Train<'a>
            = BlockTrain<'a, E, D>
        where
            Self: 'a;
        type Int8<'a> = BlockInt8<'a, E, D>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            BlockEval {
                bn1: bayes::Bind::eval(&self.bn1, &draw.field("bn1")),
                conv1: bayes::Bind::eval(&self.conv1, &draw.field("conv1")),
                conv2: bayes::Bind::eval(&self.conv2, &draw.field("conv2")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            BlockTrain {
                bn1: bayes::Bind::train(&mut self.bn1, &draw.field("bn1")),
                conv1: bayes::Bind::train(&mut self.conv1, &draw.field("conv1")),
                conv2: bayes::Bind::train(&mut self.conv2, &draw.field("conv2")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            BlockInt8 {
                bn1: <bayes::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("bn1"),
                ),
                conv1:
                    <bayes::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS> as bayes::Bind>::int8(
                        stand_ins,
                        &name.field("conv1"),
                    ),
                conv2:
                    <bayes::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS> as bayes::Bind>::int8(
                        stand_ins,
                        &name.field("conv2"),
                    ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for BlockConfig<C> {
        type Estimator = bayes::Reparameterization;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = C::MOPED;
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for BlockConv2Config<C> {
        type Estimator = C::Estimator;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = bayes::Some(0.1);
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E> for DeviceBlock<E, D>
    where
        bayes::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>: bayes::Structure<E>,
        bayes::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>: bayes::Structure<E>,
        bayes::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = false;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            _: &mut bayes::Graph,
            _: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            bayes::without_plan(name, "Block")
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.bn1, &name.field("bn1"), plans)?;
            bayes::Structure::<E>::layers(&self.conv1, &name.field("conv1"), plans)?;
            bayes::Structure::<E>::layers(&self.conv2, &name.field("conv2"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesBlock<E, D, C>
    where
        bayes::Bayes<bayes::Built<BatchNorm2D<2>, E, D, BLOCK_LAYERS>, E, D, C>:
            bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>, E, D, C>:
            bayes::Structure<E>,
        bayes::Bayes<
            bayes::Built<Conv2D<2, 2, 3, 1, 1>, E, D, BLOCK_LAYERS>,
            E,
            D,
            BlockConv2Config<C>,
        >: bayes::Structure<E>,
    {
        const WHOLE: bool = false;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            _: &mut bayes::Graph,
            _: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            bayes::without_plan(name, "Block")
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.bn1, &name.field("bn1"), plans)?;
            bayes::Structure::<E>::layers(&self.conv1, &name.field("conv1"), plans)?;
            bayes::Structure::<E>::layers(&self.conv2, &name.field("conv2"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesBlock<E, D, C> {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantBlock, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            self.quantize_with(&bayes::Calibration::default(), batches)
        }
        /// The same with ranges and draws as `calibration` says.
        ///
        /// # Errors
        /// As `quantize`, and a calibration without draws or with a percentile that is none.
        pub fn quantize_with<X>(
            &self,
            calibration: &bayes::Calibration,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantBlock, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    const PROOF: [bayes::Proof; 6] = bayes::prove(&<Block as bayes::Spec>::RULE);
    const _: () = PROOF[1].check();
    const _: () = PROOF[3].check();
    const _: () = PROOF[5].check();
};
const _: () = {
    use ::bayes_core::__private as bayes;
    #[allow(unused_imports)]
    use {
        BLOCK_SAYS_FORWARD as _, BlockBayesEval as BayesEval, BlockBayesTrain as BayesTrain,
        BlockEval as Eval, BlockInt8 as Int8, BlockTrain as Train,
    };
    #[automatically_derived]
    impl bayes::OwnForward for Block {}
    impl<E: Dtype, D: Device<E> + bayes::Kernels<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>
        bayes::Module<Tensor<(B, Const<2>, H, W), E, D, T>> for Eval<'_, E, D>
    {
        type Output = Tensor<(B, Const<2>, H, W), E, D, T>;
        type Error = D::Err;
        /// Adds what two convolutions make of `x`.
        fn try_forward(
            &self,
            x: Tensor<(B, Const<2>, H, W), E, D, T>,
        ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
            let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
            let y = self.conv1.try_forward(y)?.try_relu()?;
            x.try_add(self.conv2.try_forward(y)?)
        }
    }
    impl<E: Dtype, D: Device<E> + bayes::Kernels<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>
        bayes::Module<Tensor<(B, Const<2>, H, W), E, D, T>> for Train<'_, E, D>
    {
        type Output = Tensor<(B, Const<2>, H, W), E, D, T>;
        type Error = D::Err;
        /// Adds what two convolutions make of `x`.
        fn try_forward(
            &self,
            x: Tensor<(B, Const<2>, H, W), E, D, T>,
        ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
            let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
            let y = self.conv1.try_forward(y)?.try_relu()?;
            x.try_add(self.conv2.try_forward(y)?)
        }
    }
    impl<
        E: Dtype,
        D: Device<E> + bayes::Kernels<E>,
        B: Dim,
        H: Dim,
        W: Dim,
        T: Tape<E, D>,
        C: bayes::Config,
    > bayes::Module<Tensor<(B, Const<2>, H, W), E, D, T>> for BayesEval<'_, E, D, C>
    {
        type Output = Tensor<(B, Const<2>, H, W), E, D, T>;
        type Error = D::Err;
        /// Adds what two convolutions make of `x`.
        fn try_forward(
            &self,
            x: Tensor<(B, Const<2>, H, W), E, D, T>,
        ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
            let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
            let y = self.conv1.try_forward(y)?.try_relu()?;
            x.try_add(self.conv2.try_forward(y)?)
        }
    }
    impl<
        E: Dtype,
        D: Device<E> + bayes::Kernels<E>,
        B: Dim,
        H: Dim,
        W: Dim,
        T: Tape<E, D>,
        C: bayes::Config,
    > bayes::Module<Tensor<(B, Const<2>, H, W), E, D, T>> for BayesTrain<'_, E, D, C>
    {
        type Output = Tensor<(B, Const<2>, H, W), E, D, T>;
        type Error = D::Err;
        /// Adds what two convolutions make of `x`.
        fn try_forward(
            &self,
            x: Tensor<(B, Const<2>, H, W), E, D, T>,
        ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
            let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
            let y = self.conv1.try_forward(y)?.try_relu()?;
            x.try_add(self.conv2.try_forward(y)?)
        }
    }
    impl<E: Dtype, D: Device<E> + bayes::Kernels<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>
        bayes::Module<Tensor<(B, Const<2>, H, W), E, D, T>> for Int8<'_, E, D>
    {
        type Output = Tensor<(B, Const<2>, H, W), E, D, T>;
        type Error = D::Err;
        /// Adds what two convolutions make of `x`.
        fn try_forward(
            &self,
            x: Tensor<(B, Const<2>, H, W), E, D, T>,
        ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
            let y = self.bn1.try_forward(x.with_empty_tape())?.try_relu()?;
            let y = self.conv1.try_forward(y)?.try_relu()?;
            x.try_add(self.conv2.try_forward(y)?)
        }
    }
};
