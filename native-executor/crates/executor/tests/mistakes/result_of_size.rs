//! The value of a `Result` has a type that crosses to Java.

use loopbridge::Registry;

async fn length(text: String) -> Result<usize, std::io::Error> {
    Ok(text.len())
}

fn register(functions: &mut Registry) {
    functions.function("length", length); //~ `usize` does not go to Java
    //~ `i64` in place of `isize`, `usize` or a longer integer
}
