//! A call from its record to its outcome: the functions of a library, and the tasks and threads that run their calls.
//!
//! | file | |
//! |---|---|
//! | `registry`, `kinds`, `signature`, `returned` | functions, as the author of a library writes and registers them |
//! | `items` | what attributes have exported |
//! | `dispatcher`, `linger` | the task of a port that reads its submission ring |
//! | `prepare` | from a call's record to a future, or to work for a blocking thread |
//! | `dispatcher/start` | how a call starts, whatever its outcome is for |
//! | `poll`, `first_poll` | one poll of a future, and which functions are spawned without one |
//! | `first_local_poll` | the first poll of a loop-driven future, and its memory |
//! | `guard` | a call that has left the dispatcher: it settles, whatever happens to its task or thread |
//! | `dispatcher/relays`, `relay` | calls that answer an invocation of a handler |

pub(crate) mod dispatcher;
pub(crate) mod first_local_poll;
pub(crate) mod first_poll;
pub(crate) mod guard;
pub(crate) mod items;
pub(crate) mod kinds;
mod linger;
pub(crate) mod poll;
pub(crate) mod prepare;
pub(crate) mod registry;
mod relay;
pub(crate) mod returned;
pub(crate) mod signature;
