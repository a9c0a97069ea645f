//! The bytes of a record: values, errors and panics, and the Java memory and objects that they name.

pub(crate) mod arguments;
pub(crate) mod error_chain;
pub(crate) mod failure;
pub(crate) mod java_error;
pub(crate) mod lease;
pub(crate) mod object;
mod tuple;
pub(crate) mod value;
