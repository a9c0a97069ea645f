//! Rust futures on the JVM's event loops: the crate that a native library depends on.
#![doc(html_no_source)]

mod arguments;
mod call;
mod dispatcher;
mod failure;
#[doc(hidden)]
pub mod jvm;
mod lease;
mod metrics;
mod panics;
mod port;
mod registry;
mod runtime;
mod value;
mod wake;

pub use bytes::Bytes;
pub use call::cancelled;
pub use failure::Returned;
pub use registry::{AsyncFunction, BlockingFunction, Registry};
pub use value::{Argument, Present, Reply, Value};

/// Makes a cdylib a library that Java can load.
#[macro_export]
macro_rules! library {
    ($register:path) => {
        /// Called by the JVM when it loads this library.
        #[unsafe(no_mangle)]
        pub extern "system" fn JNI_OnLoad(
            vm: *mut ::core::ffi::c_void,
            _reserved: *mut ::core::ffi::c_void,
        ) -> i32 {
            // SAFETY: the JVM's loader calls this with its own pointer.
            unsafe { $crate::jvm::load(vm, $register) }
        }
    };
}
