//! A result is a value that Java gets.

#[loopbridge::export]
async fn numbers() -> &'static [i64] { //~ a reference does not cross between Rust and Java: use `Vec<i64>`
    &[1, 2]
}
