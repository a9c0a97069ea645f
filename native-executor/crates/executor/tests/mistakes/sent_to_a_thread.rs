//! A pinned object cannot be sent to another thread.

use loopbridge::{Local, Registry};

fn register(functions: &mut Registry) {
    functions.local("leak", |text: Local<String>| async move {
        std::thread::spawn(move || text.len()); //~ cannot be sent between threads safely
        //~ required because it appears within the type `Local<String>`
    });
}
