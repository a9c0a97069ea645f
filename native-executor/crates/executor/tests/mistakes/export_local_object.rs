//! A function that Tokio drives takes and returns no pinned object.

use loopbridge::Local;

#[loopbridge::export]
async fn length(text: Local<String>) -> i64 { //~ Local<String>` cannot leave its loop
    //~ exported by #[loopbridge::export(local)]
    text.len() as i64
}
