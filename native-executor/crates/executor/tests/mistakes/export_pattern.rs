//! Java knows an argument by its name.

#[loopbridge::export]
async fn sum((a, b): (i64, i64)) -> i64 { //~ an argument has a name in Java: take it apart in the body
    a + b
}
