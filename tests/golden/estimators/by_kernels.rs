//! Reparameterization and Flipout by the kernels, composed as the layers compose them.

use super::Product;
use crate::conv::output_image;
use crate::fixture::Fixture;
use crate::linear::geometry;
use crate::tape::{Number, kernels_in};
use bayes_core::kernels::{bias, conv, gaussian, linear, signs};

/// y = x·(mu + softplus(rho)·eps) + the bias, drawn likewise.
pub fn reparameterization<E: Number>(file: &Fixture, product: Product) {
    let way = kernels_in::<E>();
    let (weight, bias) = (Gaussian::<E>::of(file, ""), Gaussian::of(file, "_bias"));
    let [x, g] = ["x", "g"].map(|name| file.tensor(name).to());
    let (w, b) = (weight.sample(), bias.sample());
    file.compare(&way, "y", &product.forward(&x, &w, &b));

    let [dx, dw, db] = product.backward(&x, &w, &g);
    file.compare_if_there(&way, "dx", &dx);
    for (name, gaussian, g) in [("", &weight, &dw), ("_bias", &bias, &db)] {
        let (mut d_mu, mut d_rho) = (zeros(g.len()), zeros(g.len()));
        gaussian::sample_backward(&gaussian.rho, &gaussian.eps, g, &mut d_mu, &mut d_rho);
        file.compare_if_there(&way, &format!("dmu{name}"), &d_mu);
        file.compare_if_there(&way, &format!("drho{name}"), &d_rho);
    }
}

/// y = x·mu + s_out ∘ ((s_in ∘ x)·softplus(rho)·eps), the bias in both products.
pub fn flipout<E: Number>(file: &Fixture, product: Product) {
    let way = kernels_in::<E>();
    let (weight, bias) = (Gaussian::<E>::of(file, ""), Gaussian::of(file, "_bias"));
    let [x, g] = ["x", "g"].map(|name| file.tensor(name).to());
    let [signs_in, signs_out] = ["sign_in", "sign_out"].map(|name| file.tensor(name).to());
    let flipped = multiply(&x, &signs_in);
    let (w, b) = (weight.delta(), bias.delta());
    let deviation = multiply(&product.forward(&flipped, &w, &b), &signs_out);
    let mean = product.forward(&x, &weight.mu, &bias.mu);
    file.compare(&way, "y", &sum(&mean, &deviation));

    let [dx_of_mean, d_mu, d_mu_bias] = product.backward(&x, &weight.mu, &g);
    let [d_flipped, dw, db] = product.backward(&flipped, &w, &multiply(&g, &signs_out));
    let dx = sum(&dx_of_mean, &multiply(&d_flipped, &signs_in));
    file.compare_if_there(&way, "dx", &dx);
    file.compare_if_there(&way, "dmu", &d_mu);
    file.compare_if_there(&way, "dmu_bias", &d_mu_bias);
    for (name, gaussian, g) in [("drho", &weight, &dw), ("drho_bias", &bias, &db)] {
        let mut d_rho = zeros(g.len());
        gaussian::delta_backward(&gaussian.rho, &gaussian.eps, g, &mut d_rho);
        file.compare_if_there(&way, name, &d_rho);
    }
}

/// A posterior and its noise.
struct Gaussian<E> {
    mu: Vec<E>,
    rho: Vec<E>,
    eps: Vec<E>,
}

impl<E: Number> Gaussian<E> {
    /// The tensors `mu`, `rho` and `eps`, with `suffix` after each name.
    fn of(file: &Fixture, suffix: &str) -> Self {
        let [mu, rho, eps] =
            ["mu", "rho", "eps"].map(|name| file.tensor(&format!("{name}{suffix}")).to());
        Self { mu, rho, eps }
    }

    fn sample(&self) -> Vec<E> {
        let mut weights = zeros(self.mu.len());
        gaussian::sample(&self.mu, &self.rho, &self.eps, &mut weights);
        weights
    }

    fn delta(&self) -> Vec<E> {
        let mut deviation = zeros(self.rho.len());
        gaussian::delta(&self.rho, &self.eps, &mut deviation);
        deviation
    }
}

impl Product {
    fn forward<E: Number>(&self, x: &[E], weight: &[E], b: &[E]) -> Vec<E> {
        match self {
            Self::Linear(size) => {
                let mut y = zeros(size.rows * size.outputs);
                linear::forward(&geometry(*size), x, weight, Some(b), &mut y);
                y
            }
            Self::Conv2d(geometry) => {
                let mut y = zeros(geometry.output_len());
                conv::forward(geometry, x, weight, Some(b), &mut y);
                y
            }
        }
    }

    /// The gradients of x, of the weights and of the bias.
    fn backward<E: Number>(&self, x: &[E], weight: &[E], g: &[E]) -> [Vec<E>; 3] {
        let (mut dx, mut dw) = (zeros(x.len()), zeros(weight.len()));
        let mut db;
        match self {
            Self::Linear(size) => {
                let geometry = geometry(*size);
                db = zeros(size.outputs);
                linear::backward_input(&geometry, weight, g, &mut dx);
                linear::backward_weight(&geometry, x, g, &mut dw);
                linear::backward_bias(&geometry, g, &mut db);
            }
            Self::Conv2d(geometry) => {
                let image = output_image(geometry);
                db = zeros(image.channels);
                conv::backward_input(geometry, weight, g, &mut dx);
                conv::backward_weight(geometry, x, g, &mut dw);
                bias::backward([image.examples, image.channels, image.pixels], g, &mut db);
            }
        }
        [dx, dw, db]
    }
}

/// x with the sign of each channel, which are in the same order.
fn multiply<E: Number>(x: &[E], signs: &[E]) -> Vec<E> {
    let mut out = zeros(x.len());
    signs::multiply(signs, x.len() / signs.len(), x, &mut out);
    out
}

fn sum<E: Number>(a: &[E], b: &[E]) -> Vec<E> {
    a.iter().zip(b).map(|(&a, &b)| a + b).collect()
}

fn zeros<E: Number>(len: usize) -> Vec<E> {
    vec![E::zero(); len]
}
