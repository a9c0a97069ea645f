//! A list of texts cannot cross to Java.

use loopbridge::Registry;

async fn words(text: String) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn register(functions: &mut Registry) {
    functions.function("words", words); //~ `Vec<String>` does not go to Java
    //~ a struct or a list encoded as `String` or `Bytes`
}
