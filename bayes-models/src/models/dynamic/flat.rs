//! The tensors of a model of any type as one type. What an optimiser or a file does to a model is compiled once, for
//! [`Flat`]; for each model there are two walks: one that takes its tensors, one that gives them back.

use super::TensorInfo;
use bayes_core::dfdx::nn::tensor_collection::{
    ModuleVisitor, RecursiveWalker, ScalarOptions, TensorCollection, TensorOptions, TensorVisitor,
    ViewTensorMut, ViewTensorName, ViewTensorRef,
};
use bayes_core::dfdx::shapes::{ConstDim, Dim, HasShape};
use bayes_core::prelude::{Device, Dtype, Kernels, ReshapeTo, Shape, Tensor};
use num_traits::NumCast;
use std::cell::RefCell;
use std::collections::HashMap;

/// A size of run time that passes for a constant one, which dfdx demands of the fields of a collection. The constant
/// serves to build tensors, which is never done here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size(usize);

impl Dim for Size {
    fn size(&self) -> usize {
        self.0
    }

    fn from_size(size: usize) -> Option<Self> {
        Some(Self(size))
    }
}

impl ConstDim for Size {
    const SIZE: usize = 0;
}

/// A tensor's numbers in a row: its memory and id, shared.
type Row<D> = Tensor<(Size,), f32, D>;

/// The tensors and scalars of a model in its order, under their dotted names, with their memory and ids. A change of it
/// reaches the model by [`give`](Self::give) alone.
#[derive(Debug)]
pub(super) struct Flat<D: Device<f32>> {
    fields: Vec<Field<D>>,
    nothing: Nothing,
}

#[derive(Debug)]
struct Field<D: Device<f32>> {
    name: String,
    trained: bool,
    value: Value<D>,
}

/// No tensors: what [`Flat`] shows of itself before its fields.
#[derive(Debug, Default)]
pub(super) struct Nothing;

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for Nothing {
    type To<E2: Dtype, D2: Device<E2>> = Self;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(_: &mut V) -> Result<Option<Self>, V::Err> {
        Ok(None)
    }
}

/// What of a field its visit depends on.
#[derive(Debug, Clone)]
struct Sketch {
    name: String,
    trained: bool,
    /// `None` of a scalar.
    rank: Option<usize>,
}

macro_rules! ranks {
    ($($R:ident = $rank:literal: ($($size:ident: $Size:ty),*);)+) => {
        #[derive(Debug)]
        enum Value<D: Device<f32>> {
            $($R(Tensor<($($Size,)*), f32, D>),)+
            Number(f64),
        }

        impl<D: Kernels<f32>> Value<D> {
            /// The numbers of `row` as a tensor of this shape, whose rank is at most 6 as dfdx has them.
            fn new(row: Row<D>, shape: &[usize]) -> Result<Self, D::Err> {
                match *shape {
                    $([$($size),*] => Ok(Self::$R(row.try_reshape_like(&($(Size($size),)*))?)),)+
                    _ => Err(D::misfit()),
                }
            }

            fn row(self) -> Result<Option<Row<D>>, D::Err> {
                match self {
                    $(Self::$R(tensor) => {
                        let numbers = tensor.shape().num_elements();
                        tensor.try_reshape_like(&(Size(numbers),)).map(Some)
                    })+
                    Self::Number(_) => Ok(None),
                }
            }

            /// The sizes; `None` of a scalar.
            fn shape(&self) -> Option<Vec<usize>> {
                match self {
                    $(Self::$R(tensor) => Some(tensor.shape().concrete().to_vec()),)+
                    Self::Number(_) => None,
                }
            }

            /// The same on another device.
            fn moved<To: Kernels<f32>>(&self, device: &To) -> Result<Value<To>, To::Err> {
                Ok(match self {
                    $(Self::$R(tensor) => {
                        Value::$R(device.try_tensor_from_vec(tensor.as_vec(), *tensor.shape())?)
                    })+
                    Self::Number(number) => Value::Number(*number),
                })
            }

            fn copy_from(&mut self, values: &[f32]) {
                match self {
                    $(Self::$R(tensor) => tensor.copy_from(values),)+
                    Self::Number(_) => {}
                }
            }
        }

        impl<D: Kernels<f32>> TensorCollection<f32, D> for Flat<D> {
            type To<E2: Dtype, D2: Device<E2>> = Nothing;

            fn iter_tensors<V: ModuleVisitor<Self, f32, D>>(
                visitor: &mut V,
            ) -> Result<Option<Nothing>, V::Err> {
                // A collection is asked for its fields without itself; it sees itself where one of them is fetched.
                let seen = RefCell::new(Vec::new());
                visitor.visit_module::<Nothing, _, _>(
                    "",
                    |flat: &Self| {
                        seen.replace(flat.sketches());
                        &flat.nothing
                    },
                    |flat: &mut Self| {
                        seen.replace(flat.sketches());
                        &mut flat.nothing
                    },
                )?;
                for (i, Sketch { name, trained, rank }) in seen.into_inner().into_iter().enumerate() {
                    match rank {
                        $(Some($rank) => {
                            visitor.visit_tensor(
                                &name,
                                |flat: &Self| match &flat.fields[i].value {
                                    Value::$R(tensor) => tensor,
                                    _ => unreachable!("the rank was seen"),
                                },
                                |flat: &mut Self| match &mut flat.fields[i].value {
                                    Value::$R(tensor) => tensor,
                                    _ => unreachable!("the rank was seen"),
                                },
                                match trained {
                                    true => TensorOptions::reset_with(|_| Ok(())),
                                    false => TensorOptions::detached(|_| Ok(())),
                                },
                            )?;
                        })+
                        _ => {
                            visitor.visit_scalar(
                                &name,
                                |flat: &Self| match &flat.fields[i].value {
                                    Value::Number(number) => number,
                                    _ => unreachable!("it was seen to be a number"),
                                },
                                |flat: &mut Self| match &mut flat.fields[i].value {
                                    Value::Number(number) => number,
                                    _ => unreachable!("it was seen to be a number"),
                                },
                                ScalarOptions::from_default(0.0),
                            )?;
                        }
                    }
                }
                Ok(None)
            }
        }
    };
}

ranks! {
    R0 = 0: ();
    R1 = 1: (a: Size);
    R2 = 2: (a: Size, b: Size);
    R3 = 3: (a: Size, b: Size, c: Size);
    R4 = 4: (a: Size, b: Size, c: Size, d: Size);
    R5 = 5: (a: Size, b: Size, c: Size, d: Size, e: Size);
    R6 = 6: (a: Size, b: Size, c: Size, d: Size, e: Size, f: Size);
}

impl<D: Kernels<f32>> Flat<D> {
    /// Those of `model`.
    ///
    /// # Errors
    /// No memory.
    pub(super) fn of<M: TensorCollection<f32, D>>(model: &M) -> Result<Self, D::Err> {
        let mut taken = Take(Self::empty());
        M::iter_tensors(&mut RecursiveWalker {
            m: (model, String::new()),
            f: &mut taken,
        })?;
        Ok(taken.0)
    }

    /// Puts them into the model of which they are.
    ///
    /// # Errors
    /// No memory.
    pub(super) fn give<M: TensorCollection<f32, D>>(self, model: &mut M) -> Result<(), D::Err> {
        let mut given = Give(self.fields.into_iter());
        M::iter_tensors(&mut RecursiveWalker {
            m: model,
            f: &mut given,
        })?;
        Ok(())
    }

    fn empty() -> Self {
        Self {
            fields: Vec::new(),
            nothing: Nothing,
        }
    }

    /// Copies of them on another device.
    ///
    /// # Errors
    /// That device fails.
    pub(super) fn moved<To: Kernels<f32>>(&self, device: &To) -> Result<Flat<To>, To::Err> {
        let moved = |field: &Field<D>| {
            Ok(Field {
                name: field.name.clone(),
                trained: field.trained,
                value: field.value.moved(device)?,
            })
        };
        Ok(Flat {
            fields: self.fields.iter().map(moved).collect::<Result<_, _>>()?,
            nothing: Nothing,
        })
    }

    /// Names and shapes of all tensors.
    pub(super) fn tensors(&self) -> Vec<TensorInfo> {
        let described = |field: &Field<D>| {
            Some(TensorInfo {
                name: field.name.clone(),
                shape: field.value.shape()?,
                trained: field.trained,
            })
        };
        self.fields.iter().filter_map(described).collect()
    }

    /// Sets the tensors for which there are values.
    pub(super) fn set(&mut self, values: &HashMap<String, Vec<f32>>) {
        for Field { name, value, .. } in &mut self.fields {
            if let Some(values) = values.get(name) {
                value.copy_from(values);
            }
        }
    }

    fn sketches(&self) -> Vec<Sketch> {
        let sketch = |field: &Field<D>| Sketch {
            name: field.name.clone(),
            trained: field.trained,
            rank: field.value.shape().map(|shape| shape.len()),
        };
        self.fields.iter().map(sketch).collect()
    }

    fn push(
        &mut self,
        name: String,
        trained: bool,
        (row, shape): (Row<D>, &[usize]),
    ) -> Result<(), D::Err> {
        let value = Value::new(row, shape)?;
        self.fields.push(Field {
            name,
            trained,
            value,
        });
        Ok(())
    }
}

/// Takes each tensor.
struct Take<D: Device<f32>>(Flat<D>);

impl<D: Kernels<f32>> TensorVisitor<f32, D> for Take<D> {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = D::Err;
    type E2 = f32;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, D>,
        (tensor, name): (&Tensor<S, f32, D>, String),
    ) -> Result<Option<Tensor<S, f32, D>>, D::Err> {
        let shape = tensor.shape();
        let row = tensor
            .clone()
            .try_reshape_like(&(Size(shape.num_elements()),))?;
        let concrete = shape.concrete();
        self.0
            .push(name, options.do_gradient_update, (row, concrete.as_ref()))?;
        Ok(None)
    }

    fn visit_scalar<N: NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        (scalar, name): (&N, String),
    ) -> Result<Option<N>, D::Err> {
        self.0.fields.push(Field {
            name,
            trained: false,
            value: Value::Number(scalar.to_f64().unwrap_or(f64::NAN)),
        });
        Ok(None)
    }
}

/// Gives each tensor back.
struct Give<D: Device<f32>>(std::vec::IntoIter<Field<D>>);

impl<D: Kernels<f32>> Give<D> {
    fn row(&mut self) -> Result<Row<D>, D::Err> {
        let row = match self.0.next() {
            Some(field) => field.value.row()?,
            None => None,
        };
        row.ok_or_else(D::misfit)
    }
}

impl<D: Kernels<f32>> TensorVisitor<f32, D> for Give<D> {
    type Viewer = ViewTensorMut;
    type Err = D::Err;
    type E2 = f32;
    type D2 = D;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, D>,
        tensor: &mut Tensor<S, f32, D>,
    ) -> Result<Option<Tensor<S, f32, D>>, D::Err> {
        *tensor = self.row()?.try_reshape_like(tensor.shape())?;
        Ok(None)
    }

    fn visit_scalar<N: NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        scalar: &mut N,
    ) -> Result<Option<N>, D::Err> {
        if let Some(Value::Number(number)) = self.0.next().map(|field| field.value)
            && let Some(number) = N::from(number)
        {
            *scalar = number;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bayes_core::optim::{Adam, AdamConfig};
    use bayes_core::prelude::*;

    type Mixed = (Conv2D<2, 3, 3>, BatchNorm2D<3>, Linear<4, 5>);
    type Line = Linear<4, 3>;

    #[test]
    fn every_tensor_and_number_comes_back() {
        let device = Cpu::seed_from_u64(0);
        let mut net = device.build_module::<Mixed, f32>();
        net.1.epsilon = 0.25;
        let flat = Flat::of(&net).unwrap();
        let names: Vec<(String, usize, bool)> = flat
            .tensors()
            .into_iter()
            .map(|tensor| (tensor.name, tensor.shape.len(), tensor.trained))
            .collect();
        let wanted = [
            ("0.weight", 4, true),
            ("1.scale", 1, true),
            ("1.bias", 1, true),
            ("1.running_mean", 1, false),
            ("1.running_var", 1, false),
            ("2.weight", 2, true),
            ("2.bias", 1, true),
        ];
        assert_eq!(
            names,
            wanted.map(|(name, rank, trained)| (name.to_owned(), rank, trained))
        );
        let mut other = device.build_module::<Mixed, f32>();
        assert_ne!(other.0.weight.as_vec(), net.0.weight.as_vec());
        flat.give(&mut other).unwrap();
        assert_eq!(other.0.weight.as_vec(), net.0.weight.as_vec());
        assert_eq!(other.2.weight.array(), net.2.weight.array());
        assert_eq!(other.1.epsilon, 0.25);
    }

    /// The same bits as where the optimiser walks over the model itself, over steps whose moments matter.
    #[test]
    fn an_optimiser_does_to_it_what_it_does_to_the_model() {
        let device = Cpu::seed_from_u64(1);
        let mut net = device.build_module::<Line, f32>();
        let mut again = net.clone();
        let x: Tensor<Rank2<6, 4>, f32, _> = device.sample_normal();
        let mut adams = [(); 2].map(|()| Adam::new(AdamConfig::default()).unwrap());
        for _ in 0..3 {
            let own = net.forward(x.trace(net.alloc_grads())).square().mean();
            let own = own.backward();
            adams[0].update(&mut net, &own).unwrap();
            let mut flat = Flat::of(&again).unwrap();
            let lent = again.forward(x.trace(flat.alloc_grads())).square().mean();
            let mut lent = lent.backward();
            adams[1].update(&mut flat, &lent).unwrap();
            flat.zero_grads(&mut lent);
            flat.give(&mut again).unwrap();
            assert!(lent.get(&again.weight).as_vec().iter().all(|&x| x == 0.0));
        }
        assert_eq!(again.weight.array(), net.weight.array());
        assert_eq!(adams[0].state, adams[1].state);
    }
}
