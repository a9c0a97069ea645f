//! The natives of `Mistakes.java`: mistakes of native code with a JVM, planted to show that suites notice them.

use std::ptr;
use std::thread;

use jni_sys::{JNIEnv, JavaVM, jclass, jint, jobject};

/// Calls a JNI function of an environment.
macro_rules! jni {
    ($env:expr, $function:ident $(, $argument:expr)*) => {
        // SAFETY: each caller passes an environment of the current thread, and the arguments that the function expects.
        unsafe { ((**$env).v1_6.$function)($env $(, $argument)*) }
    };
}

/// Makes this many global references, and never deletes them.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_stress_process_Mistakes_leakGlobals(
    env: *mut JNIEnv,
    _class: jclass,
    object: jobject,
    count: jint,
) {
    for _ in 0..count {
        jni!(env, NewGlobalRef, object);
    }
}

/// Calls the JVM while an exception is pending.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_stress_process_Mistakes_callOnWithAnException(
    env: *mut JNIEnv,
    _class: jclass,
) {
    jni!(env, FindClass, c"no/such/Class".as_ptr());
    jni!(env, FindClass, c"java/lang/Object".as_ptr());
    jni!(env, ExceptionClear);
}

/// Ends a thread that is attached to the JVM.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_stress_process_Mistakes_endAttachedThread(
    env: *mut JNIEnv,
    _class: jclass,
) {
    let mut vm: *mut JavaVM = ptr::null_mut();
    jni!(env, GetJavaVM, &raw mut vm);
    let vm = vm as usize;
    let attached = thread::spawn(move || {
        let vm = vm as *mut JavaVM;
        let mut env = ptr::null_mut();
        // SAFETY: there is one JVM, and it lives as long as this process.
        unsafe { ((**vm).v1_4.AttachCurrentThreadAsDaemon)(vm, &raw mut env, ptr::null_mut()) };
    });
    drop(attached.join());
}
