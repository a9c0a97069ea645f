//! The state machines of a Loopbridge port: no Tokio, no JNI and no clock.
//!
//! A port joins one JVM event loop (the owner) with one native runtime. All that the two share is
//! one block of memory, [`PortMemory`], with two rings of 64-byte records and two words:
//!
//! ```text
//!  owner loop (Java)                      port                        native runtime (Rust)
//!  SubmissionProducer ── records ──▶ submission ring ──▶ SubmissionConsumer (dispatcher)
//!                     ── ring() ───▶ doorbell word   ◀── park(), close()
//!  CompletionConsumer ◀─ records ─── completion ring ◀── CompletionProducer (any worker)
//!            (drain)  ── idle() ───▶ wake word       ◀── schedule(), close()
//! ```
//!
//! | module | state machine |
//! |---|---|
//! | [`record`] | layout of the block and of a record; the text both languages compare at load |
//! | [`memory`] | the block itself, the only module with `unsafe` |
//! | [`submission`], [`doorbell`] | calls on their way down, and how the dispatcher sleeps |
//! | [`completion`], [`wake`] | outcomes on their way up, and how one drain is scheduled |
//! | [`cells`] | payloads that are longer than a record's inline bytes, and short |
//! | [`dispatcher`] | failed upcalls, and which thread repeats them; the end of the dispatcher and of Java's use |
//! | [`seat`] | the two tasks that poll a dispatcher, one at a time |
//! | [`settle`] | one call slot: completion against cancellation, across generations |
//! | [`lend`] | lent memory: which record frees it for Java |
//! | [`invocation`] | one invocation of a Java handler: its answer against its withdrawal |
//! | [`poll`], [`direct`] | one loop-driven future: wakes against polls; the record of a direct call |
//! | [`slots`], [`shared`] | tickets in place of pointers, for one port and for all of a runtime |
//!
//! The twins of the Java half (`SubmissionProducer`, `CompletionConsumer`, and the owner's
//! transitions of the two words) are written here too: unit tests and loom models run both halves
//! of each protocol.
//!
//! # Models
//!
//! `tests/loom_*.rs` explore the interleavings of each protocol. A model prints how many there were
//! and fails if it could not explore them all:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p loopbridge-protocol --test 'loom_*'
//! ```
//!
//! `LOOM_MAX_PREEMPTIONS` sets how many times a thread may be interrupted where it could go on.

#![deny(missing_docs)]

#[cfg(not(target_endian = "little"))]
compile_error!("records are little endian words shared with the JVM in native order");

pub mod cells;
pub mod completion;
pub mod direct;
pub mod dispatcher;
pub mod doorbell;
pub mod invocation;
pub mod lend;
pub mod memory;
pub mod poll;
pub mod record;
pub mod seat;
pub mod settle;
pub mod shared;
pub mod slots;
pub mod submission;
pub mod sync;
pub mod wake;

pub use cells::{CellWords, Cells};
pub use completion::{CompletionConsumer, CompletionProducer};
pub use direct::Direct;
pub use dispatcher::{DispatcherState, End, Retrier, Rings};
pub use doorbell::{Close, Doorbell, Park, Ring, Unpark};
pub use invocation::{Answered, InvocationState, Withdrawn};
pub use lend::{Handover, Lend, Lending, Release, Settle};
pub use memory::{LayoutError, PortMemory};
pub use poll::{Ask, Pend, PollState};
pub use record::{
    Answer, AnswerKind, AnswerPayload, Arguments, CallId, Inline, Outcome, OutcomeKind, Payload,
    RecordError, RecordFault, Relay, Request, Step, Submission, SubmissionKind, Words,
};
pub use seat::{GivenBack, Seat, Taken};
pub use settle::{Begin, CallState, Cancel, Finish};
pub use shared::{SharedTable, SharedView};
pub use slots::{Full, SlotTable, Slots};
pub use submission::{GiveBack, SubmissionConsumer, SubmissionProducer};
pub use wake::{Idle, Reschedule, Wake, WakeWord};
