//! The natives of `Batched.java`: hand-written JNI that makes one upcall for all completions that wait together.

use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jni_sys::{JNIEnv, jclass, jint, jlong, jlongArray};

use crate::handwritten::{opened, ready, release};
use crate::work;

/// The ids and values of completions that the loop has not taken.
static WAITING: Mutex<Vec<jlong>> = Mutex::new(Vec::new());

fn waiting() -> MutexGuard<'static, Vec<jlong>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a completion; the first one since the loop took all makes the upcall.
fn complete(id: jlong, value: jlong) {
    let mut waiting = waiting();
    let first = waiting.is_empty();
    waiting.extend([id, value]);
    drop(waiting);
    if first {
        ready();
    }
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_Batched_add(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    a: jlong,
    b: jlong,
) {
    drop(
        opened()
            .tokio
            .spawn(async move { complete(id, work::add(a, b).await) }),
    );
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_Batched_pendOnce(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    value: jlong,
) {
    drop(
        opened()
            .tokio
            .spawn(async move { complete(id, work::pend_once(value).await) }),
    );
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_Batched_release(
    _env: *mut JNIEnv,
    _class: jclass,
    workers: jint,
    first: jlong,
    count: jint,
) {
    release(workers, first, count, complete);
}

/// Moves completions to the array, as many as fit or wait; returns how many numbers these are.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_Batched_take(
    env: *mut JNIEnv,
    _class: jclass,
    into: jlongArray,
    length: jint,
) -> jint {
    let taken = {
        let mut waiting = waiting();
        let length = usize::try_from(length).unwrap_or(0);
        if waiting.len() <= length {
            take(&mut *waiting)
        } else {
            // The last ones stay, so that no worker makes an upcall for them.
            let rest = waiting.split_off(length);
            std::mem::replace(&mut *waiting, rest)
        }
    };
    let count = taken.len() as jint;
    // SAFETY: the environment is the caller's, and the array has at least `length` places.
    unsafe { ((**env).v1_6.SetLongArrayRegion)(env, into, 0, count, taken.as_ptr()) };
    count
}
