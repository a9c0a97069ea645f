//! A pinned object cannot be sent to another thread.

use std::thread;

use loopbridge::{Local, Registry};

fn register(functions: &mut Registry) {
    functions.local("leak", |text: Local<String>| async move {
        thread::spawn(move || text.len());
    });
}

fn main() {
    register(&mut Registry::default());
}
