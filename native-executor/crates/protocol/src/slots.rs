//! Tickets in place of pointers: a table whose entries are named by index, generation and table.
//!
//! All tables of values in Rust are of this kind: handles, payloads, invocations and the objects of
//! loop-driven code; [`shared`](crate::shared) has one of them behind views. Two tables remain beside it. `CallSlots` in the executor has a state for each
//! slot that Java chooses, and Java's `SlotTable` and `ObjectTable` name their entries in the same
//! way, but are read on their loop alone, and keep numbers apart from references for the sake of the
//! garbage collector.
//!
//! # Participants
//!
//! [`Slots`] belongs to one thread. [`SlotTable`] may be used by any threads: a mutex makes each
//! operation one step. It is held over no user code except the closures given to `with` and
//! `remove_if`, which must be short and must not call the table.
//!
//! # Rules
//!
//! 1. A ticket is `(generation << 32 | index) ^ tag`. The code that makes a table draws its tag at
//!    random, so that a ticket of another table, or a number that is no ticket, names nothing here.
//! 2. An entry's generation grows each time it is filled: a ticket names nothing once its value is
//!    removed, and no ticket is given out twice until the generation wraps. Freed entries queue up
//!    behind the others, so that this is as late as possible.
//! 3. No ticket is 0, so that 0 can stand for none.

use std::collections::VecDeque;
use std::fmt;

use crate::sync::{Mutex, MutexGuard, lock};

/// A bounded table of values named by tickets, for one thread. `GENERATION_BITS` (1 to 32) is
/// smaller than 32 in models only.
pub struct Slots<T, const GENERATION_BITS: u32 = 32> {
    tag: u64,
    capacity: u32,
    entries: Vec<Entry<T>>,
    /// Indexes of entries without a value.
    free: VecDeque<u32>,
}

struct Entry<T> {
    /// The generation of the value, or of the last value when there is none.
    generation: u32,
    value: Option<T>,
}

/// The table has no free entry; the value that was to be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

impl<T, const GENERATION_BITS: u32> Slots<T, GENERATION_BITS> {
    const MASK: u32 = {
        assert!(GENERATION_BITS >= 1 && GENERATION_BITS <= 32);
        u32::MAX >> (32 - GENERATION_BITS)
    };

    /// Makes an empty table of at most `capacity` values whose tickets are mixed with `tag`. Memory
    /// grows with use.
    pub const fn new(capacity: u32, tag: u64) -> Self {
        Self {
            tag,
            capacity,
            entries: Vec::new(),
            free: VecDeque::new(),
        }
    }

    /// Keeps `value` and returns its ticket, never 0.
    ///
    /// # Errors
    ///
    /// [`Full`], with the value, when the table holds `capacity` values.
    pub fn insert(&mut self, value: T) -> Result<u64, Full<T>> {
        if self.free.is_empty() && self.entries.len() < self.capacity as usize {
            self.free.push_back(self.entries.len() as u32);
            self.entries.push(Entry {
                generation: 0,
                value: None,
            });
        }
        let Some(index) = self.free.pop_front() else {
            return Err(Full(value));
        };
        let entry = &mut self.entries[index as usize];
        entry.value = Some(value);
        loop {
            entry.generation = entry.generation.wrapping_add(1) & Self::MASK;
            let ticket = ((u64::from(entry.generation) << 32) | u64::from(index)) ^ self.tag;
            // Rule 3. The next generation's ticket differs, so this loops at most once.
            if ticket != 0 {
                return Ok(ticket);
            }
        }
    }

    /// Returns the value of `ticket`; `None` when the ticket names nothing.
    pub fn get(&self, ticket: u64) -> Option<&T> {
        self.entries[self.index(ticket)?].value.as_ref()
    }

    /// Takes the value of `ticket` out.
    pub fn remove(&mut self, ticket: u64) -> Option<T> {
        self.remove_if(ticket, |_| true)
    }

    /// [`remove`](Self::remove), if the value is as wanted.
    pub fn remove_if(&mut self, ticket: u64, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let index = self.index(ticket)?;
        let value = self.entries[index].value.take_if(|value| wanted(value))?;
        self.free.push_back(index as u32);
        Some(value)
    }

    /// Takes all values out; their tickets name nothing from here on.
    pub fn remove_all(&mut self) -> Vec<T> {
        let mut values = Vec::new();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if let Some(value) = entry.value.take() {
                self.free.push_back(index as u32);
                values.push(value);
            }
        }
        values
    }

    /// Returns how many values the table holds.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Returns whether the table holds no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the entry that `ticket` names. It has its value: a ticket's generation is the
    /// entry's while the value is in it, and after that the entry has either no value or another
    /// generation.
    fn index(&self, ticket: u64) -> Option<usize> {
        let name = ticket ^ self.tag;
        let (generation, index) = ((name >> 32) as u32, name as u32 as usize);
        let entry = self.entries.get(index)?;
        (entry.generation == generation).then_some(index) // seed M9
    }
}

impl<T, const GENERATION_BITS: u32> fmt::Debug for Slots<T, GENERATION_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// [`Slots`] that any threads may use.
pub struct SlotTable<T, const GENERATION_BITS: u32 = 32>(Mutex<Slots<T, GENERATION_BITS>>);

impl<T, const GENERATION_BITS: u32> SlotTable<T, GENERATION_BITS> {
    /// Makes an empty table; see [`Slots::new`].
    pub fn new(capacity: u32, tag: u64) -> Self {
        Self(Mutex::new(Slots::new(capacity, tag)))
    }

    /// Keeps `value` and returns its ticket, never 0.
    ///
    /// # Errors
    ///
    /// [`Full`], with the value, when the table holds `capacity` values.
    pub fn insert(&self, value: T) -> Result<u64, Full<T>> {
        self.lock().insert(value)
    }

    /// Runs `read` on the value of `ticket` under the table's lock; `None` when the ticket names
    /// nothing.
    pub fn with<R>(&self, ticket: u64, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.lock().get(ticket).map(read)
    }

    /// Returns a clone of the value of `ticket`.
    pub fn get(&self, ticket: u64) -> Option<T>
    where
        T: Clone,
    {
        self.with(ticket, T::clone)
    }

    /// Takes the value of `ticket` out; of any number of calls with one ticket exactly one gets it.
    pub fn remove(&self, ticket: u64) -> Option<T> {
        self.lock().remove(ticket)
    }

    /// [`remove`](Self::remove), if the value is as wanted; `wanted` runs under the table's lock.
    pub fn remove_if(&self, ticket: u64, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        self.lock().remove_if(ticket, wanted)
    }

    /// Takes all values out; their tickets name nothing from here on.
    pub fn remove_all(&self) -> Vec<T> {
        self.lock().remove_all()
    }

    /// Returns how many values the table holds.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether the table holds no value.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Slots<T, GENERATION_BITS>> {
        lock(&self.0)
    }
}

impl<T, const GENERATION_BITS: u32> fmt::Debug for SlotTable<T, GENERATION_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.lock(), f)
    }
}
