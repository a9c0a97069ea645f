//! Integers have a size that does not depend on the machine.

use loopbridge::Registry;

async fn double(number: usize) -> usize {
    number * 2
}

fn register(functions: &mut Registry) {
    functions.heavy("double", double); //~ `usize` does not come from Java as an argument
    //~ `usize` does not go to Java
    //~ `i64` in place of `isize`, `usize` or a longer integer
}
