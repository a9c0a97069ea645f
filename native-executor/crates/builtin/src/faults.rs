//! Functions that arm the faults of `loopbridge`; no fault fires on the thread of the loop that calls them.

use loopbridge::{Registry, faults};

pub(crate) fn register(functions: &mut Registry) {
    functions
        .local(
            "faultsArm",
            |name: String, seed: i64, one_in: i64, times: i64| async move {
                faults::arm(&name, seed.cast_unsigned(), count(one_in), count(times));
            },
        )
        .local("faultsFired", |name: String| async move {
            faults::fired(&name).cast_signed()
        });
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
