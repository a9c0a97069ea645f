//! A call from its record to its outcome: the functions of a library, and the tasks and threads that run their calls.

pub(crate) mod dispatcher;
pub(crate) mod first_poll;
pub(crate) mod guard;
mod linger;
pub(crate) mod poll;
pub(crate) mod prepare;
pub(crate) mod registry;
mod relay;
pub(crate) mod returned;
mod signature;
