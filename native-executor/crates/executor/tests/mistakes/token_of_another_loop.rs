//! What one loop's token gave access to is of no use with another's.

use loopbridge::{Local, OnLoop};

fn other<'a, 'b>(text: &Local<String>, here: OnLoop<'a>, there: OnLoop<'b>) -> usize {
    text.here(here).get(there).len() //~ lifetime may not live long enough
}
