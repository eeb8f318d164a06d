//! Reading and changing a model's tensors by their dotted names.

use bayes_core::dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorOptions, TensorVisitor, ViewTensorMut, ViewTensorName, ViewTensorRef,
};
use bayes_core::prelude::*;
use std::convert::Infallible;

/// A tensor of a model: its dotted name, whether it trains, and its elements as f64, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub trains: bool,
    pub values: Vec<f64>,
}

/// Every tensor of `model`, in its order.
pub fn parameters<E: Dtype, M: TensorCollection<E, Cpu>>(model: &M) -> Vec<Parameter>
where
    Cpu: Device<E>,
{
    let mut read = Read(Vec::new());
    let walk = M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut read,
    });
    let Ok(_) = walk;
    read.0
}

/// Sets each element of each tensor to `new(name, index, old)`.
///
/// The function is not a type parameter, which would compile the walk over the model anew for each.
pub fn change<E: Dtype, M: TensorCollection<E, Cpu>>(
    model: &mut M,
    new: &mut dyn FnMut(&str, usize, f64) -> f64,
) where
    Cpu: Device<E>,
{
    let walk = M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut Change(new),
    });
    let Ok(_) = walk;
}

/// Gives every mu a spread of values in ±0.8 and every rho one in −2 to 0, different for each element.
pub fn spread_out<E: Dtype, M: TensorCollection<E, Cpu>>(model: &mut M)
where
    Cpu: Device<E>,
{
    let mut count = 0.0_f64;
    change(model, &mut |name, _, old| {
        count += 1.0;
        // Multiples of an irrational number fill the unit interval evenly.
        let unit = (count * 0.618_033_988_75).fract();
        match name.rsplit('.').next() {
            Some("mu") => 1.6 * unit - 0.8,
            Some("rho") => -2.0 * unit,
            _ => old,
        }
    });
}

/// The gradient of each tensor that trains, in the model's order.
pub fn gradients<E: Dtype, M: TensorCollection<E, Cpu>>(
    model: &M,
    gradients: &Gradients<E, Cpu>,
) -> Vec<Parameter>
where
    Cpu: Device<E>,
{
    let mut read = ReadGradients {
        gradients,
        found: Vec::new(),
    };
    let walk = M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut read,
    });
    let Ok(_) = walk;
    read.found
}

fn widen<S: Shape, E: Dtype>(tensor: &Tensor<S, E, Cpu>) -> Vec<f64>
where
    Cpu: Device<E>,
{
    let values = tensor.as_vec().into_iter();
    values.map(|x| x.to_f64().unwrap_or(f64::NAN)).collect()
}

struct Read(Vec<Parameter>);

impl<E: Dtype> TensorVisitor<E, Cpu> for Read
where
    Cpu: Device<E>,
{
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = Infallible;
    type E2 = E;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, E, Cpu>,
        (tensor, name): (&Tensor<S, E, Cpu>, String),
    ) -> Result<Option<Tensor<S, E, Cpu>>, Infallible> {
        self.0.push(Parameter {
            name,
            trains: options.do_gradient_update,
            values: widen(tensor),
        });
        Ok(None)
    }
}

struct Change<'a>(&'a mut dyn FnMut(&str, usize, f64) -> f64);

impl<E: Dtype> TensorVisitor<E, Cpu> for Change<'_>
where
    Cpu: Device<E>,
{
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = Infallible;
    type E2 = E;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, E, Cpu>,
        (tensor, name): (&mut Tensor<S, E, Cpu>, String),
    ) -> Result<Option<Tensor<S, E, Cpu>>, Infallible> {
        let values: Vec<E> = widen(tensor)
            .into_iter()
            .enumerate()
            .map(|(i, old)| E::from_f64((self.0)(&name, i, old)).unwrap_or_default())
            .collect();
        tensor.copy_from(&values);
        Ok(None)
    }
}

struct ReadGradients<'a, E: Dtype>
where
    Cpu: Device<E>,
{
    gradients: &'a Gradients<E, Cpu>,
    found: Vec<Parameter>,
}

impl<E: Dtype> TensorVisitor<E, Cpu> for ReadGradients<'_, E>
where
    Cpu: Device<E>,
{
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = Infallible;
    type E2 = E;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, E, Cpu>,
        (tensor, name): (&Tensor<S, E, Cpu>, String),
    ) -> Result<Option<Tensor<S, E, Cpu>>, Infallible> {
        if options.do_gradient_update {
            self.found.push(Parameter {
                name,
                trains: true,
                values: widen(&self.gradients.get(tensor)),
            });
        }
        Ok(None)
    }
}
