//! How a native method gets from `Native.java` to its body: the macro that `entries` uses.
//!
//! The JVM binds the native methods to the first library alone. Each of them looks up the library that its first
//! argument names and calls that library's own function through its table. That function guards the body.

use std::ffi::{CStr, c_void};

use jni_sys::{JNINativeMethod, jclass, jobject};

use super::env::Env;
use super::thrown::Thrown;

/// A native method as the JVM binds it.
pub(super) struct Method {
    pub(super) name: &'static CStr,
    pub(super) signature: &'static CStr,
    pub(super) function: *mut c_void,
}

/// Defines the native methods but `install`, each from its name in Java, its parameters after the library's number, and
/// its body, a `Result` of what it returns:
///
/// * `Functions`, what the table of a library holds, and `FUNCTIONS`, this library's, which guard the bodies;
/// * `METHODS`, what the JVM calls, which dispatch to them.
macro_rules! natives {
    ($(
        $java:literal
        fn $name:ident($env:ident $(, $argument:ident: $type:ident)* $(,)?) $(-> $result:ident)? $body:block
    )*) => {
        /// One function for each native method but `install`; each checks its arguments itself.
        #[repr(C)]
        pub(super) struct Functions {
            $($name: unsafe extern "system" fn(*mut JNIEnv $(, $type)*) $(-> $result)?,)*
        }

        /// This library's functions. Called with the environment of the calling thread and references valid there.
        pub(super) const FUNCTIONS: Functions = Functions {
            $($name: {
                unsafe extern "system" fn $name(
                    env: *mut JNIEnv
                    $(, $argument: $type)*
                ) $(-> $result)? {
                    let body = |$env: Env| {
                        fault!(panic concat!("entry-", stringify!($name)));
                        $body
                    };
                    // SAFETY: the native methods pass the environment on that the JVM gave them.
                    unsafe { entry(env, body) }
                }
                $name
            },)*
        };

        /// The functions that the JVM calls: each passes its arguments on to the library it names.
        pub(super) const METHODS: &[Method] = &[$(Method {
            name: c_text(concat!($java, "\0")),
            signature: c_text(concat!(
                "(I", $(signature!($type),)* ")", signature!($($result)?), "\0"
            )),
            function: {
                extern "system" fn $name(
                    env: *mut JNIEnv,
                    _class: jclass,
                    library: jint
                    $(, $argument: $type)*
                ) $(-> $result)? {
                    match table::functions(library) {
                        // This call is not guarded, since the library's function guards itself and this one does
                        // nothing else.
                        // SAFETY: the JVM calls this with its environment and with arguments of the registered
                        // signature; the library's function expects the same.
                        Ok(functions) => unsafe { (functions.$name)(env $(, $argument)*) },
                        // SAFETY: the JVM calls this with its environment.
                        Err(thrown) => unsafe { entry(env, |_| Err(thrown)) },
                    }
                }
                $name as *mut c_void
            },
        },)*];
    };
}

/// A type as the JVM writes it in a method's signature.
macro_rules! signature {
    () => {
        "V"
    };
    (jboolean) => {
        "Z"
    };
    (jint) => {
        "I"
    };
    (jlong) => {
        "J"
    };
    (jbyteArray) => {
        "[B"
    };
    (jlongArray) => {
        "[J"
    };
    (jstring) => {
        "Ljava/lang/String;"
    };
    (JByteBuffer) => {
        "Ljava/nio/ByteBuffer;"
    };
    (JPort) => {
        "Ldev/loopbridge/PortUpcalls;"
    };
}

/// A `ByteBuffer`.
pub(super) type JByteBuffer = jobject;
/// A `PortUpcalls`.
pub(super) type JPort = jobject;

/// Makes a C string of a text that ends with a zero and has no other.
pub(super) const fn c_text(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a zero in a name"),
    }
}

/// Binds methods of class `Native` to this library.
pub(super) fn register<'a>(
    env: Env,
    class: jclass,
    methods: impl Iterator<Item = &'a Method>,
) -> Result<(), Thrown> {
    let native = |method: &Method| JNINativeMethod {
        name: method.name.as_ptr().cast_mut(),
        signature: method.signature.as_ptr().cast_mut(),
        fnPtr: method.function,
    };
    let natives: Vec<_> = methods.map(native).collect();
    env.register(class, &natives)
}
