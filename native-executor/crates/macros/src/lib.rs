//! The attributes of the crate `loopbridge`, which re-exports them and documents the whole.
//!
//! | file | |
//! |---|---|
//! | `export` | `#[export]`: functions |
//! | `options` | the words in the parentheses of `#[export(..)]` |
//! | `types` | types that cannot cross, as far as their tokens tell |
//! | `record` | `#[record]`: structs and enums |
//! | `shape` | the fields and variants of these |
//! | `text` | what describes an item in the library's file |
//!
//! A mistake is reported at the token that has to change. What only the compiler knows, such as whether a type crosses,
//! the emitted code asserts at the place of the type.

mod export;
mod options;
mod record;
mod shape;
mod text;
mod types;

use proc_macro::TokenStream;

/// Lets Java call a function.
///
/// Each call of an `async fn` is polled once at once, by the thread that receives calls, and becomes a task only if it is
/// not ready then. Words in parentheses choose where the calls run, and another name:
///
/// | attribute | function | its calls |
/// |---|---|---|
/// | `#[export]` | `async fn` | are driven by Tokio, see `Registry::function` |
/// | `#[export(heavy)]` | `async fn` | are tasks from the start: for polls that compute for long, see `Registry::heavy` |
/// | `#[export(blocking)]` | `fn` | run on the blocking threads, see `Registry::blocking` |
/// | `#[export(local)]` | `async fn` | are polled by their loop's own thread, see `Registry::local` |
/// | `#[export(name = "..")]` | each of these | have this name in place of the function's own |
///
/// Arguments are up to eight, of types that implement `Argument`; the result is a `Reply`, or a `Result` of one and any
/// error. The function's documentation is carried to Java. Rust code may still call the function.
///
/// ```
/// use std::io;
///
/// /// Counts the lines of a file.
/// #[loopbridge::export]
/// async fn count_lines(path: String) -> Result<u32, io::Error> {
///     # let _ = path;
///     // ... await what Tokio offers
///     Ok(0)
/// }
///
/// /// Sorts numbers, which takes long.
/// #[loopbridge::export(blocking, name = "sorted")]
/// fn sort(mut numbers: Vec<i64>) -> Vec<i64> {
///     numbers.sort_unstable();
///     numbers
/// }
/// ```
#[proc_macro_attribute]
pub fn export(options: TokenStream, item: TokenStream) -> TokenStream {
    export::expand(options.into(), item.into()).into()
}

/// Lets a struct or an enum cross between Rust and Java, as an argument, as a result, and in other values.
///
/// A struct is a `record` in Java, an enum whose variants have no fields is an `enum`, and another enum is a sealed
/// interface with a record for each variant. The fields are of types that implement `Data`; a type that contains itself
/// does so by a `Vec`, an `Option<Box<..>>` or, in an enum, a `Box`. The type has no parameters. Its name is unique among
/// those of a library. Documentation of the type, its fields and variants is carried to Java.
///
/// The value is copied when it crosses. It has the traits that its author derives, and no others are needed.
///
/// ```
/// /// What a customer wants.
/// #[loopbridge::record]
/// struct NewOrder {
///     customer: String,
///     items: Vec<Item>,
///     /// For the one who packs it.
///     note: Option<String>,
/// }
///
/// #[loopbridge::record]
/// struct Item {
///     sku: String,
///     quantity: u32,
/// }
///
/// #[loopbridge::record]
/// enum Status {
///     Open,
///     Shipped { carrier: String, tracking: String },
/// }
///
/// #[loopbridge::export]
/// async fn place(order: NewOrder) -> Status {
///     # let _ = order;
///     Status::Open
/// }
/// ```
#[proc_macro_attribute]
pub fn record(options: TokenStream, item: TokenStream) -> TokenStream {
    record::mark(options.into(), item.into()).into()
}

/// What [`macro@record`] stands for. It is a derive, so that fields with `cfg` are gone before it sees them.
#[doc(hidden)]
#[proc_macro_derive(Record)]
pub fn derive_record(item: TokenStream) -> TokenStream {
    record::derive(item.into()).into()
}
