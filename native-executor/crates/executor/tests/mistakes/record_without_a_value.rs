//! An enum without variants has no value, and a union has unknown ones.

#[loopbridge::record]
enum Never {} //~ an enum without variants has no value that could cross

#[loopbridge::record]
union Number { //~ #[record] marks a struct or an enum
    integer: i64,
    float: f64,
}
