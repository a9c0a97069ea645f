//! Payloads in native memory: results until Java gives them back, and answers that Java gives. Any thread.

use bytes::Bytes;
use loopbridge_protocol as protocol;
use loopbridge_protocol::{Payload, SlotTable};

use super::Port;
use crate::panics;

impl Port {
    /// Keeps a payload until Java gives it back. Returns `None` if there is no ticket left for it.
    pub(super) fn keep(&self, bytes: Bytes) -> Option<Payload<'static>> {
        let length = bytes.len() as u32;
        let ticket = self.insert(&self.payloads, bytes)?;
        Some(Payload::External { ticket, length })
    }

    fn insert(&self, table: &SlotTable<Bytes>, bytes: Bytes) -> Option<u64> {
        let size = bytes.len();
        self.environment.metrics().payload_kept(size);
        let kept = match fault!("keep") {
            true => Err(protocol::Full(bytes)),
            false => table.insert(bytes),
        };
        match kept {
            Ok(ticket) => Some(ticket),
            Err(full) => {
                self.environment.metrics().payload_given_back(size);
                self.discard_payload(full.0);
                None
            }
        }
    }

    /// Returns address and length of a payload; both are valid until it is released.
    pub(crate) fn payload(&self, ticket: u64) -> Option<(*const u8, usize)> {
        self.payloads
            .with(ticket, |bytes| (bytes.as_ptr(), bytes.len()))
    }

    /// Keeps the payload of an answer that Java gives. Returns `None` if there is no ticket left for it.
    pub(crate) fn give_payload(&self, bytes: Bytes) -> Option<u64> {
        self.insert(&self.given, bytes)
    }

    /// Takes out the payload of an answer that Java gave.
    pub(crate) fn take_given(&self, ticket: u64) -> Option<Bytes> {
        let bytes = self.given.remove(ticket)?;
        self.environment.metrics().payload_given_back(bytes.len());
        Some(bytes)
    }

    /// Takes a payload out, to be copied or released. Of several callers exactly one gets it.
    pub(crate) fn take_payload(&self, ticket: u64) -> Option<Bytes> {
        let Some(bytes) = self.payloads.remove(ticket) else {
            return self.take_given(ticket); // the payload of an answer whose record was never read
        };
        self.environment.metrics().payload_given_back(bytes.len());
        Some(bytes)
    }

    /// Drops a payload. Its memory may belong to user code, whose drop may panic.
    pub(crate) fn discard_payload(&self, bytes: Bytes) {
        if panics::catch(|| drop(bytes)).is_err() {
            self.environment.metrics().panic_caught();
        }
    }
}
