//! Named places where something can be made to go wrong, for the suites that try what becomes of it.
//!
//! `fault!("name")` is whether it goes wrong here and now, `fault!(panic "name")` panics if it does. Both are for the
//! feature `faults`; without it they are nothing, and no name of theirs is in the library.

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
