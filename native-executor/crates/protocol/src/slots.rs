//! Tickets in place of pointers: a table whose entries are named by index, generation and table.
//!
//! # Participants
//!
//! Any threads; a mutex makes each operation one step. It is held over no user code except the
//! closures given to `with`, `insert_with` and `remove_if`, which must be short and must not call
//! the table.
//!
//! # Rules
//!
//! 1. A ticket is `(generation << 32 | index) ^ tag`. The code that makes a table draws its tag at
//!    random, so that a ticket of another table, or a number that is no ticket, names nothing here.
//! 2. An entry's generation grows each time it is filled: a ticket names nothing once its value is
//!    removed, and no ticket is given out twice until the generation wraps. Freed entries queue up
//!    behind the others, so that this is as late as possible.

use std::collections::VecDeque;
use std::fmt;

use crate::sync::{Mutex, lock};

/// A bounded table of values named by tickets. `GENERATION_BITS` (1 to 32) is smaller than 32 in
/// models only.
pub struct SlotTable<T, const GENERATION_BITS: u32 = 32> {
    tag: u64,
    capacity: u32,
    entries: Mutex<Entries<T>>,
}

struct Entries<T> {
    entries: Vec<Entry<T>>,
    /// Indexes of entries without a value.
    free: VecDeque<u32>,
}

struct Entry<T> {
    /// The generation of the value, or of the last value when there is none.
    generation: u32,
    value: Option<T>,
}

impl<T> Entries<T> {
    /// Puts `value` into the first free entry, which is `index`.
    fn fill(&mut self, index: u32, value: T) {
        self.entries[index as usize].value = Some(value);
        self.free.pop_front();
    }
}

/// The table has no free entry; the value that was to be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

impl<T, const GENERATION_BITS: u32> SlotTable<T, GENERATION_BITS> {
    const MASK: u32 = {
        assert!(GENERATION_BITS >= 1 && GENERATION_BITS <= 32);
        u32::MAX >> (32 - GENERATION_BITS)
    };

    /// Makes an empty table of at most `capacity` values whose tickets are mixed with `tag`. Memory
    /// grows with use.
    pub fn new(capacity: u32, tag: u64) -> Self {
        Self {
            tag,
            capacity,
            entries: Mutex::new(Entries {
                entries: Vec::new(),
                free: VecDeque::new(),
            }),
        }
    }

    /// Keeps `value` and returns its ticket, never 0.
    ///
    /// # Errors
    ///
    /// [`Full`], with the value, when the table holds `capacity` values.
    pub fn insert(&self, value: T) -> Result<u64, Full<T>> {
        let mut entries = lock(&self.entries);
        match self.vacant(&mut entries) {
            Some((index, ticket)) => {
                entries.fill(index, value);
                Ok(ticket)
            }
            None => Err(Full(value)),
        }
    }

    /// Keeps the value that `make` builds from its own ticket. If `make` panics nothing is kept.
    ///
    /// # Errors
    ///
    /// [`Full`], with `make`, which was not called, when the table holds `capacity` values.
    pub fn insert_with<F: FnOnce(u64) -> T>(&self, make: F) -> Result<u64, Full<F>> {
        let mut entries = lock(&self.entries);
        match self.vacant(&mut entries) {
            Some((index, ticket)) => {
                entries.fill(index, make(ticket));
                Ok(ticket)
            }
            None => Err(Full(make)),
        }
    }

    /// Runs `read` on the value of `ticket` under the table's lock; `None` when the ticket names
    /// nothing.
    pub fn with<R>(&self, ticket: u64, read: impl FnOnce(&T) -> R) -> Option<R> {
        let entries = lock(&self.entries);
        let index = self.index(&entries, ticket)?;
        entries.entries[index].value.as_ref().map(read)
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
        self.remove_if(ticket, |_| true)
    }

    /// [`remove`](Self::remove), if the value is as wanted; `wanted` runs under the table's lock.
    pub fn remove_if(&self, ticket: u64, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let mut entries = lock(&self.entries);
        let index = self.index(&entries, ticket)?;
        let value = entries.entries[index]
            .value
            .take_if(|value| wanted(value))?;
        entries.free.push_back(index as u32);
        Some(value)
    }

    /// Takes all values out; their tickets name nothing from here on.
    pub fn remove_all(&self) -> Vec<T> {
        let mut entries = lock(&self.entries);
        let Entries { entries, free } = &mut *entries;
        let mut values = Vec::new();
        for (index, entry) in entries.iter_mut().enumerate() {
            if let Some(value) = entry.value.take() {
                free.push_back(index as u32);
                values.push(value);
            }
        }
        values
    }

    /// Returns clones of all values, in no particular order.
    pub fn values(&self) -> Vec<T>
    where
        T: Clone,
    {
        lock(&self.entries)
            .entries
            .iter()
            .filter_map(|entry| entry.value.clone())
            .collect()
    }

    /// Returns how many values the table holds.
    pub fn len(&self) -> usize {
        let entries = lock(&self.entries);
        entries.entries.len() - entries.free.len()
    }

    /// Returns whether the table holds no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the first free entry, with the ticket of the value that [`Entries::fill`] puts
    /// there.
    fn vacant(&self, entries: &mut Entries<T>) -> Option<(u32, u64)> {
        let Entries { entries, free } = entries;
        if free.is_empty() && entries.len() < self.capacity as usize {
            free.push_back(entries.len() as u32);
            entries.push(Entry {
                generation: 0,
                value: None,
            });
        }
        let index = *free.front()?;
        let entry = &mut entries[index as usize];
        loop {
            entry.generation = entry.generation.wrapping_add(1) & Self::MASK;
            let ticket = ((u64::from(entry.generation) << 32) | u64::from(index)) ^ self.tag;
            // Rule 3. The next generation's ticket differs, so this loops at most once.
            if ticket != 0 {
                return Some((index, ticket));
            }
        }
    }

    /// Returns the entry that `ticket` names. It has its value: a ticket's generation is the
    /// entry's while the value is in it, and after that the entry has either no value or another
    /// generation.
    fn index(&self, entries: &Entries<T>, ticket: u64) -> Option<usize> {
        let name = ticket ^ self.tag;
        let (generation, index) = ((name >> 32) as u32, name as u32 as usize);
        let entry = entries.entries.get(index)?;
        (entry.generation == generation).then_some(index) // seed M9
    }
}

impl<T, const GENERATION_BITS: u32> fmt::Debug for SlotTable<T, GENERATION_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotTable")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
