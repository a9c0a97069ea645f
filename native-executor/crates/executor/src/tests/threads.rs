//! A system that can start no further thread: each test runs in a process of its own, whose address space has no room
//! for another thread's stack.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

use loopbridge_protocol::OutcomeKind;

use super::owner::{Owner, Settled, none};
use super::{assert_at_rest, functions, no_hook, runtime, wait_for};
use crate::panics;
use crate::runtime::{Runtime, RuntimeConfig};
use crate::threads::Refused;
use crate::{JavaFn, Registry, Shared, SharedType};

/// The stack of each thread of such a process, in bytes.
const STACK: u64 = 1 << 30;
/// Bytes of address space left for everything else.
const SLACK: u64 = 256 << 20;

static RAN: AtomicUsize = AtomicUsize::new(0);
static WAITS: AtomicBool = AtomicBool::new(false);
/// The runtime that a probe looks at when it is dropped.
static PROBED: OnceLock<Weak<Runtime>> = OnceLock::new();

struct Probe;

impl SharedType for Probe {
    const NAME: &'static str = "Probe";
}

impl Drop for Probe {
    fn drop(&mut self) {
        let runtime = PROBED.get().and_then(Weak::upgrade).expect("a runtime");
        assert!(!runtime.are_ports_locked());
        RAN.fetch_add(1, Ordering::SeqCst);
    }
}

fn register(functions: &mut Registry) {
    functions
        .blocking("count", || {
            RAN.fetch_add(1, Ordering::SeqCst);
        })
        .function("probe", || async { Shared::new(Probe) })
        .function("nested", || async {
            let counted = crate::spawn_blocking(|| RAN.fetch_add(1, Ordering::SeqCst));
            let _ = counted.await;
        })
        .function("caught", |ask: JavaFn<(), ()>| async move {
            let error = ask.call(()).await.expect_err("no thread");
            error.to_string()
        })
        .blocking("wait", || {
            WAITS.store(true, Ordering::SeqCst);
            while WAITS.load(Ordering::SeqCst) {
                thread::yield_now();
            }
        });
}

/// Runs the test of that name alone, in a process with `child` set; whether this is that process.
fn is_child(test: &str) -> bool {
    const CHILD: &str = "LOOPBRIDGE_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let name = format!("tests::threads::{test}");
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", &name, "--nocapture", "--test-threads", "1"])
        .env(CHILD, "1")
        .env("RUST_MIN_STACK", STACK.to_string())
        .output()
        .expect("a process");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{}\n{printed}\n{errors}",
        output.status
    );
    false
}

/// While this exists, this many more threads can start.
struct ThreadsLeft(libc::rlimit);

impl ThreadsLeft {
    fn limit(threads: u64) -> ThreadsLeft {
        let status = std::fs::read_to_string("/proc/self/status").expect("a Linux");
        let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
        let kib: u64 = size
            .and_then(|size| size.trim().trim_end_matches("kB").trim().parse().ok())
            .expect("the size of the address space");
        let mut before = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the call fills the structure.
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut before) }, 0);
        set(libc::rlimit {
            rlim_cur: kib * 1024 + SLACK + threads * STACK,
            ..before
        });
        ThreadsLeft(before)
    }
}

impl Drop for ThreadsLeft {
    fn drop(&mut self) {
        set(self.0);
    }
}

fn set(limit: libc::rlimit) {
    // SAFETY: the structure is read only.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .expect("a Linux")
        .count()
}

#[test]
fn a_blocking_call_without_a_thread_settles_at_once_and_never_runs() {
    if !is_child("a_blocking_call_without_a_thread_settles_at_once_and_never_runs") {
        return;
    }
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let left = ThreadsLeft::limit(0);
    assert!(thread::Builder::new().spawn(|| {}).is_err());
    for function in ["count", "nested"].repeat(10) {
        assert_refused(&owner.run(function, &none()));
    }
    // The call is the answer to an invocation.
    let handler = owner.object(1);
    owner.call("caught", &none().handler(handler, 1));
    let (invocation, _) = owner.next_invocation();
    owner.relay(invocation, "count", &none());
    let settled = owner.next();
    assert_eq!(settled.kind, OutcomeKind::Value);
    let text = String::from_utf8_lossy(&settled.payload);
    assert!(
        text.contains("SystemLimitException: the system has no thread"),
        "{text}"
    );
    owner.await_dropped();
    assert_at_rest(&runtime);
    assert_eq!(RAN.load(Ordering::SeqCst), 0);
    drop(left);
    // The pool's queue reads these records first; it still has a place for each of them.
    assert_eq!(owner.run("count", &none()).kind, OutcomeKind::Value);
    assert_eq!(RAN.load(Ordering::SeqCst), 1);
    assert_at_rest(&runtime);
}

fn assert_refused(settled: &Settled) {
    assert_eq!(settled.kind, OutcomeKind::Exhausted, "{settled:?}");
    let text = String::from_utf8_lossy(&settled.payload);
    assert!(text.contains("os error 11"), "{text}");
    assert!(text.contains("ulimit -u"), "{text}");
}

#[test]
fn a_blocking_call_waits_for_a_busy_thread_if_there_is_one() {
    if !is_child("a_blocking_call_waits_for_a_busy_thread_if_there_is_one") {
        return;
    }
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let waits = owner.call("wait", &none());
    wait_for(&runtime, "it to run", |_| WAITS.load(Ordering::SeqCst));
    let left = ThreadsLeft::limit(0);
    let count = owner.call("count", &none());
    wait_for(&runtime, "it to be queued", |counters| {
        counters.blocking_spawned == 2
    });
    WAITS.store(false, Ordering::SeqCst);
    for call in [waits, count] {
        let settled = owner.next();
        assert_eq!((settled.call, settled.kind), (call, OutcomeKind::Value));
    }
    assert_eq!(RAN.load(Ordering::SeqCst), 1);
    drop(left);
    assert_at_rest(&runtime);
}

#[test]
fn a_runtime_closes_without_a_thread_for_its_objects() {
    if !is_child("a_runtime_closes_without_a_thread_for_its_objects") {
        return;
    }
    let runtime = runtime(register);
    PROBED.set(Arc::downgrade(&runtime)).expect("one test");
    let mut owner = Owner::new(&runtime);
    assert_eq!(owner.run("probe", &none()).kind, OutcomeKind::Value);
    let left = ThreadsLeft::limit(0);
    runtime
        .shutdown(super::PATIENCE)
        .expect("the first shutdown");
    drop(left);
    assert_eq!(RAN.load(Ordering::SeqCst), 1);
    assert_eq!(runtime.counters().panics, 0);
}

#[test]
fn workers_without_a_thread_leave_none_behind() {
    if !is_child("workers_without_a_thread_leave_none_behind") {
        return;
    }
    panics::install_hook();
    let before = threads();
    for possible in 0..3 {
        let left = ThreadsLeft::limit(possible);
        let opened = Runtime::open(RuntimeConfig {
            functions: functions(register),
            worker_threads: 4,
            linger: Default::default(),
            blocking_threads: 4,
            thread_name: "test".to_owned(),
            ticket_tag: 0x5bd1_e995_9e37_79b9,
            thread_started: no_hook,
            thread_stopping: no_hook,
        });
        let refused = opened.err().expect("too few threads");
        assert!(matches!(refused, Refused::NoThread(_)), "{refused}");
        assert!(refused.to_string().contains("workerThreads"), "{refused}");
        drop(left);
        while threads() > before {
            thread::yield_now();
        }
    }
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    assert_eq!(owner.run("count", &none()).kind, OutcomeKind::Value);
    // Opened from within another runtime.
    let around = tokio::runtime::Builder::new_current_thread().build();
    let inner = around
        .expect("it needs no thread")
        .block_on(async { super::runtime(register) });
    assert_eq!(inner.counters().calls_begun, 0);
    wait_for(&runtime, "rest", |counters| counters.live_tasks == 0);
}
