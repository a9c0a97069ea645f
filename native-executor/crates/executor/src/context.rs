//! Context of Rust's own: values that a future, and all that it spawns, can look up where they run.
//!
//! The values of a thread are one list that is shared and never changed. A scope puts its own list in the place of the
//! thread's while it runs, and takes it out again, also if the code in it panics. So carrying the context costs one
//! reference, and a list never holds more than one value for each [`TaskLocal`].
//!
//! This is in the crate, though nothing of it crosses to Java, for two reasons. Tokio's own `task_local!` is not passed
//! on to spawned tasks, so that a library would lose its context at each spawn. And [`spawn_blocking`] is the one place
//! where code that a call puts on the blocking pool is counted, and is connected with the end of that call.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::blocking::{Counted, has_ended, run_for};
use crate::call::guard::end_of_current;
use crate::threads;

/// The address of a [`TaskLocal`], which identifies it.
type Key = usize;

type Value = Arc<dyn Any + Send + Sync>;

/// The list of values; `None` if no value is set.
type Values = Option<Arc<[(Key, Value)]>>;

thread_local! {
    /// The values for the code that runs on this thread.
    static CURRENT: Cell<Values> = const { Cell::new(None) };
    /// True if this thread has any values. In most programs it never has, and this is cheaper to read than `CURRENT`.
    static ANY: Cell<bool> = const { Cell::new(false) };
}

/// A value that belongs to a task and is passed on to the tasks that it [`spawn`]s.
///
/// [`scope`](Self::scope) sets it for one future. All code that runs in the future finds it: on each worker on which
/// the future is polled, while the future is dropped, and in the tasks that [`spawn`], [`spawn_blocking`] and [`carry`]
/// make in it. When a poll is over, also by a panic, the thread has its former values. A task that is spawned in
/// another way, such as by `tokio::spawn`, starts without values.
///
/// The values do not cross to Java, nor do values of Java's come here: a call starts without values.
///
/// ```
/// use loopbridge::TaskLocal;
///
/// static USER: TaskLocal<String> = TaskLocal::new();
///
/// async fn serve(user: String) -> String {
///     USER.scope(user, async { loopbridge::spawn(audit()).await.unwrap_or_default() }).await
/// }
///
/// async fn audit() -> String {
///     USER.get().map_or_else(String::new, |user| format!("asked for by {user}"))
/// }
/// # let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
/// # assert_eq!(tokio.block_on(serve("eve".to_owned())), "asked for by eve");
/// # assert!(USER.get().is_none());
/// ```
pub struct TaskLocal<T> {
    /// Gives the value an address that no other has, and prevents that a `const` is used in place of a `static`.
    _address: AtomicU8,
    value: PhantomData<fn(T) -> T>,
}

impl<T: Send + Sync + 'static> TaskLocal<T> {
    /// Makes one; for a `static`.
    pub const fn new() -> TaskLocal<T> {
        TaskLocal {
            _address: AtomicU8::new(0),
            value: PhantomData,
        }
    }

    /// Returns the value that is set for the calling code, if there is one.
    pub fn get(&'static self) -> Option<Arc<T>> {
        let values = current()?;
        let (_, value) = values.iter().find(|(key, _)| *key == self.key())?;
        Arc::clone(value).downcast().ok()
    }

    /// Returns the future with the value set for it. It also keeps the other values that are set where it is first
    /// polled.
    pub fn scope<F: Future>(
        &'static self,
        value: T,
        future: F,
    ) -> impl Future<Output = F::Output> + use<T, F> {
        Carrying::new(Own::One(self.key(), Arc::new(value)), Span::none(), future)
    }

    /// Runs the code with the value set.
    pub fn sync_scope<R>(&'static self, value: T, code: impl FnOnce() -> R) -> R {
        let mut values = with(self.key(), Arc::new(value));
        let _entered = Entered::new(&mut values);
        code()
    }

    fn key(&'static self) -> Key {
        std::ptr::from_ref(self).addr()
    }
}

impl<T: Send + Sync + 'static> Default for TaskLocal<T> {
    fn default() -> Self {
        TaskLocal::new()
    }
}

impl<T> fmt::Debug for TaskLocal<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "TaskLocal({})", std::any::type_name::<T>())
    }
}

/// Spawns a Tokio task that runs in the context of the caller: with each [`TaskLocal`] and, with the feature `tracing`,
/// in the current span.
///
/// # Panics
///
/// If it is called outside of a Tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(carry(future))
}

/// Runs code on the blocking pool in the context of the caller, as [`spawn`] does with futures.
///
/// The runtime's metrics count the code while it waits and while it runs. If code of a call starts it, it can look at
/// [`cancelled`](crate::cancelled) to see whether that call has ended, and is counted as abandoned once it has.
///
/// # Panics
///
/// If it is called outside of a Tokio runtime, and if neither the pool nor the system has a thread left, as
/// `tokio::task::spawn_blocking` does; but unlike there the code does not run later. A call that ends by the latter
/// panic fails in Java with `SystemLimitException`.
#[track_caller]
pub fn spawn_blocking<R: Send + 'static>(
    code: impl FnOnce() -> R + Send + 'static,
) -> JoinHandle<R> {
    let mut values = current();
    let span = Span::current();
    let call = end_of_current();
    let run = move |(mut counted, code): (Option<Counted>, _)| {
        if let Some(counted) = &mut counted {
            let call = call.clone();
            counted.begin(Box::new(move || call.as_ref().is_some_and(has_ended)));
        }
        let _entered = Entered::new(&mut values);
        let result = run_for(call, || span.run(code));
        // Counted out before the result is visible.
        drop(counted);
        result
    };
    match threads::spawn_blocking(
        &Handle::current(),
        (Counted::code(crate::local::metrics()), code),
        run,
    ) {
        Ok(task) => task,
        Err((work, reason)) => {
            drop(work); // dropped before the panic below, since its drop may panic too
            panic!("{reason}");
        }
    }
}

/// Returns the future with the context of the caller, wherever it is polled and dropped: for futures that are spawned
/// by other means, such as a `JoinSet`.
///
/// ```
/// # async fn both() {
/// let mut tasks = tokio::task::JoinSet::new();
/// tasks.spawn(loopbridge::carry(async { /* ... */ }));
/// # }
/// ```
pub fn carry<F: Future>(future: F) -> impl Future<Output = F::Output> + use<F> {
    Carrying::new(Own::All(current()), Span::current(), future)
}

fn current() -> Values {
    if !ANY.get() {
        return None;
    }
    let look = |current: &Cell<Values>| {
        let values = current.take();
        current.set(values.clone());
        values
    };
    // A thread that is ending has no values any more.
    CURRENT.try_with(look).unwrap_or(None)
}

/// Returns the current values with this one added or replaced.
fn with(key: Key, value: Value) -> Values {
    let outer = current();
    let outer = outer.iter().flat_map(|values| values.iter());
    let others = outer.filter(|(other, _)| *other != key).cloned();
    Some(others.chain([(key, value)]).collect())
}

/// Exchanges a thread's values for others, and exchanges them again when it is dropped. It does nothing if both are
/// empty.
struct Entered<'a>(Option<&'a mut Values>);

impl<'a> Entered<'a> {
    fn new(values: &'a mut Values) -> Entered<'a> {
        if values.is_none() && !ANY.get() {
            return Entered(None);
        }
        exchange(values);
        Entered(Some(values))
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(values) = self.0.take() {
            exchange(values);
        }
    }
}

fn exchange(values: &mut Values) {
    // On a thread that is ending neither the begin nor the end of a scope finds the variable.
    let _ = CURRENT.try_with(|current| {
        let mine = values.take();
        ANY.set(mine.is_some());
        *values = current.replace(mine);
    });
}

/// The values that a future has while it runs.
enum Own {
    /// One value, beside those that are set where the future is first polled.
    One(Key, Value),
    All(Values),
}

impl Own {
    fn enter(&mut self) -> Entered<'_> {
        if let Own::One(key, value) = self {
            *self = Own::All(with(*key, Arc::clone(value)));
        }
        match self {
            Own::All(values) => Entered::new(values),
            Own::One(..) => unreachable!("exchanged above"),
        }
    }
}

pin_project! {
    /// A future that runs, and is dropped, with its own values in place of the thread's, and in a span.
    struct Carrying<F> {
        own: Own,
        span: Span,
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Carrying<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let _entered = this.own.enter();
                this.span.run(|| this.future.set(None));
            }
        }
    }
}

impl<F> Carrying<F> {
    fn new(own: Own, span: Span, future: F) -> Carrying<F> {
        Carrying {
            own,
            span,
            future: Some(future),
        }
    }
}

impl<F: Future> Future for Carrying<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _entered = this.own.enter();
        this.span.run(|| {
            let Some(future) = this.future.as_mut().as_pin_mut() else {
                panic!("polled again after it was ready");
            };
            let polled = future.poll(context);
            if polled.is_ready() {
                this.future.set(None);
            }
            polled
        })
    }
}

/// The span that was current when something was spawned.
#[cfg(feature = "tracing")]
struct Span(tracing::Span);

#[cfg(feature = "tracing")]
impl Span {
    fn current() -> Span {
        Span(tracing::Span::current())
    }

    /// Makes one that leaves the thread's span unchanged.
    fn none() -> Span {
        Span(tracing::Span::none())
    }

    fn run<R>(&self, code: impl FnOnce() -> R) -> R {
        self.0.in_scope(code)
    }
}

/// Without the feature `tracing` there is no span.
#[cfg(not(feature = "tracing"))]
struct Span;

#[cfg(not(feature = "tracing"))]
impl Span {
    fn current() -> Span {
        Span
    }

    fn none() -> Span {
        Span
    }

    fn run<R>(&self, code: impl FnOnce() -> R) -> R {
        code()
    }
}
