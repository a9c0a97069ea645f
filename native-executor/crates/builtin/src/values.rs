//! Functions that return at once: one for each type that goes there and back, and payloads of a chosen size.

use std::future::pending;
use std::sync::{Mutex, PoisonError};

use loopbridge::{Bytes, Registry};

/// Bytes that are kept after their call has ended.
static STASH: Mutex<Vec<Bytes>> = Mutex::new(Vec::new());

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("noop", || async {})
        .function("add", |a: i64, b: i64| async move { a.wrapping_add(b) })
        .function("addInt", |a: i32, b: i32| async move { a.wrapping_add(b) })
        .function("addDouble", |a: f64, b: f64| async move { a + b })
        .function("not", |value: bool| async move { !value })
        .function("echo", |bytes: Bytes| async { bytes })
        .function("echoString", |text: String| async { text })
        .function(
            "echoOptionalLong",
            |value: Option<i64>| async move { value },
        )
        .function("echoOptionalInt", |value: Option<i32>| async move { value })
        .function(
            "echoOptionalDouble",
            |value: Option<f64>| async move { value },
        )
        .function(
            "echoOptionalBool",
            |value: Option<bool>| async move { value },
        )
        .function("echoOptionalString", |value: Option<String>| async {
            value
        })
        .function("echoOptionalBytes", |value: Option<Bytes>| async { value })
        .function("makeBytes", make_bytes)
        .local("localMakeBytes", make_bytes)
        .function("sumBytes", |bytes: Bytes| async move { sum(&bytes) })
        .function("stash", stash)
        .local("localStash", |bytes: Bytes| async move {
            stash(bytes).await;
            pending::<()>().await;
        })
        .function("unstash", || async { take_stash().len() as i64 });
}

/// Returns `n` bytes that count up from 0, modulo 251.
async fn make_bytes(n: i64) -> Result<Vec<u8>, String> {
    let length = usize::try_from(n).map_err(|_| format!("cannot make {n} bytes"))?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|error| format!("cannot make {n} bytes: {error}"))?;
    bytes.extend((0..length).map(|at| (at % 251) as u8));
    Ok(bytes)
}

fn sum(bytes: &[u8]) -> i64 {
    bytes.iter().map(|byte| i64::from(*byte)).sum()
}

/// Keeps the bytes, also lent ones, until `unstash`. Returns their length.
async fn stash(bytes: Bytes) -> i64 {
    let length = bytes.len() as i64;
    let mut stash = STASH.lock().unwrap_or_else(PoisonError::into_inner);
    stash.push(bytes);
    length
}

fn take_stash() -> Vec<Bytes> {
    std::mem::take(&mut *STASH.lock().unwrap_or_else(PoisonError::into_inner))
}
