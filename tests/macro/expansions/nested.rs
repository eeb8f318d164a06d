//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::prelude::*;
/// States its estimator, and takes the rest from where it stands.
#[allow(dead_code)]
pub struct Layer {
    pub fc: Linear<6, 6>,
    pub act: ReLU,
}
const LAYER_LAYERS: bool = ::bayes_core::__private::is_layer::<Linear<6, 6>>()
    && ::bayes_core::__private::is_layer::<ReLU>();
/// [`Layer`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceLayer<E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    pub fc: ::bayes_core::__private::Built<Linear<6, 6>, E, D, LAYER_LAYERS>,
    pub act: ::bayes_core::__private::Built<ReLU, E, D, LAYER_LAYERS>,
}
/// The Bayesian twin of [`Layer`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesLayer<
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = LayerConfig,
> {
    pub fc: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<6, 6>, E, D, LAYER_LAYERS>,
        E,
        D,
        C,
    >,
    pub act: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<ReLU, E, D, LAYER_LAYERS>,
        E,
        D,
        C,
    >,
}
/// [`Layer`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantLayer = ::bayes_core::__private::Int8<DeviceLayer<f32, ::bayes_core::__private::Cpu>>;
/// [`Layer`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct LayerView<F0, F1> {
    pub fc: F0,
    pub act: F1,
}
/// What `#[bayesian]` states for [`Layer`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct LayerConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl bayes::Spec for Layer {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceLayer<E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                ("fc", <Linear<6, 6> as bayes::Layer<LAYER_LAYERS>>::RULE),
                ("act", <ReLU as bayes::Layer<LAYER_LAYERS>>::RULE),
            ],
            estimator: bayes::Some(bayes::EstimatorKind::Reparameterization),
            proven: bayes::Some(bayes::Size::UNKNOWN),
        };
        const INPUT: bayes::Size = bayes::Size::UNKNOWN;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E> for Layer {
        type Built = DeviceLayer<E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D> for DeviceLayer<E, D> {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceLayer<E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("fc", |s| &s.fc, |s| &mut s.fc),
                    Self::module("act", |s| &s.act, |s| &mut s.act),
                ),
                |(fc, act)| DeviceLayer { fc, act },
            )
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> DeviceLayer<E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, Er>(&self, x: X0) -> X2
        where
            bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, LAYER_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, Er>(&self, x: X0) -> bayes::Result<X2, Er>
        where
            bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, LAYER_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.fc, x)?;
            bayes::Module::try_forward(&self.act, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, Er> bayes::Module<X0> for DeviceLayer<E, D>
    where
        bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>: bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, LAYER_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X2;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, Er> bayes::ModuleMut<X0>
        for DeviceLayer<E, D>
    where
        bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, LAYER_LAYERS>: bayes::ModuleMut<X1, Output = X2, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X2;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.fc, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.act, x)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BayesLayer<E, D, LayerConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceLayer<E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesLayer<E, D, C> {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceLayer<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceLayer<E, D>, bayes::Error> {
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
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D> for DeviceLayer<E, D> {
        type Bayes<C: bayes::Config> = BayesLayer<E, D, LayerConfig<C>>;
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
        for BayesLayer<E, D, C>
    {
        type Plain = DeviceLayer<E, D>;
        fn around(
            plain: &DeviceLayer<E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesLayer {
                fc: bayes::Twin::<E, D>::to_bayes::<C>(&plain.fc, &name.field("fc"))?,
                act: bayes::Twin::<E, D>::to_bayes::<C>(&plain.act, &name.field("act"))?,
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceLayer<E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceLayer {
                fc: bayes::Twin::<E, D>::from_bayes::<C>(&self.fc, &draw.field("fc"))?,
                act: bayes::Twin::<E, D>::from_bayes::<C>(&self.act, &draw.field("act"))?,
            })
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::TensorCollection<E, D>
        for BayesLayer<E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesLayer<E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("fc", |s| &s.fc, |s| &mut s.fc),
                    Self::module("act", |s| &s.act, |s| &mut s.act),
                ),
                |(fc, act)| BayesLayer { fc, act },
            )
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind for BayesLayer<E, D, C> {
        const RULE: bayes::Rule = <Layer as bayes::Spec>::RULE;
        type Eval<'a>
            = LayerView<
            bayes::Eval<'a, bayes::Bayes<bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>, E, D, C>>,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<ReLU, E, D, LAYER_LAYERS>, E, D, C>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = LayerView<
            bayes::Train<'a, bayes::Bayes<bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>, E, D, C>>,
            bayes::Train<'a, bayes::Bayes<bayes::Built<ReLU, E, D, LAYER_LAYERS>, E, D, C>>,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceLayer<E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            LayerView {
                fc: bayes::Bind::eval(&self.fc, &draw.field("fc")),
                act: bayes::Bind::eval(&self.act, &draw.field("act")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            LayerView {
                fc: bayes::Bind::train(&mut self.fc, &draw.field("fc")),
                act: bayes::Bind::train(&mut self.act, &draw.field("act")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceLayer<E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bayesian<E, D>
        for BayesLayer<E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.fc, &name.field("fc"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.act, &name.field("act"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1> LayerView<F0, F1> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, Er>(&self, x: X0) -> X2
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, Er>(&self, x: X0) -> bayes::Result<X2, Er>
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.fc, x)?;
            bayes::Module::try_forward(&self.act, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, X0, X1, X2, Er> bayes::Module<X0> for LayerView<F0, F1>
    where
        F0: bayes::Module<X0, Output = X1, Error = Er>,
        F1: bayes::Module<X1, Output = X2, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X2;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1> bayes::NonMutableModule for LayerView<F0, F1> {}
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceLayer<E, D> {
        const RULE: bayes::Rule = <Layer as bayes::Spec>::RULE;
        type Eval<'a>
            = LayerView<
            bayes::Eval<'a, bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>>,
            bayes::Eval<'a, bayes::Built<ReLU, E, D, LAYER_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = LayerView<
            bayes::Train<'a, bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>>,
            bayes::Train<'a, bayes::Built<ReLU, E, D, LAYER_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = LayerView<
            bayes::InInt8<'a, bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<ReLU, E, D, LAYER_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            LayerView {
                fc: bayes::Bind::eval(&self.fc, &draw.field("fc")),
                act: bayes::Bind::eval(&self.act, &draw.field("act")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            LayerView {
                fc: bayes::Bind::train(&mut self.fc, &draw.field("fc")),
                act: bayes::Bind::train(&mut self.act, &draw.field("act")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            LayerView {
                fc: <bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc"),
                ),
                act: <bayes::Built<ReLU, E, D, LAYER_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("act"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for LayerConfig<C> {
        type Estimator = bayes::Reparameterization;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = C::MOPED;
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E> for DeviceLayer<E, D>
    where
        bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>: bayes::Structure<E>,
        bayes::Built<ReLU, E, D, LAYER_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool =
            <bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS> as bayes::Structure<E>>::WHOLE
                && <bayes::Built<ReLU, E, D, LAYER_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.fc, &name.field("fc"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act, &name.field("act"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.fc, &name.field("fc"), plans)?;
            bayes::Structure::<E>::layers(&self.act, &name.field("act"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesLayer<E, D, C>
    where
        bayes::Bayes<bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<ReLU, E, D, LAYER_LAYERS>, E, D, C>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<Linear<6, 6>, E, D, LAYER_LAYERS>,
            E,
            D,
            C,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<ReLU, E, D, LAYER_LAYERS>,
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
            let x = bayes::Structure::<E>::trace(&self.fc, &name.field("fc"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act, &name.field("act"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.fc, &name.field("fc"), plans)?;
            bayes::Structure::<E>::layers(&self.act, &name.field("act"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesLayer<E, D, C> {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantLayer, bayes::Error>
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
        ) -> bayes::Result<QuantLayer, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    const PROOF: [bayes::Proof; 2] = bayes::prove(&<Layer as bayes::Spec>::RULE);
    const _: () = PROOF[0].check();
    const _: () = PROOF[1].check();
};
#[allow(dead_code)]
pub struct Nested {
    pub stem: Linear<4, 6>,
    pub layers: Repeated<Layer, 2>,
    pub head: Linear<6, 3>,
}
const NESTED_LAYERS: bool = ::bayes_core::__private::is_layer::<Linear<4, 6>>()
    && ::bayes_core::__private::is_layer::<Layer>()
    && ::bayes_core::__private::is_layer::<Linear<6, 3>>();
/// [`Nested`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceNested<E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>> {
    pub stem: ::bayes_core::__private::Built<Linear<4, 6>, E, D, NESTED_LAYERS>,
    pub layers: ::bayes_core::__private::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>,
    pub head: ::bayes_core::__private::Built<Linear<6, 3>, E, D, NESTED_LAYERS>,
}
/// The Bayesian twin of [`Nested`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesNested<
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = NestedConfig,
> {
    pub stem: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<4, 6>, E, D, NESTED_LAYERS>,
        E,
        D,
        C,
    >,
    pub layers: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>,
        E,
        D,
        C,
    >,
    pub head: ::bayes_core::__private::Built<Linear<6, 3>, E, D, NESTED_LAYERS>,
}
/// [`Nested`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantNested =
    ::bayes_core::__private::Int8<DeviceNested<f32, ::bayes_core::__private::Cpu>>;
/// [`Nested`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct NestedView<F0, F1, F2> {
    pub stem: F0,
    pub layers: F1,
    pub head: F2,
}
/// What `#[bayesian]` states for [`Nested`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct NestedConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl bayes::Spec for Nested {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceNested<E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                ("stem", <Linear<4, 6> as bayes::Layer<NESTED_LAYERS>>::RULE),
                (
                    "layers",
                    <Repeated<Layer, 2> as bayes::Layer<NESTED_LAYERS>>::RULE,
                ),
                (
                    "head",
                    bayes::Rule::Skipped {
                        layer: &<Linear<6, 3> as bayes::Layer<NESTED_LAYERS>>::RULE,
                    },
                ),
            ],
            estimator: bayes::None,
            proven: bayes::Some(bayes::Size::UNKNOWN),
        };
        const INPUT: bayes::Size = bayes::Size::UNKNOWN;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E> for Nested {
        type Built = DeviceNested<E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D> for DeviceNested<E, D> {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceNested<E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("stem", |s| &s.stem, |s| &mut s.stem),
                    Self::module("layers", |s| &s.layers, |s| &mut s.layers),
                    Self::module("head", |s| &s.head, |s| &mut s.head),
                ),
                |(stem, layers, head)| DeviceNested { stem, layers, head },
            )
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> DeviceNested<E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>:
                bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>:
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
            bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>:
                bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.stem, x)?;
            let x = bayes::Module::try_forward(&self.layers, x)?;
            bayes::Module::try_forward(&self.head, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er> bayes::Module<X0>
        for DeviceNested<E, D>
    where
        bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>: bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>:
            bayes::Module<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>: bayes::Module<X2, Output = X3, Error = Er>,
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
        for DeviceNested<E, D>
    where
        bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>:
            bayes::ModuleMut<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>:
            bayes::ModuleMut<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.stem, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.layers, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.head, x)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BayesNested<E, D, NestedConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceNested<E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesNested<E, D, C> {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceNested<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceNested<E, D>, bayes::Error> {
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
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D> for DeviceNested<E, D> {
        type Bayes<C: bayes::Config> = BayesNested<E, D, NestedConfig<C>>;
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
        for BayesNested<E, D, C>
    {
        type Plain = DeviceNested<E, D>;
        fn around(
            plain: &DeviceNested<E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesNested {
                stem: bayes::Twin::<E, D>::to_bayes::<C>(&plain.stem, &name.field("stem"))?,
                layers: bayes::Twin::<E, D>::to_bayes::<C>(&plain.layers, &name.field("layers"))?,
                head: bayes::Clone::clone(&plain.head),
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceNested<E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceNested {
                stem: bayes::Twin::<E, D>::from_bayes::<C>(&self.stem, &draw.field("stem"))?,
                layers: bayes::Twin::<E, D>::from_bayes::<C>(&self.layers, &draw.field("layers"))?,
                head: bayes::Clone::clone(&self.head),
            })
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::TensorCollection<E, D>
        for BayesNested<E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesNested<E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("stem", |s| &s.stem, |s| &mut s.stem),
                    Self::module("layers", |s| &s.layers, |s| &mut s.layers),
                    Self::module("head", |s| &s.head, |s| &mut s.head),
                ),
                |(stem, layers, head)| BayesNested { stem, layers, head },
            )
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind for BayesNested<E, D, C> {
        const RULE: bayes::Rule = <Nested as bayes::Spec>::RULE;
        type Eval<'a>
            = NestedView<
            bayes::Eval<'a, bayes::Bayes<bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>, E, D, C>>,
            bayes::Eval<
                'a,
                bayes::Bayes<bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>, E, D, C>,
            >,
            bayes::Eval<'a, bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = NestedView<
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>, E, D, C>,
            >,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>, E, D, C>,
            >,
            bayes::Train<'a, bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceNested<E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            NestedView {
                stem: bayes::Bind::eval(&self.stem, &draw.field("stem")),
                layers: bayes::Bind::eval(&self.layers, &draw.field("layers")),
                head: bayes::Bind::eval(&self.head, &draw.field("head")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            NestedView {
                stem: bayes::Bind::train(&mut self.stem, &draw.field("stem")),
                layers: bayes::Bind::train(&mut self.layers, &draw.field("layers")),
                head: bayes::Bind::train(&mut self.head, &draw.field("head")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceNested<E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bayesian<E, D>
        for BayesNested<E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.stem, &name.field("stem"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(
                &self.layers,
                &name.field("layers"),
                visitor,
            )?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1, F2> NestedView<F0, F1, F2> {
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
            let x = bayes::Module::try_forward(&self.stem, x)?;
            let x = bayes::Module::try_forward(&self.layers, x)?;
            bayes::Module::try_forward(&self.head, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, X0, X1, X2, X3, Er> bayes::Module<X0> for NestedView<F0, F1, F2>
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
    impl<F0, F1, F2> bayes::NonMutableModule for NestedView<F0, F1, F2> {}
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceNested<E, D> {
        const RULE: bayes::Rule = <Nested as bayes::Spec>::RULE;
        type Eval<'a>
            = NestedView<
            bayes::Eval<'a, bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = NestedView<
            bayes::Train<'a, bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>>,
            bayes::Train<'a, bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>>,
            bayes::Train<'a, bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = NestedView<
            bayes::InInt8<'a, bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            NestedView {
                stem: bayes::Bind::eval(&self.stem, &draw.field("stem")),
                layers: bayes::Bind::eval(&self.layers, &draw.field("layers")),
                head: bayes::Bind::eval(&self.head, &draw.field("head")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            NestedView {
                stem: bayes::Bind::train(&mut self.stem, &draw.field("stem")),
                layers: bayes::Bind::train(&mut self.layers, &draw.field("layers")),
                head: bayes::Bind::train(&mut self.head, &draw.field("head")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            NestedView {
                stem: <bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("stem"),
                ),
                layers:
                    <bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS> as bayes::Bind>::int8(
                        stand_ins,
                        &name.field("layers"),
                    ),
                head: <bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("head"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for NestedConfig<C> {
        type Estimator = C::Estimator;
        type Prior = bayes::Gaussian;
        const PRIOR: Self::Prior = bayes::Gaussian::new(0.0, bayes::Std::Value(0.5));
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = bayes::Some(0.3);
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E> for DeviceNested<E, D>
    where
        bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>: bayes::Structure<E>,
        bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>: bayes::Structure<E>,
        bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS> as bayes::Structure<
            E,
        >>::WHOLE
            && <bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.stem, &name.field("stem"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.layers, &name.field("layers"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.head, &name.field("head"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.stem, &name.field("stem"), plans)?;
            bayes::Structure::<E>::layers(&self.layers, &name.field("layers"), plans)?;
            bayes::Structure::<E>::layers(&self.head, &name.field("head"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesNested<E, D, C>
    where
        bayes::Bayes<bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>, E, D, C>:
            bayes::Structure<E>,
        bayes::Built<Linear<6, 3>, E, D, NESTED_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<Linear<4, 6>, E, D, NESTED_LAYERS>,
            E,
            D,
            C,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Repeated<Layer, 2>, E, D, NESTED_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Built<
                Linear<6, 3>,
                E,
                D,
                NESTED_LAYERS,
            > as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.stem, &name.field("stem"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.layers, &name.field("layers"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.head, &name.field("head"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.stem, &name.field("stem"), plans)?;
            bayes::Structure::<E>::layers(&self.layers, &name.field("layers"), plans)?;
            bayes::Structure::<E>::layers(&self.head, &name.field("head"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesNested<E, D, C> {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantNested, bayes::Error>
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
        ) -> bayes::Result<QuantNested, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    const PROOF: [bayes::Proof; 3] = bayes::prove(&<Nested as bayes::Spec>::RULE);
    const _: () = PROOF[0].check();
    const _: () = PROOF[1].check();
    const _: () = PROOF[2].check();
};
