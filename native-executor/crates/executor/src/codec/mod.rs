//! Values, errors and panics as the bytes of a record, and the Java memory and objects that these bytes name.
//!
//! Little endian, untagged, in the order of the signature. Nothing here knows ports, calls or JNI.
//!
//! | file | |
//! |---|---|
//! | `value` | the names of the types in a signature |
//! | `types`, `tuple` | the types that refer to no object; the others are in `java`, `local` and `shared` |
//! | `data`, `reader`, `writer` | values with parts, and their one encoding |
//! | `scalars`, `collections`, `times` | how each type is a part of others |
//! | `blob`, `text` | what describes a library in its file |
//! | `arguments`, `mismatch` | from a record's bytes to values |
//! | `answer` | the answer to an invocation of a handler, which is read when it is awaited |
//! | `encoded`, `outcome` | from a result, or from what came in place of one, to a record's bytes |
//! | `failure`, `error_chain`, `java_error` | errors in both directions |
//! | `lease`, `object` | what a value keeps of its owner loop: lent memory, objects |

pub(crate) mod answer;
pub(crate) mod arguments;
pub(crate) mod blob;
mod collections;
pub(crate) mod data;
pub(crate) mod encoded;
pub(crate) mod error_chain;
pub(crate) mod failure;
pub(crate) mod java_error;
pub(crate) mod lease;
pub(crate) mod mismatch;
pub(crate) mod object;
mod outcome;
pub(crate) mod reader;
mod scalars;
mod text;
mod times;
mod tuple;
pub(crate) mod types;
pub(crate) mod value;
pub(crate) mod writer;
