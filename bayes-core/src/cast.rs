//! A value of a type parameter as what its type turns out to be.

use std::any::Any;

/// The value, if `B` is its type; else the value back.
pub(crate) fn cast<A: 'static, B: 'static>(value: A) -> Result<B, A> {
    let mut value = Some(value);
    if let Some(same) = (&mut value as &mut dyn Any).downcast_mut::<Option<B>>()
        && let Some(same) = same.take()
    {
        return Ok(same);
    }
    Err(value.expect("a value that was not taken"))
}
