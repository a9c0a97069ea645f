//! A text is returned as a value that Java then owns.

use loopbridge::Registry;

async fn name() -> &'static str {
    "name"
}

fn register(functions: &mut Registry) {
    functions.function("name", name); //~ `&'static str` does not go to Java
    //~ return `String` in place of `&str`
}
