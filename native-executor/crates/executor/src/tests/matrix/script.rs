//! The future of a call, which behaves as its case describes.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use super::case::{Case, Does, Lent, Woken};
use crate::{Bytes, Registry};

/// The state that the test and the call's future share.
pub(super) struct Script {
    pub(super) case: Case,
    pub(super) go: AtomicBool,
    pub(super) polls: AtomicUsize,
    pub(super) made: AtomicUsize,
    pub(super) dropped: AtomicUsize,
    pub(super) waker: Mutex<Option<Waker>>,
    pub(super) kept: Mutex<Option<Bytes>>,
}

/// The scripts by their numbers, which calls have as their argument.
pub(super) static SCRIPTS: LazyLock<Mutex<HashMap<i64, Arc<Script>>>> =
    LazyLock::new(Mutex::default);
static NEXT: AtomicI64 = AtomicI64::new(0);

impl Script {
    pub(super) fn new(case: Case) -> Arc<Script> {
        Arc::new(Script {
            case,
            go: AtomicBool::new(false),
            polls: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            waker: Mutex::new(None),
            kept: Mutex::new(None),
        })
    }

    /// Registers it under the argument of its call.
    pub(super) fn publish(self: &Arc<Script>) -> i64 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut scripts = SCRIPTS.lock().expect("no panic");
        scripts.insert(number, self.clone());
        number
    }
}

/// The future of a call.
struct Scripted {
    script: Arc<Script>,
    _held: Option<Bytes>,
}

impl Scripted {
    fn new(number: i64, lent: Option<Bytes>) -> Scripted {
        let script = SCRIPTS.lock().expect("no panic")[&number].clone();
        script.made.fetch_add(1, Ordering::Relaxed);
        let held = match script.case.lent {
            Lent::Kept => {
                *script.kept.lock().expect("no panic") = lent;
                None
            }
            _ => lent,
        };
        Scripted {
            script,
            _held: held,
        }
    }
}

impl Future for Scripted {
    type Output = Result<i64, Bad>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let script = &self.script;
        *script.waker.lock().expect("no panic") = Some(context.waker().clone());
        let first = script.polls.fetch_add(1, Ordering::Relaxed) == 0;
        match script.case.does {
            Does::IsReady => return Poll::Ready(Ok(7)),
            Does::FailsBadly => return Poll::Ready(Err(Bad)),
            Does::Panics => panic!("as planned"),
            _ if script.go.load(Ordering::Relaxed) => {}
            _ => {
                if first && script.case.woken == Woken::ByItself {
                    script.go.store(true, Ordering::Relaxed);
                    context.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
        assert!(script.case.does != Does::PanicsWhenWoken, "as planned");
        Poll::Ready(Ok(7))
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.script.dropped.fetch_add(1, Ordering::Relaxed);
        if self.script.case.does == Does::PanicsInDrop && !std::thread::panicking() {
            panic!("in the drop, as planned");
        }
    }
}

/// An error whose drop panics.
#[derive(Debug)]
struct Bad;

impl std::fmt::Display for Bad {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("bad")
    }
}

impl std::error::Error for Bad {}

impl Drop for Bad {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "in the error's drop, as planned");
    }
}

pub(super) fn register(functions: &mut Registry) {
    functions
        .function("scripted", Scripted::new)
        .heavy("heavy", Scripted::new);
}
