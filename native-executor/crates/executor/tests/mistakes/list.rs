//! A list of structs crosses if the struct does.

use loopbridge::Registry;

struct Word(String);

async fn words(text: String) -> Vec<Word> {
    text.split(' ').map(|word| Word(word.to_owned())).collect()
}

fn register(functions: &mut Registry) {
    functions.function("words", words); //~ `Word` does not cross between Rust and Java
    //~ mark a struct or an enum of your own with #[loopbridge::record]
}
