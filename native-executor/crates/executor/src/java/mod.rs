//! What Rust holds of Java's: functions that it awaits, and objects that it keeps. Errors are in `codec`.

mod awaited;
pub(crate) mod java_fn;
pub(crate) mod java_ref;
