//! The noise of a draw on a device that is not the host.
//!
//! The host makes it, on several threads, and copies it once for all layers: the first layer of a draw has all made that
//! the draw before asked for, and the others take their parts on the device. What a draw asks for anew, in its first
//! step or in a batch of another size, is copied by itself. No number depends on that: noise is a function of its key.

use super::Kernels;
use crate::draw::DrawId;
use crate::twin::{Noise, Sort};
use dfdx::prelude::{Dtype, Tensor};
use rayon::prelude::*;
use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// Numbers that a thread makes at a time.
const PIECE: usize = 1 << 14;

/// Models whose noise is known in advance.
const MODELS: usize = 16;

/// Noise without its draw: what a layer asks for in every one.
#[derive(Clone, Debug, PartialEq)]
struct Request {
    noise: Noise,
    sort: Sort,
    len: usize,
}

/// What one draw has on a device.
struct Draw<E: Dtype, D: Kernels<E>> {
    id: DrawId,
    asked: Vec<Request>,
    there: Vec<(Request, Range<usize>)>,
    values: Option<Tensor<(usize,), E, D>>,
}

/// The draw of now, and by its first request what earlier draws asked for.
struct Memory<E: Dtype, D: Kernels<E>> {
    now: Option<Draw<E, D>>,
    known: Vec<Vec<Request>>,
}

thread_local! {
    static MEMORIES: RefCell<HashMap<(TypeId, usize), Box<dyn Any>>> = RefCell::default();
}

/// `len` numbers of `noise`.
pub(super) fn on_device<E: Dtype, D: Kernels<E>>(
    device: &D,
    noise: &Noise,
    sort: Sort,
    len: usize,
) -> Result<Tensor<(usize,), E, D>, D::Err> {
    let Some((id, noise)) = noise.without_draw() else {
        // Numbers that are given.
        return device.try_tensor_from_vec(filled(noise, sort, len), (len,));
    };
    let request = Request { noise, sort, len };
    let key = (TypeId::of::<Memory<E, D>>(), device.ordinal());
    let memory = MEMORIES.with_borrow_mut(|all| all.remove(&key));
    let mut memory = memory
        .and_then(|memory| memory.downcast::<Memory<E, D>>().ok())
        .unwrap_or_else(|| {
            Box::new(Memory {
                now: None,
                known: Vec::new(),
            })
        });
    let found = memory.find(device, id, request);
    MEMORIES.with_borrow_mut(|all| all.insert(key, memory));
    found
}

impl<E: Dtype, D: Kernels<E>> Memory<E, D> {
    fn find(
        &mut self,
        device: &D,
        id: DrawId,
        request: Request,
    ) -> Result<Tensor<(usize,), E, D>, D::Err> {
        if self.now.as_ref().is_none_or(|now| now.id != id) {
            if let Some(last) = self.now.take() {
                self.learn(last.asked);
            }
            self.now = Some(self.prepare(device, id, &request)?);
        }
        let now = self.now.as_mut().filter(|now| now.id == id);
        let Some(now) = now else {
            return device.try_tensor_from_vec(request.values(id), (request.len,));
        };
        if !now.asked.contains(&request) {
            now.asked.push(request.clone());
        }
        let place = now.there.iter().find(|(there, _)| *there == request);
        match (place, &now.values) {
            (Some((_, range)), Some(values)) => values
                .clone()
                .try_slice((range.clone(),))
                .and_then(|part| dfdx::prelude::ReshapeTo::try_reshape_like(part, &(request.len,))),
            _ => device.try_tensor_from_vec(request.values(id), (request.len,)),
        }
    }

    /// The requests of a draw, the latest of those that begin as it does.
    fn learn(&mut self, asked: Vec<Request>) {
        self.known.retain(|known| known.first() != asked.first());
        self.known.insert(0, asked);
        self.known.truncate(MODELS);
    }

    /// All that a draw which begins with `first` will ask for, as far as that is known, in one copy.
    fn prepare(&self, device: &D, id: DrawId, first: &Request) -> Result<Draw<E, D>, D::Err> {
        let known = self.known.iter().find(|known| known.first() == Some(first));
        let mut there = Vec::new();
        let mut end = 0;
        for request in known.into_iter().flatten() {
            there.push((request.clone(), end..end + request.len));
            end += request.len;
        }
        let mut draw = Draw {
            id,
            asked: Vec::new(),
            there,
            values: None,
        };
        // A single tensor is no reason to copy it twice on the device.
        if draw.there.len() > 1 {
            let mut values = vec![E::default(); end];
            let mut rest = values.as_mut_slice();
            let mut pieces = Vec::new();
            for (request, _) in &draw.there {
                let (part, behind) = rest.split_at_mut(request.len);
                rest = behind;
                pieces.extend(request.pieces(part));
            }
            pieces
                .into_par_iter()
                .for_each(|(request, first, part)| request.fill(id, first, part));
            draw.values = Some(device.try_tensor_from_vec(values, (end,))?);
        } else {
            draw.there.clear();
        }
        Ok(draw)
    }
}

impl Request {
    /// `part`, the place of this, cut into what threads fill, with the index of the first number in each.
    fn pieces<'p, E>(&'p self, part: &'p mut [E]) -> Vec<(&'p Self, usize, &'p mut [E])> {
        let piece = match self.noise.in_pieces() {
            true => PIECE,
            false => part.len().max(1),
        };
        let pieces = part.chunks_mut(piece).enumerate();
        pieces.map(|(i, part)| (self, i * piece, part)).collect()
    }

    fn fill<E: Dtype>(&self, id: DrawId, first: usize, part: &mut [E]) {
        let mut numbers = vec![0.0; part.len()];
        self.noise.in_draw(id).fill(self.sort, first, &mut numbers);
        for (place, z) in part.iter_mut().zip(numbers) {
            *place = E::from_f32(z).unwrap_or_default();
        }
    }

    fn values<E: Dtype>(&self, id: DrawId) -> Vec<E> {
        filled(&self.noise.in_draw(id), self.sort, self.len)
    }
}

fn filled<E: Dtype>(noise: &Noise, sort: Sort, len: usize) -> Vec<E> {
    let mut numbers = vec![0.0; len];
    noise.fill(sort, 0, &mut numbers);
    let numbers = numbers.into_iter();
    numbers
        .map(|z| E::from_f32(z).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Key, Noise as Kind};
    use crate::twin::Draw as View;
    use dfdx::prelude::Cpu;

    /// Three draws of a model with weights of all kinds, the last with fewer examples.
    #[test]
    fn what_is_made_ahead_is_what_is_asked_for() {
        let dev = Cpu::default();
        let mut copies = Vec::new();
        for (step, examples) in [(0, 4), (1, 4), (2, 3)] {
            let draw = View::from(Key::new(7, step)).field("fc");
            let noise = [
                (draw.weight_noise("weight"), Sort::Normal, 40_000),
                (draw.radial_noise("bias"), Sort::Normal, 33),
                (
                    draw.example_noise(Kind::SignIn, examples),
                    Sort::Signs,
                    examples * 5,
                ),
                (
                    draw.example_noise(Kind::Local, examples),
                    Sort::Normal,
                    examples * 3,
                ),
                (
                    draw.example_noise(Kind::Dropout, examples),
                    Sort::mask(0.25),
                    examples * 7,
                ),
            ];
            for (noise, sort, len) in noise {
                let noise = noise.unwrap();
                let mut want = vec![0.0; len];
                noise.fill(sort, 0, &mut want);
                let got = on_device::<f32, Cpu>(&dev, &noise, sort, len).unwrap();
                assert_eq!(got.as_vec(), want, "{noise:?} in step {step}");
            }
            let key = (TypeId::of::<Memory<f32, Cpu>>(), 0);
            copies.push(MEMORIES.with_borrow(|all| {
                let memory = all[&key].downcast_ref::<Memory<f32, Cpu>>().unwrap();
                memory.now.as_ref().unwrap().there.len()
            }));
        }
        assert_eq!(copies, [0, 5, 5], "all but the first draw are made ahead");
    }

    #[test]
    fn masks_keep_or_drop() {
        let noise = View::from(Key::new(1, 1))
            .example_noise(Kind::Dropout, 2)
            .unwrap();
        let mut mask = vec![0.0; 2000];
        noise.fill(Sort::mask(0.25), 0, &mut mask);
        let kept = 1.0 / 0.75;
        assert!(mask.iter().all(|&m| m == 0.0 || m == kept));
        let dropped = mask.iter().filter(|&&m| m == 0.0).count();
        assert!((400..600).contains(&dropped), "{dropped}");
    }
}
