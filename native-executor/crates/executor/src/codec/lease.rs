//! Java memory that a call lends, and the views of it that Rust code holds.
//!
//! A lent byte sequence is a [`Bytes`] over Java's own memory. All views of one call share one lease, since Java frees
//! the memory of a call as a whole. When the last view is dropped, on any thread, a record of this side frees the
//! memory for Java (rule 8): the call's outcome if that is published later, else a RELEASED record.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use loopbridge_protocol::record::CELL_WORDS;
use loopbridge_protocol::{
    Arguments as Place, CallId, CellWords, Cells, Lend, Outcome, OutcomeKind, Release,
};

use super::mismatch::Mismatch;
use super::object::Owner;

/// The state that a call's completion and its lease share.
pub(crate) struct Lent {
    pub(crate) lend: Lend,
    owner: Arc<dyn Owner>,
    call: CallId,
}

/// The memory that one call lends, as its completion holds it.
pub(crate) struct LentByCall {
    pub(crate) lent: Arc<Lent>,
    hull: Hull,
}

/// The range from the lowest to the highest address lent. What lies between two pieces is in it too: a result there is
/// then copied without need, which is rare and harmless.
#[derive(Clone, Copy)]
struct Hull {
    start: usize,
    end: usize,
}

impl Hull {
    const EMPTY: Hull = Hull {
        start: usize::MAX,
        end: 0,
    };

    fn add(&mut self, range: &Range<usize>) {
        self.start = self.start.min(range.start);
        self.end = self.end.max(range.end);
    }
}

impl LentByCall {
    /// Returns whether bytes may lie in the lent memory.
    pub(crate) fn may_hold(&self, bytes: &[u8]) -> bool {
        let start = bytes.as_ptr().addr();
        start < self.hull.end && start + bytes.len() > self.hull.start
    }
}

/// The value that all views share; it is dropped with the last of them.
struct Lease {
    lent: Arc<Lent>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Lent { lend, owner, call } = &*self.lent;
        owner.metrics().lease_ended();
        match lend.lease_dropped() {
            Release::WithOutcome => {}
            Release::Separately => owner.publish(&released(*call).encode()),
        }
    }
}

/// One lent byte sequence; the value that its [`Bytes`] owns.
struct View {
    address: *const u8,
    length: usize,
    _lease: Arc<Lease>,
}

// SAFETY: the memory is only read, and stays valid while the lease lives (rule 8); no thread owns it.
unsafe impl Send for View {}
// SAFETY: as for `Send`.
unsafe impl Sync for View {}

impl AsRef<[u8]> for View {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: rule 8, and `Lender` refused null and overflowing ranges.
        unsafe { std::slice::from_raw_parts(self.address, self.length) }
    }
}

/// Makes views of the memory that one record lends.
pub(crate) struct Lender {
    /// The port, or `None` if the record lends no memory and names no object.
    owner: Option<Arc<dyn Owner>>,
    /// The call, or `None` if the record lends no memory.
    call: Option<CallId>,
    lease: Option<Arc<Lease>>,
    hull: Hull,
}

impl Lender {
    /// Makes the lender of a record. Only a call's record may lend memory; any record may name objects of the port's.
    /// Without `needs_port`, as in most calls, the port's reference count is not touched.
    #[inline]
    pub(crate) fn of_record(
        port: &Arc<impl Owner>,
        needs_port: bool,
        call: Option<CallId>,
    ) -> Lender {
        if !needs_port {
            return Lender::none();
        }
        let owner: Arc<dyn Owner> = port.clone();
        Lender {
            owner: Some(owner),
            call,
            ..Lender::none()
        }
    }

    /// Makes a lender that refuses every lent value.
    pub(crate) const fn none() -> Lender {
        Lender {
            owner: None,
            call: None,
            lease: None,
            hull: Hull::EMPTY,
        }
    }

    /// Returns lent bytes for as long as the record is decoded, for arguments that are copied.
    pub(crate) fn view<'a>(&self, address: u64, length: usize) -> Result<&'a [u8], Mismatch> {
        self.lending()?;
        if length == 0 {
            return Ok(&[]);
        }
        let range = checked(address, length)?;
        // SAFETY: rule 8: the call has not settled.
        Ok(unsafe { std::slice::from_raw_parts(pointer(range.start), length) })
    }

    /// Returns lent bytes that keep the memory lent until their last clone is dropped.
    pub(crate) fn lend(&mut self, address: u64, length: usize) -> Result<Bytes, Mismatch> {
        let (owner, call) = self.lending()?;
        let owner = Arc::clone(owner);
        if length == 0 {
            return Ok(Bytes::new());
        }
        let range = checked(address, length)?;
        self.hull.add(&range);
        // The lease is made for the first piece: a call without lent memory allocates nothing for it.
        let lease = self.lease.get_or_insert_with(|| {
            owner.metrics().lease_begun();
            Arc::new(Lease {
                lent: Arc::new(Lent {
                    lend: Lend::new(),
                    owner,
                    call,
                }),
            })
        });
        Ok(Bytes::from_owner(View {
            address: pointer(range.start),
            length,
            _lease: Arc::clone(lease),
        }))
    }

    /// Returns what the call's completion needs, if memory was lent.
    #[inline]
    pub(crate) fn finish(&mut self) -> Option<Box<LentByCall>> {
        let lease = self.lease.take()?;
        Some(Box::new(LentByCall {
            lent: Arc::clone(&lease.lent),
            hull: self.hull,
        }))
    }

    /// Returns the port whose objects the record names.
    pub(crate) fn owner(&self) -> Result<Arc<dyn Owner>, Mismatch> {
        self.owner
            .as_ref()
            .map(Arc::clone)
            .ok_or_else(lends_nothing)
    }

    fn lending(&self) -> Result<(&Arc<dyn Owner>, CallId), Mismatch> {
        self.owner.as_ref().zip(self.call).ok_or_else(lends_nothing)
    }
}

/// Makes the record by which Java learns that the memory which a settled call had lent is free.
pub(crate) fn released(call: CallId) -> Outcome<'static> {
    Outcome::bare(OutcomeKind::Released, call)
}

fn lends_nothing() -> Mismatch {
    Mismatch::new("lent memory in a record whose flags lend none")
}

fn pointer(address: usize) -> *const u8 {
    std::ptr::with_exposed_provenance(address)
}

fn checked(address: u64, length: usize) -> Result<Range<usize>, Mismatch> {
    let start = usize::try_from(address).ok().filter(|start| *start != 0);
    let end = start.and_then(|start| start.checked_add(length));
    match (start, end) {
        (Some(start), Some(end)) => Ok(start..end),
        _ => Err(Mismatch::new(format!(
            "no memory of {length} bytes is at the given address"
        ))),
    }
}

/// Returns the arguments block of a call's record. What lies in the call's cell is copied into `copy`, since the cell
/// is to hold the call's result; on the heap, since loop-driven calls nest on one stack. Returns `None` if the record
/// names a cell that the port does not have.
///
/// # Safety
///
/// Java keeps an external block valid and unchanged until the call settles (rule 8), and the slice is not used longer.
#[inline]
pub(crate) unsafe fn block_of<'a>(
    place: Place<'a>,
    slot: u32,
    cells: &Cells,
    copy: &'a mut Option<Box<CellWords>>,
) -> Option<&'a [u8]> {
    match place {
        Place::Inline(inline) => Some(inline.as_slice()),
        Place::Cell { length } => {
            let copy = copy.insert(Box::new([0; CELL_WORDS]));
            cells.read(slot, usize::from(length), copy)
        }
        Place::External { length: 0, .. } => Some(&[]),
        Place::External { address, length } => {
            // SAFETY: by this function's contract; decoding the record refused null and overflowing blocks.
            let block =
                unsafe { std::slice::from_raw_parts(pointer(address as usize), length as usize) };
            Some(block)
        }
    }
}
