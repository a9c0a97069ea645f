//! A record owns what is in it.

#[loopbridge::record]
struct Name<'a> { //~ leave out the parameters in `<..>`
    first: &'a str,
}

#[loopbridge::record]
struct Title {
    text: &'static str, //~ a reference does not cross between Rust and Java: use `String`
}
