//! A function has at most eight arguments.

use loopbridge::Registry;

#[rustfmt::skip]
async fn sum(a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64, i: i64) -> i64 {
    a + b + c + d + e + f + g + h + i
}

fn register(functions: &mut Registry) {
    functions.function("sum", sum); //~ is no asynchronous function that Java can call
    //~ takes at most eight arguments: put some of them into a struct with #[loopbridge::record]
}
