//! The first poll of a loop-driven future, which may be its only one.
//!
//! A future must not move once it was polled, and may outlive its first poll; so it lies on the heap from the start. The
//! memory of one that was ready is used for the next future of the same size, so that calls that are ready at once
//! allocate nothing.

use std::alloc::{Layout, dealloc};
use std::cell::Cell;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use loopbridge_protocol::OutcomeKind;

use super::poll::{CallPoll, LocalFuture};
use crate::codec::encoded::Encoded;

/// The place in which a half keeps the memory of a future that has ended.
#[derive(Default)]
pub(crate) struct Spare(Cell<Option<Block>>);

/// Memory of a `Box` that holds no value.
struct Block {
    address: NonNull<u8>,
    layout: Layout,
}

impl Block {
    /// Makes the block of a value whose box was leaked; `None` if it takes no memory.
    fn of<F>(value: NonNull<F>) -> Option<Block> {
        let layout = Layout::new::<F>();
        (layout.size() != 0).then(|| Block {
            address: value.cast(),
            layout,
        })
    }

    /// Returns the address; the caller owns the memory then.
    fn into_address(self) -> NonNull<u8> {
        ManuallyDrop::new(self).address
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the block owns this memory, which a `Box` has allocated with this layout.
        unsafe { dealloc(self.address.as_ptr(), self.layout) }
    }
}

impl Spare {
    #[inline]
    fn allocate<F>(&self) -> Box<MaybeUninit<F>> {
        match self.0.take() {
            Some(block) if block.layout == Layout::new::<F>() => {
                let address = block.into_address().cast::<MaybeUninit<F>>();
                // SAFETY: the memory is that of a `Box` of this layout, and nothing else owns it.
                unsafe { Box::from_raw(address.as_ptr()) }
            }
            _ => Box::new_uninit(),
        }
    }
}

/// What the first poll of a call needs.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct FirstPoll<'a> {
    /// `None` if the future is to be polled later.
    pub(crate) context: Option<Context<'a>>,
    pub(crate) encoded: &'a mut Encoded,
    pub(crate) spare: &'a Spare,
    pub(crate) left: &'a mut Left,
}

/// What the first poll of a call leaves.
#[derive(Default)]
pub(crate) struct Left {
    /// The future, if it was not ready or has panicked.
    pub(crate) future: Option<LocalFuture>,
    pub(crate) was_polled: bool,
}

impl FirstPoll<'_> {
    /// Polls the future of the call, unless that is to be done later. If it is ready, it is dropped, so that its drop can
    /// still turn the outcome into a panic. If it panics, it is left to the caller, since its drop may panic too.
    ///
    /// The future is made here, where it stays: copying it there right after it was written costs more than its poll.
    #[inline(always)]
    pub(crate) fn run<F>(&mut self, future: impl FnOnce() -> F) -> Poll<OutcomeKind>
    where
        F: CallPoll + 'static,
    {
        let memory = self.spare.allocate();
        let mut placed = Placed {
            future: ManuallyDrop::new(Box::into_pin(Box::write(memory, future()))),
            left: &mut self.left.future,
        };
        let Some(context) = &mut self.context else {
            return Poll::Pending;
        };
        self.left.was_polled = true;
        fault!(panic "poll");
        let polled = placed.future.as_mut().poll_into(context, self.encoded);
        if polled.is_ready() {
            fault!(panic "encoded");
            placed.drop_future(self.spare);
        }
        polled
    }
}

/// A future in its memory. Its drop, also by a panic, leaves the future to the caller.
struct Placed<'a, F: CallPoll + 'static> {
    future: ManuallyDrop<Pin<Box<F>>>,
    left: &'a mut Option<LocalFuture>,
}

impl<F: CallPoll + 'static> Placed<'_, F> {
    /// Drops the future, and keeps its memory.
    #[inline]
    fn drop_future(mut self, spare: &Spare) {
        // SAFETY: `self` is forgotten, so that nothing uses the field again.
        let future = unsafe { ManuallyDrop::take(&mut self.future) };
        mem::forget(self);
        // SAFETY: the future is not moved: it is dropped where it lies.
        let future = NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(future) }));
        let block = Block::of(future);
        // SAFETY: the future is there, and is dropped once. If that panics, the block is freed without it.
        unsafe { future.drop_in_place() };
        if block.is_some() {
            spare.0.set(block);
        }
    }
}

impl<F: CallPoll + 'static> Drop for Placed<'_, F> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: nothing uses the field after this.
        let future = unsafe { ManuallyDrop::take(&mut self.future) };
        *self.left = Some(future);
    }
}
