//! Panics of user code: caught, with their exact text and place (rule 9).
//!
//! One hook per library records where a panic began while bridge code polls, calls or drops user code on that thread.
//! It prints nothing, because the panic is reported in Java. All other panics go on to the hook that was installed
//! before.
//!
//! The error that Java gets contains the panic's ticket, so that the panic resumes with its own payload if Java answers
//! Rust with that error. For this the runtime keeps its last few panics; their number is bounded, so that Java need not
//! give any back.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// How many panics a runtime keeps.
pub(crate) const KEPT: usize = 64;

thread_local! {
    /// How many calls of `catch` run on this thread.
    static WATCHING: Cell<u32> = const { Cell::new(0) };
    /// Where the last panic under a `catch` began.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Installs the hook, once.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if WATCHING.try_with(Cell::get).unwrap_or(0) == 0 {
                return previous(panic);
            }
            let place = panic.location().map(ToString::to_string);
            // A thread that is ending has no variable left to record the place in; the panic's text is reported all the
            // same.
            let _ = PLACE.try_with(|noted| noted.replace(place));
        }));
    });
}

/// Runs user code, and catches its panic.
pub(crate) fn catch<R>(user_code: impl FnOnce() -> R) -> Result<R, Box<Panic>> {
    Watch::here().catch(user_code)
}

/// Catches panics on one thread. In a loaded library each access to a variable of the thread is a call of the dynamic
/// linker, so that code which runs for each call keeps one of these.
#[derive(Clone, Copy)]
pub(crate) struct Watch {
    /// The thread's own. A pointer, so that this value cannot leave the thread.
    watching: NonNull<Cell<u32>>,
}

impl Watch {
    /// Makes the one of the calling thread.
    #[inline]
    pub(crate) fn here() -> Watch {
        Watch {
            watching: WATCHING.with(|watching| NonNull::from(watching)),
        }
    }

    /// Runs user code, and catches its panic.
    #[inline]
    pub(crate) fn catch<R>(self, user_code: impl FnOnce() -> R) -> Result<R, Box<Panic>> {
        // SAFETY: this value stays on its thread, whose variable has no destructor.
        let watching = unsafe { self.watching.as_ref() };
        watching.set(watching.get() + 1);
        // Asserted because state that user code leaves half changed is never used again: its future or closure is
        // dropped.
        let result = panic::catch_unwind(AssertUnwindSafe(user_code));
        watching.set(watching.get() - 1);
        result.map_err(caught)
    }
}

#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Box<Panic> {
    let place = PLACE.try_with(RefCell::take).ok().flatten();
    Box::new(Panic {
        place: place.unwrap_or_default(),
        payload: Some(payload),
    })
}

/// A panic that was caught: its payload, and where it began.
pub(crate) struct Panic {
    /// `file:line:column`, or empty.
    place: String,
    /// `None` once the panic resumes.
    payload: Option<Box<dyn Any + Send>>,
}

impl Panic {
    /// Makes one for user code that did not panic, such as a task that was dropped.
    pub(crate) fn of(text: &'static str) -> Box<Panic> {
        Box::new(Panic {
            place: String::new(),
            payload: Some(Box::new(text)),
        })
    }

    /// Returns where the panic began: `file:line:column`, or an empty text.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn text(&self) -> &str {
        let payload = self.payload.as_deref();
        let text = payload.and_then(|payload| payload.downcast_ref::<&str>().copied());
        text.or_else(|| payload?.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic whose payload is no text")
    }

    /// Resumes the panic. If it is caught again on this thread, its place is still the one where it began.
    pub(crate) fn resume(mut self: Box<Panic>) -> ! {
        let payload = self.payload.take().unwrap_or_else(|| Box::new(()));
        // Resuming does not run the hook, so that the place is recorded here.
        if WATCHING.try_with(Cell::get).unwrap_or(0) > 0 && !self.place.is_empty() {
            let place = Some(std::mem::take(&mut self.place));
            let _ = PLACE.try_with(|noted| noted.replace(place));
        }
        drop(self);
        panic::resume_unwind(payload)
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Panic({:?} at {})", self.text(), self.place)
    }
}

impl Drop for Panic {
    fn drop(&mut self) {
        let payload = self.payload.take();
        if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            // Dropping this payload panicked, and dropping the new payload may panic too; it is leaked.
            std::mem::forget(again);
        }
    }
}

/// The last panics of one runtime that were encoded for Java, each under the ticket that was encoded with it.
#[derive(Default)]
pub(crate) struct KeptPanics(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The panics with their tickets, the oldest first.
    panics: VecDeque<(u64, Box<Panic>)>,
    /// How many panics were kept so far, which is the ticket of the last one.
    count: u64,
    closed: bool,
}

impl KeptPanics {
    /// Keeps a panic in place of the oldest. Returns its ticket, or 0 if the runtime has ended.
    pub(crate) fn keep(&self, panic: Box<Panic>) -> u64 {
        let (ticket, dropped) = {
            let mut kept = self.lock();
            if kept.closed {
                (0, Some((0, panic)))
            } else {
                let full = kept.panics.len() == KEPT;
                let oldest = full.then(|| kept.panics.pop_front()).flatten();
                kept.count += 1;
                let ticket = kept.count;
                kept.panics.push_back((ticket, panic));
                (ticket, oldest)
            }
        };
        drop(dropped); // dropped outside of the lock, since it is user code that may panic
        ticket
    }

    /// Takes a panic out. Of any number of calls with one ticket at most one gets it.
    pub(crate) fn take(&self, ticket: u64) -> Option<Box<Panic>> {
        let mut kept = self.lock();
        let at = kept.panics.iter().position(|(its, _)| *its == ticket)?;
        kept.panics.remove(at).map(|(_, panic)| panic)
    }

    /// Drops all panics, and keeps no more.
    pub(crate) fn close(&self) {
        let mut kept = self.lock();
        kept.closed = true;
        let panics = std::mem::take(&mut kept.panics);
        drop(kept);
        drop(panics);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
