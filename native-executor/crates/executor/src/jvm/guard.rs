//! The guard around every entry: a panic or a failure becomes a Java exception, and a pending exception is never
//! replaced (rule 9).

use jni_sys::JNIEnv;

use super::env::Env;
use super::loaded::jvm;
use super::thrown::{Thrown, java_text};
use crate::panics;

/// Runs an entry's body; on failure an exception is pending and the result is the type's default, which Java ignores.
///
/// # Safety
///
/// `raw` is the environment that the JVM passed to the entry.
pub(super) unsafe fn entry<R: Returnable>(
    raw: *mut JNIEnv,
    body: impl FnOnce(Env) -> Result<R, Thrown>,
) -> R {
    // SAFETY: by this function's contract.
    let env = unsafe { Env::new(raw) };
    // seed M17
    let thrown = match panics::catch(|| body(env)) {
        Ok(Ok(value)) => return value,
        Ok(Err(thrown)) => thrown,
        Err(panic) => Thrown::panic(&panic),
    };
    // Throwing runs no user code; it is guarded all the same, since a panic must never leave this frame.
    let _ = panics::catch(|| throw(env, thrown));
    R::NOTHING
}

/// A type that an entry may return to Java.
pub(super) trait Returnable {
    /// The value that is returned while an exception is pending; Java ignores it.
    const NOTHING: Self;
}

impl Returnable for () {
    const NOTHING: () = ();
}
impl Returnable for bool {
    const NOTHING: bool = false;
}
impl Returnable for i32 {
    const NOTHING: i32 = 0;
}
impl Returnable for i64 {
    const NOTHING: i64 = 0;
}
impl<T> Returnable for *mut T {
    const NOTHING: *mut T = std::ptr::null_mut();
}

/// Makes the exception pending, unless there is a pending one.
pub(super) fn throw(env: Env, thrown: Thrown) {
    if let Thrown::New(kind, message) = thrown
        && let Some(jvm) = jvm()
        && !env.is_exception_pending()
    {
        jvm.with_class(env, kind, |class| {
            env.throw_new(class, &java_text(&message))
        });
    }
}
