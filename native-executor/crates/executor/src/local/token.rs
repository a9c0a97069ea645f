//! The proof of being on an owner loop.

use std::fmt;
use std::marker::PhantomData;

use super::{Local, with_current};

/// Proof that the code which has it runs on an owner loop, for as long as `'loop_` lasts.
///
/// A function that takes one can be called on a loop only, which its callers need not be told in words. The lifetime is
/// of this token alone: what one token gave access to cannot be used with another.
///
/// ```
/// use std::cell::Cell;
///
/// use loopbridge::{Local, OnLoop, on_loop};
///
/// fn count(on: OnLoop<'_>, visits: &Local<Cell<u32>>) -> u32 {
///     let visits = visits.here(on);
///     visits.get(on).set(visits.get(on).get() + 1);
///     visits.get(on).get()
/// }
///
/// assert!(on_loop(|_| ()).is_none(), "this thread runs no loop-driven function");
/// ```
///
/// ```compile_fail
/// # use loopbridge::{Local, OnLoop};
/// fn mixed<'a, 'b>(text: &Local<String>, here: OnLoop<'a>, there: OnLoop<'b>) -> usize {
///     text.here(here).get(there).len()
/// }
/// ```
#[derive(Clone, Copy)]
pub struct OnLoop<'loop_> {
    /// Invariant in the lifetime, and of this thread.
    brand: PhantomData<*mut &'loop_ ()>,
}

/// Runs `work` with the proof; `None` where no loop-driven function runs.
pub fn on_loop<R>(work: impl for<'loop_> FnOnce(OnLoop<'loop_>) -> R) -> Option<R> {
    with_current(|_| work(OnLoop { brand: PhantomData }))
}

impl fmt::Debug for OnLoop<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OnLoop")
    }
}

/// A pinned object within the reach of one token.
pub struct Here<'loop_, T: 'static> {
    object: Local<T>,
    on: OnLoop<'loop_>,
}

impl<T> Local<T> {
    /// The object within the reach of `on`.
    pub fn here<'loop_>(&self, on: OnLoop<'loop_>) -> Here<'loop_, T> {
        Here {
            object: self.clone(),
            on,
        }
    }
}

impl<'loop_, T> Here<'loop_, T> {
    /// The object, for who has the same token.
    pub fn get(&self, _on: OnLoop<'loop_>) -> &T {
        &self.object
    }
}

impl<T> fmt::Debug for Here<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Here({:?})", self.on)
    }
}
