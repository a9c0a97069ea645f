//! A handler's exception within an error of the function's own: it keeps its place in the chain.

use std::error::Error;
use std::fmt;
use std::io;

use anyhow::Context as _;
use thiserror::Error;

use super::super::failures::texts_and_place;
use super::*;

#[derive(Debug, Error)]
enum Failing {
    #[error("asking Java")]
    From(#[from] JavaError),
    #[error("asking Java: {0}")]
    Wrapped(#[source] JavaError),
    #[error(transparent)]
    Transparent(JavaError),
    #[error("twice")]
    Twice(#[source] Box<Failing>),
    #[error("boxed")]
    Boxed(#[source] Box<dyn Error + Send + Sync>),
}

/// Shows its source's source as its own, as errors did before `source`.
#[derive(Debug)]
struct Skips(JavaError);

impl fmt::Display for Skips {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "skips {}", self.0)
    }
}

impl Error for Skips {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

type Boxed = Box<dyn Error + Send + Sync>;

macro_rules! functions {
    ($functions:ident, $($name:literal: $error:ty = $make:expr),* $(,)?) => {
        $functions$(.function($name, |ask: LongFn| async move {
            ask.call(1).await.map_err(|error| -> $error { $make(error) })
        }))*
    };
}

pub(super) fn add(functions: &mut Registry) {
    functions!(functions,
        "from": Failing = Failing::from,
        "wrapped": Failing = Failing::Wrapped,
        "transparent": Failing = Failing::Transparent,
        "inTwo": Failing = |error| Failing::Twice(Box::new(Failing::From(error))),
        "boxedSource": Failing = |error| Failing::Boxed(Box::new(error)),
        "skips": Skips = Skips,
        "boxed": Boxed = Boxed::from,
        "boxedFrom": Boxed = |error| Boxed::from(Failing::From(error)),
        "io": io::Error = io::Error::other,
        "anyhow": anyhow::Error = anyhow::Error::from,
        "anyhowFrom": anyhow::Error = |error| anyhow::Error::from(Failing::From(error)),
    )
    .function("failInChain", |place: i64| async move {
        Err::<i64, _>(Failing::From(take_error(place)))
    })
    .function("context", |ask: LongFn| async move {
        let asked = ask.call(1).await.context("inner");
        asked.context("outer")
    });
}

const THROWN: &str = "a.B: gone";

/// Each function, and the texts of its error down to the exception.
const CHAINS: [(&str, &[&str]); 12] = [
    ("from", &["asking Java", THROWN]),
    ("wrapped", &["asking Java: a.B: gone", THROWN]),
    ("transparent", &[THROWN]),
    ("inTwo", &["twice", "asking Java", THROWN]),
    ("boxedSource", &["boxed", THROWN]),
    ("skips", &["skips a.B: gone", THROWN]),
    ("boxed", &[THROWN]),
    ("boxedFrom", &["asking Java", THROWN]),
    ("io", &[THROWN]),
    ("anyhow", &[THROWN]),
    ("anyhowFrom", &["asking Java", THROWN]),
    ("context", &["outer", "inner", THROWN]),
];

/// The chain of a settled call's error.
fn chain(settled: &Settled) -> (Vec<String>, u32) {
    let (mut texts, place) = texts_and_place(settled);
    texts.remove(0); // the type
    texts.remove(1); // the place in the source
    (texts, place)
}

#[test]
fn what_was_thrown_keeps_its_place_in_the_chain() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for (function, expected) in CHAINS {
        let (handler, thrown) = (owner.object(1), owner.object(0));
        owner.call(function, &none().handler(handler, 1));
        let (invocation, _) = owner.next_invocation();
        owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
        let settled = owner.next();
        let (texts, place) = chain(&settled);
        assert_eq!(texts, expected, "{function}");
        assert_eq!(place as usize, expected.len() - 1, "{function}");
        assert_eq!(object_at_end(&settled.payload), thrown, "{function}");
        owner.await_dropped();
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn it_keeps_it_through_calls_that_are_handed_over() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (outer, inner) = (owner.object(1), owner.object(1));
    owner.call("inTwo", &none().handler(outer, 1));
    let (invocation, _) = owner.next_invocation();
    owner.relay(invocation, "from", &none().handler(inner, 1));
    let (invocation, _) = owner.next_invocation();
    let thrown = owner.object(0);
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    let settled = owner.next();
    let expected = ["twice", "asking Java", "asking Java", THROWN];
    assert_eq!(chain(&settled), (expected.map(str::to_owned).to_vec(), 3));
    assert_eq!(object_at_end(&settled.payload), thrown);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn rust_reads_the_stack_of_what_was_thrown_below_a_call_that_is_handed_over() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (outer, inner) = (owner.object(1), owner.object(1));
    owner.call("askWhy", &none().handler(outer, 1));
    let (invocation, _) = owner.next_invocation();
    owner.relay(invocation, "from", &none().handler(inner, 1));
    let (invocation, _) = owner.next_invocation();
    let thrown = owner.object(0);
    let stack = "a.B: gone\n\tat a.B.c\n";
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", stack));
    let settled = owner.next();
    let text = super::panics::text(&settled);
    let class = "dev.loopbridge.NativeException";
    assert_eq!(
        text,
        format!("{class}\nasking Java\n{class}: asking Java\nCaused by: {stack}")
    );
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn it_is_released_if_the_chain_is_not_read() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    // The exception of another loop: only its texts are in the chain.
    let mut other = Owner::new(&runtime);
    let (handler, ask) = keep(&mut other, 1);
    let (mut asking, invocation) = begun(&mut other, &ask, 1);
    let thrown = other.object(0);
    other.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    await_read(&mut other);
    let place = fresh();
    errors().insert(place, answered(&mut asking).expect_err("what was thrown"));
    let settled = owner.run("failInChain", &none().i64(place));
    assert_eq!(settled.kind, OutcomeKind::Error);
    drop((asking, ask));
    other.await_dropped();
    assert!(!other.objects.contains_key(&handler));
    other.port.close();
    // The error of a call that is cancelled.
    let (handler, thrown) = (owner.object(1), owner.object(0));
    let call = owner.call("from", &none().handler(handler, 1));
    let (invocation, _) = owner.next_invocation();
    owner.submit_cancel(call);
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    owner.await_dropped();
    drop(other);
    assert_nothing_left(owner, &runtime);
}

#[test]
fn other_callers_see_no_more_of_the_chain_than_before() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (mut asking, invocation) = begun(&mut owner, &ask, 1);
    let thrown = owner.object(0);
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    await_read(&mut owner);
    let error = answered(&mut asking).expect_err("what was thrown");
    assert!(error.source().is_none());
    let error = anyhow::Error::from(error).context("asking");
    assert_eq!(format!("{error:#}"), "asking: a.B: gone");
    drop((error, asking, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}
