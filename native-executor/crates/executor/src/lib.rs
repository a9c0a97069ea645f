//! Rust futures on the JVM's event loops: the crate that a native library depends on.
//!
//! A library registers functions; Java finds them by name, calls them on a Netty, Vert.x or Reactor event loop, and gets
//! each result back on that loop.
//!
//! ```
//! use std::io;
//!
//! use loopbridge::{Bytes, Registry};
//!
//! loopbridge::library!(register);
//!
//! fn register(functions: &mut Registry) {
//!     functions
//!         .function("add", |a: i64, b: i64| async move { a + b })
//!         .function("load", load)
//!         .heavy("checksum", |bytes: Bytes| async move { checksum(&bytes) })
//!         .blocking("sort", sort);
//! }
//!
//! async fn load(path: String, at_most: Option<i64>) -> Result<Vec<u8>, io::Error> {
//!     # let _ = (path, at_most);
//!     # Err(io::ErrorKind::Unsupported.into())
//!     // ... await what Tokio offers
//! }
//!
//! fn checksum(bytes: &[u8]) -> i64 {
//!     bytes.iter().map(|byte| i64::from(*byte)).sum()
//! }
//!
//! fn sort(mut bytes: Vec<u8>) -> Vec<u8> {
//!     if !loopbridge::cancelled() {
//!         bytes.sort_unstable();
//!     }
//!     bytes
//! }
//! ```
//!
//! ```java
//! try (NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("mylibrary"))) {
//!   NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
//!   CompletableFuture<Long> sum = add.call(40L, 2L).toFuture();
//! }
//! ```
//!
//! The crate is a `cdylib`. It may use Tokio freely: each runtime that Java opens is a Tokio runtime of this library,
//! with timers, and with sockets if the library enables that feature of Tokio. Its profile must unwind on panic.
//!
//! # Values
//!
//! | Rust | Java |
//! |---|---|
//! | `bool` `i32` `i64` `f64` | `Boolean` `Integer` `Long` `Double` |
//! | [`String`] | `String` |
//! | [`Bytes`], `Vec<u8>` | `ByteBuf` or `byte[]` |
//! | [`Option`] of these | the same or `null` |
//! | `()`, as a result | `Void` |
//! | [`JavaFn`], as an argument | `JavaHandler` |
//! | [`JavaRef`] | `LoopRef` |
//! | [`Local`], in loop-driven functions | `NativeRef` |
//! | [`Result`] of these, as a result | the value, or a thrown `NativeException` with the error's causes |
//!
//! A [`Bytes`] argument that is large is Java's own memory, not a copy. It stays lent, the call's place among those in
//! flight included, until its last clone is dropped, on any thread; Java must not write to it meanwhile. To keep bytes
//! for long, copy them.
//!
//! # Awaiting Java
//!
//! A [`JavaFn`] is a function of Java's, passed as an argument. Its body runs on the event loop that owns the call it came
//! with; [`call`](JavaFn::call) waits for its answer from any thread, and when that is dropped the loop cancels what the
//! body has started. It may be kept when its call has ended. What it throws is a [`JavaError`], which arrives in Java as
//! the same object if a function returns it, and as the cause in its place if it is in the chain of the error that one
//! returns.
//!
//! A handler may answer with a call of this runtime: its function then runs as any call does, and its result goes straight
//! to the awaiting future. Nothing of it passes through Java, so that no limit on payloads applies to it.
//!
//! # Context
//!
//! A [`TaskLocal`] is set for a future by its `scope` and found by all that runs in there, the tasks it [`spawn`]s
//! included; with the feature `tracing`, off by default, these also run in the span that was current where they were
//! spawned. What is set in Java goes with the call to its callbacks and handlers, and is not seen here.
//!
//! # On the loop's own thread
//!
//! A function registered by [`Registry::local`] is loop-driven: its futures live on the thread of the loop that owns the
//! call, and need not be `Send`. They run in Tokio's context, so that timers, sockets and spawns work. Objects of theirs
//! that Java holds are [`Local`]s.
//!
//! # Cancellation and shutdown
//!
//! A call that Java cancels has its future dropped at the await where it stands. Closing a runtime does so to all of its
//! calls. A blocking function runs to its end; it may look at [`cancelled`], as may code that a call has put on the
//! blocking pool by [`spawn_blocking`]. What runs there is counted, also when nobody waits for it any more. One that the
//! system has no thread for does not run at all: its call fails with `SystemLimitException`.
//!
//! # Panics
//!
//! A panic in a function, while it is polled or dropped, reaches Java as `NativePanicError` with its text and place. It
//! harms no other call. If a handler of Java's then fails with that error, the panic goes on where the [`JavaFn`] is
//! awaited, with the payload it began with; a runtime keeps the payloads of its last 64 panics for that, until they went
//! on or it is closed. (A panic in a destructor that runs because of another panic aborts the process, as everywhere in
//! Rust.)
//!
//! # Rules
//!
//! The protocol's rules, cited by number in this crate and in Java's `bridge-core`. A *port* is one event loop bound to one runtime.
//!
//! 1. Every accepted call settles exactly once, whatever happens. The native task owns a guard whose drop settles.
//! 2. A settled call's callback runs on its owner loop and nowhere else.
//! 3. The wake word changes only by read-modify-write. At most one drain is scheduled per port; the consumer checks the
//!    ring again after going idle.
//! 4. A producer never waits for the loop and the loop never waits for a worker. No lock is held over a JNI call. A waker
//!    never polls and never runs user code.
//! 5. Rings cannot overflow: space is reserved at submission, for a handler's invocations too.
//! 6. A drain is bounded and reschedules itself. The records of one call arrive in the order produced.
//! 7. Handles are never pointers. Any 64-bit value given to any native method yields a typed exception, never undefined
//!    behaviour.
//! 8. Memory lent to Rust stays valid until its call settles and Rust has dropped its views of it; memory lent to Java is released
//!    exactly once. A port's own memory is mapped here; its pages go with the native half of the port, its addresses
//!    when no Java object can reach it any more.
//! 9. No panic unwinds into Java and none aborts the JVM. Each JNI entry is a shell: guard, convert, call the core.
//! 10. Worker threads attach once, as daemons, at thread start and detach at thread stop. Upcalls pass the gate of
//!     their runtime, which closes when the JVM shuts down, once the runtime was closed or its grace is over.
//! 11. Classes and method ids are resolved once, at load, from the loading class's loader.
//! 12. Constants shared by both languages are compared at load.

#[cfg(panic = "abort")]
compile_error!("loopbridge turns panics into exceptions; build it with panic = \"unwind\"");

/// The code of the README, as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// First: its macro is for all that follow.
#[macro_use]
mod fault;

mod arguments;
mod blocking;
mod call;
mod context;
mod dispatcher;
mod environment;
mod error_chain;
mod failure;
#[cfg(feature = "faults")]
pub mod faults;
mod first_poll;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod gate;
mod invocation;
mod java_error;
mod java_fn;
#[doc(hidden)]
pub mod jvm;
mod lease;
mod linger;
mod local;
mod mapping;
mod metrics;
mod object;
mod panics;
mod poll;
mod port;
mod ready;
mod registry;
mod relay;
mod returned;
mod runtime;
mod signature;
mod slots;
mod threads;
mod tuple;
mod value;
mod wake;

#[cfg(test)]
mod tests;

pub use bytes::Bytes;
#[cfg(feature = "benchmark")]
pub use call::HeldCall;
pub use call::cancelled;
pub use context::{TaskLocal, carry, spawn, spawn_blocking};
pub use java_error::JavaError;
pub use java_fn::{FromJava, JavaFn};
pub use local::Local;
pub use object::JavaRef;
pub use registry::Registry;
pub use value::{Argument, Reply};

// The parts of bounds that no user writes.
#[doc(hidden)]
pub use registry::{AsyncFunction, BlockingFunction, LocalFunction};
#[doc(hidden)]
pub use returned::{Returned, ReturnedError};
#[doc(hidden)]
pub use value::{Plain, Present, Value};

/// Makes a `cdylib` a library that Java can load: defines its `JNI_OnLoad`.
///
/// Takes the path of a `fn(&mut Registry)`, which runs once, while the library is loaded. If it panics the library does
/// not load, and Java sees the panic's text. Once for each `cdylib`.
///
/// ```
/// loopbridge::library!(register);
///
/// fn register(functions: &mut loopbridge::Registry) {
///     functions.function("half", |number: i64| async move { number / 2 });
/// }
/// ```
#[macro_export]
macro_rules! library {
    ($register:path) => {
        /// Called by the JVM when it loads this library.
        ///
        /// # Safety
        ///
        /// For the JVM's loader, which passes its own pointer.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn JNI_OnLoad(
            vm: *mut ::core::ffi::c_void,
            _reserved: *mut ::core::ffi::c_void,
        ) -> i32 {
            // SAFETY: by this function's contract.
            unsafe { $crate::jvm::load(vm, $register) }
        }
    };
}
