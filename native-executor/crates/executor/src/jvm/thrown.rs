//! Exceptions that a native method is to throw.

use std::ffi::CString;

use crate::panics::Panic;

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
        let message = format!("{} (at {})", panic.text(), panic.place());
        Thrown::New(Kind::Panic, message)
    }

    pub(super) fn exhausted(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::SystemLimit, message.into())
    }

    pub(super) fn state(message: impl Into<String>) -> Thrown {
        Thrown::New(Kind::IllegalState, message.into())
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
