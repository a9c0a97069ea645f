//! The calls that become tasks at the end of a turn.

use std::sync::Arc;

use loopbridge_protocol::CallId;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::call::guard::CallTask;
use crate::panics;
use crate::port::invocation::Invocation;
use crate::port::slots::Tasks;

/// What a started call is for: a cancel finds the call's task by it.
pub(super) enum Name {
    /// A call of Java's, by its slot.
    Call(CallId),
    /// The answer to an invocation.
    Relay(Arc<Invocation>),
}

impl Name {
    /// Records the task of the call.
    pub(super) fn started(self, tasks: &mut Tasks, task: JoinHandle<()>) {
        match self {
            Name::Call(id) => tasks.started(id, task),
            Name::Relay(invocation) => invocation.relayed(task.abort_handle()),
        }
    }
}

/// Calls that are to be spawned together, at the end of the turn. Each spawn may wake a worker, which takes what it finds
/// and sleeps again; one that finds many calls at once is woken less often, and so is the owner loop by their outcomes.
pub(super) struct Waiting(Vec<(Name, CallTask)>);

impl Waiting {
    pub(super) fn new() -> Waiting {
        Waiting(Vec::new())
    }

    pub(super) fn push(&mut self, name: Name, task: CallTask) {
        self.0.push((name, task));
    }

    /// Spawns all.
    pub(super) fn spawn(&mut self, tokio: &Handle, tasks: &mut Tasks) {
        for (name, task) in self.0.drain(..) {
            // If `spawn` panics, Tokio drops the task, and the drop of its guard settles the call (rule 1).
            if let Ok(task) = panics::catch(|| tokio.spawn(task)) {
                name.started(tasks, task);
            }
        }
    }
}
