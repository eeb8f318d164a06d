//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::prelude::*;
/// A classifier of four measurements.
#[allow(dead_code)]
pub struct Small {
    /// Features.
    pub fc1: Linear<4, 8>,
    pub act: ReLU,
    pub fc2: Linear<8, 3>,
}
const SMALL_LAYERS: bool = ::bayes_core::__private::is_layer::<Linear<4, 8>>()
    && ::bayes_core::__private::is_layer::<ReLU>()
    && ::bayes_core::__private::is_layer::<Linear<8, 3>>();
/// [`Small`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceSmall<E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    /// Features.
    pub fc1: ::bayes_core::__private::Built<Linear<4, 8>, E, D, SMALL_LAYERS>,
    pub act: ::bayes_core::__private::Built<ReLU, E, D, SMALL_LAYERS>,
    pub fc2: ::bayes_core::__private::Built<Linear<8, 3>, E, D, SMALL_LAYERS>,
}
/// The Bayesian twin of [`Small`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesSmall<
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = SmallConfig,
> {
    /// Features.
    pub fc1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<4, 8>, E, D, SMALL_LAYERS>,
        E,
        D,
        SmallFc1Config<C>,
    >,
    pub act: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<ReLU, E, D, SMALL_LAYERS>,
        E,
        D,
        C,
    >,
    pub fc2: ::bayes_core::__private::Built<Linear<8, 3>, E, D, SMALL_LAYERS>,
}
/// [`Small`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantSmall = ::bayes_core::__private::Int8<DeviceSmall<f32, ::bayes_core::__private::Cpu>>;
/// [`Small`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct SmallView<F0, F1, F2> {
    /// Features.
    pub fc1: F0,
    pub act: F1,
    pub fc2: F2,
}
/// What `#[bayesian]` states for [`Small`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct SmallConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
/// What `#[bayes]` states for `fc1` of [`Small`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct SmallFc1Config<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl bayes::Spec for Small {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceSmall<E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                (
                    "fc1",
                    bayes::Rule::Estimated {
                        layer: &<Linear<4, 8> as bayes::Layer<SMALL_LAYERS>>::RULE,
                        estimator: bayes::EstimatorKind::LocalReparameterization,
                    },
                ),
                ("act", <ReLU as bayes::Layer<SMALL_LAYERS>>::RULE),
                (
                    "fc2",
                    bayes::Rule::Skipped {
                        layer: &<Linear<8, 3> as bayes::Layer<SMALL_LAYERS>>::RULE,
                    },
                ),
            ],
            estimator: bayes::Some(bayes::EstimatorKind::Flipout),
            proven: bayes::Some(bayes::Size::vector(4)),
        };
        const INPUT: bayes::Size = bayes::Size::vector(4);
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E> for Small {
        type Built = DeviceSmall<E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D> for DeviceSmall<E, D> {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceSmall<E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("fc1", |s| &s.fc1, |s| &mut s.fc1),
                    Self::module("act", |s| &s.act, |s| &mut s.act),
                    Self::module("fc2", |s| &s.fc2, |s| &mut s.fc2),
                ),
                |(fc1, act, fc2)| DeviceSmall { fc1, act, fc2 },
            )
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> DeviceSmall<E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, SMALL_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, X3, Er>(&self, x: X0) -> bayes::Result<X3, Er>
        where
            bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, SMALL_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.fc1, x)?;
            let x = bayes::Module::try_forward(&self.act, x)?;
            bayes::Module::try_forward(&self.fc2, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er> bayes::Module<X0>
        for DeviceSmall<E, D>
    where
        bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>: bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, SMALL_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>: bayes::Module<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er> bayes::ModuleMut<X0>
        for DeviceSmall<E, D>
    where
        bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, SMALL_LAYERS>: bayes::ModuleMut<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>:
            bayes::ModuleMut<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.fc1, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.act, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.fc2, x)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BayesSmall<E, D, SmallConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceSmall<E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesSmall<E, D, C> {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceSmall<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceSmall<E, D>, bayes::Error> {
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
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D> for DeviceSmall<E, D> {
        type Bayes<C: bayes::Config> = BayesSmall<E, D, SmallConfig<C>>;
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
        for BayesSmall<E, D, C>
    {
        type Plain = DeviceSmall<E, D>;
        fn around(
            plain: &DeviceSmall<E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesSmall {
                fc1: bayes::Twin::<E, D>::to_bayes::<SmallFc1Config<C>>(
                    &plain.fc1,
                    &name.field("fc1"),
                )?,
                act: bayes::Twin::<E, D>::to_bayes::<C>(&plain.act, &name.field("act"))?,
                fc2: bayes::Clone::clone(&plain.fc2),
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceSmall<E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceSmall {
                fc1: bayes::Twin::<E, D>::from_bayes::<SmallFc1Config<C>>(
                    &self.fc1,
                    &draw.field("fc1"),
                )?,
                act: bayes::Twin::<E, D>::from_bayes::<C>(&self.act, &draw.field("act"))?,
                fc2: bayes::Clone::clone(&self.fc2),
            })
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::TensorCollection<E, D>
        for BayesSmall<E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesSmall<E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("fc1", |s| &s.fc1, |s| &mut s.fc1),
                    Self::module("act", |s| &s.act, |s| &mut s.act),
                    Self::module("fc2", |s| &s.fc2, |s| &mut s.fc2),
                ),
                |(fc1, act, fc2)| BayesSmall { fc1, act, fc2 },
            )
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind for BayesSmall<E, D, C> {
        const RULE: bayes::Rule = <Small as bayes::Spec>::RULE;
        type Eval<'a>
            = SmallView<
            bayes::Eval<
                'a,
                bayes::Bayes<
                    bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>,
                    E,
                    D,
                    SmallFc1Config<C>,
                >,
            >,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<ReLU, E, D, SMALL_LAYERS>, E, D, C>>,
            bayes::Eval<'a, bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = SmallView<
            bayes::Train<
                'a,
                bayes::Bayes<
                    bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>,
                    E,
                    D,
                    SmallFc1Config<C>,
                >,
            >,
            bayes::Train<'a, bayes::Bayes<bayes::Built<ReLU, E, D, SMALL_LAYERS>, E, D, C>>,
            bayes::Train<'a, bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceSmall<E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            SmallView {
                fc1: bayes::Bind::eval(&self.fc1, &draw.field("fc1")),
                act: bayes::Bind::eval(&self.act, &draw.field("act")),
                fc2: bayes::Bind::eval(&self.fc2, &draw.field("fc2")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            SmallView {
                fc1: bayes::Bind::train(&mut self.fc1, &draw.field("fc1")),
                act: bayes::Bind::train(&mut self.act, &draw.field("act")),
                fc2: bayes::Bind::train(&mut self.fc2, &draw.field("fc2")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceSmall<E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bayesian<E, D>
        for BayesSmall<E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.fc1, &name.field("fc1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.act, &name.field("act"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1, F2> SmallView<F0, F1, F2> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            F2: bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, X3, Er>(&self, x: X0) -> bayes::Result<X3, Er>
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            F2: bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.fc1, x)?;
            let x = bayes::Module::try_forward(&self.act, x)?;
            bayes::Module::try_forward(&self.fc2, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, X0, X1, X2, X3, Er> bayes::Module<X0> for SmallView<F0, F1, F2>
    where
        F0: bayes::Module<X0, Output = X1, Error = Er>,
        F1: bayes::Module<X1, Output = X2, Error = Er>,
        F2: bayes::Module<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2> bayes::NonMutableModule for SmallView<F0, F1, F2> {}
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceSmall<E, D> {
        const RULE: bayes::Rule = <Small as bayes::Spec>::RULE;
        type Eval<'a>
            = SmallView<
            bayes::Eval<'a, bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>>,
            bayes::Eval<'a, bayes::Built<ReLU, E, D, SMALL_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = SmallView<
            bayes::Train<'a, bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>>,
            bayes::Train<'a, bayes::Built<ReLU, E, D, SMALL_LAYERS>>,
            bayes::Train<'a, bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = SmallView<
            bayes::InInt8<'a, bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<ReLU, E, D, SMALL_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            SmallView {
                fc1: bayes::Bind::eval(&self.fc1, &draw.field("fc1")),
                act: bayes::Bind::eval(&self.act, &draw.field("act")),
                fc2: bayes::Bind::eval(&self.fc2, &draw.field("fc2")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            SmallView {
                fc1: bayes::Bind::train(&mut self.fc1, &draw.field("fc1")),
                act: bayes::Bind::train(&mut self.act, &draw.field("act")),
                fc2: bayes::Bind::train(&mut self.fc2, &draw.field("fc2")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            SmallView {
                fc1: <bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc1"),
                ),
                act: <bayes::Built<ReLU, E, D, SMALL_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("act"),
                ),
                fc2: <bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc2"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for SmallConfig<C> {
        type Estimator = bayes::Flipout;
        type Prior = bayes::Gaussian;
        const PRIOR: Self::Prior = bayes::Gaussian::new(0.0, bayes::Std::Value(1.0));
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = bayes::Some(0.5);
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for SmallFc1Config<C> {
        type Estimator = bayes::LocalReparameterization;
        type Prior = bayes::Gaussian;
        const PRIOR: Self::Prior = bayes::Gaussian::new(0.0, bayes::Std::FanIn);
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = C::MOPED;
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E> for DeviceSmall<E, D>
    where
        bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>: bayes::Structure<E>,
        bayes::Built<ReLU, E, D, SMALL_LAYERS>: bayes::Structure<E>,
        bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool =
            <bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS> as bayes::Structure<E>>::WHOLE
                && <bayes::Built<ReLU, E, D, SMALL_LAYERS> as bayes::Structure<E>>::WHOLE
                && <bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.fc1, &name.field("fc1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act, &name.field("act"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc2, &name.field("fc2"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.fc1, &name.field("fc1"), plans)?;
            bayes::Structure::<E>::layers(&self.act, &name.field("act"), plans)?;
            bayes::Structure::<E>::layers(&self.fc2, &name.field("fc2"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesSmall<E, D, C>
    where
        bayes::Bayes<bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>, E, D, SmallFc1Config<C>>:
            bayes::Structure<E>,
        bayes::Bayes<bayes::Built<ReLU, E, D, SMALL_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<Linear<4, 8>, E, D, SMALL_LAYERS>,
            E,
            D,
            SmallFc1Config<C>,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<bayes::Built<ReLU, E, D, SMALL_LAYERS>, E, D, C> as bayes::Structure<
                E,
            >>::WHOLE
            && <bayes::Built<Linear<8, 3>, E, D, SMALL_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.fc1, &name.field("fc1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act, &name.field("act"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc2, &name.field("fc2"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.fc1, &name.field("fc1"), plans)?;
            bayes::Structure::<E>::layers(&self.act, &name.field("act"), plans)?;
            bayes::Structure::<E>::layers(&self.fc2, &name.field("fc2"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesSmall<E, D, C> {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantSmall, bayes::Error>
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
        ) -> bayes::Result<QuantSmall, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    const PROOF: [bayes::Proof; 3] = bayes::prove(&<Small as bayes::Spec>::RULE);
    const _: () = PROOF[0].check();
    const _: () = PROOF[1].check();
    const _: () = PROOF[2].check();
};
