//! Keys are there, and can be compared.

use std::collections::{BTreeMap, HashMap};

#[loopbridge::record]
struct Counts {
    by_name: BTreeMap<Option<String>, i64>, //~ `Option<Option<String>>` does not cross between Rust and Java
    by_size: HashMap<f64, i64>, //~ the trait bound `f64: Eq` is not satisfied
}
