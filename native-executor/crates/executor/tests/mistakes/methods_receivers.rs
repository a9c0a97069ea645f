//! Several loops may use an object at once.

#[loopbridge::object]
pub struct Shop {
    count: i64,
}

#[loopbridge::export]
impl Shop {
    pub async fn add(&mut self) -> i64 { //~ several loops may call at once: take `&self`
        //~ `Mutex`
        self.count += 1;
        self.count
    }

    pub async fn end(self) -> i64 { //~ other calls may use the object too
        self.count
    }

    pub async fn held(self: std::sync::Arc<Self>) -> i64 { //~ take `&self`
        self.count
    }
}
