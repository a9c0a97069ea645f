//! How a port reaches its owner loop.

/// Puts a drain on the owner loop. Called on the idle edge of the wake word only, by any thread, with no lock held.
pub(crate) trait Wake: Send + Sync {
    /// One attempt.
    fn wake(&self) -> Upcall;
}

/// What became of an upcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upcall {
    /// The owner knows.
    Made,
    /// The JVM is going down; nobody waits any more.
    Gone,
    /// The thread could not be attached, or Java threw: the drain is still owed.
    Failed,
}
