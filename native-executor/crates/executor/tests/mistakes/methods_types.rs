//! The types in a method's signature cross, and its future may be moved to another thread.

use std::collections::HashSet;
use std::rc::Rc;

#[loopbridge::object]
pub struct Shop;

#[loopbridge::export]
impl Shop {
    pub async fn place(&self, skus: HashSet<String>) -> i64 { //~ `HashSet<String>` does not come from Java as an argument
        skus.len() as i64
    }

    pub async fn all(&self) -> Vec<Self> { //~ `Shop` does not cross
        Vec::new()
    }

    pub async fn take(&self, other: Shop) { //~ `Shop` does not come from Java as an argument
        //~ is taken as a `Shared` of it
        drop(other);
    }

    pub async fn text(&self, of: &str) {} //~ use `String`

    pub async fn count(&self) -> i64 { //~ future cannot be sent between threads safely
        //~ has type `Rc<i64>` which is not `Send`
        let held = Rc::new(1);
        std::future::ready(()).await;
        *held
    }

    pub async fn many(&self, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64) {} //~ at most seven arguments behind its `&self`
}
