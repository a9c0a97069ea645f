//! A token lasts no longer than the stay on the loop that it proves.

use loopbridge::{OnLoop, on_loop};

fn keep() -> Option<OnLoop<'static>> {
    on_loop(|on| on) //~ lifetime may not live long enough
}
