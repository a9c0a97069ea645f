//! A token cannot leave the thread.

use loopbridge::on_loop;

fn send() {
    on_loop(|on| {
        std::thread::scope(|scope| scope.spawn(move || on).join().is_ok()) //~ cannot be sent between threads safely
        //~ required because it appears within the type `OnLoop<'_>`
    });
}
