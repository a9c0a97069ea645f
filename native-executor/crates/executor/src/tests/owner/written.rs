//! Arguments and answers as bytes.

use loopbridge_protocol::CallId;

/// Arguments, or a handler's answer, in the form in which Java writes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    pub(crate) needs_port: bool,
}

pub(crate) fn none() -> Written {
    Written::default()
}

impl Written {
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Written {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn i64(self, value: i64) -> Written {
        self.raw(&value.to_le_bytes())
    }

    pub(crate) fn bytes(self, value: &[u8]) -> Written {
        let length = (value.len() as u32).to_le_bytes();
        self.raw(&[0]).raw(&length).raw(value)
    }

    pub(crate) fn lent(self, value: &'static [u8]) -> Written {
        let address = (value.as_ptr().expose_provenance() as u64).to_le_bytes();
        let length = (value.len() as u32).to_le_bytes();
        let mut written = self.raw(&[1]).raw(&address).raw(&length);
        written.needs_port = true;
        written
    }

    /// An object of [`Owner::object`] as a handler.
    pub(crate) fn handler(self, object: CallId, at_once: u32) -> Written {
        let mut written = self.object(object).raw(&at_once.to_le_bytes());
        written.needs_port = true;
        written
    }

    /// An exception that the owner keeps as this object; with generation 0 it does not keep it.
    pub(crate) fn thrown(self, object: CallId, class: &str, message: &str, stack: &str) -> Written {
        self.object(object)
            .bytes(class.as_bytes())
            .bytes(message.as_bytes())
            .bytes(stack.as_bytes())
    }

    pub(crate) fn object(self, object: CallId) -> Written {
        self.raw(&object.slot.to_le_bytes())
            .raw(&object.generation.to_le_bytes())
    }
}
