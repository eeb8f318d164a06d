//! Collects every error of one attribute, so that all are reported at once in the order of the source.

/// Must be consumed by [`Errors::finish`].
#[derive(Default)]
pub struct Errors(Vec<syn::Error>);

impl Errors {
    pub fn push(&mut self, error: syn::Error) {
        self.0.extend(error);
    }

    /// The value, or `None` after taking the error.
    pub fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// All errors as one. The sort is stable: where spans have no position (tokens made by another
    /// macro), errors stay in the order in which the source was visited.
    pub fn finish(mut self) -> syn::Result<()> {
        let mut errors = std::mem::take(&mut self.0);
        errors.sort_by_key(|error| {
            let start = error.span().start();
            (start.line, start.column)
        });
        let combined = errors.into_iter().reduce(|mut all, error| {
            all.combine(error);
            all
        });
        combined.map_or(Ok(()), Err)
    }
}

impl Extend<syn::Error> for Errors {
    fn extend<I: IntoIterator<Item = syn::Error>>(&mut self, errors: I) {
        errors.into_iter().for_each(|error| self.push(error));
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        debug_assert!(
            self.0.is_empty() || std::thread::panicking(),
            "errors were collected and never reported"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;

    #[test]
    fn errors_come_out_in_the_order_of_the_source() {
        let tokens: TokenStream = "a\nb c".parse().unwrap();
        let [a, b, c] = tokens.into_iter().collect::<Vec<_>>().try_into().unwrap();
        let mut errors = Errors::default();
        for token in [&c, &a, &b] {
            errors.push(syn::Error::new(token.span(), token.to_string()));
        }
        let error = errors.finish().unwrap_err();
        let order: Vec<String> = error.into_iter().map(|error| error.to_string()).collect();
        assert_eq!(order, ["a", "b", "c"]);
    }

    #[test]
    #[should_panic(expected = "never reported")]
    fn forgotten_errors_are_noticed() {
        let mut errors = Errors::default();
        errors.push(syn::Error::new(proc_macro2::Span::call_site(), "lost"));
    }
}
