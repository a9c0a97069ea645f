//! The error of a result implements `Error`.

use loopbridge::Registry;

enum Problem {
    Empty,
}

async fn first(text: String) -> Result<String, Problem> {
    text.split(' ').next().map(str::to_owned).ok_or(Problem::Empty)
}

fn register(functions: &mut Registry) {
    functions.function("first", first); //~ `Problem` cannot be an error that Java receives
    //~ implement `std::error::Error` and `Display` for it
}
