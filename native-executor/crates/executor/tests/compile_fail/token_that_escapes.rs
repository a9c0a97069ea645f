//! A token lasts no longer than the stay on the loop that it proves, and cannot leave the thread.

use loopbridge::{OnLoop, on_loop};

fn keep() -> Option<OnLoop<'static>> {
    on_loop(|on| on)
}

fn send() {
    on_loop(|on| std::thread::scope(|scope| scope.spawn(move || on).join().is_ok()));
}

fn main() {
    keep();
    send();
}
