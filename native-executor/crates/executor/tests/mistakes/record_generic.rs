//! A record is one class in Java.

#[loopbridge::record]
struct Pair<T> { //~ one class in Java, with fields of known types that it owns: leave out the parameters
    one: T,
    other: T,
}
