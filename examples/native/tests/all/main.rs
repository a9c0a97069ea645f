//! Tests of the example's Rust half without a JVM. They are one binary, since linking with LTO takes the time.

mod cancel;
mod key;
mod pictures;
mod thumbnail;
mod whole;
