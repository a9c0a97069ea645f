//! Bytes are passed as a value that the function owns.

use loopbridge::Registry;

fn sum(bytes: &[u8]) -> i64 {
    bytes.len() as i64
}

fn register(functions: &mut Registry) {
    functions.blocking("sum", sum); //~ `&[u8]` does not come from Java as an argument
    //~ a `Vec` or `Bytes` in place of a slice
}
