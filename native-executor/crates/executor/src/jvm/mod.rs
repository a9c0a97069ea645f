//! The only module that speaks JNI.
//!
//! | file | |
//! |---|---|
//! | `entries` | the native methods |
//! | `natives`, `table` | from a native method to the function of the library it names |
//! | `guard`, `thrown` | what surrounds each of these, and the exceptions that it throws |
//! | `loaded` | what is resolved when the library is loaded |
//! | `handles` | what their 64-bit arguments name |
//! | `attach`, `upcall` | from a native thread to `PortUpcalls.wake()` |
//! | `env` | the JNI functions in use |

// The first module, since `entries` uses its macros.
#[macro_use]
mod natives;

mod attach;
mod entries;
mod env;
mod guard;
mod handles;
mod loaded;
mod pin;
mod table;
mod thrown;
mod upcall;

use std::ffi::c_void;
use std::ptr;

use jni_sys::{JNI_ERR, JavaVM};

use self::attach::Vm;
use self::env::{Env, VERSION};
use self::thrown::Thrown;
use crate::call::registry::Registry;
use crate::panics;

pub use self::table::LAYOUT;

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
    loaded::load(env, register)?;
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
