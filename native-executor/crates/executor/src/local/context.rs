//! Tokio's context on the thread of a loop: it stays entered between two calls, since entering and leaving it costs
//! more than all else that starts a call.
//!
//! A thread keeps the context of one runtime: of the first whose loop-driven code runs there, until that has no half on
//! the thread any more. Calls of further runtimes enter and leave theirs.
//!
//! Tokio's contexts are a stack, and the kept one is its bottom: it is entered only where no other is. Code that enters
//! a context and leaves it again is not affected, whether its call or another one's runs in between. A nested call,
//! which runs inside another's poll, enters a context of its own, since user code in that poll may have entered
//! another. What a kept context changes is that code of the same library that runs on the thread between the calls, in
//! a destructor or in native methods of its own, finds this runtime's context where it found none. Whether a runtime
//! may be closed on a thread is decided without the kept context ([`leave`]).

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use tokio::runtime::{EnterGuard, Handle, Id};

use super::half::LoopHalf;
use crate::panics;

thread_local! {
    pub(super) static RUNNING: Running = const {
        Running {
            half: Cell::new(None),
            kept: Cell::new(None),
            leaving: Cell::new(false),
            found: Cell::new(None),
        }
    };
    /// What keeps a context entered, also if it is to be left as soon as that is possible. It has no destructor: that
    /// might run after the one of Tokio's variables, which the guard needs. The end of the thread's halves leaves it.
    static KEPT: RefCell<Option<ManuallyDrop<Kept>>> = const { RefCell::new(None) };
}

/// What each call looks at: together, since in a loaded library each access to a variable of the thread is a call of the
/// dynamic linker. It has no destructor, so that a thread that is ending can still read it.
pub(super) struct Running {
    /// The half whose code runs on this thread.
    pub(super) half: Cell<Option<NonNull<LoopHalf>>>,
    /// The runtime whose context stays entered.
    pub(super) kept: Cell<Option<Id>>,
    /// True if this thread is ending: it has left the JVM, and must not enter it again.
    leaving: Cell<bool>,
    /// The half that was found last, with its handle, while it is one of the thread's; `None` if this thread never had
    /// one. So a thread that has none does not change the order in which its other variables are destroyed.
    pub(super) found: Cell<Option<(i64, *const LoopHalf)>>,
}

/// Runs `work` with the half whose code runs on this thread.
pub(super) fn with_current<R>(work: impl FnOnce(&LoopHalf) -> R) -> Option<R> {
    let current = RUNNING.with(|running| running.half.get());
    // SAFETY: `Entered` borrows the half for as long as its address stands here, and this thread is in it.
    current.map(|half| work(unsafe { half.as_ref() }))
}

/// A context that stays entered. The guard is dropped before the handle that it refers to.
struct Kept {
    _guard: EnterGuard<'static>,
    handle: Box<Handle>,
}

impl Kept {
    fn enter(handle: &Handle) -> Kept {
        let handle = Box::new(handle.clone());
        // SAFETY: the handle stays where it is until `Kept` is dropped, and the guard is dropped first.
        let lasting: &'static Handle = unsafe { &*std::ptr::from_ref(&*handle) };
        Kept {
            _guard: lasting.enter(),
            handle,
        }
    }
}

/// Enters the context to stay, if the thread keeps no other and is in none. Returns whether that was done. For code that
/// is not nested in a half's.
#[cold]
pub(super) fn keep(handle: &Handle) -> bool {
    if RUNNING.with(|running| running.leaving.get() || running.kept.get().is_some()) {
        return false;
    }
    leave();
    let kept = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let free = kept.is_none() && Handle::try_current().is_err();
        if free {
            *kept = Some(ManuallyDrop::new(Kept::enter(handle)));
        }
        free
    });
    let kept = kept == Ok(true);
    if kept {
        RUNNING.with(|running| running.kept.set(Some(handle.id())));
    }
    kept
}

/// Returns whether this thread must not be attached to the JVM, since it is ending.
pub(crate) fn is_leaving() -> bool {
    RUNNING.with(|running| running.leaving.get())
}

/// Leaves the kept context, and keeps none any more: the thread's variables are being destroyed.
pub(super) fn thread_is_ending() {
    RUNNING.with(|running| running.leaving.set(true));
    leave();
}

/// Leaves the kept context, unless code of a half's or another context is above it: then a later call leaves it.
pub(crate) fn leave() {
    RUNNING.with(|running| running.kept.set(None));
    if with_current(|_| ()).is_some() {
        return;
    }
    let left = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let top = Handle::try_current().ok().map(|handle| handle.id());
        kept.take_if(|kept| top.is_none() || top == Some(kept.handle.id()))
    });
    // A guard panics if user code has left another above it. Tokio's variables may be destroyed if the thread is ending.
    let _ = panics::catch(|| drop(left.ok().flatten().map(ManuallyDrop::into_inner)));
}
