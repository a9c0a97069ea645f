//! The kinds of functions that a registry takes, each a trait that all suitable closures and functions have.

use std::task::Poll;

use loopbridge_protocol::OutcomeKind;

use super::first_local_poll::FirstPoll;
use super::poll::{CallFuture, CallWork, call_of};
use super::returned::{Returned, ReturnedError};
use super::signature::{ArgumentList, Awaitable, Callable, Immediate, LeavesLoop, LeavingList};
use crate::codec::arguments::{Arguments, Words};
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::mismatch::Mismatch;
use crate::codec::value::{Value, ValueType};

/// A closure or function of up to eight [`Argument`](crate::Argument)s that returns a `Send` future of a
/// [`Reply`](crate::Reply), or of a [`Result`] of one: what [`Registry::function`](crate::Registry::function) and [`Registry::heavy`](crate::Registry::heavy) take.
///
/// A function that returns a value and no future is registered by [`Registry::blocking`](crate::Registry::blocking); one that takes or returns a
/// [`Local`](crate::Local), or whose future is not `Send`, by [`Registry::local`](crate::Registry::local).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no asynchronous function that Java can call",
    label = "no `async fn` of up to eight arguments",
    note = "a function takes at most eight arguments: put some of them into a struct with #[loopbridge::record]",
    note = "it is registered by its name, such as `add`, not by a call of it, such as `add(1, 2)`"
)]
pub trait AsyncFunction<A>: Send + Sync + 'static {
    #[doc(hidden)]
    const ARGUMENTS: &'static [ValueType];
    #[doc(hidden)]
    const RESULT: ValueType;

    #[doc(hidden)]
    fn prepare(&'static self, arguments: &mut Arguments<'_>) -> Result<CallFuture, Mismatch>;
}

impl<F, A> AsyncFunction<A> for F
where
    F: Callable<A> + Send + Sync + 'static,
    A: ArgumentList + LeavingList,
    F::Returns: Awaitable + Send + 'static,
    <F::Returns as Awaitable>::Value: Returned<Value: Reply, Error: ReturnedError> + LeavesLoop,
{
    const ARGUMENTS: &'static [ValueType] = A::TYPES;
    const RESULT: ValueType =
        <<<F::Returns as Awaitable>::Value as Returned>::Value as Value>::TYPE;

    fn prepare(&'static self, arguments: &mut Arguments<'_>) -> Result<CallFuture, Mismatch> {
        let arguments = A::read(arguments)?;
        Ok(call_of(async move { self.call(arguments).await }))
    }
}

/// A closure or function of up to eight [`Argument`](crate::Argument)s that returns a future of a
/// [`Reply`](crate::Reply), or of a [`Result`] of one; nothing of it need be `Send` but the closure itself: what
/// [`Registry::local`](crate::Registry::local) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loop-driven function that Java can call",
    label = "no `async fn` of up to eight arguments",
    note = "a function takes at most eight arguments: put some of them into a struct with #[loopbridge::record]",
    note = "it is registered by its name, such as `add`, not by a call of it, such as `add(1, 2)`"
)]
pub trait LocalFunction<A>: Send + Sync + 'static {
    #[doc(hidden)]
    const ARGUMENTS: &'static [ValueType];
    #[doc(hidden)]
    const RESULT: ValueType;

    #[doc(hidden)]
    fn start(
        &'static self,
        arguments: &mut Arguments<'_>,
        first: &mut FirstPoll<'_>,
    ) -> Result<Poll<OutcomeKind>, Mismatch>;
    #[doc(hidden)]
    fn start_words(
        &'static self,
        words: &mut Words,
        first: &mut FirstPoll<'_>,
    ) -> Option<Poll<OutcomeKind>>;
}

impl<F, A> LocalFunction<A> for F
where
    F: Callable<A> + Send + Sync + 'static,
    A: ArgumentList,
    F::Returns: Awaitable + 'static,
    <F::Returns as Awaitable>::Value: Returned<Value: Reply, Error: ReturnedError>,
{
    const ARGUMENTS: &'static [ValueType] = A::TYPES;
    const RESULT: ValueType =
        <<<F::Returns as Awaitable>::Value as Returned>::Value as Value>::TYPE;

    #[inline]
    fn start(
        &'static self,
        arguments: &mut Arguments<'_>,
        first: &mut FirstPoll<'_>,
    ) -> Result<Poll<OutcomeKind>, Mismatch> {
        let arguments = A::read(arguments)?;
        Ok(first.run(|| future_of(self, arguments)))
    }

    #[inline]
    fn start_words(
        &'static self,
        words: &mut Words,
        first: &mut FirstPoll<'_>,
    ) -> Option<Poll<OutcomeKind>> {
        let arguments = A::of_words(words)?;
        Some(first.run(|| future_of(self, arguments)))
    }
}

/// Makes the future of a call. The function itself is called at the first poll.
#[inline(always)]
#[expect(
    clippy::manual_async_fn,
    reason = "the future of an `async fn` has room for each argument twice"
)]
fn future_of<F, A>(
    function: &'static F,
    arguments: A,
) -> impl Future<Output = <F::Returns as Future>::Output>
where
    F: Callable<A>,
    F::Returns: Future,
{
    async move { function.call(arguments).await }
}

/// A closure or function of up to eight [`Argument`](crate::Argument)s that returns a [`Reply`](crate::Reply), or a
/// [`Result`] of one: what [`Registry::blocking`](crate::Registry::blocking) takes.
///
/// An `async fn` is registered by [`Registry::function`](crate::Registry::function).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no blocking function that Java can call",
    label = "no function of up to eight arguments",
    note = "a function takes at most eight arguments: put some of them into a struct with #[loopbridge::record]",
    note = "it is registered by its name, such as `add`, not by a call of it, such as `add(1, 2)`"
)]
pub trait BlockingFunction<A>: Send + Sync + 'static {
    #[doc(hidden)]
    const ARGUMENTS: &'static [ValueType];
    #[doc(hidden)]
    const RESULT: ValueType;

    #[doc(hidden)]
    fn prepare(&'static self, arguments: &mut Arguments<'_>) -> Result<CallWork, Mismatch>;
}

impl<F, A> BlockingFunction<A> for F
where
    F: Callable<A> + Send + Sync + 'static,
    A: ArgumentList + LeavingList,
    F::Returns: Immediate + LeavesLoop,
{
    const ARGUMENTS: &'static [ValueType] = A::TYPES;
    const RESULT: ValueType = <F::Returns as Immediate>::RESULT;

    fn prepare(&'static self, arguments: &mut Arguments<'_>) -> Result<CallWork, Mismatch> {
        let arguments = A::read(arguments)?;
        Ok(Box::new(move |to: &mut Encoded| {
            self.call(arguments).write_to(to)
        }))
    }
}
