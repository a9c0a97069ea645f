//! A handler takes and answers with values that cross.

use loopbridge::JavaFn;

struct Point {
    x: f64,
}

#[loopbridge::export]
async fn ask(of: JavaFn<Point, i64>) -> i64 { //~ `Point` does not go to Java, as a result or to a handler
    let _ = of;
    1
}
