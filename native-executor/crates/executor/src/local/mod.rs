//! Loop-driven calls: futures that live on their owner loop's thread and are polled there.
//!
//! What one port has on that thread is a [`LoopHalf`], in a thread-local variable: no other thread can reach it, so
//! that the futures and objects in it need not be `Send`, and a thread that ends drops them itself. The owner calls it
//! directly and exchanges with it, in the direct record, what does not fit a register: neither ring is used, no other
//! thread is woken. Only a wake from elsewhere uses a ring, with one POLL record.
//!
//! | file | |
//! |---|---|
//! | this file | which thread has which halves |
//! | `half`, `start` | the calls of one half |
//! | `context` | Tokio's context, which stays entered on the thread |
//! | `waker` | turns a wake on any thread into a POLL record |
//! | `object`, `objects` | Rust objects that Java holds |

mod context;
mod half;
mod object;
mod objects;
mod start;
mod waker;

use std::cell::RefCell;
use std::mem;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;

use self::context::{RUNNING, with_current};
pub(crate) use self::context::{is_leaving, leave as leave_context};
pub(crate) use self::half::LoopHalf;
pub use self::object::Local;
use crate::call::registry::Function;
use crate::metrics::Metrics;
use crate::port::Port;

thread_local! {
    /// The halves of the ports that this thread's loops own.
    static HALVES: Halves = const { Halves(RefCell::new(Vec::new())) };
}

struct Halves(RefCell<Vec<(i64, Rc<LoopHalf>)>>);

impl Drop for Halves {
    fn drop(&mut self) {
        // Each half below enters its context itself, or finds that Tokio's variables are destroyed.
        context::thread_is_ending();
        set_found(NO_HALF);
        let halves = mem::take(self.0.get_mut());
        let ports: Vec<Arc<Port>> = halves
            .into_iter()
            .map(|(_, half)| {
                half.end();
                half.port().leave();
                Arc::clone(half.port())
            })
            .collect();
        if ports.is_empty() {
            return;
        }
        // An upcall takes a thread that may enter Java. If the system has none left, the dispatchers repeat the upcalls,
        // and a reference to a Java port may stay.
        let upcalls = std::thread::Builder::new().name("loopbridge-farewell".to_owned());
        let _ = upcalls.spawn(move || ports.iter().for_each(|port| port.retry_at_last()));
    }
}

/// Names no half.
const NO_HALF: (i64, *const LoopHalf) = (0, ptr::null());

/// Returns this thread's half of the port with this handle, if it has one.
#[inline]
pub(crate) fn find(handle: i64) -> Option<Rc<LoopHalf>> {
    let (found, half) = RUNNING.with(|running| running.found.get())?;
    if found != handle || half.is_null() {
        return find_in_all(handle);
    }
    // SAFETY: the pointer is of an `Rc` that is in `HALVES`: what removes one from there resets `found`.
    Some(unsafe {
        Rc::increment_strong_count(half);
        Rc::from_raw(half)
    })
}

fn set_found(found: (i64, *const LoopHalf)) {
    RUNNING.with(|running| running.found.set(Some(found)));
}

fn find_in_all(handle: i64) -> Option<Rc<LoopHalf>> {
    let found = HALVES.try_with(|halves| {
        let halves = halves.0.borrow();
        let (_, half) = halves.iter().find(|(known, _)| *known == handle)?;
        set_found((handle, Rc::as_ptr(half)));
        Some(Rc::clone(half))
    });
    found.ok().flatten()
}

/// Makes this thread the one on which the port's loop-driven futures live.
pub(crate) fn bind(
    handle: i64,
    port: &Arc<Port>,
    functions: &'static [Function],
) -> Result<Rc<LoopHalf>, &'static str> {
    let tokio = port.environment().tokio().ok_or("the runtime is closed")?;
    if !port.settle_on_this_thread() {
        return Err("the port's loop-driven futures live on another thread");
    }
    let half = Rc::new(LoopHalf::new(port, functions, tokio));
    // A thread's variables are destroyed in the order opposite to that of their first use. Tokio's is needed until the
    // last future is dropped, so it is used first.
    drop(half.enter());
    set_found(NO_HALF);
    let kept = HALVES.try_with(|halves| halves.0.borrow_mut().push((handle, Rc::clone(&half))));
    kept.map_err(|_| "the loop's thread is going away")?;
    Ok(half)
}

/// Drops what this thread's half of the port still has.
pub(crate) fn end(handle: i64) {
    let removed = HALVES.try_with(|halves| {
        let mut halves = halves.0.borrow_mut();
        let place = halves.iter().position(|(known, _)| *known == handle)?;
        let half = halves.swap_remove(place).1;
        set_found(NO_HALF);
        let last = !halves.iter().any(|(_, other)| other.is_of_runtime(&half));
        Some((half, last))
    });
    if let Ok(Some((half, last))) = removed {
        half.end();
        half.port().leave();
        if last {
            context::leave();
        }
    }
}

/// Returns whether code of `port`'s loop-driven futures runs on this thread.
pub(crate) fn runs(port: &Port) -> bool {
    with_current(|half| ptr::eq(Arc::as_ptr(half.port()), port)).unwrap_or(false)
}

/// Returns the metrics of the runtime whose loop-driven code runs on this thread.
pub(crate) fn metrics() -> Option<Arc<Metrics>> {
    with_current(|half| Arc::clone(half.port().environment().metrics()))
}
