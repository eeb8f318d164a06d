//! Local reparameterization: the mean and the variance of the outputs, and a draw of them.

use crate::fixture::{Fixture, Golden, TOLERANCE, compare};
use crate::linear::{geometry, size};
use crate::tape::{Number, Taped, both_ways, given, gradients, kernels_in, upload};
use bayes_core::device::Kernels;
use bayes_core::dfdx::prelude::Cpu;
use bayes_core::kernels::{linear, local_reparameterization};

/// The file has no draw; one with the noise 1 everywhere is mean + √var.
const NOISE: f64 = 1.0;

#[test]
fn golden_local_reparameterization_linear() {
    let file = Fixture::open("local_reparameterization_linear");
    by_kernels::<f32>(&file);
    by_kernels::<f64>(&file);
    on_tape::<f32>(&file);
    on_tape::<f64>(&file);
}

/// mean + √var·noise.
fn draw(file: &Fixture) -> Golden {
    let (mean, variance) = (file.tensor("mean"), file.tensor("var"));
    let pairs = mean.values.iter().zip(&variance.values);
    Golden {
        shape: mean.shape.clone(),
        values: pairs.map(|(m, v)| m + v.sqrt() * NOISE).collect(),
    }
}

fn by_kernels<E: Number>(file: &Fixture) {
    let way = kernels_in::<E>();
    let [x, mu, rho] = ["x", "mu", "rho"].map(|name| file.tensor(name).to::<E>());
    let geometry = geometry(size(file, "mu"));
    let product = |x: &[E], weight: &[E]| {
        let mut y = vec![E::zero(); geometry.rows * geometry.outputs];
        linear::forward(&geometry, x, weight, None, &mut y);
        y
    };
    let squares = |values: &[E]| values.iter().map(|&v| v * v).collect::<Vec<_>>();
    let sigma: Vec<E> = rho.iter().map(|rho| rho.softplus()).collect();
    let mean = product(&x, &mu);
    let variance = product(&squares(&x), &squares(&sigma));
    file.compare(&way, "mean", &mean);
    file.compare(&way, "var", &variance);

    let noise = vec![E::narrow(NOISE); mean.len()];
    let mut y = vec![E::zero(); mean.len()];
    local_reparameterization::sample(&mean, &variance, &noise, &mut y);
    compare(&format!("a draw by {way}"), &draw(file), &y, TOLERANCE);
}

fn on_tape<E: Number>(file: &Fixture)
where
    Cpu: Kernels<E>,
{
    let size = size(file, "mu");
    let (of_x, of_weight) = ((size.rows, size.inputs), (size.outputs, size.inputs));
    let out = (size.rows, size.outputs);
    let x = upload::<_, E>(file.tensor("x"), of_x);
    let mu = upload::<_, E>(file.tensor("mu"), of_weight);
    let rho = upload::<_, E>(file.tensor("rho"), of_weight);
    let noise = Golden {
        shape: vec![out.0, out.1],
        values: vec![NOISE; out.0 * out.1],
    };
    let mut found = Vec::new();
    both_ways!(E, |Operations, way| {
        let none = None::<Taped<(usize,), E>>;
        let mean = Operations::linear(x.retaped(), mu.retaped(), none, size, out);
        let mean: Taped<_, E> = mean.expect("a mean");
        file.compare(&way, "mean", &mean.as_vec());
        let weight: Taped<_, E> = Operations::variance(rho.retaped()).expect("a variance");
        let none = None::<Taped<(usize,), E>>;
        let tracked: Taped<_, E> = x.retaped();
        let variance = Operations::linear(tracked.square(), weight, none, size, out);
        let variance = variance.expect("a variance");
        file.compare(&way, "var", &variance.as_vec());
        let y = Operations::local_noise(mean, variance, given(&noise)).expect("a draw");
        let what = format!("a draw by {way}");
        compare(&what, &draw(file), &y.as_vec(), TOLERANCE);

        let gradients = gradients(y, file.tensor("mean"));
        found.push([&x, &mu, &rho].map(|leaf| flat(&gradients.get(leaf).as_vec())));
    });
    // The file has no gradients: those of the fused operations are tested beside their kernels, and the composed
    // ones must agree.
    let [fused, composed] = found.as_slice() else {
        panic!("two ways");
    };
    for (want, got) in fused.iter().zip(composed) {
        compare("a composed gradient", want, &got.values, TOLERANCE);
    }
}

/// A list of numbers to compare with.
fn flat<E: Number>(values: &[E]) -> Golden {
    Golden {
        shape: vec![values.len()],
        values: values.iter().map(|value| value.widen()).collect(),
    }
}
