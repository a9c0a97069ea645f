//! Native memory whose pages are taken when they are first touched, and given back before its addresses are.
//!
//! A port's rings lie in a [`Mapping`]. It has two owners: the native half of the port, through the [`PortMemory`] made
//! of it, and Java, through a ticket that Java gives back when no Java object can reach the buffer any more.
//!
//! 1. When the native half is dropped, all pages are given back to the system. So a port's memory is free without a run
//!    of the garbage collector.
//! 2. The addresses stay until Java has given its ticket back. A Java thread may come late, with a call or a cancel for a
//!    port that has ended; to exclude that, every call would have to pay. Such a thread finds a page of zeros, which
//!    means that the rings are empty and that no drain is scheduled.
use std::io;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use loopbridge_protocol::record::RECORD_BYTES;
use loopbridge_protocol::{GiveBack, LayoutError, PortMemory, SubmissionConsumer};

/// Zeroed memory that begins at a page.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a mapping is only an address and a length; each read or write there has a SAFETY note of its own.
unsafe impl Send for Mapping {}
// SAFETY: as for `Send`.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps this many bytes, at least one.
    ///
    /// # Errors
    ///
    /// The system's error if it gives no memory, such as when the process has no addresses left.
    pub(crate) fn new(bytes: usize) -> io::Result<Mapping> {
        let base = system::map(bytes.max(1))?;
        Ok(Mapping {
            base,
            bytes: bytes.max(1),
        })
    }

    pub(crate) fn address(&self) -> NonNull<u8> {
        self.base
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives back the pages that lie in these bytes of the mapping. Their content is lost; where the system supports it
    /// they read as zeros again. Any thread may call this at any time.
    pub(crate) fn discard(&self, bytes: Range<usize>) {
        let page = system::page_bytes();
        let from = bytes.start.next_multiple_of(page);
        // The last page is the mapping's alone, also if the mapping ends within it.
        let to = match bytes.end >= self.bytes {
            true => self.bytes,
            false => bytes.end / page * page,
        };
        if from < to {
            // SAFETY: whole pages of this mapping, to which no other code has access; words in them are only accessed atomically.
            unsafe { system::discard(self.base.add(from), to - from) };
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: made by `map` with this length, and freed once.
        unsafe { system::unmap(self.base, self.bytes) };
    }
}

/// Makes a port's memory of a mapping. The pages are given back when the value's last user drops it (rule 1).
pub(crate) fn port_memory(
    mapping: &Arc<Mapping>,
    submission_capacity: u32,
    completion_capacity: u32,
) -> Result<PortMemory, LayoutError> {
    struct Used(Arc<Mapping>);

    impl Drop for Used {
        fn drop(&mut self) {
            self.0.discard(0..self.0.bytes());
        }
    }

    let used = Used(Arc::clone(mapping));
    let (address, bytes) = (mapping.address().as_ptr(), mapping.bytes());
    // SAFETY: `used` keeps the mapping, which is whole pages that both languages access by atomic words alone.
    unsafe {
        PortMemory::from_raw(
            address,
            bytes,
            submission_capacity,
            completion_capacity,
            used,
        )
    }
}

/// How many records are copied, and their memory given back, together, at least: few enough for a core's first cache, and
/// so many that the system is called rarely.
const CHUNK: u64 = 1 << 8;

/// A ring in which fewer records wait keeps its memory: it is used again soon, and is half a mebibyte at most. The ring
/// of a port with the default limit never has more.
const DEEP: u64 = 1 << 13;

/// Makes the consumer of the submission ring in a mapping; it gives back what a burst of calls touched.
pub(crate) fn submissions(mapping: &Arc<Mapping>, memory: Arc<PortMemory>) -> SubmissionConsumer {
    let capacity = u64::from(memory.submission_capacity());
    let consumer = SubmissionConsumer::new(memory);
    if capacity <= DEEP {
        return consumer;
    }
    let mapping = Arc::clone(mapping);
    let records_a_page = (system::page_bytes() / RECORD_BYTES) as u64;
    consumer.giving_back(GiveBack {
        chunk: records_a_page.clamp(CHUNK, DEEP),
        deep: DEEP,
        discard: Box::new(move |bytes| mapping.discard(bytes)),
    })
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::ptr::{self, NonNull};
    use std::sync::OnceLock;

    #[cfg(target_os = "linux")]
    const FLAGS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
    #[cfg(not(target_os = "linux"))]
    const FLAGS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANON;

    pub(super) fn map(bytes: usize) -> io::Result<NonNull<u8>> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: asks for addresses that are not in use.
        let base = unsafe { libc::mmap(ptr::null_mut(), bytes, access, FLAGS, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast::<u8>())
            .ok_or_else(|| io::Error::other("the system mapped memory at address 0"))?;
        // Without huge pages: with them the first touch would take two mebibytes, as much as the rings of several
        // ports.
        #[cfg(target_os = "linux")]
        // SAFETY: the memory just mapped. Where there are no huge pages this fails, and is not needed.
        unsafe {
            libc::madvise(base.as_ptr().cast(), bytes, libc::MADV_NOHUGEPAGE);
        }
        Ok(base)
    }

    /// # Safety
    ///
    /// Memory that `map` returned, and the length it was asked for; no code uses it any more.
    pub(super) unsafe fn unmap(base: NonNull<u8>, bytes: usize) {
        // SAFETY: by this function's contract.
        unsafe { libc::munmap(base.as_ptr().cast(), bytes) };
    }

    /// # Safety
    ///
    /// `from` is a page's beginning, and the bytes that follow lie in memory that `map` returned.
    pub(super) unsafe fn discard(from: NonNull<u8>, bytes: usize) {
        // SAFETY: by this function's contract. Memory that is locked stays, which only keeps it longer.
        unsafe { libc::madvise(from.as_ptr().cast(), bytes, libc::MADV_DONTNEED) };
    }

    pub(super) fn page_bytes() -> usize {
        static BYTES: OnceLock<usize> = OnceLock::new();
        *BYTES.get_or_init(|| {
            // SAFETY: asks the system for a number.
            let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            usize::try_from(bytes).unwrap_or(1 << 16)
        })
    }
}

/// On other systems this is the allocator's memory, whose pages are given back together with its addresses.
#[cfg(not(unix))]
mod system {
    use std::alloc::{Layout, alloc_zeroed, dealloc};
    use std::io;
    use std::ptr::NonNull;

    pub(super) fn map(bytes: usize) -> io::Result<NonNull<u8>> {
        // SAFETY: the caller asks for at least one byte.
        NonNull::new(unsafe { alloc_zeroed(layout(bytes)?) })
            .ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }

    /// # Safety
    ///
    /// Memory that `map` returned, and the length it was asked for; no code uses it any more.
    pub(super) unsafe fn unmap(base: NonNull<u8>, bytes: usize) {
        if let Ok(layout) = layout(bytes) {
            // SAFETY: by this function's contract.
            unsafe { dealloc(base.as_ptr(), layout) };
        }
    }

    /// # Safety
    ///
    /// None: it does nothing.
    pub(super) unsafe fn discard(_from: NonNull<u8>, _bytes: usize) {}

    pub(super) fn page_bytes() -> usize {
        1 << 12
    }

    fn layout(bytes: usize) -> io::Result<Layout> {
        Layout::from_size_align(bytes, page_bytes()).map_err(|_| io::ErrorKind::OutOfMemory.into())
    }
}

#[cfg(test)]
mod tests {
    use loopbridge_protocol::SubmissionProducer;

    use super::*;

    const BYTES: usize = 1 << 20;

    /// Returns how many of the mapping's pages are in memory.
    #[cfg(target_os = "linux")]
    fn resident(mapping: &Mapping) -> usize {
        let mut pages = vec![0_u8; mapping.bytes().div_ceil(system::page_bytes())];
        let address = mapping.address().as_ptr().cast();
        // SAFETY: one byte for each page of a mapping that lives.
        let result = unsafe { libc::mincore(address, mapping.bytes(), pages.as_mut_ptr()) };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
        pages.iter().filter(|page| **page & 1 == 1).count()
    }

    fn touch(mapping: &Mapping, at: usize) {
        assert!(at < mapping.bytes());
        // SAFETY: inside the mapping, which this thread alone uses.
        unsafe { mapping.address().add(at).write(1) };
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn takes_pages_as_they_are_touched_and_gives_them_back() {
        let mapping = Mapping::new(BYTES).expect("memory");
        assert_eq!(resident(&mapping), 0);
        touch(&mapping, 5);
        touch(&mapping, BYTES / 2);
        assert_eq!(resident(&mapping), 2);
        mapping.discard(1..BYTES);
        assert_eq!(resident(&mapping), 1, "the first page is kept");
        mapping.discard(0..BYTES);
        assert_eq!(resident(&mapping), 0);
        // SAFETY: inside the mapping, which this thread alone uses.
        assert_eq!(unsafe { mapping.address().add(5).read() }, 0);
        touch(&mapping, 5);
        touch(&mapping, BYTES / 2);
        mapping.discard(0..BYTES / 2 + 1);
        assert_eq!(
            resident(&mapping),
            1,
            "a page of which a part is used is kept"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_ports_pages_go_with_the_last_user_of_its_memory() {
        let mapping = Arc::new(Mapping::new(BYTES).expect("memory"));
        let memory = Arc::new(port_memory(&mapping, 4_096, 4_096).expect("a block"));
        touch(&mapping, BYTES / 2);
        drop(Arc::clone(&memory));
        assert_eq!(resident(&mapping), 1);
        drop(memory);
        assert_eq!(resident(&mapping), 0);
    }

    /// The ring of a port with a high limit: what a burst of calls touched is given back while they are read.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_burst_takes_little_memory_when_it_is_over() {
        const RECORDS: u32 = 1 << 16;
        let bytes = PortMemory::required_bytes(RECORDS, 1) as usize;
        let mapping = Arc::new(Mapping::new(bytes).expect("memory"));
        let memory = Arc::new(port_memory(&mapping, RECORDS, 1).expect("a block"));
        let mut burst = SubmissionProducer::new(Arc::clone(&memory));
        let mut ring = submissions(&mapping, memory);
        let pages = bytes / system::page_bytes();
        for lap in 1..4 {
            for record in 0..u64::from(RECORDS) {
                assert!(burst.try_submit(&[lap * record; 8]));
            }
            assert!(resident(&mapping) >= pages);
            for record in 0..u64::from(RECORDS) {
                assert_eq!(ring.try_next(), Some(&[lap * record; 8]));
            }
            assert!(resident(&mapping) < pages / 4, "{}", resident(&mapping));
        }
    }

    #[test]
    fn what_cannot_be_mapped_is_an_error() {
        assert!(Mapping::new(usize::MAX / 4).is_err());
    }

    #[test]
    fn rings_that_do_not_fit_are_refused() {
        let mapping = Arc::new(Mapping::new(BYTES).expect("memory"));
        assert!(matches!(
            port_memory(&mapping, 1 << 20, 1 << 20),
            Err(LayoutError::TooSmall { .. })
        ));
    }
}
