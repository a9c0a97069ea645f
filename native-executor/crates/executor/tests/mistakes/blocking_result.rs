//! The result of a blocking function has a type that crosses to Java.

use loopbridge::Registry;

fn words(text: String) -> Result<Vec<String>, std::io::Error> {
    Ok(text.split(' ').map(str::to_owned).collect())
}

fn register(functions: &mut Registry) {
    functions.blocking("words", words); //~ `Result<Vec<String>, std::io::Error>` is no result of a blocking function
    //~ a struct or a list encoded as `String` or `Bytes`
}
