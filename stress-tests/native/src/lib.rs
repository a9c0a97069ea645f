//! What the benchmarks and the suites run in Rust.
//!
//! | module | |
//! |---|---|
//! | `work` | the work itself, the same for every arm |
//! | `bridged` | that work as functions of the bridge |
//! | `local` | that work as loop-driven functions, and objects of both languages that are pinned to a loop |
//! | `handwritten` | that work behind JNI methods as one writes them without a bridge |
//! | `bare` | that work in Tokio alone |
//! | `mistakes` | what suites plant to see whether they notice |

mod bare;
mod bridged;
mod handwritten;
mod local;
mod mistakes;
mod work;

loopbridge::library!(register);

fn register(functions: &mut loopbridge::Registry) {
    bridged::register(functions);
    local::register(functions);
}
