//! Attention of one example.

use super::softmax::softmax;

/// `y = softmax(q·kᵀ/√(K/heads))·v` in each head (Vaswani et al. 2017): queries `(steps, K)`, keys `(tokens, K)`, values
/// `(tokens, V)`, result `(steps, V)`.
pub(crate) fn attention(
    heads: usize,
    [q, k, v]: [&[f32]; 3],
    [steps, tokens]: [usize; 2],
    y: &mut [f32],
) {
    let [keys, values] = [k.len() / tokens.max(1), v.len() / tokens.max(1)];
    let [key, value] = [keys, values].map(|features| features / heads.max(1));
    let scale = (1.0 / (key as f64).sqrt()) as f32;
    let (mut scores, mut weights) = (vec![0.0; tokens], vec![0.0; tokens]);
    y.fill(0.0);
    for step in 0..steps {
        for head in 0..heads {
            let q = &q[step * keys + head * key..][..key];
            for (token, score) in scores.iter_mut().enumerate() {
                let k = &k[token * keys + head * key..][..key];
                *score = scale * q.iter().zip(k).map(|(q, k)| q * k).sum::<f32>();
            }
            softmax(&scores, tokens, false, &mut weights);
            let y = &mut y[step * values + head * value..][..value];
            for (token, weight) in weights.iter().enumerate() {
                let v = &v[token * values + head * value..][..value];
                y.iter_mut().zip(v).for_each(|(y, v)| *y += weight * v);
            }
        }
    }
}
