//! A function that awaits cannot be registered by `blocking`.

use loopbridge::Registry;

async fn sort(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.sort_unstable();
    bytes
}

fn register(functions: &mut Registry) {
    functions.blocking("sort", sort); //~ is no result of a blocking function
    //~ an `async fn` is registered by `function`
}
