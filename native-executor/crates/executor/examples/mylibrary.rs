//! A library of one's own, as the README shows it.

use std::num::TryFromIntError;
use std::time::Duration;

use loopbridge::{Bytes, Registry};

loopbridge::library!(register);

fn register(functions: &mut Registry) {
    functions
        .function("greet", greet) // a future: polled once where it arrives, then by Tokio
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
