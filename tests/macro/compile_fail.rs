//! Mistakes in models that use `#[bayesian]`, and what the compiler says to each: one error, at the place of the
//! mistake.
//!
//! `TRYBUILD=overwrite` writes the messages anew; read them before they are committed.

#[test]
fn each_mistake_is_one_error_where_it_was_made() {
    trybuild::TestCases::new().compile_fail("macro/fail/*/*.rs");
}
