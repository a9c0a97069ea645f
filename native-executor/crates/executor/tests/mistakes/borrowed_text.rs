//! A text is passed as a value that the function owns.

use loopbridge::Registry;

async fn length(text: &str) -> i64 {
    text.len() as i64
}

fn register(functions: &mut Registry) {
    functions.function("length", length); //~ `&str` does not come from Java as an argument
    //~ take `String` in place of `&str`
}
