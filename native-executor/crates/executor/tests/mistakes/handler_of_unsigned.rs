//! The argument of a handler has a type that crosses to Java.

use loopbridge::JavaFn;

async fn ask(_name_of: JavaFn<u64, String>) -> i64 { //~ `u64` does not go to Java, as a result or to a handler
    //~ `i64` in place of another integer
    1
}
