//! The result of a blocking function has a type that crosses to Java.

use loopbridge::Registry;

fn lengths(text: String) -> Result<Vec<usize>, std::io::Error> {
    Ok(text.split(' ').map(str::len).collect())
}

fn register(functions: &mut Registry) {
    functions.blocking("lengths", lengths); //~ `Result<Vec<usize>, std::io::Error>` is no result of a blocking function
    //~ `i64` in place of `isize`, `usize` or a longer integer
}
