//! A library's table: what the library gives to Java when it is loaded, and how the natives of the first library reach
//! the others. Twin of `LibraryTable.java` and of the native methods in `Native.java`.
//!
//! The header never changes its format, so that any jar can name the version of any library.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use jni_sys::jint;
use loopbridge_protocol::record::{FINGERPRINT, fingerprint_of};

use super::entries::{FUNCTIONS, Functions};
use super::thrown::Thrown;
use crate::metrics::COUNTER_NAMES;

/// "LOOPBRDG" as little-endian bytes.
const MAGIC: u64 = u64::from_le_bytes(*b"LOOPBRDG");
const VERSION: &str = env!("CARGO_PKG_VERSION");
const VERSION_BYTES: usize = 39;

/// How many libraries the natives of one library can reach.
const MOST: usize = 256;

/// Header and functions of one library.
#[repr(C)]
pub(super) struct LibraryTable {
    magic: u64,
    fingerprint: u64,
    bytes: u32,
    version_length: u32,
    version: [u8; VERSION_BYTES],
    /// 1 if built with debug assertions, as cargo does without `--release`.
    debug: u8,
    functions: Functions,
}

/// The layout that both languages hash: that of the records and the list of counters, each name behind a semicolon.
#[doc(hidden)]
pub const LAYOUT: u64 = {
    let mut hash = FINGERPRINT;
    let mut counter = 0;
    while counter < COUNTER_NAMES.len() {
        hash = fingerprint_of(b";", hash);
        hash = fingerprint_of(COUNTER_NAMES[counter].as_bytes(), hash);
        counter += 1;
    }
    hash
};

/// This library's table. It is plain data in the file, so that tools can read which layout the library is for.
static OWN: LibraryTable = LibraryTable {
    magic: MAGIC,
    fingerprint: LAYOUT,
    bytes: size_of::<LibraryTable>() as u32,
    version_length: VERSION.len() as u32,
    version: version(),
    debug: cfg!(debug_assertions) as u8,
    functions: FUNCTIONS,
};

const fn version() -> [u8; VERSION_BYTES] {
    let mut version = [0; VERSION_BYTES];
    version
        .split_at_mut(VERSION.len())
        .0
        .copy_from_slice(VERSION.as_bytes());
    version
}

/// This library's table.
pub(super) fn own() -> &'static LibraryTable {
    &OWN
}

/// The tables of the libraries that this library's natives reach, by number; entries are added and never removed.
static INSTALLED: [AtomicPtr<LibraryTable>; MOST] =
    [const { AtomicPtr::new(ptr::null_mut()) }; MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Adds the library behind a table, and returns its number.
pub(super) fn install(table: *mut u8, bytes: usize) -> Result<i32, Thrown> {
    let own = own();
    let refused = |what: &str| Err(Thrown::argument(format!("no library's table: {what}")));
    if bytes < size_of::<LibraryTable>() || !table.cast::<LibraryTable>().is_aligned() {
        return refused("too short or unaligned");
    }
    let table = table.cast::<LibraryTable>();
    // SAFETY: Java holds the buffer during the call, and it is long enough and aligned; the header is plain numbers.
    let (magic, fingerprint, length) =
        unsafe { ((*table).magic, (*table).fingerprint, (*table).bytes) };
    if (magic, fingerprint, length) != (own.magic, own.fingerprint, own.bytes) {
        return refused("its magic number, layout or size is another than this library's");
    }
    for (number, place) in INSTALLED.iter().enumerate() {
        // AcqRel, Acquire: a thread that reads the entry sees what this thread saw of the table.
        let put =
            place.compare_exchange(ptr::null_mut(), table, Ordering::AcqRel, Ordering::Acquire);
        if put.is_ok() || put == Err(table) {
            COUNT.fetch_max(number + 1, Ordering::Relaxed);
            return Ok(number as i32);
        }
    }
    Err(Thrown::state(format!(
        "{MOST} libraries are loaded already"
    )))
}

/// The functions of the library with this number.
pub(super) fn functions(number: jint) -> Result<&'static Functions, Thrown> {
    let place = usize::try_from(number)
        .ok()
        .and_then(|number| INSTALLED.get(number)); // seed M29
    let table = place.map_or(ptr::null_mut(), |place| place.load(Ordering::Acquire));
    if table.is_null() {
        let count = COUNT.load(Ordering::Relaxed);
        return Err(Thrown::handle(format!(
            "there is no library number {number}, {count} are loaded"
        )));
    }
    // SAFETY: `install` checked it; a library's table is static, and no library is ever unmapped.
    Ok(unsafe { &(*table).functions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(table: &LibraryTable) -> (*mut u8, usize) {
        let address = ptr::from_ref(table).cast_mut().cast();
        (address, size_of::<LibraryTable>())
    }

    #[test]
    fn a_library_has_one_number_and_no_other_number_names_one() {
        let (address, length) = bytes(own());
        let number = install(address, length).expect("a number");
        assert_eq!(install(address, length).expect("the same"), number);
        assert!(functions(number).is_ok());
        for other in [number + 1, -1, i32::MIN, i32::MAX, MOST as i32] {
            assert!(matches!(functions(other), Err(Thrown::New(..))), "{other}");
        }
    }

    #[test]
    fn memory_that_is_no_table_is_refused() {
        let (address, length) = bytes(own());
        assert!(install(address, length - 1).is_err());
        assert!(install(address.wrapping_add(1), length).is_err());
        let noise = vec![0_u64; length.div_ceil(8)];
        assert!(install(noise.as_ptr().cast_mut().cast(), length).is_err());
    }

    #[test]
    fn the_header_is_where_java_reads_it() {
        let table = own();
        let start = ptr::from_ref(table).addr();
        assert_eq!(ptr::from_ref(&table.fingerprint).addr() - start, 8);
        assert_eq!(ptr::from_ref(&table.bytes).addr() - start, 16);
        assert_eq!(ptr::from_ref(&table.version_length).addr() - start, 20);
        assert_eq!(ptr::from_ref(&table.version).addr() - start, 24);
        assert_eq!(ptr::from_ref(&table.debug).addr() - start, 63);
        assert_eq!(ptr::from_ref(&table.functions).addr() - start, 64);
        assert_eq!(
            &table.version[..table.version_length as usize],
            VERSION.as_bytes()
        );
    }
}
