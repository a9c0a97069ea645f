//! From a call's record to what has to be polled or run: the same for calls, relays and loop-driven calls.

use std::sync::Arc;
use std::task::Poll;

use loopbridge_protocol::{CallId, OutcomeKind, Submission};

use super::first_local_poll::FirstPoll;
#[cfg(feature = "benchmark")]
use super::guard::HeldCall;
use super::poll::{CallFuture, CallWork};
use super::registry::{Body, Function};
use crate::codec::arguments::{Arguments, Words};
use crate::codec::encoded::Encoded;
use crate::codec::lease::{Lender, block_of};
use crate::codec::mismatch::Mismatch;
use crate::panics::{Panic, Watch};
use crate::port::{Call, Port};

/// A call whose arguments were read, and which the dispatcher has to start.
pub(crate) enum Work {
    /// The future is to be polled once.
    Async(CallFuture),
    /// The future is to be spawned.
    Heavy(CallFuture),
    Blocking(CallWork),
    #[cfg(feature = "benchmark")]
    Held(fn(HeldCall)),
}

/// Why a call cannot be started.
pub(crate) enum Unprepared {
    /// There is no such function, or it takes other arguments.
    Refused(String),
    /// The function is loop-driven, and the dispatcher does not run on its loop.
    LoopDriven(String),
    Panicked(Box<Panic>),
}

impl Unprepared {
    /// Writes the reason as the outcome of a call.
    #[cold]
    pub(crate) fn write(self, encoded: &mut Encoded) -> OutcomeKind {
        match self {
            Unprepared::Refused(reason) => encoded.refuse(reason),
            Unprepared::LoopDriven(function) => encoded.refuse(format!(
                "{function} is loop-driven, and does not come by the ring"
            )),
            Unprepared::Panicked(panic) => encoded.panic(panic),
        }
    }
}

/// Reads a call's record by `prepare`. The call that this returns has what the arguments lend, so that settling it gives
/// that back, also if they could not be read.
#[inline]
pub(crate) fn read_record<W>(
    port: &Arc<Port>,
    submission: &Submission<'_>,
    prepare: impl FnOnce(&mut Arguments<'_>) -> Result<W, Unprepared>,
) -> (Call, Result<W, Unprepared>) {
    let id = submission.call;
    let lender = Lender::of_record(port, submission.needs_port, Some(id));
    let mut copy = None;
    // SAFETY: rule 8; the arguments are read here, before the call can settle, and not kept.
    let block = unsafe { block_of(submission.arguments, id.slot, port.cells(), &mut copy) };
    let Some(block) = block else {
        return (Call::lending_nothing(id), Err(no_cell(id)));
    };
    let arguments = &mut Arguments::new(block, lender).of_port(&**port);
    let prepared = prepare(arguments);
    let lent = arguments.take_lent();
    (Call { id, lent }, prepared)
}

/// Makes the refusal of a call whose record names a cell that its slot does not have.
#[cold]
pub(crate) fn no_cell(id: CallId) -> Unprepared {
    Unprepared::Refused(format!("slot {} has no cell for arguments", id.slot))
}

/// Reads the arguments of a call that the dispatcher is to start.
#[inline]
pub(crate) fn prepare(
    functions: &[Function],
    number: u32,
    arguments: &mut Arguments<'_>,
) -> Result<Work, Unprepared> {
    let function = find(functions, number)?;
    let watch = Watch::here();
    match &function.body {
        Body::Async(prepare) => read(watch, function, || prepare(arguments)).map(Work::Async),
        Body::Heavy(prepare) => read(watch, function, || prepare(arguments)).map(Work::Heavy),
        Body::Blocking(prepare) => read(watch, function, || prepare(arguments)).map(Work::Blocking),
        Body::Local { .. } => Err(Unprepared::LoopDriven(function.to_string())),
        #[cfg(feature = "benchmark")]
        Body::Held(receive) => Ok(Work::Held(*receive)),
    }
}

/// Reads the arguments of a loop-driven call and polls its future, unless `first` leaves that for later; only on its
/// loop's thread.
#[inline]
pub(crate) fn poll_local(
    functions: &[Function],
    number: u32,
    arguments: &mut Arguments<'_>,
    first: &mut FirstPoll<'_>,
    watch: Watch,
) -> Result<Poll<OutcomeKind>, Unprepared> {
    let function = find(functions, number)?;
    match &function.body {
        Body::Local { start, .. } => read(watch, function, || start(arguments, first)),
        _ => Err(Unprepared::Refused(format!(
            "{function} is not loop-driven"
        ))),
    }
}

/// Polls the future of a loop-driven call whose arguments came in registers. Returns `None`, and has run no code of the
/// user's, if the function is another or takes other arguments.
#[inline]
pub(crate) fn poll_words(
    functions: &[Function],
    number: u32,
    arguments: &mut Words,
    first: &mut FirstPoll<'_>,
    watch: Watch,
) -> Option<Result<Poll<OutcomeKind>, Unprepared>> {
    let Body::Local { start_words, .. } = &functions.get(number as usize)?.body else {
        return None;
    };
    match watch.catch(|| start_words(arguments, first)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Some(Err(Unprepared::Panicked(panic))),
    }
}

#[inline]
fn find(functions: &[Function], number: u32) -> Result<&Function, Unprepared> {
    functions.get(number as usize).ok_or_else(|| {
        let known = functions.len();
        let reason = format!("there is no function {number}, the library has {known}");
        Unprepared::Refused(reason)
    })
}

/// Runs the code that reads the arguments. It makes the function's future, which is user code that may panic.
#[inline]
fn read<W>(
    watch: Watch,
    function: &Function,
    read: impl FnOnce() -> Result<W, Mismatch>,
) -> Result<W, Unprepared> {
    match watch.catch(read) {
        Ok(Ok(work)) => Ok(work),
        Ok(Err(mismatch)) => Err(Unprepared::Refused(format!("{function}: {mismatch}"))),
        Err(panic) => Err(Unprepared::Panicked(panic)),
    }
}
