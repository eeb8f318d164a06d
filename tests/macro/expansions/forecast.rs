//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::prelude::*;
#[allow(dead_code)]
pub struct Forecast {
    /// What it remembers.
    pub lstm: LSTM<2, 5>,
    pub last: LastOutput,
    pub head: Linear<5, 3>,
}
const FORECAST_LAYERS: bool = ::bayes_core::__private::is_layer::<LSTM<2, 5>>()
    && ::bayes_core::__private::is_layer::<LastOutput>()
    && ::bayes_core::__private::is_layer::<Linear<5, 3>>();
/// [`Forecast`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceForecast<E: ::bayes_core::__private::Dtype, D: ::bayes_core::__private::Device<E>>
{
    /// What it remembers.
    pub lstm: ::bayes_core::__private::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>,
    pub last: ::bayes_core::__private::Built<LastOutput, E, D, FORECAST_LAYERS>,
    pub head: ::bayes_core::__private::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>,
}
/// The Bayesian twin of [`Forecast`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesForecast<
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = ForecastConfig,
> {
    /// What it remembers.
    pub lstm: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>,
        E,
        D,
        C,
    >,
    pub last: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<LastOutput, E, D, FORECAST_LAYERS>,
        E,
        D,
        C,
    >,
    pub head: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>,
        E,
        D,
        C,
    >,
}
/// [`Forecast`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantForecast =
    ::bayes_core::__private::Int8<DeviceForecast<f32, ::bayes_core::__private::Cpu>>;
/// [`Forecast`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct ForecastView<F0, F1, F2> {
    /// What it remembers.
    pub lstm: F0,
    pub last: F1,
    pub head: F2,
}
/// What `#[bayesian]` states for [`Forecast`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct ForecastConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl bayes::Spec for Forecast {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceForecast<E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                ("lstm", <LSTM<2, 5> as bayes::Layer<FORECAST_LAYERS>>::RULE),
                ("last", <LastOutput as bayes::Layer<FORECAST_LAYERS>>::RULE),
                (
                    "head",
                    <Linear<5, 3> as bayes::Layer<FORECAST_LAYERS>>::RULE,
                ),
            ],
            estimator: bayes::None,
            proven: bayes::Some(bayes::Size::UNKNOWN),
        };
        const INPUT: bayes::Size = bayes::Size::UNKNOWN;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E> for Forecast {
        type Built = DeviceForecast<E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D> for DeviceForecast<E, D> {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceForecast<E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("lstm", |s| &s.lstm, |s| &mut s.lstm),
                    Self::module("last", |s| &s.last, |s| &mut s.last),
                    Self::module("head", |s| &s.head, |s| &mut s.head),
                ),
                |(lstm, last, head)| DeviceForecast { lstm, last, head },
            )
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> DeviceForecast<E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<LastOutput, E, D, FORECAST_LAYERS>:
                bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>:
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
            bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<LastOutput, E, D, FORECAST_LAYERS>:
                bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.lstm, x)?;
            let x = bayes::Module::try_forward(&self.last, x)?;
            bayes::Module::try_forward(&self.head, x)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er> bayes::Module<X0>
        for DeviceForecast<E, D>
    where
        bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>: bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<LastOutput, E, D, FORECAST_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>:
            bayes::Module<X2, Output = X3, Error = Er>,
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
        for DeviceForecast<E, D>
    where
        bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<LastOutput, E, D, FORECAST_LAYERS>:
            bayes::ModuleMut<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>:
            bayes::ModuleMut<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.lstm, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.last, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.head, x)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Device<E>> BayesForecast<E, D, ForecastConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceForecast<E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesForecast<E, D, C> {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceForecast<E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceForecast<E, D>, bayes::Error> {
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
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D> for DeviceForecast<E, D> {
        type Bayes<C: bayes::Config> = BayesForecast<E, D, ForecastConfig<C>>;
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
        for BayesForecast<E, D, C>
    {
        type Plain = DeviceForecast<E, D>;
        fn around(
            plain: &DeviceForecast<E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesForecast {
                lstm: bayes::Twin::<E, D>::to_bayes::<C>(&plain.lstm, &name.field("lstm"))?,
                last: bayes::Twin::<E, D>::to_bayes::<C>(&plain.last, &name.field("last"))?,
                head: bayes::Twin::<E, D>::to_bayes::<C>(&plain.head, &name.field("head"))?,
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceForecast<E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceForecast {
                lstm: bayes::Twin::<E, D>::from_bayes::<C>(&self.lstm, &draw.field("lstm"))?,
                last: bayes::Twin::<E, D>::from_bayes::<C>(&self.last, &draw.field("last"))?,
                head: bayes::Twin::<E, D>::from_bayes::<C>(&self.head, &draw.field("head"))?,
            })
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::TensorCollection<E, D>
        for BayesForecast<E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesForecast<E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("lstm", |s| &s.lstm, |s| &mut s.lstm),
                    Self::module("last", |s| &s.last, |s| &mut s.last),
                    Self::module("head", |s| &s.head, |s| &mut s.head),
                ),
                |(lstm, last, head)| BayesForecast { lstm, last, head },
            )
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind
        for BayesForecast<E, D, C>
    {
        const RULE: bayes::Rule = <Forecast as bayes::Spec>::RULE;
        type Eval<'a>
            = ForecastView<
            bayes::Eval<'a, bayes::Bayes<bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>, E, D, C>>,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<LastOutput, E, D, FORECAST_LAYERS>, E, D, C>>,
            bayes::Eval<
                'a,
                bayes::Bayes<bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>, E, D, C>,
            >,
        >
        where
            Self: 'a;
        type Train<'a>
            = ForecastView<
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>, E, D, C>,
            >,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<LastOutput, E, D, FORECAST_LAYERS>, E, D, C>,
            >,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>, E, D, C>,
            >,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceForecast<E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            ForecastView {
                lstm: bayes::Bind::eval(&self.lstm, &draw.field("lstm")),
                last: bayes::Bind::eval(&self.last, &draw.field("last")),
                head: bayes::Bind::eval(&self.head, &draw.field("head")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            ForecastView {
                lstm: bayes::Bind::train(&mut self.lstm, &draw.field("lstm")),
                last: bayes::Bind::train(&mut self.last, &draw.field("last")),
                head: bayes::Bind::train(&mut self.head, &draw.field("head")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceForecast<E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bayesian<E, D>
        for BayesForecast<E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.lstm, &name.field("lstm"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.last, &name.field("last"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.head, &name.field("head"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1, F2> ForecastView<F0, F1, F2> {
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
            let x = bayes::Module::try_forward(&self.lstm, x)?;
            let x = bayes::Module::try_forward(&self.last, x)?;
            bayes::Module::try_forward(&self.head, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, X0, X1, X2, X3, Er> bayes::Module<X0> for ForecastView<F0, F1, F2>
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
    impl<F0, F1, F2> bayes::NonMutableModule for ForecastView<F0, F1, F2> {}
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceForecast<E, D> {
        const RULE: bayes::Rule = <Forecast as bayes::Spec>::RULE;
        type Eval<'a>
            = ForecastView<
            bayes::Eval<'a, bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>>,
            bayes::Eval<'a, bayes::Built<LastOutput, E, D, FORECAST_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = ForecastView<
            bayes::Train<'a, bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>>,
            bayes::Train<'a, bayes::Built<LastOutput, E, D, FORECAST_LAYERS>>,
            bayes::Train<'a, bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = ForecastView<
            bayes::InInt8<'a, bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<LastOutput, E, D, FORECAST_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            ForecastView {
                lstm: bayes::Bind::eval(&self.lstm, &draw.field("lstm")),
                last: bayes::Bind::eval(&self.last, &draw.field("last")),
                head: bayes::Bind::eval(&self.head, &draw.field("head")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            ForecastView {
                lstm: bayes::Bind::train(&mut self.lstm, &draw.field("lstm")),
                last: bayes::Bind::train(&mut self.last, &draw.field("last")),
                head: bayes::Bind::train(&mut self.head, &draw.field("head")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            ForecastView {
                lstm: <bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("lstm"),
                ),
                last: <bayes::Built<LastOutput, E, D, FORECAST_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("last"),
                ),
                head: <bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("head"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for ForecastConfig<C> {
        type Estimator = C::Estimator;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = bayes::Family::mean_field(bayes::Rho::Value(-2.0));
        const MOPED: bayes::Option<f64> = C::MOPED;
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E> for DeviceForecast<E, D>
    where
        bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>: bayes::Structure<E>,
        bayes::Built<LastOutput, E, D, FORECAST_LAYERS>: bayes::Structure<E>,
        bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS> as bayes::Structure<
            E,
        >>::WHOLE
            && <bayes::Built<LastOutput, E, D, FORECAST_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.lstm, &name.field("lstm"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.last, &name.field("last"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.head, &name.field("head"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.lstm, &name.field("lstm"), plans)?;
            bayes::Structure::<E>::layers(&self.last, &name.field("last"), plans)?;
            bayes::Structure::<E>::layers(&self.head, &name.field("head"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesForecast<E, D, C>
    where
        bayes::Bayes<bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<LastOutput, E, D, FORECAST_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>, E, D, C>:
            bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<LSTM<2, 5>, E, D, FORECAST_LAYERS>,
            E,
            D,
            C,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<LastOutput, E, D, FORECAST_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Linear<5, 3>, E, D, FORECAST_LAYERS>,
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
            let x = bayes::Structure::<E>::trace(&self.lstm, &name.field("lstm"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.last, &name.field("last"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.head, &name.field("head"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.lstm, &name.field("lstm"), plans)?;
            bayes::Structure::<E>::layers(&self.last, &name.field("last"), plans)?;
            bayes::Structure::<E>::layers(&self.head, &name.field("head"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config> BayesForecast<E, D, C> {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantForecast, bayes::Error>
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
        ) -> bayes::Result<QuantForecast, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    const PROOF: [bayes::Proof; 3] = bayes::prove(&<Forecast as bayes::Spec>::RULE);
    const _: () = PROOF[0].check();
    const _: () = PROOF[1].check();
    const _: () = PROOF[2].check();
};
