//! The thread for ports at rest.
//!
//! A worker of Tokio that was asleep and finds a task wakes a second worker before it runs the task, in case there are
//! more. After a rest there are none, and that wake costs more than all else that a single call does here. So a runtime
//! has one further thread, which polls the dispatcher of a port that has slept for long.
//!
//! The thread serves one port at a time. While it does, the dispatchers of other ports are woken to the runtime's
//! workers, so that no port waits for the user code of another.

use std::mem::replace;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::threads;

/// What the thread polls.
pub(crate) trait AtRest: Send + Sync {
    /// Polls the dispatcher once.
    fn poll_at_rest(self: Arc<Self>);
}

/// The thread for ports at rest of one runtime. Any thread.
pub(crate) struct RestThread {
    /// Has the thread in its blocking pool, where user code finds the context of a task and may block. `None` if there
    /// is no thread, or it was closed.
    tokio: Mutex<Option<Runtime>>,
    post: Arc<Post>,
}

/// How the thread gets its work.
struct Post {
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    Free,
    Given(Arc<dyn AtRest>),
    /// The thread polls, or there is none.
    Busy,
    Closed,
}

impl RestThread {
    /// Starts the thread in the blocking pool of `tokio`. If the system has no thread for it, there is none.
    pub(crate) fn new(tokio: Option<Runtime>) -> RestThread {
        let post = Arc::new(Post {
            state: Mutex::new(State::Busy),
            changed: Condvar::new(),
        });
        if let Some(tokio) = &tokio {
            let post = Arc::clone(&post);
            drop(threads::spawn_blocking(tokio.handle(), post, |post| {
                post.run();
            }));
        }
        RestThread {
            tokio: Mutex::new(tokio),
            post,
        }
    }

    /// Has the thread poll a dispatcher, if it is free. Returns whether it does.
    pub(crate) fn give<R: AtRest + 'static>(&self, dispatcher: &Arc<R>) -> bool {
        let mut state = lock(&self.post.state);
        if !matches!(*state, State::Free) {
            return false;
        }
        *state = State::Given(Arc::<R>::clone(dispatcher));
        drop(state);
        self.post.changed.notify_one();
        true
    }

    /// Ends the thread, and waits for that up to `timeout`.
    pub(crate) fn close(&self, timeout: Duration) {
        let before = replace(&mut *lock(&self.post.state), State::Closed);
        self.post.changed.notify_one();
        drop(before);
        let tokio = lock(&self.tokio).take();
        if let Some(tokio) = tokio {
            tokio.shutdown_timeout(timeout);
        }
    }
}

impl Post {
    fn run(&self) {
        while let Some(dispatcher) = self.next() {
            dispatcher.poll_at_rest();
        }
    }

    /// Waits for the next dispatcher; `None` at the end.
    fn next(&self) -> Option<Arc<dyn AtRest>> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Busy) {
            *state = State::Free;
        }
        let free = |state: &mut State| matches!(state, State::Free);
        let mut state = self
            .changed
            .wait_while(state, free)
            .unwrap_or_else(PoisonError::into_inner);
        match replace(&mut *state, State::Busy) {
            State::Given(dispatcher) => Some(dispatcher),
            State::Free | State::Busy | State::Closed => {
                *state = State::Closed;
                None
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
