//! A text is passed as a value that the function owns.

#[loopbridge::export]
async fn length(text: &str) -> i64 { //~ a reference does not cross between Rust and Java: use `String`, the value itself
    text.len() as i64
}

#[loopbridge::export]
async fn longest(of: Vec<Option<&str>>) -> u32 { //~ a reference does not cross between Rust and Java: use `String`
    of.len() as u32
}
