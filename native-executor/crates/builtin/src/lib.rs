//! The library that comes with Loopbridge: the operations that its own tests, benchmarks and README use.

mod failures;
mod values;
mod waits;

loopbridge::library!(register);

fn register(functions: &mut loopbridge::Registry) {
    values::register(functions);
    waits::register(functions);
    failures::register(functions);
}
