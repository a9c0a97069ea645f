//! Java has no integer of 128 bits, and none whose size is the machine's.

#[loopbridge::export]
async fn double(number: i128) //~ `i128` does not come from Java as an argument
-> usize //~ `usize` does not go to Java
//~ `i64` in place of `isize`, `usize` or a longer integer
{
    (number * 2) as usize
}
