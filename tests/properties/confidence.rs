//! Sample means with their standard errors, and what may be concluded from them.

/// How many standard errors a mean may be away. By chance a normal mean is further away once in 1.7 million, so even
/// a thousand comparisons fail together less than once in a thousand runs.
const STANDARD_ERRORS: f64 = 5.0;

/// The mean of independent numbers and its standard error, estimated from the same numbers.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    pub mean: f64,
    pub standard_error: f64,
}

impl FromIterator<f64> for Estimate {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let numbers: Vec<f64> = numbers.into_iter().collect();
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
        let standard_error = (squares / (count - 1.0) / count).sqrt();
        Self {
            mean,
            standard_error,
        }
    }
}

impl Estimate {
    /// Asserts that the mean may be `exact`, and that it would not have been told to be if it were off by `effect`:
    /// the smallest difference that the test has to see.
    pub fn assert_is(&self, exact: f64, effect: f64, what: &str) {
        let bound = STANDARD_ERRORS * self.standard_error;
        assert!(
            bound < effect.abs(),
            "{what}: {bound} is too coarse to see {effect}: take more draws"
        );
        assert!(
            (self.mean - exact).abs() <= bound,
            "{what}: {} instead of {exact} ± {bound}",
            self.mean
        );
    }

    /// Asserts that two independent estimates may be of the same number, and that a difference of `effect` would show.
    pub fn assert_same(&self, other: &Self, effect: f64, what: &str) {
        let difference = Self {
            mean: self.mean - other.mean,
            standard_error: self.standard_error.hypot(other.standard_error),
        };
        difference.assert_is(0.0, effect, what);
    }
}
