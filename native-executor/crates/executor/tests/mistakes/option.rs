//! An `Option` contains a value, and no other `Option`.

use loopbridge::Registry;

async fn first(maybe: Option<Option<i32>>) -> i64 {
    maybe.flatten().map_or(0, i64::from)
}

async fn second(number: i64) -> Option<usize> {
    number.try_into().ok()
}

fn register(functions: &mut Registry) {
    functions.function("first", first); //~ `Option<Option<i32>>` does not cross between Rust and Java
    functions.function("second", second); //~ `Option<usize>` does not cross between Rust and Java
    //~ take `i64` in place of `isize`, `usize` or a longer integer
}
