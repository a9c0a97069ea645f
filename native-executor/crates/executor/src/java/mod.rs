//! What Rust holds of Java's, and calls.

pub(crate) mod java_fn;
