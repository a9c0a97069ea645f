//! Outcomes that wait to be published together.

use loopbridge_protocol as protocol;
use loopbridge_protocol::Words;
use loopbridge_protocol::record::RECORD_WORDS;

/// Outcomes that one thread publishes together: publishing several costs one claim of the ring and one look at the wake
/// word, the same as publishing one.
pub(crate) struct Ready {
    records: Box<[Words; Ready::MOST]>,
    count: usize,
}

impl Ready {
    /// The thread that publishes waits for the ring's cache lines, which the owner has: many
    /// records in a row make it wait less often for each. A turn of the dispatcher ends by
    /// publishing the rest, so that a few calls do not wait for more.
    const MOST: usize = 64;

    pub(crate) fn new() -> Ready {
        Ready {
            records: Box::new([[0; RECORD_WORDS]; Ready::MOST]),
            count: 0,
        }
    }

    /// Adds a record. The caller has checked that this is not full.
    pub(crate) fn push(&mut self, record: &protocol::Outcome<'_>) {
        record.encode_into(&mut self.records[self.count]);
        self.count += 1;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.count == Ready::MOST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn records(&self) -> &[Words] {
        &self.records[..self.count]
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }
}
