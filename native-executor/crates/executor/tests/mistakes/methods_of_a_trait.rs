//! Methods of a trait, or of many types, are not exported.

trait Count {
    async fn count(&self) -> i64;
}

#[loopbridge::object]
pub struct Shop;

#[loopbridge::export]
impl Count for Shop { //~ write an `impl` without a trait
    async fn count(&self) -> i64 {
        1
    }
}

pub struct Held<T>(T);

#[loopbridge::export]
impl<T: Send> Held<T> { //~ leave out the parameters in `<..>`
    pub async fn count(&self) -> i64 {
        1
    }
}
