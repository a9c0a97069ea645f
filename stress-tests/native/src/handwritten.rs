//! The natives of `HandWritten.java`, in the style of a binding without a bridge: a Tokio runtime, attached workers,
//! and one upcall for each completion.

use std::collections::BTreeMap;
use std::future::pending;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jni_sys::{
    JNI_VERSION_1_8, JNIEnv, JavaVM, JavaVMAttachArgs, jbyteArray, jclass, jint, jlong, jmethodID,
    jobject, jvalue,
};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::{bare, work};

/// The ids that `open` looked up.
pub(crate) struct Opened {
    /// Global reference to `HandWritten`.
    class: jclass,
    complete: jmethodID,
    complete_bytes: jmethodID,
    ready: jmethodID,
    pub(crate) tokio: Runtime,
}

// SAFETY: the VM, global references and method ids may be used by any thread.
unsafe impl Send for Opened {}
// SAFETY: as for `Send`.
unsafe impl Sync for Opened {}

static OPENED: OnceLock<Opened> = OnceLock::new();
static VM: AtomicPtr<JavaVM> = AtomicPtr::new(ptr::null_mut());
static PENDING: Mutex<Option<JoinSet<()>>> = Mutex::new(None);
/// The runtime of `release`, by the number of workers; kept, since an idle one costs nothing.
static RELEASING: Mutex<BTreeMap<jint, Runtime>> = Mutex::new(BTreeMap::new());

pub(crate) fn opened() -> &'static Opened {
    OPENED.get().expect("HandWritten.open comes first")
}

/// Calls a JNI function of an environment or VM.
macro_rules! jni {
    ($env:expr, $function:ident $(, $argument:expr)*) => {
        // SAFETY: each caller passes an environment of the current thread, and the arguments that the function expects.
        unsafe { ((**$env).v1_6.$function)($env $(, $argument)*) }
    };
}

/// Returns the environment of the current thread, which is attached once as a daemon.
fn environment() -> *mut JNIEnv {
    let vm = VM.load(Ordering::Relaxed);
    let mut env: *mut JNIEnv = ptr::null_mut();
    // SAFETY: `open` stored the VM before any thread started.
    unsafe {
        let place = (&raw mut env).cast();
        if ((**vm).v1_4.GetEnv)(vm, place, JNI_VERSION_1_8) != 0 {
            let mut arguments = JavaVMAttachArgs {
                version: JNI_VERSION_1_8,
                name: ptr::null_mut(),
                group: ptr::null_mut(),
            };
            ((**vm).v1_4.AttachCurrentThreadAsDaemon)(vm, place, (&raw mut arguments).cast());
        }
    }
    env
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_open(
    env: *mut JNIEnv,
    class: jclass,
    workers: jint,
) {
    OPENED.get_or_init(|| {
        let mut vm: *mut JavaVM = ptr::null_mut();
        jni!(env, GetJavaVM, &raw mut vm);
        VM.store(vm, Ordering::Relaxed);
        let id = |name: &std::ffi::CStr, signature: &std::ffi::CStr| {
            jni!(
                env,
                GetStaticMethodID,
                class,
                name.as_ptr(),
                signature.as_ptr()
            )
        };
        Opened {
            class: jni!(env, NewGlobalRef, class),
            complete: id(c"complete", c"(JJ)V"),
            complete_bytes: id(c"completeBytes", c"(J[B)V"),
            ready: id(c"ready", c"()V"),
            tokio: runtime(workers),
        }
    });
}

/// A runtime whose workers are attached while they live.
fn runtime(workers: jint) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers.max(1) as usize)
        .on_thread_start(|| {
            environment();
        })
        .on_thread_stop(|| {
            let vm = VM.load(Ordering::Relaxed);
            // SAFETY: the thread was attached when it started.
            unsafe { ((**vm).v1_4.DetachCurrentThread)(vm) };
        })
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Makes the upcall.
fn complete(id: jlong, value: jlong) {
    let Opened {
        class, complete, ..
    } = opened();
    let arguments = [jvalue { j: id }, jvalue { j: value }];
    let env = environment();
    jni!(
        env,
        CallStaticVoidMethodA,
        *class,
        *complete,
        arguments.as_ptr()
    );
}

/// Makes the upcall for completions that wait.
pub(crate) fn ready() {
    let Opened { class, ready, .. } = opened();
    let env = environment();
    jni!(env, CallStaticVoidMethodA, *class, *ready, ptr::null());
}

/// Makes the upcall with a value of any class, and looks up every class and method by name.
fn complete_by_name(id: jlong, value: jlong) {
    let env = environment();
    let long = jni!(env, FindClass, c"java/lang/Long".as_ptr());
    let value_of = jni!(
        env,
        GetStaticMethodID,
        long,
        c"valueOf".as_ptr(),
        c"(J)Ljava/lang/Long;".as_ptr()
    );
    let arguments = [jvalue { j: value }];
    let boxed = jni!(
        env,
        CallStaticObjectMethodA,
        long,
        value_of,
        arguments.as_ptr()
    );
    let class = opened().class;
    let complete = jni!(
        env,
        GetStaticMethodID,
        class,
        c"complete".as_ptr(),
        c"(JLjava/lang/Object;)V".as_ptr()
    );
    let arguments = [jvalue { j: id }, jvalue { l: boxed }];
    jni!(
        env,
        CallStaticVoidMethodA,
        class,
        complete,
        arguments.as_ptr()
    );
    jni!(env, DeleteLocalRef, boxed);
    jni!(env, DeleteLocalRef, long);
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_add(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    a: jlong,
    b: jlong,
) {
    let call = async move { complete(id, work::add(a, b).await) };
    drop(opened().tokio.spawn(call));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_addByName(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    a: jlong,
    b: jlong,
) {
    let call = async move { complete_by_name(id, work::add(a, b).await) };
    drop(opened().tokio.spawn(call));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_pendOnce(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    value: jlong,
) {
    let call = async move { complete(id, work::pend_once(value).await) };
    drop(opened().tokio.spawn(call));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_never(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
) {
    let call = async move {
        pending::<()>().await;
        complete(id, 0);
    };
    drop(opened().tokio.spawn(call));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_burn(
    _env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    micros: jlong,
) {
    let call = async move { complete(id, work::burn(micros).await) };
    drop(opened().tokio.spawn(call));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_echo(
    env: *mut JNIEnv,
    _class: jclass,
    id: jlong,
    bytes: jbyteArray,
) {
    let length = jni!(env, GetArrayLength, bytes);
    let mut copy = vec![0_i8; length as usize];
    jni!(env, GetByteArrayRegion, bytes, 0, length, copy.as_mut_ptr());
    let call = async move {
        let Opened {
            class,
            complete_bytes,
            ..
        } = opened();
        let env = environment();
        let length = copy.len() as jint;
        let array = jni!(env, NewByteArray, length);
        jni!(env, SetByteArrayRegion, array, 0, length, copy.as_ptr());
        let arguments = [jvalue { j: id }, jvalue { l: array }];
        jni!(
            env,
            CallStaticVoidMethodA,
            *class,
            *complete_bytes,
            arguments.as_ptr()
        );
        jni!(env, DeleteLocalRef, array);
    };
    drop(opened().tokio.spawn(call));
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_release(
    _env: *mut JNIEnv,
    _class: jclass,
    workers: jint,
    first: jlong,
    count: jint,
) {
    release(workers, first, count, complete);
}

/// Completes `count` calls, `first` and those after it, from so many workers, each by its id.
pub(crate) fn release(workers: jint, first: jlong, count: jint, complete: fn(jlong, jlong)) {
    releasing(workers, |tokio| {
        for part in shares(workers, first, count) {
            drop(tokio.spawn(async move {
                for id in part {
                    complete(id, id);
                }
            }));
        }
    });
}

/// Runs with the runtime that releases from so many workers.
pub(crate) fn releasing(workers: jint, release: impl FnOnce(&Runtime)) {
    let mut releasing = RELEASING.lock().unwrap_or_else(PoisonError::into_inner);
    release(releasing.entry(workers).or_insert_with(|| runtime(workers)));
}

/// Divides the ids from `first` on into a range for each worker.
pub(crate) fn shares(
    workers: jint,
    first: jlong,
    count: jint,
) -> impl Iterator<Item = Range<jlong>> {
    let workers = jlong::from(workers.max(1));
    let count = jlong::from(count);
    (0..workers)
        .map(move |worker| first + count * worker / workers..first + count * (worker + 1) / workers)
}

/// Makes a plain synchronous crossing: no guard, no check.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_address(
    env: *mut JNIEnv,
    _class: jclass,
    buffer: jobject,
) -> jlong {
    jni!(env, GetDirectBufferAddress, buffer) as jlong
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_bareBurn(
    _env: *mut JNIEnv,
    _class: jclass,
    in_flight: jint,
    micros: jlong,
    nanos: jlong,
) -> jlong {
    let duration = Duration::from_nanos(nanos.unsigned_abs());
    bare::burn(&opened().tokio, in_flight, micros, duration)
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_barePend(
    _env: *mut JNIEnv,
    _class: jclass,
    count: jint,
) {
    let pending = (count > 0).then(|| bare::pend(&opened().tokio, count));
    *PENDING.lock().unwrap_or_else(PoisonError::into_inner) = pending;
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_fib(
    _env: *mut JNIEnv,
    _class: jclass,
    index: jlong,
) -> jlong {
    work::fib(index)
}

/// What libraries that call any C function call.
extern "C" fn fib(index: i64) -> i64 {
    work::fib(index)
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_fibAddress(
    _env: *mut JNIEnv,
    _class: jclass,
) -> jlong {
    fib as *const () as jlong
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_bareLoop(
    _env: *mut JNIEnv,
    _class: jclass,
    parts: jint,
    steps: jlong,
) -> jlong {
    bare::cpu_loop(&opened().tokio, parts, steps)
}

/// Reads the clock that the kernel keeps for a process, exact also while the process runs.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_HandWritten_cpuNanos(
    _env: *mut JNIEnv,
    _class: jclass,
    process: jint,
) -> jlong {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let clock = if process == 0 {
        libc::CLOCK_PROCESS_CPUTIME_ID
    } else {
        // As clock_getcpuclockid does it: the id's complement, and the kind that the scheduler counts.
        (!process << 3) | 2
    };
    // SAFETY: the place for the time is valid; the kernel refuses a clock that does not exist.
    let read = unsafe { libc::clock_gettime(clock, &raw mut time) };
    if read == 0 {
        time.tv_sec * 1_000_000_000 + time.tv_nsec
    } else {
        -1
    }
}
