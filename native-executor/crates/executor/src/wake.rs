//! How a port reaches its owner loop.

/// The upcalls. With no lock held.
pub(crate) trait Wake: Send + Sync {
    /// Puts a drain on the owner loop: one attempt. On the idle edge of the wake word only, by any thread.
    fn wake(&self) -> Upcall;

    /// Runs the handler that the direct record names. On the owner's thread only, inside a direct call.
    fn ask(&self) -> Answering;
}

/// What became of an invocation in an upcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    /// The direct record holds its answer.
    Now,
    /// It is under way, and answered by the submission ring.
    Later,
    /// Java could not be asked.
    Failed,
}

/// What became of an upcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upcall {
    /// The drain is on the loop, or Java has put it off itself.
    Made,
    /// The JVM is going down; nobody waits any more.
    Gone,
    /// The thread could not be attached, or Java threw: nobody has put the drain on the loop.
    Failed,
}
