//! Java calls safe functions of Rust.

#[loopbridge::export]
async unsafe fn one() {} //~ Java cannot keep the promises of an `unsafe fn`

#[loopbridge::export(blocking)]
extern "C" fn two() {} //~ leave out `extern`
