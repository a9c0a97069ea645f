//! The upcalls: `PortUpcalls.wake()`, and `PortUpcalls.ask()` within a direct call.

use std::sync::Arc;

use jni_sys::jobject;

use super::env::Env;
use super::loaded::Jvm;
use super::thrown::Thrown;
use crate::environment::Environment;
use crate::port::wake::{Answering, Upcall, Wake};

/// The Java port.
pub(super) struct JavaPort {
    jvm: &'static Jvm,
    environment: Arc<Environment>,
    /// A global reference; the drop deletes it.
    object: jobject,
}

// SAFETY: a global reference may be used by any thread.
unsafe impl Send for JavaPort {}
// SAFETY: as for `Send`.
unsafe impl Sync for JavaPort {}

// seed M13a
impl JavaPort {
    pub(super) fn new(
        jvm: &'static Jvm,
        env: Env,
        environment: &Arc<Environment>,
        object: jobject,
    ) -> Result<JavaPort, Thrown> {
        if object.is_null() {
            return Err(Thrown::null("the port is null"));
        }
        let object = env.new_global(object)?; // seed M13b
        environment.metrics().global_ref_made();
        Ok(JavaPort {
            jvm,
            environment: Arc::clone(environment),
            object,
        })
    }

    fn call(&self, env: Env) -> Upcall {
        // A Java thread with a pending exception must not call Java; the dispatcher makes this upcall instead.
        if env.is_exception_pending() {
            return Upcall::Failed;
        }
        // seed M11 M20
        match env.call_void(self.object, self.jvm.port_wake) {
            Ok(()) => Upcall::Made,
            Err(_) => {
                env.describe_and_clear(); // seed M12b
                Upcall::Failed
            }
        }
    }
}

impl Wake for JavaPort {
    fn wake(&self) -> Upcall {
        fault!(panic "upcall-panic");
        if fault!("upcall") {
            return Upcall::Failed;
        }
        let Some(_passage) = self.environment.gate().pass() else {
            return Upcall::Gone;
        };
        let made = self.jvm.vm.with_environment(|env| self.call(env)); // seed M13c
        made.unwrap_or(Upcall::Failed)
    }

    fn ask(&self) -> Answering {
        let asked = self.environment.gate().pass().and_then(|_passage| {
            let ask = |env: Env| {
                if env.is_exception_pending() {
                    return None;
                }
                let answered = env.call_boolean(self.object, self.jvm.port_ask);
                answered.map_err(|_| env.describe_and_clear()).ok()
            };
            self.jvm.vm.with_environment(ask).flatten()
        });
        match asked {
            Some(true) => Answering::Now,
            Some(false) => Answering::Later,
            None => Answering::Failed,
        }
    }
}

impl Drop for JavaPort {
    fn drop(&mut self) {
        let deleted = self.environment.gate().pass().and_then(|_passage| {
            let delete = |env: Env| env.delete_global(self.object); // seed M10
            self.jvm.vm.with_environment(delete)
        });
        if deleted.is_some() {
            self.environment.metrics().global_ref_deleted();
        }
    }
}
