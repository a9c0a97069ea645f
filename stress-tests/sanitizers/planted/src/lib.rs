//! A library that makes a mistake when a JVM loads it; `PLANTED` selects the mistake.

use std::ffi::{c_int, c_void};
use std::hint::black_box;

/// The version of JNI that the library asks for.
const JNI_VERSION_1_8: c_int = 0x0001_0008;

/// The JVM's hook.
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(_vm: *mut c_void, _reserved: *mut c_void) -> c_int {
    match std::env::var("PLANTED").as_deref() {
        Ok("use-after-free") => use_after_free(),
        // On a thread of its own: the suppressions cover stacks with the JVM's libraries.
        Ok("leak") => std::thread::spawn(leak).join().expect("a leak"),
        _ => {}
    }
    JNI_VERSION_1_8
}

#[inline(never)]
fn use_after_free() {
    let freed = black_box(Box::into_raw(Box::new([17_u64; 8])));
    // SAFETY: the box is whole. What follows is the mistake.
    unsafe { drop(Box::from_raw(freed)) };
    // SAFETY: none.
    let read = unsafe { freed.cast::<u64>().read_volatile() };
    eprintln!("read {read} from memory that was freed");
}

#[inline(never)]
fn leak() {
    for _ in 0..100 {
        std::mem::forget(black_box(vec![17_u8; 1_000]));
    }
}
