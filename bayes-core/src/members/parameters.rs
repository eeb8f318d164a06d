//! How many numbers of a model are trained, without building it.

use dfdx::nn::tensor_collection::{
    ModuleFields, ModuleVisitor, ScalarOptions, TensorCollection, TensorOptions,
};
use dfdx::prelude::{Device, Dtype, Shape, Tensor};
use num_traits::NumCast;
use std::convert::Infallible;

/// The numbers of a model of type `M` that are trained: what dfdx's `num_trainable_params` says of a built one.
///
/// Only the types of the tensors are asked, so nothing is allocated.
///
/// ```
/// use bayes_core::members::parameters;
/// use bayes_core::prelude::*;
///
/// type Net = <(Linear<784, 100>, ReLU, Linear<100, 10>) as Spec>::Built<f32, Cpu>;
/// assert_eq!(parameters::<f32, Cpu, Net>(), 785 * 100 + 101 * 10);
/// ```
pub fn parameters<E: Dtype, D: Device<E>, M: TensorCollection<E, D>>() -> usize {
    let mut counted = Counted(0);
    match M::iter_tensors(&mut counted) {
        Ok(_) => counted.0,
    }
}

struct Counted(usize);

impl<M: TensorCollection<E, D>, E: Dtype, D: Device<E>> ModuleVisitor<M, E, D> for Counted {
    type Err = Infallible;
    type E2 = E;
    type D2 = D;

    fn visit_module<Field, GetRef, GetMut>(
        &mut self,
        _name: &str,
        _get_refs: GetRef,
        _get_muts: GetMut,
    ) -> Result<Option<Field::To<E, D>>, Infallible>
    where
        GetRef: FnMut(&M) -> &Field,
        GetMut: FnMut(&mut M) -> &mut Field,
        Field: TensorCollection<E, D>,
    {
        Field::iter_tensors(self)
    }

    fn visit_tensor<S: Shape, GetRef, GetMut>(
        &mut self,
        _name: &str,
        _get_refs: GetRef,
        _get_muts: GetMut,
        options: TensorOptions<S, E, D>,
    ) -> Result<Option<Tensor<S, E, D>>, Infallible>
    where
        GetRef: FnMut(&M) -> &Tensor<S, E, D>,
        GetMut: FnMut(&mut M) -> &mut Tensor<S, E, D>,
    {
        if options.do_gradient_update {
            self.0 += options.shape.num_elements();
        }
        Ok(None)
    }

    fn visit_scalar<N, GetRef, GetMut>(
        &mut self,
        _name: &str,
        _get_refs: GetRef,
        _get_muts: GetMut,
        _options: ScalarOptions<N>,
    ) -> Result<Option<N>, Infallible>
    where
        N: NumCast,
        GetRef: FnMut(&M) -> &N,
        GetMut: FnMut(&mut M) -> &mut N,
    {
        Ok(None)
    }

    fn visit_fields<F: ModuleFields<M, E, D>>(
        &mut self,
        fields: F,
        _builder: impl FnOnce(F::Output<E, D>) -> M::To<E, D>,
    ) -> Result<Option<M::To<E, D>>, Infallible> {
        fields.visit_fields(self)?;
        Ok(None)
    }
}
