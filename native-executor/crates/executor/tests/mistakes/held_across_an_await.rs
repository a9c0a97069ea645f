//! A future that Tokio drives holds no pinned object across an await.

use loopbridge::{Local, Registry};

fn register(functions: &mut Registry) {
    functions.function("length", || async move { //~ future created by async block is not `Send`
        //~ has type `Local<String>` which is not `Send`
        //~ one whose future is not `Send` is registered by `local`
        let text = Local::new(String::new());
        std::future::ready(()).await;
        text.len() as i64
    });
}
