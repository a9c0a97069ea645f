//! Tests of the example's Rust half without a JVM. They are one binary, which links the decoders once.

mod cancel;
mod form;
mod key;
mod pictures;
mod resize;
mod thumbnail;
mod whole;
