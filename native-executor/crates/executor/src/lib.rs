//! Rust futures on the JVM's event loops: the crate that a native library depends on.
//!
//! A library marks functions and types with attributes; Java calls the functions on a Netty, Vert.x or Reactor event
//! loop, by classes that are generated from the library's file, and gets each result back on that loop.
//!
//! ```
//! use std::io;
//!
//! use loopbridge::Bytes;
//!
//! loopbridge::library!();
//!
//! /// A customer of the shop. (Java gets the documentation too.)
//! #[loopbridge::record]
//! struct Customer {
//!     name: String,
//!     tags: Vec<String>,
//!     since: Option<i32>,
//! }
//!
//! #[loopbridge::export]
//! async fn load(path: String) -> Result<Vec<Customer>, io::Error> {
//!     # let _ = path;
//!     # Err(io::ErrorKind::Unsupported.into())
//!     // ... await what Tokio offers
//! }
//!
//! #[loopbridge::export(heavy)]
//! async fn checksum(bytes: Bytes) -> i64 {
//!     bytes.iter().map(|byte| i64::from(*byte)).sum()
//! }
//!
//! #[loopbridge::export(blocking)]
//! fn sort(mut customers: Vec<Customer>) -> Vec<Customer> {
//!     if !loopbridge::cancelled() {
//!         customers.sort_by(|one, other| one.name.cmp(&other.name));
//!     }
//!     customers
//! }
//! ```
//!
//! Below the attributes is a [`Registry`], to which functions are added by hand; Java finds these by their names:
//!
//! ```
//! use loopbridge::Registry;
//!
//! loopbridge::library!(register);
//!
//! fn register(functions: &mut Registry) {
//!     functions
//!         .function("add", |a: i64, b: i64| async move { a + b })
//!         .blocking("sort", sort);
//! }
//!
//! fn sort(mut bytes: Vec<u8>) -> Vec<u8> {
//!     bytes.sort_unstable();
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
//! | `bool` `i8` `i16` `i32` `i64` `f32` `f64` | `boolean` `byte` `short` `int` `long` `float` `double` |
//! | `u8` `u16`, `u32`, `u64` | `int`, `long`, `long`; Java refuses what the `long` cannot hold |
//! | `char` | `int`, a code point |
//! | [`String`] | `String` |
//! | [`Bytes`], `Vec<u8>` | `ByteBuf` or `byte[]`; `byte[]` inside of other values |
//! | struct with [`record`] | `record` |
//! | enum with [`record`] | `enum`, or a sealed interface of records |
//! | `Vec` | `List`, and an array for `i16`, `i32`, `i64`, `f32` and `f64` |
//! | `HashMap`, `BTreeMap` | `Map` in the order in which the entries came |
//! | `Duration`, `SystemTime`, with the feature `uuid` `Uuid` | `Duration`, `Instant`, `UUID` |
//! | [`Option`] of these | the same or `null` |
//! | `()`, as a result | `Void` |
//! | [`JavaFn`], as an argument | `JavaHandler` |
//! | [`JavaRef`] | `LoopRef` |
//! | type with [`object`], as a result or in a [`Shared`] | its class, by which Java calls its methods |
//! | another [`Shared`] | `NativeObject` |
//! | [`Local`], in loop-driven functions | `NativeRef` |
//! | [`Result`] of these, as a result | the value, or a thrown `NativeException` with the error's causes |
//!
//! Records, lists and maps are copied when they cross, in one piece. `Vec<u8>` and `Vec` of numbers are one copy of their
//! memory. What may stand in a record or a list is [`Data`].
//!
//! A [`Bytes`] argument that is large is Java's own memory, not a copy. It stays lent, and the call keeps its place
//! among those in flight, until the last clone is dropped, on any thread. Java must not write to it meanwhile. Code
//! that keeps bytes for long should copy them.
//!
//! # Awaiting Java
//!
//! A [`JavaFn`] is a function of Java's, passed as an argument. Its body runs on the event loop that owns the call with
//! which it was passed. The future of [`call`](JavaFn::call) waits for the answer on any thread; if that future is
//! dropped, the loop cancels what the body has started. A [`JavaFn`] may be kept after its call has ended. What the
//! body throws is a [`JavaError`]: it arrives in Java as the same object if a function returns it, and as a cause if it
//! is in the chain of the error that the function returns.
//!
//! A handler may answer with a call of this runtime. That call runs as any other, and its result goes straight to the
//! awaiting future. The result does not pass through Java, so that no limit on payloads applies to it.
//!
//! # Context
//!
//! A [`TaskLocal`] is set for a future by its `scope` and found by all code that runs in that future, also in the tasks
//! that it [`spawn`]s. With the feature `tracing`, off by default, these tasks also run in the span that was current
//! where they were spawned. Context that is set in Java goes with the call to its callbacks and handlers; Rust code
//! does not see it.
//!
//! # On the loop's own thread
//!
//! A function registered by [`Registry::local`] is loop-driven: its futures live on the thread of the loop that owns
//! the call, and need not be `Send`. They run in Tokio's context, so that timers, sockets and spawns work. That context
//! stays entered on the loop's thread between the calls, so that destructors and native methods of the same library find
//! it there too. A native method of the library's own that has entered the context of another runtime leaves it before
//! it calls Java, or loop-driven functions that are called from there find that one. An object that a loop-driven
//! function leaves with Java is a [`Local`].
//!
//! # Objects
//!
//! An object that outlives a call, such as a client or a pool of connections, is a [`Shared`]: Java holds it, passes it
//! to calls on any loop of its runtime, and closes it. It needs no `static`, which would outlive the runtime whose tasks
//! and sockets it uses, and would be one for all runtimes. The attribute [`object`] marks its type, and
//! [`export`](macro@export) the `impl` whose functions are methods in Java.
//!
//! What Java need not hold, such as a cache, is [`state`] of the runtime.
//!
//! # Cancellation and shutdown
//!
//! If Java cancels a call, its future is dropped at the await where it stands. Closing a runtime cancels all of its
//! calls. A blocking function runs to its end; it may look at [`cancelled`], as may code that a call has put on the
//! blocking pool by [`spawn_blocking`]. The runtime's metrics count what runs there, also after its call was cancelled.
//! If the system has no thread for a blocking function, the function does not run, and its call fails with
//! `SystemLimitException`.
//!
//! # Panics
//!
//! A panic in a function, while it is polled or dropped, reaches Java as `NativePanicError` with its text and place. It
//! affects no other call. If a handler of Java's then fails with that error, the panic resumes, with its own payload,
//! where the [`JavaFn`] is awaited. For that a runtime keeps the payloads of its last 64 panics, each until it has
//! resumed or the runtime is closed. (A panic in a destructor that runs because of another panic aborts the process, as
//! everywhere in Rust.)
//!
//! # Words
//!
//! The documents of both languages use these words; Java's `package-info` has the same table.
//!
//! | Rust | Java | what it is |
//! |---|---|---|
//! | [`Registry::function`] | `NativeFunction` | a function of Rust that Java can call |
//! | (none) | `NativeCall` | one call of it; a call *settles* once, with a value or an error |
//! | [`Registry::local`] | `NativeFunction` | *loop-driven*: the future is polled on the owner loop's thread, not by Tokio |
//! | [`JavaFn`] | `JavaHandler` | a *handler*: a function of Java that Rust can await |
//! | `Invocation` | `HandlerAnswer` | one *invocation* of a handler: a request to the loop, and its answer |
//! | `Relayed` | `JavaHandler.call` | a *relay*: a call that answers an invocation; its result stays in Rust |
//! | [`JavaRef`] | `LoopRef` | an object of Java, pinned to one loop, that Rust can keep and give back |
//! | [`Local`] | `NativeRef` | an object of Rust, pinned to one loop, that Java can keep and give back |
//! | [`Shared`] | `NativeObject` | an object of Rust that all loops of its runtime may use, and Java closes |
//! | `Port` | `Port` | one event loop bound to one runtime: two rings and the words beside them |
//! | `Dispatcher` | (none) | the task of a port that reads the submission ring and starts calls |
//! | `Doorbell` | `SubmissionRing` | the word by which Java wakes a dispatcher that sleeps |
//! | `WakeWord` | `CompletionRing` | the word that states whether a drain is scheduled |
//! | (none) | `Drain` | a *drain*: the task of the owner loop that reads the completion ring |
//! | `CallId` | `SlotTable` | a *slot* and its generation: the name of a call, or of an object, in both languages |
//! | (none) | `Admission` | a *place*: room for one call in a port's rings; what Rust holds of Java's takes *units* |
//! | `Cells` | `Cells` | a *cell*: a slot's memory for arguments and a result that no record holds, up to a KiB; what lies there is copied, not lent |
//! | `Lease` | a `ByteBuf` argument | memory of Java that is *lent* to a call until Rust has dropped it |
//! | `Bytes` in a `SlotTable` | `PayloadByteBuf` | a *payload*: a long result in Rust's memory, which Java reads in place and gives back |
//!
//! # Rules
//!
//! The protocol's rules, cited by number in this crate and in Java's `bridge-core`.
//!
//! 1. Every accepted call settles exactly once, whatever happens. The call's native task owns a guard, and the drop of
//!    that guard settles the call.
//! 2. The callback of a settled call runs on the call's owner loop and nowhere else.
//! 3. The wake word changes only by read-modify-write. At most one drain is scheduled per port; the drain checks the
//!    ring again after it has gone idle.
//! 4. A producer never waits for the loop, and the loop never waits for a worker. No lock is held over a JNI call. A
//!    waker never polls and never runs user code.
//! 5. Rings cannot overflow: space is reserved at submission, also for the invocations of a handler.
//! 6. A drain handles a bounded number of records and then reschedules itself. The records of one call arrive in the
//!    order in which they were published.
//! 7. Handles are never pointers. Any 64-bit value given to any native method yields a typed exception, never undefined
//!    behaviour.
//! 8. Memory lent to Rust stays valid until its call settles and Rust has dropped its views of it. Memory lent to Java
//!    is released exactly once. A port's own memory is mapped here: its pages are given back with the native half of
//!    the port, its addresses when no Java object can reach it any more.
//! 9. No panic unwinds into Java and none aborts the JVM. Each JNI entry only guards, converts and calls the core.
//! 10. Worker threads attach to the JVM once, as daemons, when they start, and detach when they stop. Every upcall
//!     passes the gate of its runtime. The gate closes when the JVM shuts down, once the runtime was closed or its
//!     grace is over.
//! 11. Classes and method ids are resolved once, at load, by the loader of the loading class.
//! 12. Constants that both languages share are compared at load.

#[cfg(panic = "abort")]
compile_error!("loopbridge turns panics into exceptions; build it with panic = \"unwind\"");

/// The code of the README, as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// The first module, since the modules that follow use its macro.
#[macro_use]
mod fault;

// The floors, from the lowest; each names only those before it, which `tests/floors.rs` checks. The crate `protocol` is
// below all of them.
//
//   environment, metrics, panics, threads ...   what all floors use
//   codec                                       the bytes of values and errors
//   port                                        the rings and tables of one event loop
//   call                                        from a record to its outcome
//   local                                       calls that their loop's own thread polls
//   java                                        functions and objects of Java's
//   runtime, context                            what Java opens; what a library's code uses
//   jvm                                         JNI
mod blocking;
mod call;
mod codec;
mod context;
mod environment;
#[doc(hidden)]
pub mod expanded;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod gate;
mod java;
#[doc(hidden)]
pub mod jvm;
mod local;
mod mapping;
mod metrics;
mod objects;
mod panics;
mod port;
mod rest;
mod runtime;
mod shared;
mod state;
mod threads;

#[cfg(test)]
mod tests;

// The attributes' code names this crate, also in this crate's own tests.
#[cfg(test)]
extern crate self as loopbridge;

pub use bytes::Bytes;
#[cfg(feature = "benchmark")]
pub use call::guard::HeldCall;
pub use call::guard::cancelled;
pub use call::registry::Registry;
pub use codec::arguments::Argument;
pub use codec::data::Data;
pub use codec::encoded::Reply;
pub use codec::java_error::JavaError;
pub use context::{TaskLocal, carry, spawn, spawn_blocking};
pub use java::java_fn::{FromJava, JavaFn};
pub use java::java_ref::JavaRef;
pub use local::Local;
pub use loopbridge_macros::{export, object, record};
pub use shared::{Shared, SharedType};
pub use state::state;

// Public because they are parts of public bounds; no user writes them.
#[doc(hidden)]
pub use call::kinds::{AsyncFunction, BlockingFunction, LocalFunction};
#[doc(hidden)]
pub use call::returned::{Returned, ReturnedError};
#[doc(hidden)]
pub use codec::types::{Plain, Present};
#[doc(hidden)]
pub use codec::value::Value;

/// Makes a `cdylib` a library that Java can load: defines its `JNI_OnLoad`.
///
/// All functions and types with attributes belong to the library, also those of other crates that the library uses.
/// `library!(register)` has the path of a `fn(&mut Registry)` besides, which registers further functions. It runs once,
/// on the thread that loads the library. If it panics the library does not load, and Java gets the panic's text. A
/// `cdylib` uses the macro once.
///
/// ```
/// loopbridge::library!();
///
/// #[loopbridge::export]
/// async fn half(number: i64) -> i64 {
///     number / 2
/// }
/// ```
///
/// The same without attributes:
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
    () => {
        $crate::library!($crate::expanded::register_nothing);
    };
    ($register:path) => {
        /// Called by the JVM when it loads this library.
        ///
        /// # Safety
        ///
        /// Only the JVM's loader may call this; it passes its own pointer.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn JNI_OnLoad(
            vm: *mut ::core::ffi::c_void,
            _reserved: *mut ::core::ffi::c_void,
        ) -> i32 {
            // SAFETY: by this function's contract.
            unsafe { $crate::jvm::load(vm, $register) }
        }

        const _: () = {
            $crate::__blob!(BLOB: &[
                $crate::expanded::Piece::Text("library "),
                $crate::expanded::Piece::CrateOf(::core::module_path!()),
                $crate::expanded::Piece::Text(" "),
                $crate::expanded::Piece::Text($crate::expanded::version_or_none(
                    ::core::option_env!("CARGO_PKG_VERSION"),
                )),
                $crate::expanded::Piece::Text(" "),
                $crate::expanded::Piece::Hex($crate::expanded::LAYOUT),
            ]);
            $crate::expanded::inventory::submit! {
                $crate::expanded::Item::library(&BLOB)
            }
        };
    };
}
