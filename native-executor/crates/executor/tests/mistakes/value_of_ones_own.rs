//! A crate cannot add a type of its own to the values that cross.

use loopbridge::Value;

struct Point;

impl Value for Point { //~ not all trait items implemented
    //~ `Point` cannot be made a value
    //~ mark the type with #[loopbridge::record]
}
