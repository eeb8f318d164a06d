//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::prelude::*;
#[allow(dead_code)]
pub struct LeNet {
    pub conv1: (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
    pub act1: ReLU,
    pub pool1: MaxPool2D<2, 2>,
    pub flatten: Flatten,
    pub drop: DropoutOneIn<4>,
    pub fc1: Linear<64, 3>,
}
const LE_NET_LAYERS: bool = ::bayes_core::__private::is_layer::<Conv2D<1, 4, 5, 1, 2>>()
    && ::bayes_core::__private::is_layer::<Bias2D<4>>()
    && ::bayes_core::__private::is_layer::<BatchNorm2D<4>>()
    && ::bayes_core::__private::is_layer::<ReLU>()
    && ::bayes_core::__private::is_layer::<MaxPool2D<2, 2>>()
    && ::bayes_core::__private::is_layer::<Flatten>()
    && ::bayes_core::__private::is_layer::<DropoutOneIn<4>>()
    && ::bayes_core::__private::is_layer::<Linear<64, 3>>();
/// [`LeNet`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceLeNet<E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    pub conv1: ::bayes_core::__private::Built<
        (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
        E,
        D,
        LE_NET_LAYERS,
    >,
    pub act1: ::bayes_core::__private::Built<ReLU, E, D, LE_NET_LAYERS>,
    pub pool1: ::bayes_core::__private::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>,
    pub flatten: ::bayes_core::__private::Built<Flatten, E, D, LE_NET_LAYERS>,
    pub drop: ::bayes_core::__private::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>,
    pub fc1: ::bayes_core::__private::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>,
}
/// The Bayesian twin of [`LeNet`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesLeNet<
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = LeNetConfig,
> {
    pub conv1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<
            (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
            E,
            D,
            LE_NET_LAYERS,
        >,
        E,
        D,
        C,
    >,
    pub act1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<ReLU, E, D, LE_NET_LAYERS>,
        E,
        D,
        C,
    >,
    pub pool1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>,
        E,
        D,
        C,
    >,
    pub flatten: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Flatten, E, D, LE_NET_LAYERS>,
        E,
        D,
        C,
    >,
    pub drop: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>,
        E,
        D,
        C,
    >,
    pub fc1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>,
        E,
        D,
        C,
    >,
}
/// [`LeNet`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantLeNet = ::bayes_core::__private::Int8<DeviceLeNet<f32, ::bayes_core::__private::Cpu>>;
/// [`LeNet`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct LeNetView<F0, F1, F2, F3, F4, F5> {
    pub conv1: F0,
    pub act1: F1,
    pub pool1: F2,
    pub flatten: F3,
    pub drop: F4,
    pub fc1: F5,
}
/// What `#[bayesian]` states for [`LeNet`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct LeNetConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl bayes::Spec for LeNet {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceLeNet<E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                (
                    "conv1",
                    <(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>) as bayes::Layer<
                        LE_NET_LAYERS,
                    >>::RULE,
                ),
                ("act1", <ReLU as bayes::Layer<LE_NET_LAYERS>>::RULE),
                (
                    "pool1",
                    <MaxPool2D<2, 2> as bayes::Layer<LE_NET_LAYERS>>::RULE,
                ),
                ("flatten", <Flatten as bayes::Layer<LE_NET_LAYERS>>::RULE),
                (
                    "drop",
                    <DropoutOneIn<4> as bayes::Layer<LE_NET_LAYERS>>::RULE,
                ),
                ("fc1", <Linear<64, 3> as bayes::Layer<LE_NET_LAYERS>>::RULE),
            ],
            estimator: bayes::Some(bayes::EstimatorKind::Reparameterization),
            proven: bayes::Some(bayes::Size::image(1, 8, 8)),
        };
        const INPUT: bayes::Size = bayes::Size::image(1, 8, 8);
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E> for LeNet {
        type Built = DeviceLeNet<E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D> for DeviceLeNet<E, D> {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceLeNet<E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("conv1", |s| &s.conv1, |s| &mut s.conv1),
                    Self::module("act1", |s| &s.act1, |s| &mut s.act1),
                    Self::module("pool1", |s| &s.pool1, |s| &mut s.pool1),
                    Self::module("flatten", |s| &s.flatten, |s| &mut s.flatten),
                    Self::module("drop", |s| &s.drop, |s| &mut s.drop),
                    Self::module("fc1", |s| &s.fc1, |s| &mut s.fc1),
                ),
                |(conv1, act1, pool1, flatten, drop, fc1)| DeviceLeNet {
                    conv1,
                    act1,
                    pool1,
                    flatten,
                    drop,
                    fc1,
                },
            )
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> DeviceLeNet<E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, X4, X5, X6, Er>(&self, x: X0) -> X6
        where
            bayes::Built<(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>), E, D, LE_NET_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, LE_NET_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            bayes::Built<Flatten, E, D, LE_NET_LAYERS>: bayes::Module<X3, Output = X4, Error = Er>,
            bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>:
                bayes::Module<X4, Output = X5, Error = Er>,
            bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>:
                bayes::Module<X5, Output = X6, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, X3, X4, X5, X6, Er>(&self, x: X0) -> bayes::Result<X6, Er>
        where
            bayes::Built<(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>), E, D, LE_NET_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, LE_NET_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            bayes::Built<Flatten, E, D, LE_NET_LAYERS>: bayes::Module<X3, Output = X4, Error = Er>,
            bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>:
                bayes::Module<X4, Output = X5, Error = Er>,
            bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>:
                bayes::Module<X5, Output = X6, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.conv1, x)?;
            let x = bayes::Module::try_forward(&self.act1, x)?;
            let x = bayes::Module::try_forward(&self.pool1, x)?;
            let x = bayes::Module::try_forward(&self.flatten, x)?;
            let x = bayes::Module::try_forward(&self.drop, x)?;
            bayes::Module::try_forward(&self.fc1, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, X4, X5, X6, Er> bayes::Module<X0>
        for DeviceLeNet<E, D>
    where
        bayes::Built<(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>), E, D, LE_NET_LAYERS>:
            bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, LE_NET_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
        bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>:
            bayes::Module<X2, Output = X3, Error = Er>,
        bayes::Built<Flatten, E, D, LE_NET_LAYERS>: bayes::Module<X3, Output = X4, Error = Er>,
        bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>:
            bayes::Module<X4, Output = X5, Error = Er>,
        bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>:
            bayes::Module<X5, Output = X6, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X6;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, X4, X5, X6, Er> bayes::ModuleMut<X0>
        for DeviceLeNet<E, D>
    where
        bayes::Built<(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>), E, D, LE_NET_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, LE_NET_LAYERS>: bayes::ModuleMut<X1, Output = X2, Error = Er>,
        bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>:
            bayes::ModuleMut<X2, Output = X3, Error = Er>,
        bayes::Built<Flatten, E, D, LE_NET_LAYERS>: bayes::ModuleMut<X3, Output = X4, Error = Er>,
        bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>:
            bayes::ModuleMut<X4, Output = X5, Error = Er>,
        bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>:
            bayes::ModuleMut<X5, Output = X6, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X6;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.conv1, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.act1, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.pool1, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.flatten, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.drop, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.fc1, x)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BayesLeNet<E, D, LeNetConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceLeNet<E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesLeNet<E, D, C> {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceLeNet<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceLeNet<E, D>, bayes::Error> {
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
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D> for DeviceLeNet<E, D> {
        type Bayes<C: bayes::Config> = BayesLeNet<E, D, LeNetConfig<C>>;
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
        for BayesLeNet<E, D, C>
    {
        type Plain = DeviceLeNet<E, D>;
        fn around(
            plain: &DeviceLeNet<E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesLeNet {
                conv1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.conv1, &name.field("conv1"))?,
                act1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.act1, &name.field("act1"))?,
                pool1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.pool1, &name.field("pool1"))?,
                flatten: bayes::Twin::<E, D>::to_bayes::<C>(
                    &plain.flatten,
                    &name.field("flatten"),
                )?,
                drop: bayes::Twin::<E, D>::to_bayes::<C>(&plain.drop, &name.field("drop"))?,
                fc1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.fc1, &name.field("fc1"))?,
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceLeNet<E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceLeNet {
                conv1: bayes::Twin::<E, D>::from_bayes::<C>(&self.conv1, &draw.field("conv1"))?,
                act1: bayes::Twin::<E, D>::from_bayes::<C>(&self.act1, &draw.field("act1"))?,
                pool1: bayes::Twin::<E, D>::from_bayes::<C>(&self.pool1, &draw.field("pool1"))?,
                flatten: bayes::Twin::<E, D>::from_bayes::<C>(
                    &self.flatten,
                    &draw.field("flatten"),
                )?,
                drop: bayes::Twin::<E, D>::from_bayes::<C>(&self.drop, &draw.field("drop"))?,
                fc1: bayes::Twin::<E, D>::from_bayes::<C>(&self.fc1, &draw.field("fc1"))?,
            })
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::TensorCollection<E, D>
        for BayesLeNet<E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesLeNet<E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("conv1", |s| &s.conv1, |s| &mut s.conv1),
                    Self::module("act1", |s| &s.act1, |s| &mut s.act1),
                    Self::module("pool1", |s| &s.pool1, |s| &mut s.pool1),
                    Self::module("flatten", |s| &s.flatten, |s| &mut s.flatten),
                    Self::module("drop", |s| &s.drop, |s| &mut s.drop),
                    Self::module("fc1", |s| &s.fc1, |s| &mut s.fc1),
                ),
                |(conv1, act1, pool1, flatten, drop, fc1)| BayesLeNet {
                    conv1,
                    act1,
                    pool1,
                    flatten,
                    drop,
                    fc1,
                },
            )
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind for BayesLeNet<E, D, C> {
        const RULE: bayes::Rule = <LeNet as bayes::Spec>::RULE;
        type Eval<'a>
            = LeNetView<
            bayes::Eval<
                'a,
                bayes::Bayes<
                    bayes::Built<
                        (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                        E,
                        D,
                        LE_NET_LAYERS,
                    >,
                    E,
                    D,
                    C,
                >,
            >,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<ReLU, E, D, LE_NET_LAYERS>, E, D, C>>,
            bayes::Eval<
                'a,
                bayes::Bayes<bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>, E, D, C>,
            >,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<Flatten, E, D, LE_NET_LAYERS>, E, D, C>>,
            bayes::Eval<
                'a,
                bayes::Bayes<bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>, E, D, C>,
            >,
            bayes::Eval<
                'a,
                bayes::Bayes<bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>, E, D, C>,
            >,
        >
        where
            Self: 'a;
        type Train<'a>
            = LeNetView<
            bayes::Train<
                'a,
                bayes::Bayes<
                    bayes::Built<
                        (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                        E,
                        D,
                        LE_NET_LAYERS,
                    >,
                    E,
                    D,
                    C,
                >,
            >,
            bayes::Train<'a, bayes::Bayes<bayes::Built<ReLU, E, D, LE_NET_LAYERS>, E, D, C>>,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>, E, D, C>,
            >,
            bayes::Train<'a, bayes::Bayes<bayes::Built<Flatten, E, D, LE_NET_LAYERS>, E, D, C>>,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>, E, D, C>,
            >,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>, E, D, C>,
            >,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceLeNet<E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            LeNetView {
                conv1: bayes::Bind::eval(&self.conv1, &draw.field("conv1")),
                act1: bayes::Bind::eval(&self.act1, &draw.field("act1")),
                pool1: bayes::Bind::eval(&self.pool1, &draw.field("pool1")),
                flatten: bayes::Bind::eval(&self.flatten, &draw.field("flatten")),
                drop: bayes::Bind::eval(&self.drop, &draw.field("drop")),
                fc1: bayes::Bind::eval(&self.fc1, &draw.field("fc1")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            LeNetView {
                conv1: bayes::Bind::train(&mut self.conv1, &draw.field("conv1")),
                act1: bayes::Bind::train(&mut self.act1, &draw.field("act1")),
                pool1: bayes::Bind::train(&mut self.pool1, &draw.field("pool1")),
                flatten: bayes::Bind::train(&mut self.flatten, &draw.field("flatten")),
                drop: bayes::Bind::train(&mut self.drop, &draw.field("drop")),
                fc1: bayes::Bind::train(&mut self.fc1, &draw.field("fc1")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceLeNet<E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bayesian<E, D>
        for BayesLeNet<E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.conv1, &name.field("conv1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.act1, &name.field("act1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.pool1, &name.field("pool1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(
                &self.flatten,
                &name.field("flatten"),
                visitor,
            )?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.drop, &name.field("drop"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.fc1, &name.field("fc1"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1, F2, F3, F4, F5> LeNetView<F0, F1, F2, F3, F4, F5> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, X4, X5, X6, Er>(&self, x: X0) -> X6
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            F2: bayes::Module<X2, Output = X3, Error = Er>,
            F3: bayes::Module<X3, Output = X4, Error = Er>,
            F4: bayes::Module<X4, Output = X5, Error = Er>,
            F5: bayes::Module<X5, Output = X6, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, X3, X4, X5, X6, Er>(&self, x: X0) -> bayes::Result<X6, Er>
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            F2: bayes::Module<X2, Output = X3, Error = Er>,
            F3: bayes::Module<X3, Output = X4, Error = Er>,
            F4: bayes::Module<X4, Output = X5, Error = Er>,
            F5: bayes::Module<X5, Output = X6, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.conv1, x)?;
            let x = bayes::Module::try_forward(&self.act1, x)?;
            let x = bayes::Module::try_forward(&self.pool1, x)?;
            let x = bayes::Module::try_forward(&self.flatten, x)?;
            let x = bayes::Module::try_forward(&self.drop, x)?;
            bayes::Module::try_forward(&self.fc1, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, F3, F4, F5, X0, X1, X2, X3, X4, X5, X6, Er> bayes::Module<X0>
        for LeNetView<F0, F1, F2, F3, F4, F5>
    where
        F0: bayes::Module<X0, Output = X1, Error = Er>,
        F1: bayes::Module<X1, Output = X2, Error = Er>,
        F2: bayes::Module<X2, Output = X3, Error = Er>,
        F3: bayes::Module<X3, Output = X4, Error = Er>,
        F4: bayes::Module<X4, Output = X5, Error = Er>,
        F5: bayes::Module<X5, Output = X6, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X6;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, F3, F4, F5> bayes::NonMutableModule for LeNetView<F0, F1, F2, F3, F4, F5> {}
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceLeNet<E, D> {
        const RULE: bayes::Rule = <LeNet as bayes::Spec>::RULE;
        type Eval<'a>
            = LeNetView<
            bayes::Eval<
                'a,
                bayes::Built<
                    (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                    E,
                    D,
                    LE_NET_LAYERS,
                >,
            >,
            bayes::Eval<'a, bayes::Built<ReLU, E, D, LE_NET_LAYERS>>,
            bayes::Eval<'a, bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Flatten, E, D, LE_NET_LAYERS>>,
            bayes::Eval<'a, bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = LeNetView<
            bayes::Train<
                'a,
                bayes::Built<
                    (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                    E,
                    D,
                    LE_NET_LAYERS,
                >,
            >,
            bayes::Train<'a, bayes::Built<ReLU, E, D, LE_NET_LAYERS>>,
            bayes::Train<'a, bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>>,
            bayes::Train<'a, bayes::Built<Flatten, E, D, LE_NET_LAYERS>>,
            bayes::Train<'a, bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>>,
            bayes::Train<'a, bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = LeNetView<
            bayes::InInt8<
                'a,
                bayes::Built<
                    (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                    E,
                    D,
                    LE_NET_LAYERS,
                >,
            >,
            bayes::InInt8<'a, bayes::Built<ReLU, E, D, LE_NET_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Flatten, E, D, LE_NET_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            LeNetView {
                conv1: bayes::Bind::eval(&self.conv1, &draw.field("conv1")),
                act1: bayes::Bind::eval(&self.act1, &draw.field("act1")),
                pool1: bayes::Bind::eval(&self.pool1, &draw.field("pool1")),
                flatten: bayes::Bind::eval(&self.flatten, &draw.field("flatten")),
                drop: bayes::Bind::eval(&self.drop, &draw.field("drop")),
                fc1: bayes::Bind::eval(&self.fc1, &draw.field("fc1")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            LeNetView {
                conv1: bayes::Bind::train(&mut self.conv1, &draw.field("conv1")),
                act1: bayes::Bind::train(&mut self.act1, &draw.field("act1")),
                pool1: bayes::Bind::train(&mut self.pool1, &draw.field("pool1")),
                flatten: bayes::Bind::train(&mut self.flatten, &draw.field("flatten")),
                drop: bayes::Bind::train(&mut self.drop, &draw.field("drop")),
                fc1: bayes::Bind::train(&mut self.fc1, &draw.field("fc1")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            LeNetView {
                conv1: <bayes::Built<
                    (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                    E,
                    D,
                    LE_NET_LAYERS,
                > as bayes::Bind>::int8(stand_ins, &name.field("conv1")),
                act1: <bayes::Built<ReLU, E, D, LE_NET_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("act1"),
                ),
                pool1: <bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("pool1"),
                ),
                flatten: <bayes::Built<Flatten, E, D, LE_NET_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("flatten"),
                ),
                drop: <bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("drop"),
                ),
                fc1: <bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc1"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for LeNetConfig<C> {
        type Estimator = bayes::Reparameterization;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = bayes::Some(0.2);
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E> for DeviceLeNet<E, D>
    where
        bayes::Built<(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>), E, D, LE_NET_LAYERS>:
            bayes::Structure<E>,
        bayes::Built<ReLU, E, D, LE_NET_LAYERS>: bayes::Structure<E>,
        bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>: bayes::Structure<E>,
        bayes::Built<Flatten, E, D, LE_NET_LAYERS>: bayes::Structure<E>,
        bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>: bayes::Structure<E>,
        bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Built<
            (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
            E,
            D,
            LE_NET_LAYERS,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Built<ReLU, E, D, LE_NET_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<Flatten, E, D, LE_NET_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.conv1, &name.field("conv1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act1, &name.field("act1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.pool1, &name.field("pool1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.flatten, &name.field("flatten"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.drop, &name.field("drop"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc1, &name.field("fc1"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.conv1, &name.field("conv1"), plans)?;
            bayes::Structure::<E>::layers(&self.act1, &name.field("act1"), plans)?;
            bayes::Structure::<E>::layers(&self.pool1, &name.field("pool1"), plans)?;
            bayes::Structure::<E>::layers(&self.flatten, &name.field("flatten"), plans)?;
            bayes::Structure::<E>::layers(&self.drop, &name.field("drop"), plans)?;
            bayes::Structure::<E>::layers(&self.fc1, &name.field("fc1"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesLeNet<E, D, C>
    where
        bayes::Bayes<
            bayes::Built<(Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>), E, D, LE_NET_LAYERS>,
            E,
            D,
            C,
        >: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<ReLU, E, D, LE_NET_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>, E, D, C>:
            bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Flatten, E, D, LE_NET_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>, E, D, C>:
            bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>, E, D, C>:
            bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<
                (Conv2D<1, 4, 5, 1, 2>, Bias2D<4>, BatchNorm2D<4>),
                E,
                D,
                LE_NET_LAYERS,
            >,
            E,
            D,
            C,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<ReLU, E, D, LE_NET_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<MaxPool2D<2, 2>, E, D, LE_NET_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Flatten, E, D, LE_NET_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<DropoutOneIn<4>, E, D, LE_NET_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Linear<64, 3>, E, D, LE_NET_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.conv1, &name.field("conv1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act1, &name.field("act1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.pool1, &name.field("pool1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.flatten, &name.field("flatten"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.drop, &name.field("drop"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc1, &name.field("fc1"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.conv1, &name.field("conv1"), plans)?;
            bayes::Structure::<E>::layers(&self.act1, &name.field("act1"), plans)?;
            bayes::Structure::<E>::layers(&self.pool1, &name.field("pool1"), plans)?;
            bayes::Structure::<E>::layers(&self.flatten, &name.field("flatten"), plans)?;
            bayes::Structure::<E>::layers(&self.drop, &name.field("drop"), plans)?;
            bayes::Structure::<E>::layers(&self.fc1, &name.field("fc1"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesLeNet<E, D, C> {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantLeNet, bayes::Error>
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
        ) -> bayes::Result<QuantLeNet, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    const PROOF: [bayes::Proof; 6] = bayes::prove(&<LeNet as bayes::Spec>::RULE);
    const _: () = PROOF[0].check();
    const _: () = PROOF[1].check();
    const _: () = PROOF[2].check();
    const _: () = PROOF[3].check();
    const _: () = PROOF[4].check();
    const _: () = PROOF[5].check();
};
