//! Payloads that lie in native memory until Java gives them back, and those that Java gives for answers. Any thread.

use bytes::Bytes;
use loopbridge_protocol as protocol;
use loopbridge_protocol::{Payload, SlotTable};

use super::Port;
use crate::panics;

impl Port {
    /// Keeps a payload until Java gives it back; `None` if there is no ticket left for it.
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

    /// Address and length of a payload, valid until it is released.
    pub(crate) fn payload(&self, ticket: u64) -> Option<(*const u8, usize)> {
        self.payloads
            .with(ticket, |bytes| (bytes.as_ptr(), bytes.len()))
    }

    /// Takes what Java gives for an answer; `None` if there is no ticket left for it.
    pub(crate) fn give_payload(&self, bytes: Bytes) -> Option<u64> {
        self.insert(&self.given, bytes)
    }

    /// Takes what Java gave.
    pub(crate) fn take_given(&self, ticket: u64) -> Option<Bytes> {
        let bytes = self.given.remove(ticket)?;
        self.environment.metrics().payload_given_back(bytes.len());
        Some(bytes)
    }

    /// Takes a payload out, to be copied; exactly one caller gets it.
    pub(crate) fn take_payload(&self, ticket: u64) -> Option<Bytes> {
        let Some(bytes) = self.payloads.remove(ticket) else {
            return self.take_given(ticket); // of an answer that nobody read
        };
        self.environment.metrics().payload_given_back(bytes.len());
        Some(bytes)
    }

    /// Drops a payload's memory, which may be the last act of user code.
    pub(crate) fn discard_payload(&self, bytes: Bytes) {
        if panics::catch(|| drop(bytes)).is_err() {
            self.environment.metrics().panic_caught();
        }
    }
}
