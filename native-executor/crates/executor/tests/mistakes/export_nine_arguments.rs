//! A function has at most eight arguments.

#[loopbridge::export]
async fn sum(
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    e: i64,
    f: i64,
    g: i64,
    h: i64,
    i: i64, //~ at most eight arguments: put some of them into a struct with #[loopbridge::record]
) -> i64 {
    a + b + c + d + e + f + g + h + i
}
