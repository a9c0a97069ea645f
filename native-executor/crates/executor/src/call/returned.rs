//! The types that functions return.

use std::convert::Infallible;
use std::error::Error;

use loopbridge_protocol::OutcomeKind;

use crate::codec::encoded::{Encoded, Reply};

/// The type that a function's future or closure yields: a [`Reply`], or a [`Result`] of one and any error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no result that goes to Java",
    label = "neither a value that goes to Java nor a `Result` of one"
)]
pub trait Returned: 'static {
    #[doc(hidden)]
    type Value;
    #[doc(hidden)]
    type Error;

    #[doc(hidden)]
    fn write(self, to: &mut Encoded) -> OutcomeKind
    where
        Self::Value: Reply,
        Self::Error: ReturnedError;
}

impl<T: Reply> Returned for T {
    type Value = T;
    type Error = Infallible;

    fn write(self, to: &mut Encoded) -> OutcomeKind {
        to.set(self);
        OutcomeKind::Value
    }
}

/// The error of a [`Result`]: whatever implements [`Error`], and what becomes a boxed one, such as [`String`] or
/// `anyhow::Error`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an error that Java receives",
    label = "the error of this function's `Result`",
    note = "implement `std::error::Error` and `Display` for it, by hand or by a derive, and let it be `Send` and `Sync`; a \
            `String` or a `Box<dyn Error + Send + Sync>` is an error too"
)]
pub trait ReturnedError: Into<Box<dyn Error + Send + Sync>> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>> + Send + 'static> ReturnedError for E {}

impl<T: 'static, E: 'static> Returned for Result<T, E> {
    type Value = T;
    type Error = E;

    fn write(self, to: &mut Encoded) -> OutcomeKind
    where
        T: Reply,
        E: ReturnedError,
    {
        match self {
            Ok(value) => {
                to.set(value);
                OutcomeKind::Value
            }
            Err(error) => {
                let error: Box<dyn Error + Send + Sync> = error.into();
                to.fail_with(&*error, std::any::type_name::<E>())
            }
        }
    }
}
