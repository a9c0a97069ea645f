//! Integers have the types that Java has.

use loopbridge::Registry;

async fn double(number: u32) -> u32 {
    number * 2
}

fn register(functions: &mut Registry) {
    functions.heavy("double", double); //~ `u32` does not come from Java as an argument
    //~ `u32` does not go to Java
    //~ `i64` in place of another integer
}
