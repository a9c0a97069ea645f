//! The Rust code that the benchmarks and the suites run.
//!
//! | module | |
//! |---|---|
//! | `work` | the work itself, the same for every arm |
//! | `bridged` | that work as functions of the bridge |
//! | `local` | that work as loop-driven functions, and objects of both languages that are pinned to a loop |
//! | `handwritten` | that work behind JNI methods in the style of a binding without a bridge |
//! | `batched` | the same with one upcall for all completions that wait together |
//! | `bare` | that work in Tokio alone |
//! | `neighbour` | a server that sends back what it gets, to be run in another process |
//! | `mistakes` | mistakes that suites plant to show that they notice them |

mod bare;
mod batched;
mod bridged;
mod handwritten;
mod local;
mod mistakes;
mod neighbour;
mod work;

loopbridge::library!(register);

fn register(functions: &mut loopbridge::Registry) {
    bridged::register(functions);
    local::register(functions);
}
