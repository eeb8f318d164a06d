//! Programs that must compile without a warning and run. They are apart from the mistakes, which need `cargo check`
//! only: one program that runs makes `trybuild` build everything.

#[test]
fn each_program_compiles_and_runs() {
    trybuild::TestCases::new().pass("macro/pass/*.rs");
}
