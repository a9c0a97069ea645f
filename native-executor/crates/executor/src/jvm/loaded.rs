//! The JVM that has loaded this library, and the functions that the library has registered.

use std::ffi::CStr;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use jni_sys::{jclass, jmethodID, jobject};

use super::attach::Vm;
use super::env::Env;
use super::thrown::{Kind, Thrown};
use crate::call::registry::{Library, Registry};
use crate::metrics::Metrics;

static LIBRARY: OnceLock<Library> = OnceLock::new();
static JVM: AtomicPtr<Jvm> = AtomicPtr::new(ptr::null_mut());

/// The classes and method ids that `JNI_OnLoad` has resolved (rule 11).
pub(super) struct Jvm {
    pub(super) vm: Vm,
    pub(super) port_wake: jmethodID,
    pub(super) port_ask: jmethodID,
    /// Weak global references, so that a class loader that is no longer used can be collected. They are used by threads
    /// that run code of these classes only, and then the classes are there.
    classes: [jobject; KINDS.len()],
}

// SAFETY: global references and method ids may be used by any thread.
unsafe impl Send for Jvm {}
// SAFETY: as for `Send`.
unsafe impl Sync for Jvm {}

const KINDS: [(Kind, &CStr); 7] = [
    (
        Kind::InvalidHandle,
        c"dev/loopbridge/InvalidHandleException",
    ),
    (Kind::IllegalArgument, c"java/lang/IllegalArgumentException"),
    (Kind::NullPointer, c"java/lang/NullPointerException"),
    (Kind::IllegalState, c"java/lang/IllegalStateException"),
    (Kind::SystemLimit, c"dev/loopbridge/SystemLimitException"),
    (Kind::OutOfMemory, c"java/lang/OutOfMemoryError"),
    (Kind::Panic, c"dev/loopbridge/NativePanicError"),
];

impl Jvm {
    fn resolve(env: Env) -> Result<Jvm, Thrown> {
        let mut classes = [ptr::null_mut(); KINDS.len()];
        for (place, (_, name)) in classes.iter_mut().zip(KINDS) {
            let class = env.find_class(name)?;
            *place = env.new_weak(class)?;
            env.delete_local(class);
        }
        let port = env.find_class(c"dev/loopbridge/PortUpcalls")?;
        let port_wake = env.method(port, c"wake", c"()V")?;
        let port_ask = env.method(port, c"ask", c"()Z")?;
        env.delete_local(port);
        Ok(Jvm {
            vm: Vm::new(env.vm()?),
            port_wake,
            port_ask,
            classes,
        })
    }

    /// Runs `work` with the class of an exception.
    pub(super) fn with_class(&self, env: Env, kind: Kind, work: impl FnOnce(jclass)) {
        let place = KINDS.iter().position(|(known, _)| *known == kind);
        let class = place.map_or(ptr::null_mut(), |place| env.new_local(self.classes[place]));
        if !class.is_null() {
            work(class);
            env.delete_local(class);
        }
    }
}

pub(super) fn jvm() -> Option<&'static Jvm> {
    // Acquire: pairs with the Release in `load`.
    let jvm = JVM.load(Ordering::Acquire);
    // SAFETY: `load` leaks what it stores here.
    (!jvm.is_null()).then(|| unsafe { &*jvm })
}

pub(super) fn jvm_of_entry() -> Result<&'static Jvm, Thrown> {
    jvm().ok_or_else(|| Thrown::state("the library was not loaded by a JVM"))
}

pub(super) fn library() -> Result<&'static Library, Thrown> {
    LIBRARY
        .get()
        .ok_or_else(|| Thrown::state("the library has registered no functions"))
}

/// Notes the JVM and, if this is the first load, what `register` registers and the attributes have exported.
pub(super) fn load(env: Env, register: fn(&mut Registry)) -> Result<(), Thrown> {
    let jvm = Box::new(Jvm::resolve(env)?);
    // It is leaked, so that any thread may use it at any time: a few hundred bytes for each class loader that loads
    // this file.
    JVM.store(Box::leak(jvm), Ordering::Release);
    LIBRARY.get_or_init(|| {
        let mut registry = Registry::default();
        register(&mut registry);
        registry.add_exported();
        registry.into_library()
    });
    Ok(())
}

/// Attaches a runtime's thread; runs first on it.
pub(super) fn thread_started(metrics: &Metrics) {
    if let Some(jvm) = jvm() {
        jvm.vm.thread_started(metrics);
    }
}

/// Detaches a runtime's thread; runs last on it.
pub(super) fn thread_stopping(metrics: &Metrics) {
    if let Some(jvm) = jvm() {
        jvm.vm.thread_stopping(metrics);
    }
}
