//! A native library, as the README and the guide show it.

use std::cell::RefCell;
use std::num::TryFromIntError;
use std::time::Duration;

use loopbridge::{Bytes, JavaError, JavaFn, Local, Registry};

loopbridge::library!(register);

fn register(functions: &mut Registry) {
    functions
        .function("greet", greet) // a future: polled once where it arrives, then by Tokio
        .function("greetUser", greet_user) // a future that calls a Java function
        .local("guestBook", || async { Local::new(RefCell::new(Vec::<String>::new())) })
        .local("sign", sign) // loop-driven: polled on the loop's own thread
        .blocking("sort", sort); // CPU-bound: runs on the blocking pool
}

async fn greet(name: String, delay_millis: i32) -> Result<String, TryFromIntError> {
    tokio::time::sleep(Duration::from_millis(delay_millis.try_into()?)).await;
    Ok(format!("Hello, {name}!"))
}

async fn sign(book: Local<RefCell<Vec<String>>>, name: String) -> i64 {
    tokio::time::sleep(Duration::from_millis(1)).await; // Tokio works here too
    book.borrow_mut().push(name); // no lock: one thread polls all futures of a loop
    book.borrow().len() as i64
}

fn sort(bytes: Bytes) -> Vec<u8> {
    let mut sorted = bytes.to_vec();
    sorted.sort_unstable();
    sorted
}

async fn greet_user(id: i64, name_of: JavaFn<i64, String>) -> Result<String, JavaError> {
    let name = name_of.call(id).await?; // runs on the loop that owns this call
    Ok(format!("Hello, {name}!"))
}
