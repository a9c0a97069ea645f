//! A whole port, from submission to release, with cancels, lent memory and an end while calls run.
#![cfg(shuttle)]

mod port;
mod scenario;
mod threads;

use port::{Defect, Plan};
use scenario::{control, scenario};

const PLAN: Plan = Plan {
    slots: 2,
    calls: 8,
    workers: 2,
    close_at: usize::MAX,
    defect: Defect::None,
};

#[test]
fn each_call_settles_once() {
    scenario("calls, cancels, lent memory", "I3 I1 I2 I5 I8 I20", || {
        assert_eq!(port::run(PLAN).settled(), PLAN.calls);
    });
}

#[test]
fn each_call_settles_once_though_the_port_closes() {
    scenario("calls, cancels, close in their midst", "I3 I5 I9", || {
        port::run(Plan {
            calls: 6,
            close_at: 4,
            ..PLAN
        });
    });
}

#[test]
fn a_port_with_one_slot_goes_on() {
    scenario("one slot, one worker", "I3 I1 I20", || {
        let plan = Plan {
            slots: 1,
            workers: 1,
            ..PLAN
        };
        assert_eq!(port::run(plan).settled(), plan.calls);
    });
}

#[test]
fn a_drain_that_does_not_look_again_is_noticed() {
    control("a drain that goes idle and does not look again", || {
        port::run(Plan {
            defect: Defect::NoLastLook,
            ..PLAN
        });
    });
}

#[test]
fn a_call_that_settles_twice_is_noticed() {
    control("a dispatcher that settles what it aborts", || {
        port::run(Plan {
            defect: Defect::AbortSettles,
            ..PLAN
        });
    });
}
