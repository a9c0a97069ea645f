//! A blocking function is not asynchronous.

#[loopbridge::export(blocking)] //~ a blocking function is no `async fn`: leave out `blocking`, or `async`
async fn add(a: i64, b: i64) -> i64 {
    a + b
}
