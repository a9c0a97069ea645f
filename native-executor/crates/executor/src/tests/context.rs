//! Task-locals and spans: spawned tasks have them, and no thread keeps them.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Waker};

use loopbridge_protocol::OutcomeKind;
use tokio::task::{JoinSet, yield_now};

use super::owner::{Owner, none};
use super::{assert_at_rest, runtime};
use crate::{Registry, TaskLocal, carry, spawn, spawn_blocking};

static USER: TaskLocal<i64> = TaskLocal::new();
static TENANT: TaskLocal<&str> = TaskLocal::new();

fn user() -> i64 {
    USER.get().map_or(-1, |user| *user)
}

fn tenant() -> &'static str {
    TENANT.get().map_or("", |tenant| *tenant)
}

fn on_two_workers<R>(future: impl Future<Output = R>) -> R {
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("threads for a test");
    let result = tokio.block_on(future);
    // Both workers, at the same time.
    let here = Arc::new(Barrier::new(2));
    let look = || {
        let here = Arc::clone(&here);
        tokio.spawn(async move {
            here.wait();
            user()
        })
    };
    let looks = (look(), look());
    let left = tokio.block_on(async { (looks.0.await, looks.1.await) });
    let left = [left.0.expect("a look"), left.1.expect("a look")];
    assert_eq!(left, [-1, -1], "left on a worker");
    let blocking = tokio.block_on(tokio.spawn_blocking(user));
    assert_eq!(blocking.expect("a look"), -1, "left on a blocking thread");
    assert_eq!(user(), -1, "left on the caller");
    result
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn nested_spawns_find_what_their_spawner_had() {
    let found = on_two_workers(USER.scope(7, async {
        let outer = spawn(async {
            yield_now().await;
            let inner = spawn(async {
                yield_now().await;
                let blocking = spawn_blocking(|| {
                    let handle = tokio::runtime::Handle::current();
                    let task = spawn(async { user() });
                    (user(), handle.block_on(task).expect("a task"))
                });
                (user(), blocking.await.expect("a blocking task"))
            });
            (user(), inner.await.expect("the inner task"))
        });
        outer.await.expect("the outer task")
    }));
    assert_eq!(found, (7, (7, (7, 7))));
}

#[test]
fn each_task_keeps_its_own_on_shared_workers() {
    let found = on_two_workers(async {
        let mut tasks = JoinSet::new();
        for number in 0..200 {
            tasks.spawn(USER.scope(number, async move {
                for _ in 0..10 {
                    yield_now().await;
                    let nested = spawn(async {
                        yield_now().await;
                        user()
                    });
                    assert_eq!(nested.await.expect("a task"), number);
                    assert_eq!(user(), number);
                }
                1
            }));
        }
        tasks.join_all().await.len()
    });
    assert_eq!(found, 200);
}

#[test]
fn what_is_spawned_past_them_has_nothing() {
    let found = on_two_workers(USER.scope(7, async {
        let mut tasks = JoinSet::new();
        tasks.spawn(carry(async { user() }));
        let carried = tasks.join_all().await;
        let bare = tokio::spawn(async { user() }).await.expect("a task");
        (carried, bare)
    }));
    assert_eq!(found, (vec![7], -1));
}

#[test]
fn scopes_nest_and_an_inner_value_hides_the_outer() {
    let inner = TENANT.scope("inner", async { (user(), tenant()) });
    let mut both = pin!(USER.scope(
        1,
        TENANT.scope("outer", async {
            let hidden = inner.await;
            (hidden, user(), tenant())
        })
    ));
    let found = ((1, "inner"), 1, "outer");
    assert_eq!(poll(both.as_mut()), Poll::Ready(found));
    assert_eq!((user(), tenant()), (-1, ""));
    let nested = USER.sync_scope(1, || (USER.sync_scope(2, user), user()));
    assert_eq!((nested, user()), ((2, 1), -1));
}

#[test]
fn a_chain_of_tasks_keeps_no_more_than_one_value_of_each() {
    static LAST: TaskLocal<Arc<()>> = TaskLocal::new();
    let first = Arc::new(());
    let task = on_two_workers(LAST.scope(Arc::clone(&first), async {
        let inner = LAST.scope(Arc::default(), async { Some(carry(pending::<()>())) });
        inner.await
    }));
    assert_eq!(Arc::strong_count(&first), 1);
    drop(task);
}

struct Dropped(mpsc::Sender<i64>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(user());
    }
}

#[test]
fn a_future_is_dropped_with_what_it_had() {
    let (sender, seen) = mpsc::channel();
    let dropped = || Dropped(sender.clone());
    // Dropped before its first poll, after it, when it is ready, and as an aborted task.
    drop(USER.scope(1, {
        let held = dropped();
        async move { drop(held) }
    }));
    {
        let held = dropped();
        let mut polled = pin!(USER.scope(2, async move {
            let _held = held;
            pending::<()>().await;
        }));
        assert!(poll(polled.as_mut()).is_pending());
    }
    let held = dropped();
    let mut ready = pin!(USER.scope(
        3,
        poll_fn(move |_| {
            let _ = &held;
            Poll::Ready(())
        })
    ));
    assert!(poll(ready.as_mut()).is_ready());
    on_two_workers(USER.scope(4, async {
        let held = dropped();
        let task = spawn(async move {
            let _held = held;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(task.await.expect_err("aborted").is_cancelled());
    }));
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn a_panic_leaves_nothing() {
    crate::panics::install_hook();
    let mut panics = pin!(USER.scope(1, async { std::panic::panic_any("on purpose") }));
    let caught = crate::panics::catch(|| poll(panics.as_mut()).is_ready());
    assert!(caught.is_err());
    assert_eq!(user(), -1);
    let caught = crate::panics::catch(|| USER.sync_scope(1, || std::panic::panic_any("too")));
    assert!(caught.is_err());
    assert_eq!(user(), -1);
    // Also in a drop, after which the outer scope is as it was.
    struct PanicInDrop;
    impl Drop for PanicInDrop {
        fn drop(&mut self) {
            std::panic::panic_any("dropped");
        }
    }
    let held = PanicInDrop;
    let future = Box::pin(USER.scope(1, async move {
        let _held = held;
        pending::<()>().await;
    }));
    let after = USER.sync_scope(5, || {
        let dropped = crate::panics::catch(|| drop(future));
        (dropped.is_err(), user())
    });
    assert_eq!((after, user()), ((true, 5), -1));
}

#[test]
fn a_thread_that_is_going_away_has_nothing_and_takes_nothing() {
    struct Late(Cell<Option<mpsc::Sender<(i64, i64)>>>);
    impl Drop for Late {
        fn drop(&mut self) {
            if let Some(sender) = self.0.take() {
                let _ = sender.send((user(), USER.sync_scope(2, user)));
            }
        }
    }
    thread_local!(static LATE: Late = const { Late(Cell::new(None)) });
    let (sender, seen) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        LATE.with(|late| late.0.set(Some(sender))); // made first, so destroyed last
        USER.sync_scope(1, || assert_eq!(user(), 1));
    });
    thread.join().expect("no panic");
    // Whether a value is taken depends on the order in which the thread's own locals are destroyed.
    let (before, _) = seen.recv().expect("the values that the drop saw");
    assert_eq!(before, -1);
}

// Calls.

fn register(functions: &mut Registry) {
    functions
        .function("scoped", |value: i64| {
            USER.scope(value, async {
                let at_first = user();
                yield_now().await;
                let nested = spawn(async {
                    yield_now().await;
                    user()
                });
                at_first * 100 + nested.await.unwrap_or(-1) * 10 + user()
            })
        })
        .function("ready", |value: i64| USER.scope(value, async { user() }))
        .function("panics", |value: i64| {
            USER.scope(value, async {
                let value: i64 = "text".parse().expect("in a scope");
                value
            })
        })
        .function("look", || async { user() })
        .heavy("lookAsTask", || async { user() })
        .blocking("lookBlocking", user);
}

#[test]
fn a_call_has_its_own_from_its_first_poll_on_and_leaves_none_to_the_next() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for round in 0..50 {
        let scoped = owner.run("scoped", &none().i64(7));
        assert_eq!(scoped.payload, 777_i64.to_le_bytes(), "round {round}");
        let ready = owner.run("ready", &none().i64(3));
        assert_eq!(ready.payload, 3_i64.to_le_bytes());
        let panicked = owner.run("panics", &none().i64(9));
        assert_eq!(panicked.kind, OutcomeKind::Panic);
        for look in ["look", "lookAsTask", "lookBlocking"] {
            assert_eq!(owner.run(look, &none()).payload, (-1_i64).to_le_bytes());
        }
    }
    assert_at_rest(&runtime);
}

#[cfg(feature = "tracing")]
#[test]
fn spawns_run_and_are_dropped_in_the_span_of_their_spawner() {
    fn span() -> &'static str {
        tracing::Span::current()
            .metadata()
            .map_or("none", |span| span.name())
    }

    struct InSpan(mpsc::Sender<&'static str>);
    impl Drop for InSpan {
        fn drop(&mut self) {
            let _ = self.0.send(span());
        }
    }

    tracing::subscriber::set_global_default(tracing_subscriber::registry())
        .expect("the only one in these tests");
    let (sender, seen) = mpsc::channel();
    on_two_workers(async {
        let task = tracing::info_span!("outer").in_scope(|| {
            spawn(async move {
                let _dropped = InSpan(sender);
                yield_now().await;
                assert_eq!(span(), "outer");
                let inner = tracing::info_span!("inner").in_scope(|| {
                    let nested = spawn(async {
                        yield_now().await;
                        span()
                    });
                    (nested, spawn_blocking(span))
                });
                assert_eq!(inner.0.await.expect("a task"), "inner");
                assert_eq!(inner.1.await.expect("a blocking task"), "inner");
                assert_eq!(
                    tokio::spawn(async { span() }).await.expect("a task"),
                    "none"
                );
                assert_eq!(span(), "outer");
            })
        });
        assert_eq!(span(), "none");
        task.await.expect("the spans were as expected");
        assert_eq!(span(), "none");
    });
    assert_eq!(seen.recv(), Ok("outer"));
}
