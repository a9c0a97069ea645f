//! Errors, panics and refusals: each settles its call and does not affect others.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use loopbridge_protocol::OutcomeKind;
use tokio::task::yield_now;

use super::owner::{Owner, Settled, none};
use super::{Random, assert_at_rest, runtime, wait_for};
use crate::Registry;

#[derive(Debug)]
struct Cause(u32);

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "cause {}", self.0)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        static INNER: Cause = Cause(2);
        (self.0 == 1).then_some(&INNER as &(dyn Error + 'static))
    }
}

/// Panics when dropped.
struct Bomb {
    ready: bool,
}

impl Future for Bomb {
    type Output = i64;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<i64> {
        match self.ready {
            true => Poll::Ready(1),
            false => Poll::Pending,
        }
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("boom in drop");
    }
}

fn register(functions: &mut Registry) {
    functions
        .function("add", |a: i64, b: i64| async move { a + b })
        .function("both", |a: bool, text: Option<String>| async move {
            (a, text).1
        })
        .function("fail", || async { Err::<(), _>(Cause(1)) })
        .function("failText", || async { Err::<i64, _>("just a text") })
        .function("panic", || async { boom(1) })
        .function("panicLater", || async {
            yield_now().await;
            no_text();
        })
        .function("bomb", || Bomb { ready: true })
        .function("pendingBomb", || Bomb { ready: false })
        .heavy("heavyPanic", || async { boom(2) })
        .blocking("blockingPanic", || boom(3))
        .blocking("blockingError", || Err::<(), _>(Cause(2)));
}

fn boom(number: u32) {
    panic!("boom {number}");
}

fn no_text() {
    std::panic::panic_any(17_u8);
}

/// The texts of an error's payload: type, message, location, then the causes.
pub(super) fn texts(settled: &Settled) -> Vec<String> {
    texts_of(&settled.payload)
}

/// The texts of a panic's payload, and its ticket.
pub(super) fn texts_and_ticket(settled: &Settled) -> (Vec<String>, u64) {
    assert_eq!(settled.kind, OutcomeKind::Panic);
    let (texts, ticket) = settled.payload.split_last_chunk().expect("a ticket");
    (texts_of(texts), u64::from_le_bytes(*ticket))
}

/// The texts of an error whose chain has an exception of a Java handler, and its position; the error's name follows.
pub(super) fn texts_and_place(settled: &Settled) -> (Vec<String>, u32) {
    assert_eq!(settled.kind, OutcomeKind::Thrown);
    let texts = settled.payload.split_last_chunk::<8>().expect("a name").0;
    let (texts, place) = texts.split_last_chunk().expect("a place");
    (texts_of(texts), u32::from_le_bytes(*place))
}

fn texts_of(mut rest: &[u8]) -> Vec<String> {
    let mut texts: Vec<String> = (0..3).map(|_| text(&mut rest)).collect();
    let causes = number(&mut rest);
    texts.extend((0..causes).map(|_| text(&mut rest)));
    assert!(rest.is_empty());
    texts
}

fn text(rest: &mut &[u8]) -> String {
    let length = number(rest);
    let (text, more) = rest.split_at(length);
    *rest = more;
    String::from_utf8(text.to_vec()).expect("a text")
}

fn number(rest: &mut &[u8]) -> usize {
    let (bytes, more) = rest.split_first_chunk().expect("a number");
    *rest = more;
    u32::from_le_bytes(*bytes) as usize
}

#[test]
fn an_error_carries_its_type_and_its_causes() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let settled = owner.run("fail", &none());
    assert_eq!(settled.kind, OutcomeKind::Error);
    let texts_of_chain = texts(&settled);
    assert!(texts_of_chain[0].ends_with("::Cause"));
    assert_eq!(texts_of_chain[1..], ["cause 1", "", "cause 2"]);
    let settled = owner.run("failText", &none());
    assert_eq!(texts(&settled), ["&str", "just a text", ""]);
    assert_eq!(owner.run("blockingError", &none()).kind, OutcomeKind::Error);
    assert_at_rest(&runtime);
}

#[test]
fn a_panic_carries_its_text_and_its_place() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let expected = [
        ("panic", "boom 1"),
        ("panicLater", "a panic whose payload is no text"),
        ("bomb", "boom in drop"),
        ("heavyPanic", "boom 2"),
        ("blockingPanic", "boom 3"),
    ];
    for (function, message) in expected {
        let settled = owner.run(function, &none());
        let (texts, ticket) = texts_and_ticket(&settled);
        assert_eq!(texts[..2], ["panic", message], "{function}");
        assert_ne!(ticket, 0);
        let place: Vec<&str> = texts[2].split(':').collect();
        assert!(place[0].ends_with("failures.rs"), "{texts:?}");
        assert!(place[1].parse::<u32>().is_ok() && place[2].parse::<u32>().is_ok());
        // The next call works.
        assert_eq!(
            owner.run("add", &none().i64(1).i64(2)).payload,
            3_i64.to_le_bytes()
        );
    }
    assert_eq!(runtime.counters().panics, 5);
    assert_at_rest(&runtime);
}

#[test]
fn a_panic_in_the_drop_of_a_cancelled_future_is_counted() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let call = owner.call("pendingBomb", &none());
    wait_for(&runtime, "the task", |counters| counters.tasks_spawned == 1);
    owner.cancel(call);
    assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    assert_eq!(runtime.counters().panics, 1);
    assert_at_rest(&runtime);
}

#[test]
fn a_refusal_names_what_was_given_and_expected() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let mut refused = |function: Result<&str, u32>, arguments| {
        let call = match function {
            Ok(name) => owner.submit(name, &arguments),
            Err(number) => owner.submit_number(number, &arguments),
        };
        owner.flush();
        let settled = owner.next();
        assert_eq!((settled.kind, settled.call), (OutcomeKind::Refused, call));
        let text = if settled.external { 0 } else { 5 };
        String::from_utf8(settled.payload[text..].to_vec()).expect("a text")
    };
    let add = "async add(i64,i64)->i64: ";
    let both = "async both(bool,string?)->string?: ";
    assert_eq!(
        refused(Ok("add"), none().i64(1).raw(&[1, 2, 3])),
        format!("{add}argument 2 (i64): 8 bytes are needed, 3 are left")
    );
    assert_eq!(
        refused(Ok("add"), none().i64(1).i64(1).raw(&[1])),
        format!("{add}1 bytes are left over after 2 arguments")
    );
    assert_eq!(
        refused(Ok("both"), none().raw(&[2])),
        format!("{both}argument 1 (bool): bool is 2, not 0 or 1")
    );
    assert_eq!(
        refused(
            Ok("both"),
            none().raw(&[1, 1]).raw(&[0, 255, 255, 255, 255])
        ),
        format!("{both}argument 2 (string?): 4294967295 bytes are needed, 0 are left")
    );
    assert!(refused(Ok("both"), none().raw(&[1, 1]).bytes(&[0xff])).contains("no UTF-8"));
    assert_eq!(
        refused(Ok("both"), none().raw(&[1, 1, 9])),
        format!("{both}argument 2 (string?): the form of a string or bytes is 9, not 0 or 1")
    );
    // A form of lent memory is not followed in a record whose flags lend none.
    assert!(
        refused(Ok("both"), none().raw(&[1, 1, 1]).i64(8).raw(&[1, 0, 0, 0])).contains("lend none")
    );
    assert_eq!(
        refused(Err(4_711), none()),
        "there is no function 4711, the library has 11"
    );
    assert!(refused(Err(u32::MAX), none()).starts_with("there is no function 4294967295,"));
    assert_at_rest(&runtime);
}

#[test]
fn an_unreadable_record_is_refused_and_a_foreign_slot_ignored() {
    let runtime = runtime(register);
    let mut owner = Owner::with(&runtime, 4, 100);
    // Kind 99 of slot 0, generation 0.
    owner.submit_words(&[99, 0, 0, 0, 0, 0, 0, 0]);
    // A call and a cancel of a slot that this port does not have.
    owner.submit_words(&[1, 4_000_000, 0, 0, 0, 0, 0, 0]);
    owner.submit_words(&[2, 4_000_000, 0, 0, 0, 0, 0, 0]);
    owner.flush();
    let settled = owner.next();
    assert_eq!((settled.kind, settled.call.slot), (OutcomeKind::Refused, 0));
    assert_eq!(
        owner.run("add", &none().i64(1).i64(2)).kind,
        OutcomeKind::Value
    );
    assert_eq!(runtime.counters().calls_begun, 2);
    assert_at_rest(&runtime);
}

#[test]
fn whatever_a_record_holds_its_call_settles() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let mut random = Random(0x1405_7b7e_f767_814f);
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut record: [u8; 64] = std::array::from_fn(|_| random.below(3) as u8);
        let at = random.below(64);
        record[at] = random.next() as u8;
        // Without cancels, answers and relays, which settle no call, and without addresses, which native code has to
        // trust.
        record[0] = if (2..=5).contains(&record[0]) {
            1
        } else {
            record[0]
        };
        record[1] &= !3;
        record[2] = random.below(49) as u8;
        record[3] = 0;
        // The calls name "add" or "both", or neither.
        record[4] %= 3;
        record[5..8].fill((random.below(50) == 0).into());
        let call = owner.submit_bytes(record);
        owner.flush();
        let settled = owner.next();
        assert_eq!(settled.call, call);
        match settled.kind {
            OutcomeKind::Value | OutcomeKind::Error => {}
            kind => {
                assert_eq!(kind, OutcomeKind::Refused);
                refused += 1;
            }
        }
    }
    assert!(refused > 1_000);
    assert_at_rest(&runtime);
}

#[test]
#[should_panic(expected = "\"add\" is registered twice")]
fn a_name_is_registered_once() {
    Registry::default()
        .function("add", || async {})
        .blocking("add", || ());
}

#[test]
#[should_panic(expected = "holds a blank, a comma or a parenthesis")]
fn a_name_that_a_signature_cannot_hold_is_refused() {
    Registry::default().function("a b", || async {});
}
