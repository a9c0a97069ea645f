//! Panics of user code: caught, with their exact text and place (rule 9).
//!
//! One hook per library notes where a panic began while bridge code polls, calls or drops user code on that thread; it
//! says nothing itself, because the panic travels to Java. All other panics go on to the hook that was there before.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::failure::Failure;

thread_local! {
    /// How many `catch` are under way on this thread.
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
            // A thread that is going away has no place to note it; the panic's text still arrives.
            let _ = PLACE.try_with(|noted| noted.replace(place));
        }));
    });
}

/// Runs user code; a panic in it becomes a [`Failure`].
pub(crate) fn catch<R>(user_code: impl FnOnce() -> R) -> Result<R, Box<Failure>> {
    // One access for both ends: in a loaded library each is a call of the dynamic linker.
    let result = WATCHING.with(|watching| {
        watching.set(watching.get() + 1);
        // What user code leaves half done is never looked at again: its future is dropped, its closure is gone.
        let result = panic::catch_unwind(AssertUnwindSafe(user_code));
        watching.set(watching.get() - 1);
        result
    });
    result.map_err(caught)
}

#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Box<Failure> {
    let place = PLACE.try_with(RefCell::take).ok().flatten();
    let place = place.unwrap_or_default();
    Box::new(Failure::of_panic(text(payload), place))
}

fn text(payload: Box<dyn Any + Send>) -> String {
    let text = match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic whose payload is no text".to_owned(),
    };
    if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload that panics when it is dropped, with one that may do so too.
        std::mem::forget(again);
    }
    text
}
