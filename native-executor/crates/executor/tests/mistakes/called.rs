//! A function is registered by its name, without a call.

use loopbridge::Registry;

async fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn register(functions: &mut Registry) {
    functions.function("add", add(1, 2)); //~ is no asynchronous function that Java can call
    //~ registered by its name, such as `add`, not by a call of it
}
