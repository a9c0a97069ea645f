//! A function that Tokio drives takes and returns no pinned object.

use loopbridge::{Local, Registry};

async fn length(text: Local<String>) -> i64 {
    text.len() as i64
}

fn open(text: String) -> Local<String> {
    Local::new(text)
}

fn register(functions: &mut Registry) {
    functions.function("length", length); //~ Local<String>` cannot leave its loop
    //~ registered by `local`, and runs on the loop's own thread
    functions.blocking("open", open); //~ Local<String>` cannot leave its loop
}
