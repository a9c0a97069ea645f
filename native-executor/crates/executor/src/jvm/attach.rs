//! Native threads and the JVM (rule 10).
//!
//! A runtime's threads attach once, as daemons, when they start, and detach when they stop. A thread of the user's that
//! drops lent memory attaches for the one upcall that this may cost.

use std::cell::Cell;
use std::ffi::{CString, c_void};
use std::ptr;

use jni_sys::{JNI_OK, JNIEnv, JavaVM, JavaVMAttachArgs};

use super::env::{Env, VERSION};
use super::thrown::java_text;
use crate::local;
use crate::metrics::Metrics;

thread_local! {
    /// The environment of a thread that `thread_started` attached. It has no destructor: a thread that ends without
    /// `thread_stopping` must not call the JVM while its variables are destroyed.
    static ATTACHED: Cell<*mut JNIEnv> = const { Cell::new(ptr::null_mut()) };
}

/// The JVM.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vm(*mut JavaVM);

// SAFETY: the invocation interface may be called by any thread.
unsafe impl Send for Vm {}
// SAFETY: as for `Send`.
unsafe impl Sync for Vm {}

impl Vm {
    pub(super) fn new(raw: *mut JavaVM) -> Vm {
        Vm(raw)
    }

    fn environment(self) -> Option<Env> {
        let mut env = ptr::null_mut::<c_void>();
        // SAFETY: `self.0` is the JVM, which outlives the library.
        let code = unsafe { ((**self.0).v1_2.GetEnv)(self.0, &mut env, VERSION) };
        // SAFETY: the JVM returned this as the environment of this thread.
        (code == JNI_OK).then(|| unsafe { Env::new(env.cast()) })
    }

    fn attach(self) -> Option<Env> {
        if fault!("attach") {
            return None;
        }
        let name = std::thread::current().name().map(java_text);
        let name: CString = name.unwrap_or_else(|| c"loopbridge".to_owned());
        let mut arguments = JavaVMAttachArgs {
            version: VERSION,
            name: name.as_ptr().cast_mut(),
            group: ptr::null_mut(),
        };
        let mut env = ptr::null_mut::<c_void>();
        // SAFETY: `self.0` is the JVM; it copies the name.
        let code = unsafe {
            // seed M15
            ((**self.0).v1_4.AttachCurrentThreadAsDaemon)(
                self.0,
                &mut env,
                ptr::from_mut(&mut arguments).cast(),
            )
        };
        // SAFETY: the JVM returned this as the environment of this thread.
        (code == JNI_OK).then(|| unsafe { Env::new(env.cast()) })
    }

    fn detach(self) {
        // SAFETY: `self.0` is the JVM; this thread was attached by `attach` and has no Java frame.
        unsafe { ((**self.0).v1_1.DetachCurrentThread)(self.0) };
    }

    /// Runs `work` with this thread's environment; attaches the thread for that time if it is not attached. Returns
    /// `None` if the JVM refuses.
    pub(super) fn with_environment<R>(self, work: impl FnOnce(Env) -> R) -> Option<R> {
        let cached = ATTACHED.try_with(Cell::get).unwrap_or(ptr::null_mut());
        if !cached.is_null() {
            // SAFETY: it was cached by this thread, which is attached until `thread_stopping`.
            return Some(work(unsafe { Env::new(cached) }));
        }
        if let Some(env) = self.environment() {
            return Some(work(env));
        }
        if local::is_leaving() {
            return None;
        }
        let result = work(self.attach()?);
        self.detach();
        Some(result)
    }

    /// Attaches a runtime's thread; runs first on it. If the JVM refuses, upcalls from this thread try again.
    pub(super) fn thread_started(self, metrics: &Metrics) {
        if let Some(env) = self.attach() {
            ATTACHED.set(env.raw());
            metrics.thread_attached();
        }
    }

    /// Detaches a runtime's thread; runs last on it.
    pub(super) fn thread_stopping(self, metrics: &Metrics) {
        if ATTACHED.replace(ptr::null_mut()).is_null() {
            return;
        }
        self.detach(); // seed M21
        metrics.thread_detached();
    }
}
