//! A future that Tokio drives may be moved to another thread.

use loopbridge::Registry;

async fn count(text: String) -> i64 {
    let shared = std::rc::Rc::new(text);
    std::future::ready(()).await;
    shared.len() as i64
}

fn register(functions: &mut Registry) {
    functions.function("count", count); //~ future cannot be sent between threads safely
    //~ future is not `Send` as this value is used across an await
    //~ one whose future is not `Send` is registered by `local`
}
