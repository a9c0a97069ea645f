//! A method has an object of Rust's.

struct Shop;

impl Shop {
    #[loopbridge::export]
    async fn orders(&self) -> i64 { //~ a method belongs to an object of Rust's
        1
    }
}
