//! A function that Tokio drives takes no pinned object.

use loopbridge::{Local, Registry};

fn register(functions: &mut Registry) {
    functions.function("length", |text: Local<String>| async move {
        text.len() as i64
    });
}

fn main() {
    register(&mut Registry::default());
}
