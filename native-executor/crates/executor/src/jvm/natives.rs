//! The native methods of `Native.java`: the library they name is looked up, and its own function called.

use std::ffi::{CStr, c_void};

use jni_sys::{
    JNIEnv, JNINativeMethod, jboolean, jbyteArray, jclass, jint, jlong, jlongArray, jobject,
    jstring,
};

use super::env::Env;
use super::guard::{Thrown, entry};
use super::table;

/// Binds the methods of class `Native` to this library.
pub(super) fn register(env: Env, class: jclass) -> Result<(), Thrown> {
    let natives = METHODS.map(|(name, signature, function)| JNINativeMethod {
        name: name.as_ptr().cast_mut(),
        signature: signature.as_ptr().cast_mut(),
        fnPtr: function.0,
    });
    env.register(class, &natives)
}

struct Function(*mut c_void);

/// Every native method: name, signature, function.
const METHODS: [(&CStr, &CStr, Function); 22] = [
    (
        c"install",
        c"(Ljava/nio/ByteBuffer;)I",
        Function(install as *mut c_void),
    ),
    (c"describe", c"(I)[B", Function(describe as *mut c_void)),
    (
        c"runtimeOpen",
        c"(IIIJLjava/lang/String;)J",
        Function(runtime_open as *mut c_void),
    ),
    (
        c"runtimeShutdown",
        c"(IJJ)I",
        Function(runtime_shutdown as *mut c_void),
    ),
    (
        c"runtimeCounters",
        c"(IJ[J)V",
        Function(runtime_counters as *mut c_void),
    ),
    (
        c"memoryMap",
        c"(IJ[J)Ljava/nio/ByteBuffer;",
        Function(memory_map as *mut c_void),
    ),
    (
        c"memoryUnmap",
        c"(IJ)V",
        Function(memory_unmap as *mut c_void),
    ),
    (
        c"portOpen",
        c"(IJLdev/loopbridge/Port;JIIIJ)J",
        Function(port_open as *mut c_void),
    ),
    (c"portWake", c"(IJ)V", Function(port_wake as *mut c_void)),
    (c"portOwe", c"(IJ)Z", Function(port_owe as *mut c_void)),
    (c"portClose", c"(IJ)V", Function(port_close as *mut c_void)),
    (
        c"payloadView",
        c"(IJJ)Ljava/nio/ByteBuffer;",
        Function(payload_view as *mut c_void),
    ),
    (
        c"payloadTake",
        c"(IJJ)[B",
        Function(payload_take as *mut c_void),
    ),
    (
        c"payloadRelease",
        c"(IJJ)V",
        Function(payload_release as *mut c_void),
    ),
    (
        c"payloadGive",
        c"(IJ[B)J",
        Function(payload_give as *mut c_void),
    ),
    (
        c"localStart",
        c"(IJZ)I",
        Function(local_start as *mut c_void),
    ),
    (
        c"localPoll",
        c"(IJII)I",
        Function(local_poll as *mut c_void),
    ),
    (
        c"localCancel",
        c"(IJII)I",
        Function(local_cancel as *mut c_void),
    ),
    (
        c"localRelease",
        c"(IJII)V",
        Function(local_release as *mut c_void),
    ),
    (c"localEnd", c"(IJ)V", Function(local_end as *mut c_void)),
    (
        c"address",
        c"(ILjava/nio/ByteBuffer;)J",
        Function(address as *mut c_void),
    ),
    (c"gateClose", c"(IJ)V", Function(gate_close as *mut c_void)),
];

extern "system" fn install(env: *mut JNIEnv, _class: jclass, buffer: jobject) -> jint {
    // SAFETY: the JVM calls this with its environment.
    unsafe {
        entry(env, |env| {
            let (address, bytes) = env.direct_memory(buffer)?;
            table::install(address, bytes)
        })
    }
}

/// A native method that passes its arguments on to the library it names.
macro_rules! dispatch {
    ($function:ident($($name:ident: $type:ty),*) $(-> $result:ty)?) => {
        extern "system" fn $function(
            env: *mut JNIEnv,
            _class: jclass,
            library: jint,
            $($name: $type),*
        ) $(-> $result)? {
            match table::functions(library) {
                // Not guarded here: the library's function is, and this one does nothing else.
                // SAFETY: the JVM calls this with its environment and with arguments of the registered signature; the
                // library's function expects the same.
                Ok(functions) => unsafe { (functions.$function)(env, $($name),*) },
                // SAFETY: the JVM calls this with its environment.
                Err(thrown) => unsafe { entry(env, |_| Err(thrown)) },
            }
        }
    };
}

dispatch!(describe() -> jbyteArray);
dispatch!(runtime_open(workers: jint, blocking: jint, linger_nanos: jlong, name: jstring) -> jlong);
dispatch!(runtime_shutdown(runtime: jlong, timeout_millis: jlong) -> jint);
dispatch!(runtime_counters(runtime: jlong, into: jlongArray));
dispatch!(memory_map(bytes: jlong, into: jlongArray) -> jobject);
dispatch!(memory_unmap(memory: jlong));
dispatch!(
    port_open(
        runtime: jlong,
        port: jobject,
        memory: jlong,
        submission_capacity: jint,
        completion_capacity: jint,
        slots: jint,
        max_payload_bytes: jlong
    ) -> jlong
);
dispatch!(port_wake(port: jlong));
dispatch!(port_owe(port: jlong) -> jboolean);
dispatch!(port_close(port: jlong));
dispatch!(payload_view(port: jlong, ticket: jlong) -> jobject);
dispatch!(payload_take(port: jlong, ticket: jlong) -> jbyteArray);
dispatch!(payload_release(port: jlong, ticket: jlong));
dispatch!(payload_give(port: jlong, bytes: jbyteArray) -> jlong);
dispatch!(local_start(port: jlong, later: jboolean) -> jint);
dispatch!(local_poll(port: jlong, slot: jint, generation: jint) -> jint);
dispatch!(local_cancel(port: jlong, slot: jint, generation: jint) -> jint);
dispatch!(local_release(port: jlong, slot: jint, generation: jint));
dispatch!(local_end(port: jlong));
dispatch!(address(buffer: jobject) -> jlong);
dispatch!(gate_close(runtime: jlong));
