//! An object has a type of its own, without parameters.

#[loopbridge::object]
pub struct Held<T> { //~ leave out the parameters in `<..>`
    value: T,
}

#[loopbridge::object(local)] //~ #[object] takes no words
pub struct Words;

pub struct Shop;

#[loopbridge::object]
impl Shop {} //~ its `impl` has #[loopbridge::export]

#[loopbridge::object]
fn open() {} //~ marks a struct or an enum
