//! A library of one's own, as the README shows it.

use std::num::TryFromIntError;
use std::time::Duration;

use loopbridge::{Bytes, JavaError, JavaFn, Registry};

loopbridge::library!(register);

fn register(functions: &mut Registry) {
    functions
        .function("greet", greet) // a future: polled once where it arrives, then by Tokio
        .function("greetUser", greet_user) // one that asks Java on its way
        .blocking("sort", sort); // CPU-bound: runs on the blocking pool
}

async fn greet(name: String, delay_millis: i32) -> Result<String, TryFromIntError> {
    tokio::time::sleep(Duration::from_millis(delay_millis.try_into()?)).await;
    Ok(format!("Hello, {name}!"))
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
