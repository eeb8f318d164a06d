//! Predictions of any form of a model.

use super::model::{FormOf, Model};
use super::net::{Net, rows, taken};
use super::{Drawing, Error, Examples, Form, Predictor};
use crate::models::{Architecture, Task};
use bayes_core::estimator::EstimatorKind;
use bayes_core::metrics::GaussianMixture;
use bayes_core::predict::{Classification, Draws, HostRows, Predictive, Regression};
use bayes_core::prelude::{Bind, GaussianOutputs, Key, Module, predict};

/// A prediction of examples on the host.
type Asked<'m, N, F> =
    Predictive<'m, <F as FormOf<N>>::M, HostRows<<N as Net>::X, f32, <F as FormOf<N>>::D>>;

impl<N: Net, F: FormOf<N>> Predictor for Model<N, F> {
    fn architecture(&self) -> Architecture {
        N::ARCHITECTURE
    }

    fn form(&self) -> Form {
        F::FORM
    }

    fn outputs(&self, examples: Examples<'_>, key: Key) -> Result<Vec<f32>, Error> {
        let x = taken::<N, _>(&self.device, examples)?;
        let outputs = self.model.eval(&key.into()).try_forward(x);
        Ok(outputs.map_err(Error::device)?.as_vec())
    }

    fn classify(&self, examples: Examples<'_>, how: &Drawing) -> Result<Classification, Error> {
        check_task::<N>("classification", |task| {
            matches!(task, Task::Classification { .. })
        })?;
        let prediction = self.prediction(examples, how)?;
        Ok(prediction.classify::<f32, F::D, F::K>()?)
    }

    fn regress(&self, examples: Examples<'_>, how: &Drawing) -> Result<Regression, Error> {
        check_gaussian::<N>()?;
        let prediction = self.prediction(examples, how)?;
        Ok(prediction.regress::<f32, F::D, F::K>(GaussianOutputs::MeanAndLogVariance)?)
    }

    fn mixture(&self, examples: Examples<'_>, how: &Drawing) -> Result<GaussianMixture, Error> {
        check_gaussian::<N>()?;
        let prediction = self.prediction(examples, how)?;
        Ok(prediction.mixture::<f32, F::D, F::K>(GaussianOutputs::MeanAndLogVariance)?)
    }

    fn draws(&self, examples: Examples<'_>, how: &Drawing) -> Result<Draws<f32>, Error> {
        let prediction = self.prediction(examples, how)?;
        Ok(prediction.draws::<f32, F::D, (usize, F::K)>()?)
    }
}

impl<N: Net, F: FormOf<N>> Model<N, F> {
    fn prediction(&self, examples: Examples<'_>, how: &Drawing) -> Result<Asked<'_, N, F>, Error> {
        check_estimator(N::ARCHITECTURE, how.estimator)?;
        let x = rows::<N, _>(&self.device, examples)?;
        let mut prediction =
            predict(&self.model, x, how.samples, how.seed).from_example(how.first_example);
        if let Some(estimator) = how.estimator {
            prediction = prediction.estimator(estimator);
        }
        if how.mc_dropout {
            prediction = prediction.mc_dropout();
        }
        Ok(prediction)
    }
}

/// Whether the model can be drawn by the estimator.
pub(super) fn check_estimator(
    architecture: Architecture,
    estimator: Option<EstimatorKind>,
) -> Result<(), Error> {
    match estimator {
        Some(estimator) if !architecture.estimators().contains(&estimator) => {
            Err(Error::Estimator {
                architecture,
                estimator,
            })
        }
        _ => Ok(()),
    }
}

fn check_gaussian<N: Net>() -> Result<(), Error> {
    check_task::<N>("regression or forecast", |task| {
        matches!(task, Task::Regression { .. } | Task::Forecast { .. })
    })
}

fn check_task<N: Net>(wanted: &'static str, fits: impl Fn(Task) -> bool) -> Result<(), Error> {
    let architecture = N::ARCHITECTURE;
    let task = architecture.task();
    if fits(task) {
        return Ok(());
    }
    Err(Error::Task {
        architecture,
        wanted,
        task,
    })
}
