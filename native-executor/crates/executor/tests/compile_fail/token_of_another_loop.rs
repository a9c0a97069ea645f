//! What one loop's token gave access to is of no use with another's.

use loopbridge::{Local, OnLoop, on_loop};

fn other<'a, 'b>(text: &Local<String>, here: OnLoop<'a>, there: OnLoop<'b>) -> usize {
    text.here(here).get(there).len()
}

fn main() {
    let text = Local::new(String::new());
    on_loop(|here| on_loop(|there| other(&text, here, there)));
}
