//! The handles that Java holds: tickets, never pointers (rule 7).
//!
//! Runtimes and ports have tables of their own with random tags, so that a handle of another kind or of another library
//! names nothing. No message contains one: messages go into logs.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use loopbridge_protocol::SlotTable;

use super::thrown::Thrown;
use crate::mapping::Mapping;
use crate::port::Port;
use crate::runtime::Runtime;

const MOST: u32 = 1 << 20;

static RUNTIMES: LazyLock<SlotTable<Arc<Runtime>>> =
    LazyLock::new(|| SlotTable::new(MOST, random_tag()));
static PORTS: LazyLock<SlotTable<Arc<Port>>> = LazyLock::new(|| SlotTable::new(MOST, random_tag()));
/// The mappings that Java can still reach; their number is limited by the system alone.
static MAPPINGS: LazyLock<SlotTable<Arc<Mapping>>> =
    LazyLock::new(|| SlotTable::new(u32::MAX, random_tag()));

/// Returns a random number.
pub(super) fn random_tag() -> u64 {
    RandomState::new().hash_one("loopbridge")
}

pub(super) fn add_runtime(runtime: Arc<Runtime>) -> Result<i64, Thrown> {
    insert(&RUNTIMES, runtime)
}

/// Returns a runtime; also after its shutdown, for its counters.
pub(super) fn runtime(handle: i64) -> Result<Arc<Runtime>, Thrown> {
    let runtime = RUNTIMES.get(handle as u64);
    runtime.ok_or_else(|| Thrown::handle("the handle names no runtime of this library"))
}

pub(super) fn add_port(port: Arc<Port>) -> Result<i64, Thrown> {
    insert(&PORTS, port)
}

pub(super) fn port(handle: i64) -> Result<Arc<Port>, Thrown> {
    let port = PORTS.get(handle as u64);
    port.ok_or_else(|| Thrown::handle("the handle names no open port of this library"))
}

/// Removes a port from the table if Java has closed it and has given its payloads back. It may be called any number of
/// times.
pub(super) fn forget_if_unused(handle: i64, port: &Port) {
    if port.is_forgotten() {
        drop(PORTS.remove(handle as u64));
    }
}

pub(super) fn add_mapping(mapping: Arc<Mapping>) -> Result<i64, Thrown> {
    insert(&MAPPINGS, mapping)
}

pub(super) fn mapping(handle: i64) -> Result<Arc<Mapping>, Thrown> {
    let mapping = MAPPINGS.get(handle as u64);
    mapping.ok_or_else(|| Thrown::handle("the handle names no memory of this library"))
}

/// Removes Java's reference to the memory, and returns it.
pub(super) fn forget_mapping(handle: i64) -> Result<Arc<Mapping>, Thrown> {
    let mapping = MAPPINGS.remove(handle as u64);
    mapping.ok_or_else(|| Thrown::handle("the handle names no memory of this library"))
}

fn insert<T>(table: &SlotTable<Arc<T>>, value: Arc<T>) -> Result<i64, Thrown> {
    let ticket = table.insert(value);
    ticket
        .map(|ticket| ticket as i64)
        .map_err(|_| Thrown::state(format!("{MOST} are open already; close some")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_not_handed_out_names_nothing() {
        for bit in 0..64 {
            assert!(matches!(port(1 << bit), Err(Thrown::New(..))));
            assert!(matches!(runtime(1 << bit), Err(Thrown::New(..))));
        }
        assert!(port(0).is_err() && runtime(0).is_err());
        assert_ne!(random_tag(), random_tag());
    }
}
