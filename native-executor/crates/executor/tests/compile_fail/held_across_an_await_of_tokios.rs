//! A future that Tokio drives holds no pinned object across an await.

use loopbridge::{Local, Registry};

fn register(functions: &mut Registry) {
    functions.function("length", || async move {
        let text = Local::new(String::new());
        tokio::task::yield_now().await;
        text.len() as i64
    });
}

fn main() {
    register(&mut Registry::default());
}
