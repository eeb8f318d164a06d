//! The last output of a recurrent layer.

use crate::plan::Form;

/// Of each sequence the last step of the first direction, `hidden` numbers, and the first step of the other.
pub(crate) fn last_step<T: Copy>(form: Form, hidden: usize, x: &[T], y: &mut [T]) {
    let features = form.channels();
    let examples = x.chunks_exact(form.len().max(1));
    for (y, x) in y.chunks_exact_mut(features.max(1)).zip(examples) {
        let at = x.len() - features;
        y[..hidden].copy_from_slice(&x[at..at + hidden]);
        y[hidden..].copy_from_slice(&x[hidden..features]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_ends_at_its_own_end() {
        let form = Form::Sequence {
            steps: 3,
            features: 2,
        };
        let mut y = [0; 4];
        last_step(form, 1, &[1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60], &mut y);
        assert_eq!(y, [5, 2, 50, 20]);
        last_step(form, 2, &[1, 2, 3, 4, 5, 6], &mut y[..2]);
        assert_eq!(y[..2], [5, 6]);
    }
}
