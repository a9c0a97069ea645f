//! Keeps the library mapped for the life of the process.
//!
//! A JVM unmaps a library together with its class loader. Tokio's threads, panic hooks and the natives that serve other
//! libraries would then run in memory that is no longer mapped.

use std::ffi::c_void;

/// Pins the library that holds `code`.
#[cfg(unix)]
pub(super) fn keep_mapped(code: *const c_void) {
    let mut place = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `dladdr` takes any address and fills `place` if it returns something else than 0; the name it found is
    // valid while the library is mapped. The handle of the pin is never closed, which is the point.
    unsafe {
        if libc::dladdr(code, place.as_mut_ptr()) != 0 {
            let file = place.assume_init().dli_fname;
            libc::dlopen(
                file,
                libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE,
            );
        }
    }
}

/// On other systems the library is unmapped with its class loader: a program there has to keep the class loader.
#[cfg(not(unix))]
pub(super) fn keep_mapped(_code: *const c_void) {}
