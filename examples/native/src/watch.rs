//! Whether the work is still wanted, asked in the middle of it.
//!
//! Nothing stops a thread from outside. So each stage works in pieces and looks between two of them, a decoder that
//! takes its file from a reader is stopped by that reader, and an encoder by its writer.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom, Write};

use bytes::Bytes;

use crate::error::ThumbnailError;

/// How many bytes a reader hands out, or pixels' bytes a stage works on, between two looks. Flat pictures grow a
/// thousandfold while they are decoded, so that a reader's piece is much smaller than a stage's.
const READ_PIECE: usize = 4 * 1024;
const WORK_PIECE: usize = 256 * 1024;

/// Answers whether the work is still wanted.
#[derive(Clone, Copy)]
pub(crate) struct Watch<'a> {
    cancelled: &'a dyn Fn() -> bool,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(cancelled: &'a dyn Fn() -> bool) -> Self {
        Self { cancelled }
    }

    /// Ends the work if it is no longer wanted.
    pub(crate) fn look(self) -> Result<(), ThumbnailError> {
        if self.is_cancelled() {
            Err(ThumbnailError::Cancelled)
        } else {
            Ok(())
        }
    }

    pub(crate) fn is_cancelled(self) -> bool {
        (self.cancelled)()
    }

    /// The same for code that knows only I/O errors.
    fn look_io(self) -> io::Result<()> {
        self.look().map_err(io::Error::other)
    }
}

/// How many rows of so many bytes are worked on between two looks.
pub(crate) fn rows_at_once(row_bytes: usize) -> usize {
    (WORK_PIECE / row_bytes.max(1)).max(1)
}

/// A file as a decoder reads it, piece by piece, until the work is cancelled.
pub(crate) struct WatchedFile<'a> {
    file: Cursor<Bytes>,
    watch: Watch<'a>,
}

impl<'a> WatchedFile<'a> {
    pub(crate) fn new(file: Bytes, watch: Watch<'a>) -> Self {
        Self {
            file: Cursor::new(file),
            watch,
        }
    }
}

impl Read for WatchedFile<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.watch.look_io()?;
        let length = into.len().min(READ_PIECE);
        self.file.read(&mut into[..length])
    }
}

impl BufRead for WatchedFile<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.watch.look_io()?;
        let available = self.file.fill_buf()?;
        Ok(&available[..available.len().min(READ_PIECE)])
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
    }
}

impl Seek for WatchedFile<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Takes what an encoder writes until the work is cancelled, or until it is more than `limit` bytes.
pub(crate) struct WatchedOutput<'a> {
    pub(crate) bytes: Vec<u8>,
    limit: usize,
    until_look: usize,
    watch: Watch<'a>,
}

impl<'a> WatchedOutput<'a> {
    /// An encoder writes a byte for some hundred pixels of a flat picture, and writes byte by byte.
    const WRITE_PIECE: usize = 256;

    pub(crate) fn new(limit: usize, watch: Watch<'a>) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            until_look: 0,
            watch,
        }
    }

    /// Whether writing has failed because of the limit.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() > self.limit
    }
}

impl Write for WatchedOutput<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if self.until_look <= from.len() {
            self.watch.look_io()?;
            self.until_look = Self::WRITE_PIECE;
        } else {
            self.until_look -= from.len();
        }
        self.bytes.extend_from_slice(from);
        if self.is_full() {
            return Err(io::Error::other("longer than the limit"));
        }
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
