//! The attributes of the crate `loopbridge`, which re-exports them and documents the whole.
//!
//! | file | |
//! |---|---|
//! | `export` | `#[export]`: functions |
//! | `checks` | mistakes that a function's tokens show |
//! | `methods` | `#[export]` on the `impl` of an object |
//! | `object` | `#[object]`: types of objects |
//! | `options` | the words in the parentheses of `#[export(..)]` |
//! | `types` | types whose tokens alone show that they cannot cross |
//! | `record` | `#[record]`: structs and enums |
//! | `shape` | the fields and variants of these |
//! | `text` | what describes an item in the library's file |
//!
//! A mistake is reported at the token that has to change. What only the compiler knows, such as whether a type crosses,
//! the emitted code asserts at the place of the type.

mod checks;
mod export;
mod methods;
mod object;
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
///
/// # Methods
///
/// On the `impl` of an [`macro@object`], the attribute is for its `pub` functions, and for others that have it themselves;
/// a `pub` function that Java shall not call is in an `impl` without it. A method takes `&self`, since several loops may call at once, and up to seven arguments. A function
/// without `self` is a static method in Java. `Self` as a result is the object for Java, so that such a function makes it.
/// The words in parentheses are given to each function, where the attribute's name alone is enough:
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// /// Counts what passes.
/// #[loopbridge::object]
/// pub struct Counter {
///     count: AtomicU32,
/// }
///
/// #[loopbridge::export]
/// impl Counter {
///     /// Makes one that begins with this number.
///     pub async fn open(first: u32) -> Self {
///         Counter { count: first.into() }
///     }
///
///     /// Counts one more.
///     pub async fn add(&self) -> u32 {
///         self.count.fetch_add(1, Ordering::Relaxed)
///     }
///
///     /// Writes the count to a file.
///     #[export(blocking)]
///     pub fn save(&self, path: String) -> Result<(), std::io::Error> {
///         std::fs::write(path, self.count.load(Ordering::Relaxed).to_string())
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn export(options: TokenStream, item: TokenStream) -> TokenStream {
    export::expand(options.into(), item.into()).into()
}

/// Makes a struct or an enum a type of objects that Java holds, and that all loops of a runtime use: a client, a pool or a
/// database.
///
/// Java has a class for it, with the methods that the type's `impl` has under [`macro@export`]. Several calls may use an
/// object at once, so that it is `Send` and `Sync`. It is dropped when Java has closed it and no call uses it any more, at
/// the latest with its runtime: see `Shared`, which is what a function takes that is no method. The type implements
/// `SharedType` by this attribute. Its name is unique among the types of a library; it has no parameters.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Mutex, PoisonError};
///
/// use loopbridge::Shared;
///
/// /// What is in stock.
/// #[loopbridge::object]
/// #[derive(Default)]
/// pub struct Stock {
///     counts: Mutex<HashMap<String, u32>>,
/// }
///
/// #[loopbridge::export]
/// impl Stock {
///     /// Makes one of nothing.
///     pub async fn open() -> Self {
///         Self::default()
///     }
///
///     /// Counts what is there of a thing.
///     pub async fn count(&self, sku: String) -> u32 {
///         let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
///         counts.get(&sku).copied().unwrap_or(0)
///     }
/// }
///
/// #[loopbridge::export]
/// async fn same(one: Shared<Stock>, other: Shared<Stock>, sku: String) -> bool {
///     one.count(sku.clone()).await == other.count(sku).await
/// }
/// ```
#[proc_macro_attribute]
pub fn object(options: TokenStream, item: TokenStream) -> TokenStream {
    object::expand(options.into(), item.into()).into()
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
