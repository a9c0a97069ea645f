//! A function that is not asynchronous says that it blocks.

#[loopbridge::export]
fn add(a: i64, b: i64) -> i64 { //~ write `async`, or #[loopbridge::export(blocking)] if the function blocks or computes
    a + b
}

#[loopbridge::export(local)] //~ a function that is `local` is an `async fn`: write `async`
fn subtract(a: i64, b: i64) -> i64 {
    a - b
}
