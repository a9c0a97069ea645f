//! Texts that the compiler writes: the names of types, and what describes a library in its file.

/// A place into which a text is written, or only its length counted.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    /// `None` if only the length is counted.
    to: Option<&'a mut [u8]>,
    length: usize,
}

impl<'a> Text<'a> {
    /// Makes one that only counts.
    pub(crate) const fn measuring() -> Text<'a> {
        Text {
            to: None,
            length: 0,
        }
    }

    /// Makes one that writes; `to` has the length that was counted.
    pub(crate) const fn into(to: &'a mut [u8]) -> Text<'a> {
        Text {
            to: Some(to),
            length: 0,
        }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    pub(crate) const fn put(&mut self, text: &str) {
        self.put_bytes(text.as_bytes());
    }

    // Whole texts are copied, not single bytes: the compiler limits how many steps it makes for a constant.
    pub(crate) const fn put_bytes(&mut self, bytes: &[u8]) {
        if let Some(to) = &mut self.to {
            let (_, rest) = to.split_at_mut(self.length);
            rest.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
        }
        self.length += bytes.len();
    }
}
