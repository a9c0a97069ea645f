//! The argument of a handler has a type that crosses to Java.

use loopbridge::JavaFn;

async fn ask(_name_of: JavaFn<usize, String>) -> i64 { //~ `usize` does not go to Java, as a result or to a handler
    //~ `i64` in place of `isize`, `usize` or a longer integer
    1
}
