//! Java has one `null`.

#[loopbridge::record]
struct Answer {
    maybe: Option<Option<i64>>, //~ `Option<Option<i64>>` does not cross between Rust and Java
}
