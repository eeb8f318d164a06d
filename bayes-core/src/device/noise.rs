//! The noise of a draw on a device that is not the host.
//!
//! The host makes it, on several threads, and copies it once for all layers: the first layer of a draw has all made that
//! the draw before asked for, and the others take their parts on the device. While the device works on a draw, the host
//! makes the noise of the next sample. What a draw asks for anew, in its first step or in a batch of another size, is
//! copied by itself. No number depends on that: noise is a function of its key.

use super::Kernels;
use crate::draw::DrawId;
use crate::twin::{Noise, Sort};
use dfdx::prelude::{Dtype, Tensor};
use rayon::prelude::*;
use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

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

/// The noise of a draw that has not begun, which threads of the host are making.
struct Ahead<E> {
    id: DrawId,
    requests: Arc<[Request]>,
    values: Receiver<Vec<E>>,
}

/// The draw of now, the one that may come next, and by its first request what earlier draws asked for.
struct Memory<E: Dtype, D: Kernels<E>> {
    now: Option<Draw<E, D>>,
    ahead: Option<Ahead<E>>,
    known: Vec<Arc<[Request]>>,
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
                ahead: None,
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
        let same = |known: &Arc<[Request]>| known.first() == asked.first();
        let place = self.known.iter().position(same);
        let known = place.map(|place| self.known.remove(place));
        let known = known.filter(|known| **known == *asked);
        self.known.insert(0, known.unwrap_or_else(|| asked.into()));
        self.known.truncate(MODELS);
    }

    /// All that a draw which begins with `first` will ask for, as far as that is known, in one copy.
    fn prepare(&mut self, device: &D, id: DrawId, first: &Request) -> Result<Draw<E, D>, D::Err> {
        let mut draw = Draw {
            id,
            asked: Vec::new(),
            there: Vec::new(),
            values: None,
        };
        let mut known = self.known.iter();
        let requests = known.find(|known| known.first() == Some(first));
        // A single tensor is no reason to copy it twice on the device.
        let Some(requests) = requests.filter(|requests| requests.len() > 1) else {
            return Ok(draw);
        };
        let mut end = 0;
        for request in requests.iter() {
            draw.there.push((request.clone(), end..end + request.len));
            end += request.len;
        }
        let ahead = self.ahead.take();
        let made = ahead
            .filter(|ahead| ahead.id == id && ahead.requests == *requests)
            .and_then(|ahead| ahead.values.recv().ok());
        let values = made.unwrap_or_else(|| all_values(requests, id));
        let next = DrawId {
            sample: id.sample.wrapping_add(1),
            ..id
        };
        self.ahead = Ahead::start(requests.clone(), next);
        draw.values = Some(device.try_tensor_from_vec(values, (end,))?);
        Ok(draw)
    }
}

impl<E: Dtype> Ahead<E> {
    /// Has the noise made while this thread goes on; not by a thread of the pool, whose wait for it could be for itself.
    fn start(requests: Arc<[Request]>, id: DrawId) -> Option<Self> {
        if rayon::current_thread_index().is_some() {
            return None;
        }
        let (made, values) = sync_channel(1);
        let asked = requests.clone();
        rayon::spawn(move || {
            // Nobody takes it where another draw came next.
            let _ = made.send(all_values(&asked, id));
        });
        Some(Self {
            id,
            requests,
            values,
        })
    }
}

/// What the requests are given in a draw, one behind the other.
fn all_values<E: Dtype>(requests: &[Request], id: DrawId) -> Vec<E> {
    let len = requests.iter().map(|request| request.len).sum();
    let mut values = vec![E::default(); len];
    let mut rest = values.as_mut_slice();
    let mut pieces = Vec::new();
    for request in requests {
        let (part, behind) = rest.split_at_mut(request.len);
        rest = behind;
        pieces.extend(request.pieces(part));
    }
    pieces
        .into_par_iter()
        .for_each(|(request, first, part)| request.fill(id, first, part));
    values
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

    /// The next sample is begun before anybody asks for it, and another one is made all the same.
    #[test]
    fn the_sample_that_comes_next_is_made_in_the_meantime() {
        let dev = Cpu::default();
        let mut begun = Vec::new();
        for sample in [0, 1, 2, 7, 8] {
            let draw = View::from(Key::new(9, sample)).field("fc");
            for (field, len) in [("weight", 40_000), ("bias", 33)] {
                let noise = draw.weight_noise(field).unwrap();
                let mut want = vec![0.0; len];
                noise.fill(Sort::Normal, 0, &mut want);
                let got = on_device::<f32, Cpu>(&dev, &noise, Sort::Normal, len).unwrap();
                assert_eq!(got.as_vec(), want, "{field} in sample {sample}");
            }
            let key = (TypeId::of::<Memory<f32, Cpu>>(), 0);
            begun.push(MEMORIES.with_borrow(|all| {
                let memory = all[&key].downcast_ref::<Memory<f32, Cpu>>().unwrap();
                memory.ahead.as_ref().map(|ahead| ahead.id.sample)
            }));
        }
        assert_eq!(begun, [None, Some(2), Some(3), Some(8), Some(9)]);
    }

    #[test]
    fn a_thread_of_the_pool_does_not_wait_for_itself() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        pool.unwrap().install(|| {
            let dev = Cpu::default();
            for sample in 0..3 {
                let draw = View::from(Key::new(3, sample)).field("fc");
                for field in ["weight", "bias"] {
                    let noise = draw.weight_noise(field).unwrap();
                    let got = on_device::<f32, Cpu>(&dev, &noise, Sort::Normal, 5).unwrap();
                    let mut want = vec![0.0; 5];
                    noise.fill(Sort::Normal, 0, &mut want);
                    assert_eq!(got.as_vec(), want);
                }
            }
        });
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
