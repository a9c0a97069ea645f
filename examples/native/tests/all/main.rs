//! The example's Rust half, tested without a JVM. One binary, since linking with LTO is what takes time.

mod cancel;
mod key;
mod pictures;
mod thumbnail;
mod whole;
