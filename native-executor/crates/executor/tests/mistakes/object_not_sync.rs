//! Several threads use an object.

use std::cell::Cell;

#[loopbridge::object]
pub struct Count { //~ `Cell<i64>` cannot be shared between threads safely
    count: Cell<i64>,
}
