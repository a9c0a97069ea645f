//! A type whose values cross is a record, and a function is none.

#[loopbridge::export]
struct Point { //~ a type whose values cross has #[loopbridge::record]
    x: f64,
}

#[loopbridge::record]
async fn origin() -> i64 { //~ a function that Java calls has #[loopbridge::export]
    0
}
