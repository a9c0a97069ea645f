//! Java's handlers, awaited: each invocation ends once, and each object is released once.

mod answers;
mod chains;
mod ends;
mod panics;
mod relays;
mod withdrawals;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use loopbridge_protocol::record::acknowledgement;
use loopbridge_protocol::{Answer, AnswerKind, AnswerPayload, CallId, OutcomeKind};
use tokio::time::timeout;

use super::owner::{Asked, Owner, Settled, Written, none, object_at_end};
use super::{PATIENCE, Random, assert_at_rest, runtime, wait_for};
use crate::runtime::Runtime;
use crate::{Bytes, JavaError, JavaFn, Registry};

type LongFn = JavaFn<i64, i64>;
type Asking = Pin<Box<dyn Future<Output = Result<i64, JavaError>> + Send>>;

const CLOSED: &str = "dev.loopbridge.RuntimeClosedException";
const OWNER_GONE: &str = "dev.loopbridge.OwnerGoneException";
const MISMATCH: &str = "dev.loopbridge.SignatureMismatchException";
const TOO_LARGE: &str = "dev.loopbridge.PayloadTooLargeException";

/// Where functions leave handlers, and find errors, for the tests; under a number of each test's own, since tests run
/// side by side.
static HANDLERS: Mutex<BTreeMap<i64, LongFn>> = Mutex::new(BTreeMap::new());
static ERRORS: Mutex<BTreeMap<i64, JavaError>> = Mutex::new(BTreeMap::new());

fn fresh() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn handlers() -> std::sync::MutexGuard<'static, BTreeMap<i64, LongFn>> {
    HANDLERS.lock().expect("no test panics here")
}

fn errors() -> std::sync::MutexGuard<'static, BTreeMap<i64, JavaError>> {
    ERRORS.lock().expect("no test panics here")
}

fn take_error(number: i64) -> JavaError {
    errors().remove(&number).expect("an error")
}

fn register(functions: &mut Registry) {
    functions
        .function("ready", || async {})
        .function("keep", |place: i64, ask: LongFn| async move {
            handlers().insert(place, ask);
        })
        .function("ask", |number: i64, ask: LongFn| async move {
            ask.call(number).await
        })
        .function(
            "askBytes",
            |bytes: Bytes, ask: JavaFn<Bytes, Bytes>| async move { ask.call(bytes).await },
        )
        .function("askNothing", |ask: JavaFn<(), ()>| async move {
            ask.call(()).await
        })
        .function("askWhy", |ask: LongFn| async move {
            let error = ask.call(0).await.expect_err("a handler that fails");
            format!("{}\n{}\n{}", error.class(), error.message(), error.stack())
        })
        .function("askInHaste", |number: i64, ask: LongFn| async move {
            let hasty = timeout(Duration::ZERO, ask.call(number)).await;
            assert!(hasty.is_err());
            ask.call(number + 1).await
        })
        .function("askPatiently", ask_patiently)
        .function("askShared", |polls: i64, number: i64, place: i64| {
            let ask = handlers().get(&place).expect("a handler").clone();
            ask_patiently(polls, number, ask)
        })
        .function("fail", |place: i64| async move {
            Err::<i64, _>(take_error(place))
        })
        .heavy("failHeavily", |place: i64| async move {
            Err::<i64, _>(take_error(place))
        })
        .blocking("failBlocking", |place: i64| {
            Err::<i64, _>(take_error(place))
        });
    chains::add(functions);
    panics::add(functions);
    relays::add(functions);
}

/// The answer; `None` if it has not come after this many polls.
async fn ask_patiently(polls: i64, number: i64, ask: LongFn) -> Result<Option<i64>, JavaError> {
    let mut asking = pin!(ask.call(number));
    let mut left = polls;
    poll_fn(|context| {
        if let Poll::Ready(answer) = asking.as_mut().poll(context) {
            return Poll::Ready(answer.map(Some));
        }
        left -= 1;
        if left < 0 {
            return Poll::Ready(Ok(None));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Passes a handler to Rust; returns it for the test's own thread to call.
fn keep(owner: &mut Owner, at_once: u32) -> (CallId, LongFn) {
    let (place, handler) = (fresh(), owner.object(at_once));
    let settled = owner.run("keep", &none().i64(place).handler(handler, at_once));
    assert_eq!(settled.kind, OutcomeKind::Value);
    assert!(!settled.lent);
    let ask = handlers().remove(&place).expect("a handler");
    (handler, ask)
}

/// A call of a handler that the test polls itself.
fn asking(ask: &LongFn, number: i64) -> Asking {
    let ask = ask.clone();
    Box::pin(async move { ask.call(number).await })
}

/// The same, once it has requested its invocation; with the ticket of that.
fn begun(owner: &mut Owner, ask: &LongFn, number: i64) -> (Asking, u64) {
    let mut begun = asking(ask, number);
    assert!(poll(&mut begun).is_pending());
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, number.to_le_bytes());
    (begun, invocation)
}

fn poll(asking: &mut Asking) -> Poll<Result<i64, JavaError>> {
    asking
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn answered(asking: &mut Asking) -> Result<i64, JavaError> {
    match poll(asking) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("no answer"),
    }
}

/// Waits until the dispatcher has read all records that were submitted.
fn await_read(owner: &mut Owner) {
    assert_eq!(owner.run("ready", &none()).kind, OutcomeKind::Value);
}

/// Waits on this thread, which is none of the runtime's.
fn wait<F: Future>(future: F) -> F::Output {
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    tokio
        .block_on(async { timeout(PATIENCE, future).await })
        .expect("an answer in time")
}

/// Ends the port; asserts that nothing refers to it.
fn assert_nothing_left(mut owner: Owner, runtime: &Runtime) {
    assert_eq!(owner.try_next(), None);
    assert_eq!(owner.try_asked(), None);
    assert!(owner.objects.is_empty());
    owner.port.close();
    drop(owner);
    wait_for(runtime, "the port to go", |counters| {
        counters.live_ports == 0
    });
    assert_at_rest(runtime);
}

/// The class of the error.
fn class<T: std::fmt::Debug>(failed: Result<T, JavaError>) -> String {
    failed.expect_err("an error").class().to_owned()
}
