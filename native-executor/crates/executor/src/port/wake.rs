//! How a port reaches its owner loop.

/// The upcalls of a port. No lock may be held over them (rule 4).
pub(crate) trait Wake: Send + Sync {
    /// Queues a drain on the owner loop; makes one attempt. Any thread, but only the one that set SCHEDULED.
    fn wake(&self) -> Upcall;

    /// Runs the handler that the direct record names. Only on the owner's thread, inside a direct call.
    fn ask(&self) -> Answering;
}

/// The result of an invocation in an upcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    /// The direct record holds its answer.
    Now,
    /// The invocation goes on; a record in the submission ring will answer it.
    Later,
    /// Java could not be called.
    Failed,
}

/// The result of an upcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upcall {
    /// The drain is queued on the loop, or Java will queue it itself later.
    Made,
    /// The JVM is shutting down, so that no drain is needed any more.
    Gone,
    /// The thread could not be attached, or Java threw: no drain is queued on the loop.
    Failed,
}
