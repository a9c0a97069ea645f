//! A closure can be called again and again.

use loopbridge::Registry;

fn register(functions: &mut Registry) {
    let greeting = String::from("Hello");
    functions.function("greet", move |name: String| async move { greeting + &name });
    //~ expected a closure that implements the `Fn` trait
    //~ it moves the variable `greeting` out of its environment
}
