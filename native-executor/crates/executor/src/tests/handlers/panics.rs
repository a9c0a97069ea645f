//! Java answers with a panic: it goes on in Rust with its own payload.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Weak;

use super::super::failures::texts_and_ticket;
use super::*;
use crate::panics::KEPT;

/// A payload of the user's own.
pub(super) struct Own {
    pub(super) number: i64,
    /// Dropped with the payload.
    _alive: Arc<()>,
}

/// Payloads to panic with, by a number of the test's own.
pub(super) static PAYLOADS: Mutex<BTreeMap<i64, Own>> = Mutex::new(BTreeMap::new());

pub(super) fn add(functions: &mut Registry) {
    functions
        .function("panicWith", |place: i64| async move { panic_with(place) })
        .heavy("panicHeavily", |place: i64| async move {
            panic_with(place);
        })
        .blocking("panicBlocking", panic_with)
        .function("panicTwice", || async { panic_twice() })
        .function("askCaught", |ask: LongFn| async move {
            match caught(ask.call(0)).await {
                Ok(Ok(answer)) => format!("answer {answer}"),
                Ok(Err(error)) => format!("error {error}"),
                Err(payload) => format!("own {}", payload.downcast::<Own>().expect("own").number),
            }
        });
}

fn panic_with(place: i64) {
    let own = PAYLOADS.lock().expect("no panic").remove(&place);
    panic_any(own.expect("a payload"));
}

fn panic_twice() {
    panic_any(PanicsAgain);
}

/// A payload to panic with; its place, and a reference that is gone when the payload is.
pub(super) fn payload() -> (i64, Weak<()>) {
    let (number, alive) = (fresh(), Arc::new(()));
    let gone = Arc::downgrade(&alive);
    let own = Own {
        number,
        _alive: alive,
    };
    PAYLOADS.lock().expect("no panic").insert(number, own);
    (number, gone)
}

/// Panics when it is dropped.
struct PanicsAgain;

impl Drop for PanicsAgain {
    fn drop(&mut self) {
        panic!("again");
    }
}

/// What a future yields, or panics with.
pub(super) async fn caught<F: Future>(future: F) -> std::thread::Result<F::Output> {
    let mut future = pin!(future);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        },
    )
    .await
}

/// The answer to an invocation that failed with the panic of this ticket.
fn panicked(ticket: u64) -> Written {
    let unkept = CallId {
        slot: u32::MAX,
        generation: 0,
    };
    let class = "dev.loopbridge.NativePanicError";
    let written = none().raw(&ticket.to_le_bytes());
    written.thrown(unkept, class, "boom again", "stack")
}

/// Calls a function that asks a handler, and answers with a panic.
fn run_answered(owner: &mut Owner, function: &str, arguments: Written, ticket: u64) -> Settled {
    let handler = owner.object(1);
    owner.call(function, &arguments.handler(handler, 1));
    let (invocation, _) = owner.next_invocation();
    owner.submit_answer(invocation, AnswerKind::Panic, &panicked(ticket));
    owner.flush();
    let settled = owner.next();
    owner.await_dropped();
    settled
}

/// The text that a function returned.
pub(super) fn text(settled: &Settled) -> &str {
    assert_eq!(settled.kind, OutcomeKind::Value);
    let text = if settled.external { 0 } else { 5 };
    std::str::from_utf8(&settled.payload[text..]).expect("a text")
}

#[test]
fn a_panic_goes_on_with_its_own_payload() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for function in ["panicWith", "panicHeavily", "panicBlocking"] {
        let (place, gone) = payload();
        let settled = owner.run(function, &none().i64(place));
        let (texts, ticket) = texts_and_ticket(&settled);
        assert_eq!(texts[1], "a panic whose payload is no text");
        assert_eq!(gone.strong_count(), 1);
        let settled = run_answered(&mut owner, "askCaught", none(), ticket);
        assert_eq!(text(&settled), format!("own {place}"));
        assert_eq!(gone.strong_count(), 0);
        // The panic went on, and its payload with it; there is no second one.
        let settled = run_answered(&mut owner, "askCaught", none(), ticket);
        assert_eq!(
            text(&settled),
            "error dev.loopbridge.NativePanicError: boom again"
        );
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_panic_keeps_its_text_and_its_place_however_often_it_goes_on() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (place, gone) = payload();
    let settled = owner.run("panicWith", &none().i64(place));
    let (first, mut ticket) = texts_and_ticket(&settled);
    assert!(first[2].contains("panics.rs:"), "{first:?}");
    for _ in 0..3 {
        // The function does not catch it.
        let settled = run_answered(&mut owner, "ask", none().i64(1), ticket);
        let (texts, again) = texts_and_ticket(&settled);
        assert_eq!(texts, first);
        assert_ne!(again, ticket);
        ticket = again;
    }
    assert_eq!(runtime.counters().panics, 4);
    let settled = run_answered(&mut owner, "askCaught", none(), ticket);
    assert_eq!(text(&settled), format!("own {place}"));
    assert_eq!(gone.strong_count(), 0);
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_panic_stays_for_a_later_call_if_no_future_waits() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (place, _) = payload();
    let settled = owner.run("panicWith", &none().i64(place));
    let (_, ticket) = texts_and_ticket(&settled);
    let (_, ask) = keep(&mut owner, 1);
    let (asked, invocation) = begun(&mut owner, &ask, 1);
    owner.submit_answer(invocation, AnswerKind::Panic, &panicked(ticket));
    owner.flush();
    await_read(&mut owner);
    drop((asked, ask));
    owner.await_dropped();
    let settled = run_answered(&mut owner, "askCaught", none(), ticket);
    assert_eq!(text(&settled), format!("own {place}"));
    assert_nothing_left(owner, &runtime);
}

#[test]
fn the_oldest_panic_makes_room() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let mut panics = Vec::new();
    for _ in 0..=KEPT {
        let (place, gone) = payload();
        let settled = owner.run("panicWith", &none().i64(place));
        panics.push((place, gone, texts_and_ticket(&settled).1));
    }
    let mut all_kept = Vec::new();
    for (_, gone, ticket) in &panics {
        let kept = gone.strong_count() == 1;
        let settled = run_answered(&mut owner, "askCaught", none(), *ticket);
        assert_eq!(text(&settled).starts_with("own"), kept);
        all_kept.push(kept);
    }
    assert!(!all_kept[0]);
    assert!(all_kept[1..].iter().all(|kept| *kept));
    // Tickets of no panic.
    for ticket in [0, KEPT as u64 + 2, u64::MAX] {
        let settled = run_answered(&mut owner, "askCaught", none(), ticket);
        assert!(text(&settled).starts_with("error"));
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_harms_no_other() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..2 * KEPT {
        let settled = owner.run("panicTwice", &none());
        assert_eq!(settled.kind, OutcomeKind::Panic);
    }
    assert_nothing_left(owner, &runtime);
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
}

#[test]
fn the_end_of_the_runtime_drops_its_panics() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (place, gone) = payload();
    owner.run("panicWith", &none().i64(place));
    assert_eq!(gone.strong_count(), 1);
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    assert_eq!(gone.strong_count(), 0);
    // Records that still end the call, after which the panic is not kept.
    let panic = crate::panics::catch(|| panic_any(17_u8)).expect_err("a panic");
    assert_eq!(runtime.panics().keep(panic), 0);
    assert!(owner.drain_closed().is_empty());
}

#[test]
fn an_answer_without_a_ticket_is_an_error() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (mut asked, invocation) = begun(&mut owner, &ask, 1);
    owner.submit_answer(invocation, AnswerKind::Panic, &none().raw(&[1; 7]));
    await_read(&mut owner);
    assert_eq!(class(answered(&mut asked)), MISMATCH);
    drop((asked, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}
