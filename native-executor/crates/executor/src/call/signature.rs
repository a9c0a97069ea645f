//! The rules for the types of a function: one trait for each rule, so that the compiler names the rule that is broken.
//!
//! A function's own trait, such as [`AsyncFunction`](crate::AsyncFunction), has one implementation, for every function
//! that keeps all rules. The compiler then tries that implementation and reports the rule that fails. With one
//! implementation for each number of arguments it could only report that none of them fits.

use std::future::Future;

use loopbridge_protocol::OutcomeKind;

use super::returned::{Returned, ReturnedError};
use crate::codec::arguments::{Argument, Arguments, Words};
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::mismatch::Mismatch;
use crate::codec::value::{Value, ValueType};

/// A closure or function of up to eight arguments, by value.
#[doc(hidden)]
pub trait Callable<A> {
    type Returns;

    fn call(&self, arguments: A) -> Self::Returns;
}

/// All arguments of a function, as a tuple.
#[doc(hidden)]
pub trait ArgumentList: Sized + 'static {
    const TYPES: &'static [ValueType];

    /// Reads all arguments, also those behind one that does not fit: a handler there has to be taken and dropped.
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch>;

    /// Reads all arguments; `None` if some are not of a fixed size, or the words are not those of such arguments.
    fn of_words(from: &mut Words) -> Option<Self>;
}

/// An [`ArgumentList`] of values that may leave their loop.
#[doc(hidden)]
pub trait LeavingList: Send {}

/// A value that may leave the thread of its loop.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot leave its loop, as it would in a function that Tokio drives",
    label = "bound to the thread of its loop",
    note = "a function that takes or returns a `Local` is exported by #[loopbridge::export(local)] or registered by \
            `local`, and runs on the loop's own thread"
)]
#[doc(hidden)]
pub trait LeavesLoop: Send {}

#[diagnostic::do_not_recommend]
impl<T: Send> LeavesLoop for T {}

/// The type that an asynchronous or loop-driven function returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no future, and this registers an asynchronous function",
    label = "the function returns no future",
    note = "make it an `async fn`, or a closure that returns `async move {{ .. }}`",
    note = "one that blocks or computes is registered by `blocking` as it is"
)]
#[doc(hidden)]
pub trait Awaitable: Future<Output = Self::Value> {
    type Value;
}

#[diagnostic::do_not_recommend]
impl<R: Future> Awaitable for R {
    type Value = R::Output;
}

/// The type that a blocking function returns: a [`Returned`] whose parts go to Java.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no result of a blocking function",
    label = "the function returns what does not go to Java",
    note = "an `async fn` is registered by `function`, by `heavy` or, to run on the loop's own thread, by `local`",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "a `Result` has an error that implements `std::error::Error`",
    note = "return `String` in place of `&str`, a `Vec` or `Bytes` in place of a slice, and `i64` in place of `isize`, \
            `usize` or a longer integer"
)]
#[doc(hidden)]
pub trait Immediate {
    const RESULT: ValueType;

    fn write_to(self, to: &mut Encoded) -> OutcomeKind;
}

#[diagnostic::do_not_recommend]
impl<R: Returned<Value: Reply, Error: ReturnedError>> Immediate for R {
    const RESULT: ValueType = <R::Value as Value>::TYPE;

    #[inline]
    fn write_to(self, to: &mut Encoded) -> OutcomeKind {
        Returned::write(self, to)
    }
}

macro_rules! arity {
    ($($type:ident $name:ident),*) => {
        impl<Fun, R, $($type,)*> Callable<($($type,)*)> for Fun
        where
            Fun: Fn($($type),*) -> R,
        {
            type Returns = R;

            #[inline]
            fn call(&self, ($($name,)*): ($($type,)*)) -> R {
                self($($name),*)
            }
        }

        impl<$($type: Argument,)*> ArgumentList for ($($type,)*) {
            const TYPES: &'static [ValueType] = &[$(<$type as Value>::TYPE),*];

            #[inline]
            fn read(arguments: &mut Arguments<'_>) -> Result<Self, Mismatch> {
                $(let $name = arguments.next::<$type>();)*
                $(let $name = $name?;)*
                arguments.finish()?;
                Ok(($($name,)*))
            }

            #[inline]
            fn of_words(words: &mut Words) -> Option<Self> {
                $(let $name = <$type as Argument>::of_words(words)?;)*
                words.is_empty().then_some(($($name,)*))
            }
        }

        impl<$($type: LeavesLoop,)*> LeavingList for ($($type,)*) {}
    };
}

arity!();
arity!(A a);
arity!(A a, B b);
arity!(A a, B b, C c);
arity!(A a, B b, C c, D d);
arity!(A a, B b, C c, D d, E e);
arity!(A a, B b, C c, D d, E e, F f);
arity!(A a, B b, C c, D d, E e, F f, G g);
arity!(A a, B b, C c, D d, E e, F f, G g, H h);
