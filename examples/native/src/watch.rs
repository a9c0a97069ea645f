//! Checks in the middle of the work whether it was cancelled.
//!
//! A thread cannot be stopped from outside. So each stage works in pieces and checks between two of them; a decoder
//! that reads its file from a reader is stopped by that reader, and an encoder by its writer.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom, Write};

use bytes::Bytes;

use crate::error::ThumbnailError;

/// How many bytes a reader hands out, or of how many bytes pixels a stage processes, between two checks. Flat pictures
/// grow a thousandfold while they are decoded, so a reader's piece is much smaller than a stage's.
const READ_PIECE: usize = 4 * 1024;
const WORK_PIECE: usize = 256 * 1024;

/// Returns whether the work is still wanted.
#[derive(Clone, Copy)]
pub(crate) struct Watch<'a> {
    cancelled: &'a dyn Fn() -> bool,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(cancelled: &'a dyn Fn() -> bool) -> Self {
        Self { cancelled }
    }

    /// Ends the work with an error if it was cancelled.
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

    /// The same for code whose only errors are I/O errors.
    fn look_io(self) -> io::Result<()> {
        self.look().map_err(io::Error::other)
    }
}

/// How many rows, of this many bytes each, are processed between two checks.
pub(crate) fn rows_at_once(row_bytes: usize) -> usize {
    (WORK_PIECE / row_bytes.max(1)).max(1)
}

/// A file that a decoder reads piece by piece, until the work is cancelled.
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
    /// An encoder writes one byte for some hundred pixels of a flat picture, and byte by byte.
    const WRITE_PIECE: usize = 256;

    pub(crate) fn new(limit: usize, watch: Watch<'a>) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            until_look: 0,
            watch,
        }
    }

    /// Whether a write has failed because of the limit.
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
