//! Named places where a fault can be injected, for the suites that test how the bridge handles it.
//!
//! `fault!("name")` is true if the fault happens at this pass; `fault!(panic "name")` panics if it does. Both need the
//! feature `faults`. Without it they compile to nothing, and the library has none of their names.

#[cfg(not(feature = "faults"))]
macro_rules! fault {
    (panic $name:expr) => {};
    ($name:expr) => {
        false
    };
}

#[cfg(feature = "faults")]
macro_rules! fault {
    (panic $name:expr) => {
        if $crate::faults::fires(concat!("loopbridge-fault:", $name)) {
            panic!(concat!("loopbridge-fault:", $name))
        }
    };
    ($name:expr) => {
        $crate::faults::fires(concat!("loopbridge-fault:", $name))
    };
}

#[cfg(all(test, not(feature = "faults")))]
mod tests {
    #[test]
    fn without_the_feature_a_fault_is_known_not_to_fire_when_it_is_compiled() {
        const { assert!(!fault!("any")) }
        fault!(panic "any");
    }
}
