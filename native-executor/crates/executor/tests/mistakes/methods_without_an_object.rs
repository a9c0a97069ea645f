//! The type with methods is one of objects.

pub struct Shop;

#[loopbridge::export]
impl Shop { //~ `Shop` is no type of objects, whose methods Java calls
    //~ mark the type with #[loopbridge::object]
    pub async fn count(&self) -> i64 {
        1
    }
}
