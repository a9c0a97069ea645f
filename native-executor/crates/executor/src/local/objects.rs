//! The table of the Rust objects of one event loop, as Java names them.

use std::any::Any;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use loopbridge_protocol::Slots;

/// The objects that Java holds. A ticket's two halves are the slot and the generation of the object's name.
pub(super) type Objects = Slots<Rc<dyn Any>>;

/// Makes an empty table. Each has a tag of its own: if a port's loop gets another thread, Java still has names of the
/// objects that were dropped with the thread before.
pub(super) fn no_objects() -> Objects {
    static MADE: AtomicU32 = AtomicU32::new(0);
    // Multiples of the golden ratio lie far apart, however many there are. Relaxed: the number orders nothing.
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    Slots::new(u32::MAX, u64::from(made.wrapping_mul(0x9e37_79b9)) << 32)
}
