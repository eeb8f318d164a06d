//! Programs as a user runs them: arguments in, output and exit status out.

mod digits;
