//! The guard around every entry: a panic or a failure becomes a Java exception, and a pending exception is never
//! replaced (rule 9).

use std::ffi::CString;

use jni_sys::JNIEnv;

use super::env::Env;
use crate::panics::{self, Panic};

/// Why an entry did not return a value.
#[derive(Debug)]
pub(super) enum Thrown {
    /// A Java exception is pending already.
    Pending,
    /// An exception of this kind is to be thrown.
    New(Kind, String),
}

/// The exceptions that entries throw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    InvalidHandle,
    IllegalArgument,
    NullPointer,
    IllegalState,
    SystemLimit,
    OutOfMemory,
    Panic,
}

impl Thrown {
    pub(super) fn handle(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::InvalidHandle, message.into())
    }

    pub(super) fn argument(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::IllegalArgument, message.into())
    }

    pub(super) fn null(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::NullPointer, message.into())
    }

    pub(super) fn memory(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::OutOfMemory, message.into())
    }

    pub(super) fn panic(panic: &Panic) -> Thrown {
        let failure = panic.failure();
        let message = format!("{} (at {})", failure.message, failure.location);
        Thrown::New(Kind::Panic, message)
    }

    pub(super) fn exhausted(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::SystemLimit, message.into())
    }

    pub(super) fn state(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::IllegalState, message.into())
    }
}

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
        && let Some(jvm) = super::jvm()
        && !env.is_exception_pending()
    {
        jvm.with_class(env, kind, |class| {
            env.throw_new(class, &java_text(&message))
        });
    }
}

/// Encodes the message in the modified UTF-8 that JNI takes: no NUL, and no code point beyond 16 bits.
pub(super) fn java_text(message: &str) -> CString {
    let plain = |c: char| match c {
        '\0' => '\u{2400}',
        c if u32::from(c) > 0xffff => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    CString::new(message.chars().map(plain).collect::<String>()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_jni_can_read() {
        assert_eq!(
            java_text("plain \u{e4}\u{20ac}").as_bytes(),
            "plain \u{e4}\u{20ac}".as_bytes()
        );
        assert_eq!(
            java_text("a\0b\u{1f980}").as_bytes(),
            "a\u{2400}b\u{fffd}".as_bytes()
        );
    }
}
