//! The only module that speaks JNI.
//!
//! | file | |
//! |---|---|
//! | `entries` | the native methods |
//! | `natives`, `table` | from a native method to the function of the library it names |
//! | `guard` | what surrounds each of these |
//! | `handles` | what their 64-bit arguments name |
//! | `attach`, `upcall` | from a native thread to `Port.wake()` |
//! | `env` | the JNI functions in use |

// The first module, since `entries` uses its macros.
#[macro_use]
mod natives;

mod attach;
mod entries;
mod env;
mod guard;
mod handles;
mod pin;
mod table;
mod upcall;

use std::ffi::{CStr, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use jni_sys::{JNI_ERR, JavaVM, jclass, jmethodID, jobject};

use self::attach::Vm;
use self::env::{Env, VERSION};
use self::guard::{Kind, Thrown};
use crate::call::registry::{Function, Registry};
use crate::panics;

static FUNCTIONS: OnceLock<Vec<Function>> = OnceLock::new();
static JVM: AtomicPtr<Jvm> = AtomicPtr::new(ptr::null_mut());

/// The classes and method ids that `JNI_OnLoad` has resolved (rule 11).
struct Jvm {
    vm: Vm,
    port_wake: jmethodID,
    port_ask: jmethodID,
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
        let port = env.find_class(c"dev/loopbridge/Port")?;
        let port_wake = env.method(port, c"wake", c"()V")?;
        let port_ask = env.method(port, c"ask", c"()Z")?;
        env.delete_local(port);
        Ok(Jvm {
            vm: env.vm()?,
            port_wake,
            port_ask,
            classes,
        })
    }

    /// Runs `work` with the class of an exception.
    fn with_class(&self, env: Env, kind: Kind, work: impl FnOnce(jclass)) {
        let place = KINDS.iter().position(|(known, _)| *known == kind);
        let class = place.map_or(ptr::null_mut(), |place| env.new_local(self.classes[place]));
        if !class.is_null() {
            work(class);
            env.delete_local(class);
        }
    }
}

fn jvm() -> Option<&'static Jvm> {
    // Acquire: pairs with the Release in `load`.
    let jvm = JVM.load(Ordering::Acquire);
    // SAFETY: `load` leaks what it stores here.
    (!jvm.is_null()).then(|| unsafe { &*jvm })
}

fn jvm_of_entry() -> Result<&'static Jvm, Thrown> {
    jvm().ok_or_else(|| Thrown::state("the library was not loaded by a JVM"))
}

fn functions() -> Result<&'static [Function], Thrown> {
    let functions = FUNCTIONS.get().map(Vec::as_slice);
    functions.ok_or_else(|| Thrown::state("the library has registered no functions"))
}

/// `JNI_OnLoad` of a library; [`library!`](crate::library) calls it.
///
/// # Safety
///
/// Called by the JVM's loader with its own pointer.
#[doc(hidden)]
pub unsafe fn load(vm: *mut c_void, register: fn(&mut Registry)) -> i32 {
    panics::install_hook();
    let vm = Vm::new(vm.cast::<JavaVM>());
    let load = |env: Env| {
        let thrown = match panics::catch(|| load_with(env, register)) {
            Ok(Ok(())) => return VERSION,
            Ok(Err(thrown)) => thrown,
            Err(panic) => Thrown::panic(&panic),
        };
        // The exception stays pending: Java throws it from the load.
        guard::throw(env, thrown);
        JNI_ERR
    };
    vm.with_environment(load).unwrap_or(JNI_ERR)
}

fn load_with(env: Env, register: fn(&mut Registry)) -> Result<(), Thrown> {
    pin::keep_mapped(load as *const c_void);
    let native = env.find_class(c"dev/loopbridge/Native")?;
    let jvm = Box::new(Jvm::resolve(env)?);
    // It is leaked, so that any thread may use it at any time: a few hundred bytes for each class loader that loads
    // this file.
    JVM.store(Box::leak(jvm), Ordering::Release);
    FUNCTIONS.get_or_init(|| {
        let mut registry = Registry::default();
        register(&mut registry);
        registry.into_functions()
    });
    let table = ptr::from_ref(table::own()).cast::<u8>();
    let buffer = env.direct_buffer(table, size_of::<table::LibraryTable>())?;
    let offer = env.static_method(native, c"offer", c"(Ljava/nio/ByteBuffer;)Z")?;
    if env.call_static_boolean(native, offer, buffer)? {
        let methods = std::iter::once(&entries::INSTALL).chain(entries::METHODS);
        natives::register(env, native, methods)?;
    }
    env.delete_local(buffer);
    env.delete_local(native);
    Ok(())
}
