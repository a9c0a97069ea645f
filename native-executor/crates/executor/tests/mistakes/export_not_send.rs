//! A future that Tokio drives may be moved to another thread.

use std::rc::Rc;

#[loopbridge::export]
async fn count(text: String) -> i64 { //~ future cannot be sent between threads safely
    //~ let shared = Rc::new(text);
    //~ await occurs here
    //~ has type `Rc<String>` which is not `Send`
    let shared = Rc::new(text);
    std::future::ready(()).await;
    shared.len() as i64
}
