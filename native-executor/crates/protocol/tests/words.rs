//! The doorbell and the wake word: each transition from each state.
#![cfg(not(any(loom, shuttle)))]

use std::sync::Arc;

use loopbridge_protocol::{
    Close, Doorbell, Idle, Park, PortMemory, Reschedule, Ring, Unpark, Wake, WakeWord,
};

fn memory() -> Arc<PortMemory> {
    Arc::new(PortMemory::allocate(1, 1).unwrap())
}

#[test]
fn ring_of_an_awake_dispatcher_makes_no_downcall() {
    let doorbell = Doorbell::new(memory());
    assert_eq!(doorbell.ring(), Ring::Awake);
}

#[test]
fn one_ring_wakes_a_parked_dispatcher() {
    let doorbell = Doorbell::new(memory());
    assert_eq!(doorbell.park(), Park::Parked);
    assert_eq!(doorbell.ring(), Ring::Downcall);
    assert_eq!(doorbell.ring(), Ring::Awake);
    assert_eq!(doorbell.unpark(), Unpark::Rung);
}

#[test]
fn unpark_before_a_ring_saves_the_downcall() {
    let doorbell = Doorbell::new(memory());
    assert_eq!(doorbell.park(), Park::Parked);
    assert_eq!(doorbell.unpark(), Unpark::Quiet);
    assert_eq!(doorbell.ring(), Ring::Awake);
}

#[test]
fn a_closed_doorbell_stays_closed() {
    let doorbell = Doorbell::new(memory());
    assert_eq!(doorbell.close(), Close::First);
    assert_eq!(doorbell.close(), Close::Again);
    assert_eq!(doorbell.park(), Park::Closed);
    assert_eq!(doorbell.ring(), Ring::Closed);
    assert_eq!(doorbell.unpark(), Unpark::Rung);
}

#[test]
fn the_first_schedule_makes_the_upcall() {
    let wake = WakeWord::new(memory());
    assert_eq!(wake.schedule(), Wake::Upcall);
    assert_eq!(wake.schedule(), Wake::Coalesced);
    assert_eq!(wake.idle(), Idle::Open);
    assert_eq!(wake.schedule(), Wake::Upcall);
}

#[test]
fn reschedule_goes_on_unless_another_thread_scheduled() {
    let wake = WakeWord::new(memory());
    assert_eq!(wake.reschedule(), Reschedule::Drain);
    assert_eq!(wake.idle(), Idle::Open);
    assert_eq!(wake.schedule(), Wake::Upcall);
    assert_eq!(wake.reschedule(), Reschedule::Leave);
}

#[test]
fn close_of_an_idle_port_makes_the_upcall() {
    let wake = WakeWord::new(memory());
    assert!(!wake.is_closed());
    assert_eq!(wake.close(), Wake::Upcall);
    assert!(wake.is_closed());
    assert_eq!(wake.idle(), Idle::Closed);
    assert_eq!(wake.idle(), Idle::Closed);
}

#[test]
fn close_of_a_scheduled_port_is_seen_by_its_drain() {
    let wake = WakeWord::new(memory());
    assert_eq!(wake.schedule(), Wake::Upcall);
    assert_eq!(wake.close(), Wake::Coalesced);
    assert_eq!(wake.idle(), Idle::Closed);
}
