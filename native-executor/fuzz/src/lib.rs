//! Runs a fuzz target on an input, and checks how much it allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// The most bytes that may be allocated for each byte of an input.
const FACTOR: usize = 4;
/// The most bytes that may be allocated for an empty input: mostly for the text of an error.
const BASE: usize = 1024;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(bytes: usize) {
    let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + bytes));
}

// SAFETY: each call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: by this function's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: by this function's contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: by this function's contract.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Runs a target's body on an input; panics if it allocates out of proportion.
pub fn bounded(data: &[u8], body: fn(&[u8])) {
    ALLOCATED.set(0);
    body(data);
    let (allocated, allowed) = (ALLOCATED.get(), FACTOR * data.len() + BASE);
    assert!(
        allocated <= allowed,
        "{allocated} bytes allocated for {} of input, allowed are {allowed}",
        data.len()
    );
}
