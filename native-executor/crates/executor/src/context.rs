//! Context of Rust's own: values that a future and all it spawns find where they run.
//!
//! The values of a thread are one list that is shared and never changed. A scope puts a list of its own in its place
//! while it runs and takes it out again, whatever happens inside. So to carry the context is one reference, and a list
//! never holds more than one value for each [`TaskLocal`].

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
use crate::call::end_of_current;
use crate::threads;

/// The address of a [`TaskLocal`].
type Key = usize;

type Value = Arc<dyn Any + Send + Sync>;

/// What is set; none if nothing is.
type Values = Option<Arc<[(Key, Value)]>>;

thread_local! {
    /// The values for the code that runs on this thread.
    static CURRENT: Cell<Values> = const { Cell::new(None) };
    /// Whether there are any. In most programs there never are, and this is looked up sooner.
    static ANY: Cell<bool> = const { Cell::new(false) };
}

/// A value of a task's own, which goes with what the task [`spawn`]s.
///
/// It is set for one future by [`scope`](Self::scope), and found by whatever runs in there: on whichever worker each
/// poll happens, while the future is dropped, and in the tasks that [`spawn`], [`spawn_blocking`] and [`carry`] make in
/// it. On a thread nothing is left when the poll is over, also by panic. What is spawned past these, such as by
/// `tokio::spawn`, starts with nothing set.
///
/// Nothing of it crosses to Java, and nothing comes from there: a call starts with nothing set.
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
    /// Gives it an address that no other has, and keeps a `const` of it from being used in place of a `static`.
    _address: AtomicU8,
    value: PhantomData<fn(T) -> T>,
}

impl<T: Send + Sync + 'static> TaskLocal<T> {
    /// For a `static`.
    pub const fn new() -> TaskLocal<T> {
        TaskLocal {
            _address: AtomicU8::new(0),
            value: PhantomData,
        }
    }

    /// The value that is set where this runs, if one is.
    pub fn get(&'static self) -> Option<Arc<T>> {
        let values = current()?;
        let (_, value) = values.iter().find(|(key, _)| *key == self.key())?;
        Arc::clone(value).downcast().ok()
    }

    /// The future, with the value set for it. What else is set where it is first polled stays with it too.
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

/// Spawns a Tokio task that finds the context of its spawner: each [`TaskLocal`] and, by the feature `tracing`, the
/// current span.
///
/// # Panics
///
/// Outside of a Tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(carry(future))
}

/// Runs code on the blocking pool in the context of the caller; what [`spawn`] is for futures.
///
/// The runtime's metrics count it while it waits and while it runs. If a call's task starts it, the code can ask
/// [`cancelled`](crate::cancelled) whether that call has ended, and is counted as abandoned when it has.
///
/// # Panics
///
/// Outside of a Tokio runtime, and if the pool has no thread and the system has none left for it, as
/// `tokio::task::spawn_blocking` does; but unlike there the code does not run later then. A call that ends by the latter
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
        // The result is seen after this.
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
            drop(work); // before the panic, since it may panic too
            panic!("{reason}");
        }
    }
}

/// The future in the context of the caller, wherever it is polled and dropped: for what spawns by other means, such as
/// a `JoinSet`.
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
    // A thread that is going away has nothing set.
    CURRENT.try_with(look).unwrap_or(None)
}

/// What is set, and this.
fn with(key: Key, value: Value) -> Values {
    let outer = current();
    let outer = outer.iter().flat_map(|values| values.iter());
    let others = outer.filter(|(other, _)| *other != key).cloned();
    Some(others.chain([(key, value)]).collect())
}

/// Has exchanged a thread's values for others, unless there are none of both; exchanges them again when it is dropped.
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
    // On a thread that is going away neither end of a scope finds the place.
    let _ = CURRENT.try_with(|current| {
        let mine = values.take();
        ANY.set(mine.is_some());
        *values = current.replace(mine);
    });
}

/// What a future has set while it runs.
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

    /// Leaves the thread's as it is.
    fn none() -> Span {
        Span(tracing::Span::none())
    }

    fn run<R>(&self, code: impl FnOnce() -> R) -> R {
        self.0.in_scope(code)
    }
}

/// Without the feature `tracing` there is none.
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
