//! What the benchmarks run in Rust.
//!
//! | module | |
//! |---|---|
//! | `work` | the work itself, the same for every arm |
//! | `bridged` | that work as functions of the bridge |
//! | `handwritten` | that work behind JNI methods as one writes them without a bridge |
//! | `bare` | that work in Tokio alone |

mod bare;
mod bridged;
mod handwritten;
mod work;

loopbridge::library!(bridged::register);
