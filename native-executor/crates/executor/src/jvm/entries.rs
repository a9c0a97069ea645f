//! The bodies of the native methods: each converts and checks its arguments and calls the core. Each stands here and in
//! `Native.java`.

use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jni_sys::{JNIEnv, jboolean, jbyteArray, jclass, jint, jlong, jlongArray, jstring};
use loopbridge_protocol::CallId;

use super::env::Env;
use super::guard::entry;
use super::loaded::{jvm_of_entry, library, thread_started, thread_stopping};
use super::natives::{JByteBuffer, JPort, Method, c_text};
use super::thrown::Thrown;
use super::upcall::JavaPort;
use super::{handles, table};
use crate::local::{self, LoopHalf};
use crate::mapping::{Mapping, port_memory};
use crate::port::PortConfig;
use crate::runtime::{OpenError, Runtime, RuntimeConfig, ShutdownError};

/// The most bytes that a Java buffer can hold.
const MOST_BUFFER_BYTES: usize = i32::MAX as usize;

natives! {
    "describe" fn describe(env) -> jbyteArray {
        env.byte_array(library()?.description.as_bytes())
    }

    "runtimeOpen" fn runtime_open(env, workers: jint, blocking: jint, linger_nanos: jlong, name: jstring) -> jlong {
        let config = RuntimeConfig {
            functions: &library()?.functions,
            worker_threads: count("worker threads", workers, 1 << 10)?,
            blocking_threads: count("blocking threads", blocking, 1 << 15)?,
            linger: Duration::from_nanos(u64::try_from(linger_nanos).unwrap_or(0)),
            thread_name: env.text(name)?.replace('\0', ""),
            ticket_tag: handles::random_tag(),
            thread_started,
            thread_stopping,
        };
        let runtime = Runtime::open(config)
            .map_err(|refused| Thrown::exhausted(refused.to_string()))?;
        handles::add_runtime(runtime)
    }

    "runtimeShutdown" fn runtime_shutdown(_env, runtime: jlong, timeout_millis: jlong) -> jint {
        let timeout = Duration::from_millis(u64::try_from(timeout_millis).unwrap_or(0));
        match handles::runtime(runtime)?.shutdown(timeout) {
            Ok(running) => Ok(jint::try_from(running).unwrap_or(jint::MAX)),
            Err(ShutdownError::OnRuntimeThread) => Err(Thrown::state(
                "a runtime's own thread cannot wait for its end; close it on another thread",
            )),
            Err(ShutdownError::Again) => Err(Thrown::handle("the runtime was shut down before")),
        }
    }

    "runtimeCounters" fn runtime_counters(env, runtime: jlong, into: jlongArray) {
        let counters = handles::runtime(runtime)?.counters();
        env.fill_longs(into, &counters.to_array())
    }

    "memoryMap" fn memory_map(env, bytes: jlong, into: jlongArray) -> JByteBuffer {
        let bytes = usize::try_from(bytes)
            .ok()
            .filter(|bytes| (1..=MOST_BUFFER_BYTES).contains(bytes))
            .ok_or_else(|| {
                Thrown::argument(format!("{bytes} bytes, expected 1 to {MOST_BUFFER_BYTES}"))
            })?;
        let mapping = Arc::new(Mapping::new(bytes).map_err(no_memory)?);
        let buffer = env.direct_buffer(mapping.address().as_ptr(), bytes)?;
        let handle = handles::add_mapping(mapping)?;
        env.fill_longs(into, &[handle as u64]).inspect_err(|_| {
            let _unknown = handles::forget_mapping(handle);
        })?;
        Ok(buffer)
    }

    "memoryUnmap" fn memory_unmap(_env, memory: jlong) {
        drop(handles::forget_mapping(memory)?);
        Ok(())
    }

    "portOpen" fn port_open(
        env,
        runtime: jlong,
        port: JPort,
        memory: jlong,
        submission_capacity: jint,
        completion_capacity: jint,
        slots: jint,
        max_payload_bytes: jlong
    ) -> jlong {
        let runtime = handles::runtime(runtime)?;
        let slots = count("slots", slots, 1 << 28)? as u32;
        let submissions = capacity("submission", submission_capacity, slots)?;
        let completions = capacity("completion", completion_capacity, slots)?;
        let mapping = handles::mapping(memory)?;
        let wake = JavaPort::new(jvm_of_entry()?, env, runtime.environment(), port)?;
        let memory = port_memory(&mapping, submissions, completions)
            .map_err(|error| Thrown::argument(error.to_string()))?;
        let config = PortConfig {
            mapping,
            memory: Arc::new(memory),
            slots,
            max_payload_bytes: usize::try_from(max_payload_bytes)
                .map_err(|_| Thrown::argument(format!("{max_payload_bytes} payload bytes")))?,
            ticket_tag: handles::random_tag(),
            wake: Box::new(wake),
        };
        let port = runtime.open_port(config).map_err(|error| match error {
            OpenError::Closing => Thrown::handle("the runtime is closed"),
            OpenError::NoMemory(error) => no_memory(error),
        })?;
        handles::add_port(port)
    }

    "portWake" fn port_wake(_env, port: jlong) {
        handles::port(port)?.ring();
        Ok(())
    }

    "portRequestWake" fn port_request_wake(_env, port: jlong) -> jboolean {
        Ok(handles::port(port)?.request_wake())
    }

    "portClose" fn port_close(_env, handle: jlong) {
        let port = handles::port(handle)?;
        port.close();
        handles::forget_if_unused(handle, &port);
        Ok(())
    }

    "payloadView" fn payload_view(env, port: jlong, ticket: jlong) -> JByteBuffer {
        let port = handles::port(port)?;
        let (address, bytes) = port.payload(ticket as u64).ok_or_else(no_payload)?;
        env.direct_buffer(address, bytes)
    }

    "payloadTake" fn payload_take(env, handle: jlong, ticket: jlong) -> jbyteArray {
        let port = handles::port(handle)?;
        let payload = port.take_payload(ticket as u64).ok_or_else(no_payload)?;
        let array = env.byte_array(&payload);
        port.discard_payload(payload);
        handles::forget_if_unused(handle, &port);
        array
    }

    "payloadRelease" fn payload_release(_env, handle: jlong, ticket: jlong) {
        let port = handles::port(handle)?;
        let payload = port.take_payload(ticket as u64).ok_or_else(no_payload)?;
        port.discard_payload(payload);
        handles::forget_if_unused(handle, &port);
        Ok(())
    }

    "payloadGive" fn payload_give(env, port: jlong, bytes: jbyteArray) -> jlong {
        let port = handles::port(port)?;
        let bytes = env.bytes(bytes)?;
        let ticket = port.give_payload(bytes.into());
        ticket
            .map(|ticket| ticket as jlong)
            .ok_or_else(|| Thrown::state("the port has no ticket left for a payload"))
    }

    "objectClose" fn object_close(_env, runtime: jlong, ticket: jlong) {
        match handles::runtime(runtime)?.close_object(ticket as u64) {
            true => Ok(()),
            false => Err(no_object()),
        }
    }

    "objectGive" fn object_give(_env, port: jlong, ticket: jlong) -> jlong {
        let given = handles::port(port)?.give_object(ticket as u64);
        given.map(|given| given as jlong).ok_or_else(no_object)
    }

    "objectTakeBack" fn object_take_back(_env, port: jlong, given: jlong) {
        match handles::port(port)?.take_object_back(given as u64) {
            true => Ok(()),
            false => Err(no_object()),
        }
    }

    "localStart" fn local_start(_env, port: jlong, later: jboolean) -> jint {
        Ok(half(port)?.start(later) as jint)
    }

    "localCall" fn local_call(
        _env,
        port: jlong,
        head: jlong,
        call: jlong,
        first: jlong,
        second: jlong
    ) -> jint {
        let words = [head, call, first, second].map(jlong::cast_unsigned);
        Ok(half(port)?.start_words(words) as jint)
    }

    "localPoll" fn local_poll(_env, port: jlong, slot: jint, generation: jint) -> jint {
        Ok(half(port)?.poll(name(slot, generation)) as jint)
    }

    "localCancel" fn local_cancel(_env, port: jlong, slot: jint, generation: jint) -> jint {
        Ok(half(port)?.cancel(name(slot, generation)) as jint)
    }

    "localRelease" fn local_release(_env, port: jlong, slot: jint, generation: jint) {
        match half(port)?.release(name(slot, generation)) {
            true => Ok(()),
            false => Err(Thrown::handle(format!("{slot}, use {generation}, is no object of this loop's"))),
        }
    }

    "localEnd" fn local_end(_env, port: jlong) {
        let _open = handles::port(port)?;
        local::end(port);
        Ok(())
    }

    "yieldCore" fn yield_core(_env) {
        std::thread::yield_now();
        Ok(())
    }

    "address" fn address(env, buffer: JByteBuffer) -> jlong {
        let address = env.direct_address(buffer)?;
        Ok(address.expose_provenance() as jlong)
    }

    "gateClose" fn gate_close(_env, runtime: jlong) {
        handles::runtime(runtime)?.gate().close();
        Ok(())
    }
}

/// Adds the library behind a table to those that this library's natives reach.
pub(super) const INSTALL: Method = Method {
    name: c"install",
    signature: c"(Ljava/nio/ByteBuffer;)I",
    function: install as *mut c_void,
};

extern "system" fn install(env: *mut JNIEnv, _class: jclass, buffer: JByteBuffer) -> jint {
    // SAFETY: the JVM calls this with its environment.
    unsafe {
        entry(env, |env| {
            let (address, bytes) = env.direct_memory(buffer)?;
            table::install(address, bytes)
        })
    }
}

/// Returns this thread's half of a port.
#[inline]
fn half(handle: jlong) -> Result<Rc<LoopHalf>, Thrown> {
    local::find(handle).map_or_else(|| first_half(handle), Ok)
}

#[cold]
fn first_half(handle: jlong) -> Result<Rc<LoopHalf>, Thrown> {
    let port = handles::port(handle)?;
    local::bind(handle, &port, &library()?.functions).map_err(Thrown::state)
}

fn name(slot: jint, generation: jint) -> CallId {
    CallId {
        slot: slot.cast_unsigned(),
        generation: generation.cast_unsigned(),
    }
}

fn count(what: &str, given: jint, most: usize) -> Result<usize, Thrown> {
    let count = usize::try_from(given)
        .ok()
        .filter(|count| (1..=most).contains(count));
    count.ok_or_else(|| Thrown::argument(format!("{given} {what}, expected 1 to {most}")))
}

fn capacity(ring: &str, given: jint, slots: u32) -> Result<u32, Thrown> {
    let capacity = u32::try_from(given)
        .ok()
        .filter(|given| *given >= 2 * slots);
    capacity.ok_or_else(|| {
        Thrown::argument(format!(
            "a {ring} ring of {given} records, expected at least two for each of {slots} slots"
        ))
    })
}

fn no_memory(error: std::io::Error) -> Thrown {
    Thrown::memory(error.to_string())
}

fn no_object() -> Thrown {
    Thrown::handle("the ticket names no object of this runtime, or one that was closed")
}

fn no_payload() -> Thrown {
    Thrown::handle("the ticket names no payload of this port, or one that was given back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_follow_from_the_parameters() {
        let signature = |name| {
            let named = METHODS.iter().find(|method| method.name == name);
            named.expect("a method").signature
        };
        assert_eq!(signature(c"describe"), c"(I)[B");
        assert_eq!(signature(c"portWake"), c"(IJ)V");
        assert_eq!(
            signature(c"portOpen"),
            c"(IJLdev/loopbridge/PortUpcalls;JIIIJ)J"
        );
    }
}
