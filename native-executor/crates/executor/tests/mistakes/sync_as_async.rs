//! A function that returns at once is registered by `blocking`.

use loopbridge::Registry;

fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn register(functions: &mut Registry) {
    functions.function("add", add); //~ `i64` is no future
    //~ make it an `async fn`
    //~ registered by `blocking`
}
