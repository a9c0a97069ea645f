//! A closure owns what it needs: it lives as long as the library.

use loopbridge::Registry;

fn register(functions: &mut Registry) {
    let greeting = String::from("Hello");
    functions.blocking("greet", |name: String| format!("{greeting}, {name}"));
    //~ closure may outlive the current function, but it borrows `greeting`
    //~ use the `move` keyword
}
