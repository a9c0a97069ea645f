//! The error of a result implements `Error`.

enum Problem {
    Empty,
}

#[loopbridge::export]
async fn first(text: String)
-> Result<String, Problem> //~ `Problem` cannot be an error that Java receives
//~ implement `std::error::Error` and `Display` for it
{
    text.split(' ').next().map(str::to_owned).ok_or(Problem::Empty)
}
