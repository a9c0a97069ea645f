//! A method is exported with its object, by the `impl`.

struct Shop;

impl Shop {
    #[loopbridge::export]
    async fn orders(&self) -> i64 { //~ a method is exported with its object
        1
    }
}
